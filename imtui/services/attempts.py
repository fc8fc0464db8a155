"""Wrong codes: five within a minute by one caller, or from one telephone, and the next must wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import sqlalchemy as sa

from imtui.domain.errors import Throttled, ValidationFailed
from imtui.services.context import Context
from storage import tables as t

MOST = 5
_MINUTE = timedelta(minutes=1)


async def not_throttled(context: Context, who: str | None = None) -> None:
    """Raise Throttled when the caller, or `who`, has typed five wrong codes within the last minute."""
    w = t.wrong_codes.c
    async with context.database.read() as reader:
        recent = (w.caller == (who or context.caller.name)) & (w.at > context.now() - _MINUTE)
        wrong = await reader.scalar(sa.select(sa.func.count()).select_from(t.wrong_codes).where(recent))
    if wrong >= MOST:
        raise Throttled(
            "five wrong codes within a minute: wait a minute, then try again with the newest message's code"
        )


@asynccontextmanager
async def counted(context: Context, who: str | None = None) -> AsyncIterator[None]:
    """Count the block's refusal as a wrong code of the caller, or of `who`."""
    try:
        yield
    except ValidationFailed:
        async with context.database.write(context.now()) as unit:
            unit.insert(t.wrong_codes, {"caller": who or context.caller.name, "at": unit.now})
            await unit.run(sa.delete(t.wrong_codes).where(t.wrong_codes.c.at < unit.now - _MINUTE))
        raise
