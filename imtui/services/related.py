"""Related items: ARNs, links, metrics and other things that belong to an incident."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.text import clean
from imtui.domain.timeline import EventType, RelatedItem
from imtui.services.context import Context
from imtui.services.lookup import incident_row
from storage import tables as t
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


async def add(context: Context, ref: str | int, title: str, value: str, type_: str = "OTHER") -> RelatedItem:
    """Add an item. `value` is what somebody pasted: an ARN or a link is known for what it is, all else is a
    metric definition when the type says so."""
    title, kind = clean(title).strip(), recognised(value, type_)
    if len(title) > MAX_TITLE:
        raise ValidationFailed(f"title: at most {MAX_TITLE} characters", "title")
    if type_ not in TYPES:
        raise ValidationFailed(f"type: one of {', '.join(TYPES)}", "type")
    audited = {"type": type_, "title": title}
    async with context.change("ssm-incidents:UpdateRelatedItems", str(ref), **audited) as unit:
        incident = await incident_row(unit, ref)
        r = t.related_items
        known = await unit.all(sa.select(r.c.value).where(r.c.incident_id == incident.id))
        if any(row.value == kind for row in known):
            raise Conflict("this is among the related items already")
        item_id = str(uuid.uuid4())
        row = {
            "id": item_id,
            "incident_id": incident.id,
            "type": type_,
            "title": title,
            "value": kind,
            "added_at": unit.now,
        }
        await unit.run(sa.insert(r).values(row))
        unit.changed("related", item_id, incident.id)
        text = f"{context.caller.name} added a related item: {title or value.strip()}"
        say(unit, incident.id, EventType.RELATED_ITEMS, text, by=context.caller.name, item=item_id)
        return RelatedItem(item_id, incident.id, type_, title, kind)


async def remove(context: Context, ref: str | int, item_id: str) -> None:
    """Take an item off the incident; what it points to stays."""
    async with context.change("ssm-incidents:UpdateRelatedItems", str(ref), itemId=item_id) as unit:
        incident = await incident_row(unit, ref)
        r = t.related_items
        which = (r.c.incident_id == incident.id) & (r.c.id == item_id)
        row = await unit.first(sa.select(r).where(which))
        if row is None:
            raise NotFound("this related item does not exist any more")
        await unit.run(sa.delete(r).where(which))
        unit.changed("related", item_id, incident.id)
        text = f"{context.caller.name} removed a related item: {row.title or shown_value(row.value)}"
        say(unit, incident.id, EventType.RELATED_ITEMS, text, by=context.caller.name, item=item_id)


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
    return str(next(iter(value.values()), "")) if isinstance(value, dict) else str(value)


def _item(row: sa.Row[Any]) -> RelatedItem:
    return RelatedItem(row.id, row.incident_id, row.type, row.title, row.value)
