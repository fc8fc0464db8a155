"""What is half typed in a form, kept in the database while one types: a line that drops loses none of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from imtui import services
from imtui.services.context import Context


class Kept(NamedTuple):
    """What somebody had typed into fields, and what those fields held when they began."""

    values: Mapping[str, Any]
    base: Mapping[str, Any]


class Draft:
    """What one person has half typed in one box. `box` names the box, such as `incident/ID/note/new`."""

    def __init__(self, context: Context, box: str) -> None:
        self._context = context
        self._box = box

    async def load(self) -> Kept | None:
        """What was typed there; None when nothing was."""
        text = await services.drafts.load(self._context, self._box)
        try:
            found = json.loads(text) if text else None
            return Kept(dict(found["values"]), dict(found["base"])) if found else None
        except (ValueError, TypeError, KeyError):
            return Kept({"text": text}, {})  # an earlier version kept the words alone

    async def save(self, kept: Kept) -> None:
        """Keep it; nothing typed keeps nothing."""
        text = json.dumps({"values": kept.values, "base": kept.base}, ensure_ascii=False) if kept.values else ""
        await services.drafts.save(self._context, self._box, text)
