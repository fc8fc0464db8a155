"""When somebody last looked, and what has happened since: at an incident's tabs, and while they were away.

To look is no act: the audit log does not know it, and who may only read leaves no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from imtui.domain.escalation import RunStatus
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from storage import tables as t
from storage.database import Reader

PROGRAM = "program"
AWAY = timedelta(minutes=5)
"""Who was gone for less than this has not been away."""

MOST = 99
"""More updates than this are not counted."""

TABS = ("timeline", "engagements", "related", "properties", "notes")


class Away(NamedTuple):
    """What happened while somebody was away, since an instant. `paged`: messages to them; `waiting`: open incidents
    for which they were paged and have not acknowledged."""

    since: datetime
    started: int
    resolved: int
    paged: int
    waiting: int


async def looked(context: Context, places: Collection[str], at: datetime | None = None) -> None:
    """Remember that the caller looks at these places now."""
    if context.database.read_only or context.caller.read_only or not places:
        return
    looks, owner = t.looks, context.caller.arn
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.delete(looks).where(looks.c.owner == owner, looks.c.place.in_(sorted(places))))
        for place in sorted(places):
            unit.insert(looks, {"owner": owner, "place": place, "at": at or unit.now})


async def marks(context: Context, prefix: str) -> Mapping[str, datetime]:
    """The places that begin like this and that the caller has looked at, with when."""
    c = t.looks.c
    query = sa.select(c.place, c.at).where(c.owner == context.caller.arn, c.place.startswith(prefix, autoescape=True))
    async with context.database.read() as reader:
        return {row.place: row.at for row in await reader.all(query)}


async def forget(context: Context, places: Collection[str]) -> None:
    """As if the caller had never looked at these places."""
    if context.database.read_only or context.caller.read_only or not places:
        return
    looks = t.looks
    async with context.database.write(context.now()) as unit:
        mine = looks.c.owner == context.caller.arn
        await unit.run(sa.delete(looks).where(mine, looks.c.place.in_(sorted(places))))


async def away(context: Context) -> Away | None:
    """What the caller missed since their program last ran; None when nothing, when they were never here, and for users
    of another account, who have no overview."""
    if context.foreign:
        return None
    async with context.look("ssm-incidents:ListIncidentRecords", "*") as reader:
        since = await _last(reader, context, PROGRAM)
        if since is None or context.now() - since < AWAY:
            return None
        me = context.names.contact(context.caller.name)
        i, m, e = t.incidents.c, t.messages.c, t.engagements.c
        paged = (m.kind == "page") & (m.contact_arn == me) & (m.state == "SENT")
        mine = (e.target_arn == me) & e.acknowledged_at.is_(None) & (e.status != RunStatus.STOPPED.value)
        counts = [
            await reader.scalar(sa.select(sa.func.count()).select_from(t.incidents).where(i.created_at > since)),
            await reader.scalar(sa.select(sa.func.count()).select_from(t.incidents).where(i.resolved_at > since)),
            await reader.scalar(sa.select(sa.func.count()).select_from(t.messages).where(m.created_at > since, paged)),
            await reader.scalar(
                sa.select(sa.func.count(sa.distinct(i.id)))
                .select_from(t.incidents.join(t.engagements, e.incident_id == i.id))
                .where(i.status == "OPEN", mine)
            ),
        ]
    found = Away(since, *(int(count or 0) for count in counts))
    return found if any(found[1:]) else None


async def updates(context: Context, incident_id: str) -> Mapping[str, int]:
    """How many things are new at each tab of an incident since the caller last looked at it; a tab they have never
    seen counts from their first look at any of them, so that a first visit counts nothing."""
    async with context.look("ssm-incidents:GetIncidentRecord", incident_id) as reader:
        looks = t.looks.c
        prefix = f"{incident_id}/"
        query = sa.select(looks.place, looks.at).where(
            looks.owner == context.caller.arn, looks.place.in_([f"{prefix}{tab}" for tab in TABS])
        )
        seen = {row.place.removeprefix(prefix): row.at for row in await reader.all(query)}
        if not seen:
            return {}
        first = min(seen.values())
        return {tab: await _news(reader, context, incident_id, tab, seen.get(tab, first)) for tab in TABS}


async def _news(reader: Reader, context: Context, incident_id: str, tab: str, since: datetime) -> int:
    x, e, r, i = t.timeline.c, t.engagements.c, t.related_items.c, t.incidents.c
    moved = (e.started_at > since) | (e.acknowledged_at > since) | (e.stopped_at > since)
    where: dict[str, tuple[sa.Table, list[sa.ColumnElement[bool]]]] = {
        "timeline": (t.timeline, [x.incident_id == incident_id, x.updated_at > since]),
        "notes": (t.timeline, [x.incident_id == incident_id, x.updated_at > since, x.type == EventType.NOTE.value]),
        "engagements": (t.engagements, [e.incident_id == incident_id, moved]),
        "related": (t.related_items, [r.incident_id == incident_id, r.added_at > since]),
        "properties": (
            t.incidents,
            [i.id == incident_id, i.modified_at > since, i.modified_by != context.caller.arn],
        ),
    }
    table, conditions = where[tab]
    some = sa.select(sa.literal(1)).select_from(table).where(*conditions).limit(MOST + 1).subquery()
    return int(await reader.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


async def _last(reader: Reader, context: Context, place: str) -> datetime | None:
    looks = t.looks.c
    query = sa.select(looks.at).where(looks.owner == context.caller.arn, looks.place == place)
    found: datetime | None = await reader.scalar(query)
    return found
