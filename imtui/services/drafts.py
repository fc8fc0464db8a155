"""What somebody was typing when their line dropped. A draft belongs to one person and one box of one screen."""

from __future__ import annotations

import sqlalchemy as sa

from imtui.domain.text import clean
from imtui.services.context import Context
from storage import tables as t


async def save(context: Context, field: str, text: str) -> None:
    """Keep what is half typed; nothing typed keeps nothing. It is no act, so the audit log does not know it."""
    if context.database.read_only or context.caller.read_only:
        return
    d = t.drafts
    async with context.database.write(context.now()) as unit:
        mine = (d.c.owner == context.caller.arn) & (d.c.field == field)
        await unit.run(sa.delete(d).where(mine))
        if text.strip():
            unit.insert(d, {"owner": context.caller.arn, "field": field, "text": clean(text), "at": unit.now})


async def load(context: Context, field: str) -> str:
    """What was half typed there; empty when nothing was."""
    d = t.drafts.c
    async with context.database.read() as reader:
        mine = (d.owner == context.caller.arn) & (d.field == field)
        return str(await reader.scalar(sa.select(d.text).where(mine)) or "")


async def discard(context: Context, field: str) -> None:
    """It was sent, or is not wanted any more."""
    await save(context, field, "")
