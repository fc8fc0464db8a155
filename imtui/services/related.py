"""Related items: ARNs, links, metrics and other things that belong to an incident."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.text import clean
from imtui.domain.timeline import EventType, RelatedItem
from imtui.services.context import Context
from imtui.services.keyset import beyond
from imtui.services.lookup import INCIDENT_RECORD, incident_of, incident_row
from storage import tables as t
from storage.database import Unit
from storage.record import say

TYPES = (
    "ANALYSIS",
    "INCIDENT",
    "METRIC",
    "PARENT",
    "ATTACHMENT",
    "OTHER",
    "AUTOMATION",
    "INVOLVED_RESOURCE",
    "TASK",
)
MAX_TITLE = 200
MAX_VALUE = 4000


async def items(context: Context, ref: str | int) -> list[RelatedItem]:
    """The items of an incident, in the order they were added."""
    r = t.related_items
    async with context.look("ssm-incidents:ListRelatedItems", str(ref)) as reader:
        incident = await incident_row(reader, ref)
        query = sa.select(r).where(r.c.incident_id == incident.id).order_by(r.c.added_at, r.c.id)
        return [_item(row) for row in await reader.all(query)]


async def behind(context: Context, ref: str | int, after: tuple[datetime, str] | None, limit: int) -> list[RelatedItem]:
    """So many items behind the one that was added then and has this id, in the order they were added."""
    r = t.related_items.c
    async with context.look("ssm-incidents:ListRelatedItems", str(ref)) as reader:
        which = [r.incident_id == (await incident_row(reader, ref)).id]
        if after is not None:
            which.append(beyond((r.added_at, r.id), after))
        query = sa.select(t.related_items).where(*which).order_by(r.added_at, r.id).limit(limit)
        return [_item(row) for row in await reader.all(query)]


async def add(context: Context, ref: str | int, title: str, value: str, type_: str = "OTHER") -> RelatedItem:
    """Add an item. `value` is what somebody pasted: an ARN or a link is known for what it is, all else is a
    metric definition when the type says so."""
    return await add_value(context, ref, title, recognised(value, type_), type_)


async def add_value(
    context: Context,
    ref: str | int,
    title: str,
    value: Mapping[str, Any],
    type_: str,
) -> RelatedItem:
    """Add an item whose value has the service's shape; raises Conflict for a value that the incident has already."""
    title, kept = clean(title).strip(), checked_value(value)
    if len(title) > MAX_TITLE:
        raise ValidationFailed(f"title: at most {MAX_TITLE} characters", "title")
    if type_ not in TYPES:
        raise ValidationFailed(f"type: one of {', '.join(TYPES)}", "type")
    audited = {"type": type_, "title": title}
    async with context.change("ssm-incidents:UpdateRelatedItems", str(ref), **audited) as unit:
        incident = await incident_row(unit, ref)
        r = t.related_items
        known = await unit.all(sa.select(r.c.value).where(r.c.incident_id == incident.id))
        if any(row.value == kept for row in known):
            arn = incident_of(incident, context.names).arn
            raise Conflict("this is among the related items already", (), arn, INCIDENT_RECORD)
        item_id = str(uuid.uuid4())
        row = {
            "id": item_id,
            "incident_id": incident.id,
            "type": type_,
            "title": title,
            "value": kept,
            "added_at": unit.now,
        }
        await unit.run(sa.insert(r).values(row))
        unit.changed("related", item_id, incident.id)
        text = f"{context.caller.name} added a related item: {title or shown_value(kept)}"
        say(unit, incident.id, EventType.RELATED_ITEMS, text, by=context.caller.name, item=item_id)
        return RelatedItem(item_id, incident.id, type_, title, kept, unit.now)


async def remove(context: Context, ref: str | int, item_id: str) -> None:
    """Take an item off the incident; what it points to stays."""
    async with context.change("ssm-incidents:UpdateRelatedItems", str(ref), itemId=item_id) as unit:
        incident = await incident_row(unit, ref)
        r = t.related_items
        row = await unit.first(sa.select(r).where(r.c.incident_id == incident.id, r.c.id == item_id))
        if row is None:
            raise NotFound("this related item does not exist any more")
        await _remove_in(unit, context, row)


async def remove_value(context: Context, ref: str | int, type_: str, value: Mapping[str, Any]) -> None:
    """Take the item of this type and value off the incident; raises NotFound."""
    audited = {"type": type_, "value": dict(value)}
    wanted = [dict(value)]
    with suppress(ValidationFailed):  # what came with an event may be kept otherwise than people write it
        wanted.append(checked_value(value))
    async with context.change("ssm-incidents:UpdateRelatedItems", str(ref), **audited) as unit:
        incident = await incident_row(unit, ref)
        r = t.related_items
        rows = await unit.all(sa.select(r).where(r.c.incident_id == incident.id, r.c.type == type_))
        row = next((row for row in rows if row.value in wanted), None)
        if row is None:
            arn = incident_of(incident, context.names).arn
            raise NotFound(f"incident #{incident.number} has no such related item", arn, INCIDENT_RECORD)
        await _remove_in(unit, context, row)


async def _remove_in(unit: Unit, context: Context, row: sa.Row[Any]) -> None:
    await unit.run(sa.delete(t.related_items).where(t.related_items.c.id == row.id))
    unit.changed("related", row.id, row.incident_id)
    text = f"{context.caller.name} removed a related item: {row.title or shown_value(row.value)}"
    say(unit, row.incident_id, EventType.RELATED_ITEMS, text, by=context.caller.name, item=row.id)


def checked_value(value: Mapping[str, Any]) -> dict[str, Any]:
    """A value of the service's shape with exactly one member; raises ValidationFailed for what is not what its member
    says."""
    (kind, given), *more = value.items()
    if more:
        raise ValidationFailed("value: give one of arn, url, metricDefinition and pagerDutyIncidentDetail", "value")
    if kind == "pagerDutyIncidentDetail":
        return {kind: {name: clean(item) if isinstance(item, str) else item for name, item in given.items()}}
    text = clean(given).strip()
    if not text or len(text) > MAX_VALUE:
        raise ValidationFailed(f"value: 1 to {MAX_VALUE} characters", "value")
    if kind == "arn":
        arns.parse(text)
    elif kind == "url" and not (text.isprintable() and _is_link(text)):
        raise ValidationFailed("value: a link such as https://example.com", "value")
    return {kind: text}


def recognised(text: str, type_: str = "OTHER") -> dict[str, Any]:
    """The service's value shape for what somebody pasted; raises ValidationFailed for an empty or unknown form."""
    text = clean(text).strip()
    if not text or len(text) > MAX_VALUE:
        raise ValidationFailed(f"value: paste an ARN or a link, at most {MAX_VALUE} characters", "value")
    if arns.is_arn(text):
        arns.parse(text)
        return {"arn": text}
    if type_ == "METRIC":
        return {"metricDefinition": text}
    if text.isprintable() and _is_link(text):
        return {"url": text}
    raise ValidationFailed("value: neither an ARN (arn:…) nor a link (https://…)", "value")


def _is_link(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.hostname)


def shown_value(value: Any) -> str:
    """The one text of a value."""
    found = next(iter(value.values()), "") if isinstance(value, dict) else value
    return f"PagerDuty {found.get('id')}" if isinstance(found, dict) else str(found)


def _item(row: sa.Row[Any]) -> RelatedItem:
    return RelatedItem(row.id, row.incident_id, row.type, row.title, row.value, row.added_at)
