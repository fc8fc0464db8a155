"""What lists hold for whoever asks: for the owner's users everything, for those of other accounts what is shared.

Light: every list asks; what is shared is read in `shared`, which users of other accounts alone need.
"""

from __future__ import annotations

import sqlalchemy as sa

from imtui.services.context import Context
from storage.database import Reader

Conditions = list[sa.ColumnElement[bool]]
"""What must hold for a row of a list, beside what the list itself asks for."""


async def contacts(context: Context, reader: Reader) -> Conditions:
    """Of rows of `contacts`."""
    if not context.foreign:
        return []
    from imtui.services import shared

    return [await shared.contacts(context, reader)]


async def plans(context: Context, reader: Reader) -> Conditions:
    """Of rows of `response_plans`."""
    if not context.foreign:
        return []
    from imtui.services import shared

    return [await shared.plans(context, reader)]


async def incidents(context: Context, reader: Reader) -> Conditions:
    """Of rows of `incidents`."""
    if not context.foreign:
        return []
    from imtui.services import shared

    return [await shared.incidents(context, reader)]


async def engagements(context: Context, reader: Reader) -> Conditions:
    """Of rows of `engagements`."""
    if not context.foreign:
        return []
    from imtui.services import shared

    return [await shared.engagements(context, reader)]
