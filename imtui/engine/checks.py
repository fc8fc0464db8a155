"""The engine checks itself: one indexed query for each promise, an alarm for each that is broken."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from imtui.engine.outbox import abandoned, reclaim
from storage import tables as t
from storage.alarms import clear_alarm, raise_alarm
from storage.database import Fence, Reader, Unit

ALL = ("check:timers", "check:claims", "check:late", "check:outbox")


async def broken(reader: Reader, fence: Fence, oldest: datetime, wall: datetime) -> dict[str, str]:
    """The promises that do not hold now, each with what it means for people. Nothing that is due may be older than
    `oldest` while an engine runs."""
    e, m, o = t.engagements.c, t.timers.c, t.messages.c

    async def count(source: sa.FromClause, *which: sa.ColumnElement[bool]) -> int:
        return int(await reader.scalar(sa.select(sa.func.count()).select_from(source).where(*which)))

    with_timers = t.engagements.join(t.timers, m.engagement_id == e.id, isouter=True)
    found: dict[str, str] = {}
    if orphans := await count(with_timers, e.status == "RUNNING", m.id.is_(None)):
        found["check:timers"] = f"{orphans} running engagements have no next step: engage somebody by hand"
    if lost := await count(t.messages, abandoned(fence, wall)):
        found["check:claims"] = f"{lost} messages were claimed and nothing came of it: they are sent again"
    if late := await count(t.timers, m.due_at < oldest):
        found["check:late"] = f"{late} steps are long overdue: the machine may be overloaded"
    if waiting := await count(t.messages, t.waiting, o.state == "PENDING", o.due_at < oldest):
        found["check:outbox"] = f"{waiting} messages wait for too long: a provider may be too slow"
    return found


async def check(unit: Unit, fence: Fence, oldest: datetime, wall: datetime) -> None:
    """Compare what is broken with the alarms that stand; raise and clear what has changed. Lost claims are healed."""
    found = await broken(unit, fence, oldest, wall)
    for key in ALL:
        if key in found:
            await raise_alarm(unit, key, found[key])
        else:
            await clear_alarm(unit, key)
    if "check:claims" in found:
        await reclaim(unit, fence, wall)
