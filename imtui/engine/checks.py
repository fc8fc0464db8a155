"""The engine checks itself: one indexed query for each promise, an alarm for each that is broken."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from imtui.engine.outbox import abandoned, reclaim
from storage import tables as t
from storage.alarms import clear_alarm, raise_alarm
from storage.database import Database, Fence, Reader, Unit

_TEXTS = {
    "check:timers": "{} running engagements have no next step: engage somebody by hand",
    "check:claims": "{} messages were claimed and nothing came of it: they are sent again",
    "check:late": "{} steps are long overdue: the machine may be overloaded",
    "check:outbox": "{} messages wait for too long: a provider may be too slow",
}
ALL = tuple(_TEXTS)


async def broken(reader: Reader, fence: Fence, oldest: datetime, wall: datetime) -> dict[str, str]:
    """The promises that do not hold now, each with what it means for people. Nothing that is due may be older than
    `oldest` while an engine runs."""
    counted = await reader.first(sa.select(*_counts(fence, oldest, wall)))
    assert counted is not None
    return {key: text.format(count) for (key, text), count in zip(_TEXTS.items(), counted, strict=True) if count}


async def changed(database: Database, fence: Fence, oldest: datetime, wall: datetime) -> bool:
    """Whether other promises are broken than the alarms that stand tell: one statement as long as all is well."""
    standing = _count(t.alarms, t.alarms.c.key.in_(ALL))
    found = await database.row(sa.select(*_counts(fence, oldest, wall), standing))
    assert found is not None
    if not any(found):
        return False
    async with database.read() as reader:
        keys = {row.key for row in await reader.all(sa.select(t.alarms.c.key).where(t.alarms.c.key.in_(ALL)))}
    return keys != {key for key, count in zip(ALL, found, strict=False) if count}


def _counts(fence: Fence, oldest: datetime, wall: datetime) -> list[sa.ScalarSelect[int]]:
    """How often each promise is broken, in the order of `ALL`."""
    e, m, o = t.engagements.c, t.timers.c, t.messages.c
    with_timers = t.engagements.join(t.timers, m.engagement_id == e.id, isouter=True)
    return [
        _count(with_timers, t.running, m.id.is_(None)),
        _count(t.messages, abandoned(fence, wall)),
        _count(t.timers, m.due_at < oldest),
        _count(t.messages, t.waiting, o.state == "PENDING", o.due_at < oldest),
    ]


def _count(source: sa.FromClause, *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(source).where(*which).scalar_subquery()


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
