"""Ending incidents: by a person, by an event, and of a drill by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain import drill
from imtui.domain.announcement import News
from imtui.domain.escalation import Reason, RunStatus
from imtui.domain.incident import Status
from imtui.domain.timeline import EventType
from storage import tables as t
from storage.announcing import announce
from storage.database import Reader, Unit
from storage.record import say
from storage.stopping import stop_all

ITSELF = "imtui"
"""By whom a drill is ended that ends by itself."""

_CHUNK = 500


async def resolve(unit: Unit, incident: sa.Row[Any], text: str, *, by: str, arn: str) -> None:
    """Resolve an open incident: what has not been sent is cancelled and nobody is paged any more. `text` is the
    sentence for the timeline, `arn` who is kept as having changed it last."""
    await stop_all(unit, incident.id, Reason.INCIDENT_RESOLVED)
    values = {"status": Status.RESOLVED.value, "resolved_at": unit.now, "exhausted_at": None}
    await unit.run(
        sa.update(t.incidents)
        .where(t.incidents.c.number == incident.number)
        .values(**values, modified_at=unit.now, modified_by=arn, revision=t.incidents.c.revision + 1)
    )
    unit.changed("incident", incident.id, incident.id)
    say(unit, incident.id, EventType.RECORD_UPDATE, text, by=by, changed={"status": Status.RESOLVED.value})
    announce(unit, incident, News.RESOLVED, text)


async def look_at_drills(unit: Unit, incidents: Collection[str]) -> None:
    """Something happened by which these may be over, if they are drills: the engine looks at once."""
    m = t.timers
    ordered = sorted(incidents)
    for start in range(0, len(ordered), _CHUNK):
        which = m.c.incident_id.in_(ordered[start : start + _CHUNK]) & (m.c.kind == "drill")
        await unit.run(sa.update(m).where(which).values(due_at=unit.now))


async def end_drill(unit: Unit, timer: sa.Row[Any]) -> None:
    """End the drill of a timer if it is over; else it is looked at again when its time is up."""
    i = t.incidents.c
    incident = await unit.first(sa.select(t.incidents).where(i.id == timer.incident_id, i.status == Status.OPEN.value))
    if incident is None:
        await unit.run(sa.delete(t.timers).where(t.timers.c.id == timer.id))
        return
    until = drill_ends(timer)
    why = drill.over(await _parts(unit, incident.id), unit.now, until)
    if why is None:
        await unit.run(sa.update(t.timers).where(t.timers.c.id == timer.id).values(due_at=until))
    else:
        await resolve(unit, incident, why.value, by=ITSELF, arn=ITSELF)


def drill_ends(timer: sa.Row[Any]) -> datetime:
    """When the drill of a timer is over at the latest."""
    return datetime.fromisoformat(timer.payload["until"])


async def _parts(reader: Reader, incident_id: str) -> list[drill.Part]:
    e, p = t.engagements.c, t.pages.c
    paged = sa.exists(sa.select(p.id).where(p.engagement_id == e.id))
    columns = (e.target_arn, e.target_type, e.status, e.next_stage, e.acknowledged_at, paged.label("paged"))
    return [
        drill.Part(
            row.target_arn,
            row.target_type == "PERSONAL",
            row.status == RunStatus.RUNNING.value,
            row.next_stage > 0,
            row.paged,
            row.acknowledged_at is not None,
        )
        for row in await reader.all(sa.select(*columns).where(e.incident_id == incident_id))
    ]
