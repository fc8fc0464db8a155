"""What the database need not keep: old change rows, idempotency tokens, notices, drafts and audit records."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from imtui.engine import sealing
from storage import tables as t
from storage.alarms import NOTICE, UNANSWERED
from storage.database import Unit
from storage.watch import prune_changes

EVERY_SECONDS = 600.0
CHANGES = 20_000
"""How many change rows are kept: a program that was away for longer reads everything anew."""

TOKENS = timedelta(hours=24)
NOTICES = timedelta(hours=1)
DRAFTS = timedelta(days=30)


async def prune(unit: Unit, audit: timedelta) -> None:
    """Forget what nobody will ask for any more, and audit records that are older than that."""
    await prune_changes(unit, CHANGES)
    i, a, d = t.idempotency.c, t.alarms.c, t.drafts.c
    await unit.run(sa.delete(t.idempotency).where(i.at < unit.now - TOKENS))
    await unit.run(sa.delete(t.drafts).where(d.at < unit.now - DRAFTS))
    over = a.key.startswith(NOTICE) & sa.not_(a.key.startswith(UNANSWERED)) & (a.since < unit.now - NOTICES)
    gone = await unit.run(sa.delete(t.alarms).where(over))
    if gone.rowcount:
        unit.changed("alarm", "*")
    await sealing.prune(unit, unit.now - audit)
