"""What is asked before an act that pages people, resolves or deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Question(NamedTuple):
    """A question, what the act will do, and the verb that does it."""

    title: str
    text: str
    verb: str


def pages_now(names: Sequence[str]) -> str:
    """Whom an act pages at once, in a sentence."""
    if not names:
        return "This pages nobody."
    count = "1 person" if len(names) == 1 else f"{len(names)} people"
    return f"This pages {count} now: {', '.join(names)}."
