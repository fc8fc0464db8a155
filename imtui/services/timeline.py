"""The timeline of an incident: what happened by itself, and the notes and custom events of people."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.text import clean
from imtui.domain.timeline import WRITABLE, EventType, TimelineEvent
from imtui.services.context import Context
from imtui.services.lookup import incident_row
from storage import tables as t
from storage.database import Unit
from storage.record import next_seq

MAX_TEXT = 12_000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


async def events(
    context: Context,
    ref: str | int,
    *,
    newest_first: bool = False,
    limit: int | None = None,
    types: Collection[str] | None = None,
) -> list[TimelineEvent]:
    """The events of an incident in the order in which they happened, or the newest first."""
    e = t.timeline
    async with context.look("ssm-incidents:ListTimelineEvents", str(ref)) as reader:
        incident = await incident_row(reader, ref)
        query = sa.select(e).where(e.c.incident_id == incident.id)
        if types is not None:
            query = query.where(e.c.type.in_(sorted(types)))
        order: tuple[sa.ColumnElement[Any], ...] = (e.c.event_time, e.c.updated_at, e.c.seq)
        query = query.order_by(*(column.desc() for column in order)) if newest_first else query.order_by(*order)
        return [_event(row) for row in await reader.all(query.limit(limit))]


async def add_note(context: Context, ref: str | int, text: str) -> TimelineEvent:
    """Write an incident note."""
    return await _add(context, ref, EventType.NOTE, text, None)


async def add_event(context: Context, ref: str | int, text: str, at: datetime | None = None) -> TimelineEvent:
    """Add a custom event; without an instant it happened now."""
    return await _add(context, ref, EventType.CUSTOM, text, at)


async def edit(
    context: Context,
    ref: str | int,
    event_id: str,
    *,
    text: str | None = None,
    at: datetime | None = None,
    revision: int | None = None,
) -> TimelineEvent:
    """Change a note or custom event; automatic events cannot be changed. With `revision`, an edit by somebody
    else meanwhile is a Conflict."""
    if text is not None:
        text = _checked(text)
    at = _instant(at)
    async with context.change("ssm-incidents:UpdateTimelineEvent", str(ref), eventId=event_id, text=text) as unit:
        row = await _writable(unit, ref, event_id, "changed")
        if revision is not None and row.revision != revision:
            raise Conflict("somebody else has changed this meanwhile: look at their version, then save yours again")
        data = dict(row.data)
        if text is not None:
            data |= {"text": text, "editedBy": context.caller.name}
        await unit.run(
            sa.update(t.timeline)
            .where(t.timeline.c.id == event_id)
            .values(data=data, event_time=at or row.event_time, updated_at=unit.now, revision=t.timeline.c.revision + 1)
        )
        unit.changed("timeline", event_id, row.incident_id)
        return await _get(unit, event_id)


async def delete(context: Context, ref: str | int, event_id: str) -> None:
    """Delete a note or custom event; the audit log keeps what it said."""
    async with context.change("ssm-incidents:DeleteTimelineEvent", str(ref), eventId=event_id) as unit:
        row = await _writable(unit, ref, event_id, "deleted")
        await unit.run(sa.delete(t.timeline).where(t.timeline.c.id == event_id))
        unit.changed("timeline", event_id, row.incident_id)


async def _add(context: Context, ref: str | int, type_: EventType, text: str, at: datetime | None) -> TimelineEvent:
    text, at = _checked(text), _instant(at)
    async with context.change("ssm-incidents:CreateTimelineEvent", str(ref), eventType=type_.value, text=text) as unit:
        incident = await incident_row(unit, ref)
        event_id = str(uuid.uuid4())
        unit.insert(
            t.timeline,
            {
                "id": event_id,
                "incident_id": incident.id,
                "type": type_.value,
                "event_time": at or unit.now,
                "updated_at": unit.now,
                "data": {"text": text, "by": context.caller.name},
                "refs": [],
                "seq": next_seq(),
            },
        )
        unit.changed("timeline", event_id, incident.id)
        await unit.flush()
        return await _get(unit, event_id)


async def _get(unit: Unit, event_id: str) -> TimelineEvent:
    row = await unit.first(sa.select(t.timeline).where(t.timeline.c.id == event_id))
    if row is None:
        raise NotFound("this event does not exist any more")
    return _event(row)


async def _writable(unit: Unit, ref: str | int, event_id: str, done: str) -> sa.Row[Any]:
    incident = await incident_row(unit, ref)
    row = await unit.first(
        sa.select(t.timeline)
        .where(t.timeline.c.id == event_id, t.timeline.c.incident_id == incident.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound(f"incident #{incident.number} has no event {event_id[:80]}: somebody may have deleted it")
    if row.type not in WRITABLE:
        raise ValidationFailed(f"only notes and custom events can be {done}: this one was recorded by the program")
    return row


def _instant(at: datetime | None) -> datetime | None:
    """When something happened, as people may say it; raises ValidationFailed."""
    if at is not None and (at.tzinfo is None or not EARLIEST <= at <= LATEST):
        raise ValidationFailed("when: an instant with its time zone, between 1970 and 9000", "at")
    return at


def _checked(text: str) -> str:
    text = clean(text).strip()
    if not text:
        raise ValidationFailed("text: say what happened", "text")
    if len(text) > MAX_TEXT:
        raise ValidationFailed(f"text: at most {MAX_TEXT} characters, this has {len(text)}", "text")
    return text


def _event(row: sa.Row[Any]) -> TimelineEvent:
    return TimelineEvent(
        id=row.id,
        incident_id=row.incident_id,
        type=row.type,
        event_time=row.event_time,
        updated_at=row.updated_at,
        data=row.data,
        references=tuple(row.refs),
        revision=row.revision,
    )
