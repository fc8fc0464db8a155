"""Whether the program does its work: who is the engine, what waits, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain.lateness import grace
from imtui.services.context import Context
from storage import tables as t
from storage.alarms import NOTICE, clear_alarm
from storage.database import Reader
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
    """The state at this instant. It needs no right: it tells nothing about incidents."""
    async with context.database.read() as reader:
        found = await _read(reader, context.now(), context.clock.wall(), grace(context.clock.speed))
    full = short_of_space(context.database)
    return replace(found, alarms=(Alarm(DISK, context.now(), full), *found.alarms)) if full else found


async def _read(reader: Reader, now: datetime, wall: datetime, allowed: timedelta) -> Health:
    m, o, e = t.messages.c, t.timers.c, t.engagements.c
    lease = await reader.first(sa.select(t.lease).where(t.lease.c.name == "engine"))
    outbox = await reader.first(
        sa.select(sa.func.count().label("n"), sa.func.min(m.created_at, type_=m.created_at.type).label("oldest"))
        .select_from(t.messages)
        .where(t.waiting, m.due_at <= now)
    )
    timers = await reader.first(
        sa.select(sa.func.count().label("n"), sa.func.min(o.due_at, type_=o.due_at.type).label("first")).select_from(
            t.timers
        )
    )
    alarms = await reader.all(sa.select(t.alarms).order_by(t.alarms.c.since))
    i = t.incidents.c
    silent = sa.select(i.id, i.number, i.title, i.exhausted_at).where(i.status == "OPEN", i.exhausted_at.is_not(None))
    exhausted = await reader.all(silent.order_by(i.impact, i.number).limit(20))
    running = await reader.scalar(sa.select(sa.func.count()).select_from(t.engagements).where(e.status == "RUNNING"))
    assert outbox is not None
    assert timers is not None
    return Health(
        leader=lease is not None and lease.expires_at > wall,
        holder=lease.holder if lease is not None else "",
        epoch=lease.epoch if lease is not None else 0,
        outbox_pending=outbox.n,
        outbox_oldest_seconds=_age(outbox.oldest, now),
        timers_pending=timers.n,
        timers_overdue_seconds=_age(timers.first, now),
        latest_lateness_seconds=lease.lateness if lease is not None else 0.0,
        alarms=tuple(Alarm(row.key, row.since, row.text, row.incident_id) for row in alarms),
        running=int(running or 0),
        grace_seconds=allowed.total_seconds(),
        exhausted=tuple(Exhausted(row.id, row.number, row.title, row.exhausted_at) for row in exhausted),
    )


async def dismiss(context: Context, key: str) -> None:
    """Take notice of an alarm: it is not shown any more, until it comes up anew."""
    async with context.change("imtui:DismissAlarm", key) as unit:
        await clear_alarm(unit, key)


def _age(instant: Any, now: datetime) -> float:
    return max(0.0, float((now - instant).total_seconds())) if instant is not None else 0.0
