"""The engine checks itself: one indexed query for each promise, an alarm for each that is broken."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from imtui.engine.outbox import clear_alarm, raise_alarm
from storage import tables as t
from storage.database import Fence, Reader, Unit

GRACE = timedelta(seconds=60)
"""Nothing that is due may be older than this while an engine runs."""


async def broken(reader: Reader, fence: Fence, now: sa.ColumnElement[int] | object) -> dict[str, str]:
    """The promises that do not hold now, each with what it means for people."""
    e, m, o = t.engagements.c, t.timers.c, t.messages.c
    found: dict[str, str] = {}
    orphans = await reader.scalar(
        sa.select(sa.func.count())
        .select_from(t.engagements.join(t.timers, m.engagement_id == e.id, isouter=True))
        .where(e.status == "RUNNING", m.id.is_(None))
    )
    if orphans:
        found["check:timers"] = f"{orphans} running engagements have no next step: engage somebody by hand"
    foreign = await reader.scalar(
        sa.select(sa.func.count()).select_from(t.messages).where(o.state == "CLAIMED", o.claimed_epoch != fence.epoch)
    )
    if foreign:
        found["check:claims"] = f"{foreign} messages are claimed by an engine that is gone"
    late = await reader.scalar(sa.select(sa.func.count()).select_from(t.timers).where(m.due_at < now))
    if late:
        found["check:late"] = f"{late} steps are overdue by more than a minute: the machine may be overloaded"
    return found


ALL = ("check:timers", "check:claims", "check:late")


async def check(unit: Unit, fence: Fence) -> dict[str, str]:
    """Compare what is broken with the alarms that stand; raise and clear what has changed."""
    found = await broken(unit, fence, unit.now - GRACE)
    for key in ALL:
        if key in found:
            await raise_alarm(unit, key, found[key])
        else:
            await clear_alarm(unit, key)
    return found
