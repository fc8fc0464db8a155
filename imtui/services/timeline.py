"""The timeline of an incident: what happened by itself, and the notes and custom events of people."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.filter import Filter, Term
from imtui.domain.text import clean
from imtui.domain.timeline import WRITABLE, EventType, TimelineEvent, readable
from imtui.domain.timeline_filter import types_named
from imtui.services.context import Context
from imtui.services.keyset import beyond
from imtui.services.lookup import TIMELINE_EVENT, incident_row
from storage import tables as t
from storage.database import Reader, Unit
from storage.record import next_seq

MAX_TEXT = 12_000
e = t.timeline.c
_ALL = Filter()
_ESCAPE = "\\"
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class Page(NamedTuple):
    """A part of a timeline, oldest first: the first of `events` is number `start` of `total` in all."""

    events: list[TimelineEvent]
    start: int
    total: int


async def events(
    context: Context,
    ref: str | int,
    *,
    newest_first: bool = False,
    limit: int | None = None,
    types: Collection[str] | None = None,
    contact: str | None = None,
) -> list[TimelineEvent]:
    """The events of an incident in the order in which they happened, or the newest first; `contact`: those that tell
    of this one."""
    async with context.look("ssm-incidents:ListTimelineEvents", str(ref)) as reader:
        which = _of((await incident_row(reader, ref)).id, types)
        if contact is not None:
            which.append(e.data["contact"].as_string() == contact)
        return await _read(reader, which, newest_first, limit=limit)


async def page(
    context: Context,
    ref: str | int,
    *,
    offset: int | None = None,
    limit: int = 200,
    types: Collection[str] | None = None,
    only: Filter = _ALL,
) -> Page:
    """So many events from number `offset` on, or the last ones; of one instant with their count. It is read from the
    nearer end, so that neither end costs more the longer the timeline is."""
    async with context.look("ssm-incidents:ListTimelineEvents", str(ref)) as reader:
        which = _of((await incident_row(reader, ref)).id, types) + conditions(only)
        total = int(await reader.scalar(sa.select(sa.func.count()).select_from(t.timeline).where(*which)))
        start = max(0, min(total - limit if offset is None else offset, total - 1))
        length = min(limit, total - start)
        skipped = total - start - length
        if skipped < start:
            found = await _read(reader, which, newest_first=True, limit=length, offset=skipped)
            found.reverse()
        else:
            found = await _read(reader, which, newest_first=False, limit=length, offset=start)
    return Page(found, start, total)


async def count(context: Context, ref: str | int, *, types: Collection[str] | None = None, only: Filter = _ALL) -> int:
    """How many events there are."""
    async with context.look("ssm-incidents:ListTimelineEvents", str(ref)) as reader:
        which = _of((await incident_row(reader, ref)).id, types) + conditions(only)
        return int(await reader.scalar(sa.select(sa.func.count()).select_from(t.timeline).where(*which)))


async def get(context: Context, ref: str | int, event_id: str) -> TimelineEvent:
    """One event; raises NotFound when somebody has deleted it."""
    async with context.look("ssm-incidents:GetTimelineEvent", str(ref)) as reader:
        incident = await incident_row(reader, ref)
        return await _get(reader, event_id, incident.id)


async def behind(
    context: Context,
    ref: str | int,
    which: Sequence[sa.ColumnElement[bool]],
    after: tuple[datetime, int, str] | None,
    limit: int,
    *,
    newest_first: bool = False,
) -> list[TimelineEvent]:
    """So many events for which all this holds, behind the one with this instant, `seq` and id."""
    async with context.look("ssm-incidents:ListTimelineEvents", str(ref)) as reader:
        found = [e.incident_id == (await incident_row(reader, ref)).id, *which]
        if after is not None:
            found.append(beyond((e.event_time, e.seq, e.id), after, falling=newest_first))
        return await _read(reader, found, newest_first, limit=limit)


async def names(context: Context, event: TimelineEvent) -> dict[str, str]:
    """What people call the contacts, channels and response plans that an event names by their ARNs."""
    wanted = sorted({value for value in event.data.values() if isinstance(value, str) and value.startswith("arn:")})
    c, n, r = t.contacts.c, t.channels.c, t.response_plans.c
    async with context.look("ssm-incidents:GetTimelineEvent", event.incident_id) as reader:
        people = await reader.all(sa.select(c.arn, c.alias.label("id"), c.display_name).where(c.arn.in_(wanted)))
        plans = await reader.all(sa.select(r.arn, r.name.label("id"), r.display_name).where(r.arn.in_(wanted)))
        channels = await reader.all(sa.select(n.arn, n.name).where(n.arn.in_(wanted)))
    found = {row.arn: row.display_name or row.id for row in (*people, *plans)}
    return found | {row.arn: row.name for row in channels}


def conditions(only: Filter) -> list[sa.ColumnElement[bool]]:
    """A filter of `imtui.domain.timeline_filter.FIELDS` as conditions on rows."""
    return [sa.not_(holds) if term.negated else holds for term in only for holds in [_holds(term)]]


def _holds(term: Term) -> sa.ColumnElement[bool]:
    if term.field == "kind":
        return e.type.in_(types_named(term.values))
    names = {"by": ("by", "editedBy"), "who": ("contact",)}.get(term.field, ("text",))
    alike = (_alike(name, value, whole=term.op == "=") for name in names for value in term.values)
    return sa.or_(sa.false(), *alike)


def _alike(name: str, value: str, *, whole: bool) -> sa.ColumnElement[bool]:
    pattern = value.replace(_ESCAPE, _ESCAPE * 2).replace("%", "\\%").replace("_", "\\_")
    if name == "contact":  # an ARN, of which people know the end
        pattern = f"%/{pattern}" + ("" if whole else "%")
    elif not whole:
        pattern = f"%{pattern}%"
    return sa.func.coalesce(e.data[name].as_string(), "").ilike(pattern, escape=_ESCAPE)


def order(newest_first: bool = False) -> tuple[sa.ColumnElement[Any], ...]:
    """The order in which things happened. It never changes by an edit, and the index has it."""
    columns: tuple[sa.ColumnElement[Any], ...] = (e.event_time, e.seq, e.id)
    return tuple(column.desc() for column in columns) if newest_first else columns


async def add_note(context: Context, ref: str | int, text: str) -> TimelineEvent:
    """Write an incident note."""
    return await _add(context, ref, EventType.NOTE, text, None)


async def add_event(context: Context, ref: str | int, text: str, at: datetime | None = None) -> TimelineEvent:
    """Add a custom event; without an instant it happened now."""
    return await _add(context, ref, EventType.CUSTOM, text, at)


async def create(
    context: Context,
    ref: str | int,
    type_: str,
    written: str,
    at: datetime,
    references: Sequence[Mapping[str, str]] = (),
) -> TimelineEvent:
    """Add a note or custom event as a caller wrote it down: `written` is kept to the letter, and what it says is what
    people read. Raises ValidationFailed for another type."""
    kind = _writable_type(type_)
    return await _add(context, ref, kind, readable(written), at, written=written, references=references)


async def edit(
    context: Context,
    ref: str | int,
    event_id: str,
    *,
    text: str | None = None,
    at: datetime | None = None,
    revision: int | None = None,
    type_: str | None = None,
    written: str | None = None,
    references: Sequence[Mapping[str, str]] | None = None,
) -> TimelineEvent:
    """Change a note or custom event; automatic events cannot be changed. `written` is a text as a caller of the wire
    wrote it down (see `create`). With `revision`, an edit by somebody else meanwhile is a Conflict."""
    kind = _writable_type(type_) if type_ is not None else None
    if written is not None:
        text = readable(written)
    if text is not None:
        text = _checked(text)
    at = checked_instant(at)
    refs = _checked_references(references) if references is not None else None
    async with context.change("ssm-incidents:UpdateTimelineEvent", str(ref), eventId=event_id, text=text) as unit:
        row = await _writable(unit, ref, event_id, "changed")
        if revision is not None and row.revision != revision:
            raise Conflict("somebody else has changed this meanwhile: look at their version, then save yours again")
        data = dict(row.data)
        if text is not None:
            kept = {name: value for name, value in data.items() if name != "raw"}
            data = kept | {"text": text, "editedBy": context.caller.name} | _raw(written)
        values = {
            "type": kind.value if kind else row.type,
            "data": data,
            "event_time": at or row.event_time,
            "refs": row.refs if refs is None else refs,
            "updated_at": unit.now,
            "revision": t.timeline.c.revision + 1,
        }
        await unit.run(sa.update(t.timeline).where(t.timeline.c.id == event_id).values(values))
        unit.changed("timeline", event_id, row.incident_id)
        return await _get(unit, event_id, row.incident_id)


async def delete(context: Context, ref: str | int, event_id: str) -> None:
    """Delete a note or custom event; the audit log keeps what it said."""
    async with context.change("ssm-incidents:DeleteTimelineEvent", str(ref), eventId=event_id) as unit:
        row = await _writable(unit, ref, event_id, "deleted")
        await unit.run(sa.delete(t.timeline).where(t.timeline.c.id == event_id))
        unit.changed("timeline", event_id, row.incident_id)


async def _add(
    context: Context,
    ref: str | int,
    type_: EventType,
    text: str,
    at: datetime | None,
    *,
    written: str | None = None,
    references: Sequence[Mapping[str, str]] = (),
) -> TimelineEvent:
    text, at, refs = _checked(text), checked_instant(at), _checked_references(references)
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
                "data": {"text": text, "by": context.caller.name} | _raw(written),
                "refs": refs,
                "seq": next_seq(),
            },
        )
        unit.changed("timeline", event_id, incident.id)
        await unit.flush()
        return await _get(unit, event_id, incident.id)


def _of(incident_id: str, types: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    which: list[sa.ColumnElement[bool]] = [e.incident_id == incident_id]
    return which if types is None else [*which, e.type.in_(sorted(types))]


async def _read(
    reader: Reader,
    which: Sequence[sa.ColumnElement[bool]],
    newest_first: bool,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[TimelineEvent]:
    query = sa.select(t.timeline).where(*which).order_by(*order(newest_first)).limit(limit)
    return [_event(row) for row in await reader.all(query.offset(offset) if offset else query)]


async def _get(reader: Reader, event_id: str, incident_id: str) -> TimelineEvent:
    row = await reader.first(sa.select(t.timeline).where(e.id == event_id, e.incident_id == incident_id))
    if row is None:
        raise NotFound("this event does not exist any more", event_id, TIMELINE_EVENT)
    return _event(row)


async def _writable(unit: Unit, ref: str | int, event_id: str, done: str) -> sa.Row[Any]:
    incident = await incident_row(unit, ref)
    row = await unit.first(
        sa.select(t.timeline)
        .where(t.timeline.c.id == event_id, t.timeline.c.incident_id == incident.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound(
            f"incident #{incident.number} has no event {event_id[:80]}: somebody may have deleted it",
            event_id,
            TIMELINE_EVENT,
        )
    if row.type not in WRITABLE:
        raise ValidationFailed(f"only notes and custom events can be {done}: this one was recorded by the program")
    return row


def _writable_type(type_: str) -> EventType:
    if type_ not in WRITABLE:
        names = " or ".join(repr(kind.value) for kind in sorted(WRITABLE))
        raise ValidationFailed(f"type: {names}; all others are recorded by the program", "eventType")
    return EventType(type_)


def _checked_references(references: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    for reference in references:
        if "resource" in reference:
            arns.parse(reference["resource"])
    return [dict(reference) for reference in references]


def _raw(written: str | None) -> dict[str, str]:
    return {} if written is None else {"raw": clean(written)}


def checked_instant(at: datetime | None) -> datetime | None:
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
        seq=row.seq,
    )
