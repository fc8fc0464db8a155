"""Whether the program does its work: who is the engine, what waits, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain.lateness import grace
from imtui.services import consumers
from imtui.services.context import Context
from storage import tables as t
from storage.alarms import NOTICE, clear_alarm
from storage.database import Database
from storage.integrity import short_of_space

DISK = "check:disk"
"""The alarm's key. It is no row: a full disk could not take one."""


class Alarm(NamedTuple):
    """What is wrong with the program itself, since an instant. `incident_id`: the incident it is about, if any."""

    key: str
    since: datetime
    text: str
    incident_id: str | None = None

    @property
    def degrades(self) -> bool:
        """Whether health is degraded by it; a notice only tells what has been."""
        return not self.key.startswith(NOTICE)


class Exhausted(NamedTuple):
    """An open incident that nobody is left to be paged for, since an instant."""

    id: str
    number: int
    title: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """The engine's state. `leader`: some engine holds a live lease; `holder` and `epoch` name it (the latest one
    otherwise). Ages and lateness are program seconds."""

    leader: bool
    holder: str
    epoch: int
    outbox_pending: int
    outbox_oldest_seconds: float
    timers_pending: int
    timers_overdue_seconds: float
    latest_lateness_seconds: float
    alarms: tuple[Alarm, ...]
    running: int
    grace_seconds: float
    """What is due for longer than this, and not done, means trouble."""

    exhausted: tuple[Exhausted, ...] = ()

    @property
    def problems(self) -> list[str]:
        """Why health is degraded, one sentence each; empty when all is well."""
        found = [alarm.text for alarm in self.alarms if alarm.degrades]
        if not self.leader:
            found.insert(0, "no engine runs: nobody is paged until `imtui` or `imtui serve` is started")
        if self.timers_overdue_seconds > self.grace_seconds:
            found.append(f"a step is overdue by {self.timers_overdue_seconds:.0f} s")
        return found

    @property
    def ok(self) -> bool:
        return not self.problems


async def report(context: Context) -> Health:
    """The state at this instant. It needs no right. Users of another account are told whether somebody pages, and of
    the incidents that are shared; what alarms say is the owner's."""
    found = await _read(context.database, context.now(), context.clock.wall(), grace(context.clock.speed))
    if context.foreign:
        return replace(found, alarms=(), exhausted=await _shared(context, found.exhausted))
    full = short_of_space(context.database)
    return replace(found, alarms=(Alarm(DISK, context.now(), full), *found.alarms)) if full else found


async def _shared(context: Context, exhausted: Sequence[Exhausted]) -> tuple[Exhausted, ...]:
    """Those that are shared with the caller."""
    if not exhausted:
        return ()
    async with context.database.read() as reader:
        which = await consumers.incidents(context, reader)
        rows = await reader.all(
            sa.select(t.incidents.c.id).where(*which, t.incidents.c.id.in_([x.id for x in exhausted]))
        )
    shared = {row.id for row in rows}
    return tuple(each for each in exhausted if each.id in shared)


async def _read(database: Database, now: datetime, wall: datetime, allowed: timedelta) -> Health:
    """One statement tells nearly everything, because every open program asks every few seconds."""
    found = await database.row(_STATE, {"now": now})
    assert found is not None
    alarms, exhausted = await _wrong(database) if found.alarms or found.exhausted else ((), ())
    return Health(
        leader=found.expires_at is not None and found.expires_at > wall,
        holder=found.holder or "",
        epoch=found.epoch or 0,
        outbox_pending=found.outbox,
        outbox_oldest_seconds=_age(found.outbox_oldest, now),
        timers_pending=found.timers,
        timers_overdue_seconds=_age(found.timers_first, now),
        latest_lateness_seconds=found.lateness or 0.0,
        alarms=tuple(Alarm(row.key, row.since, row.text, row.incident_id) for row in alarms),
        running=found.running,
        grace_seconds=allowed.total_seconds(),
        exhausted=tuple(Exhausted(row.id, row.number, row.title, row.exhausted_at) for row in exhausted),
    )


async def _wrong(database: Database) -> tuple[Sequence[sa.Row[Any]], Sequence[sa.Row[Any]]]:
    """The alarms, and the incidents that nobody is left to be paged for."""
    async with database.read() as reader:
        return await reader.all(sa.select(t.alarms).order_by(t.alarms.c.since)), await reader.all(_EXHAUSTED)


def _state() -> sa.Select[Any]:
    """The lease, and what waits at the instant `now`, in one row."""
    m, o, i = t.messages.c, t.timers.c, t.incidents.c
    counted = sa.func.count()
    outbox = (
        sa.select(counted.label("outbox"), sa.func.min(m.created_at, type_=m.created_at.type).label("outbox_oldest"))
        .where(t.waiting, m.due_at <= sa.bindparam("now", type_=m.due_at.type))
        .subquery()
    )
    silent = sa.exists(sa.select(i.id).where(i.status == "OPEN", i.exhausted_at.is_not(None)))
    return sa.select(
        *(
            sa.select(t.lease.c[name]).where(t.lease.c.name == "engine").scalar_subquery().label(name)
            for name in _LEASE
        ),
        outbox,
        sa.select(counted).select_from(t.timers).scalar_subquery().label("timers"),
        sa.select(sa.func.min(o.due_at, type_=o.due_at.type)).scalar_subquery().label("timers_first"),
        sa.select(counted).select_from(t.engagements).where(t.running).scalar_subquery().label("running"),
        sa.exists(sa.select(t.alarms.c.key)).label("alarms"),
        silent.label("exhausted"),
    ).select_from(outbox)


def _silent() -> sa.Select[Any]:
    """The open incidents that nobody is left to be paged for, the gravest first."""
    i = t.incidents.c
    silent = sa.select(i.id, i.number, i.title, i.exhausted_at).where(i.status == "OPEN", i.exhausted_at.is_not(None))
    return silent.order_by(i.impact, i.number).limit(20)


_LEASE = ("holder", "epoch", "expires_at", "lateness")
_STATE, _EXHAUSTED = _state(), _silent()


async def dismiss(context: Context, key: str) -> None:
    """Take notice of an alarm: it is not shown any more, until it comes up anew."""
    async with context.change("imtui:DismissAlarm", key) as unit:
        await clear_alarm(unit, key)


def _age(instant: Any, now: datetime) -> float:
    return max(0.0, float((now - instant).total_seconds())) if instant is not None else 0.0
