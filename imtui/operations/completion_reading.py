"""What a half-typed line says, as far as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Offer = tuple[str, str]
"""What the last word may become, and what that is."""


class Reading(NamedTuple):
    """What a line says so far. `offers` is what its last word may become by the descriptions alone; `names`: it may
    also name an existing thing of this kind, where `given` stands before it. `wrong`: what no more typing mends."""

    usage: str = ""
    offers: tuple[Offer, ...] = ()
    names: str = ""
    given: Mapping[str, str] = {}
    wrong: str = ""
