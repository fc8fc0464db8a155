"""Starting incidents: one by hand or thousands from events, with duplicates found inside the same transaction.

An incident begins with its record, its timeline's first event, its related items, and an engagement with a timer
due at once for each thing that its response plan engages. The engine does the paging.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.announcement import News
from imtui.domain.arns import Names
from imtui.domain.drill import LIMIT_MINUTES
from imtui.domain.errors import NotFound
from imtui.domain.escalation import begin
from imtui.domain.incident import Impact, Incident, Status, incident_title
from imtui.domain.text import clean
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from imtui.services.lookup import RESPONSE_PLAN, incident_of
from storage import tables as t
from storage.announcing import announce
from storage.database import Reader, Unit
from storage.record import say
from storage.runs import Known, engagement_row, load_people, timer_row

_CHUNK = 500
_PLANS = sa.select(t.response_plans).where(t.response_plans.c.arn.in_(sa.bindparam("arns", expanding=True)))
_INCIDENTS = sa.select(t.incidents).where(t.incidents.c.id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Trigger:
    """What caused an incident: `raw` is the triggering event as it came (`text`: as a caller wrote it down, which is
    kept to the letter), `resource_arn` the alarm or rule."""

    source: str
    at: datetime | None = None
    resource_arn: str | None = None
    raw: Any = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class StartOrder:
    """One incident to start. `cause` (the alarm's or event's name) is appended to the plan's title; `dedupe_key`
    is used when the plan has no dedupe string. A drill has no such key: it must not swallow what really happens, and
    is over after so many minutes at the latest."""

    plan_arn: str
    title: str | None = None
    cause: str | None = None
    impact: Impact | None = None
    dedupe_key: str | None = None
    trigger: Trigger = Trigger("manual")
    related: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    drill: bool = False
    drill_minutes: int = LIMIT_MINUTES


@dataclass(frozen=True, slots=True)
class Started:
    """The incident of an order. `created` is False when an open one with the same dedupe key stood already."""

    incident: Incident
    created: bool


async def start_many(unit: Unit, context: Context, orders: Sequence[StartOrder]) -> list[Started]:
    """Start the incidents, or find those that the orders repeat; the answers stand in the orders' order.

    Raises NotFound for a response plan that does not exist; nothing is started then.
    """
    plans = await _plans(unit, {order.plan_arn for order in orders})
    keys = [None if o.drill else clean(plans[o.plan_arn].dedupe_string or o.dedupe_key or "") or None for o in orders]
    standing = await open_by_key(unit, context.names, {key for key in keys if key})
    people = await load_people(unit, {arn for plan in plans.values() for arn in plan.engagements}, now=unit.now)
    fresh: dict[int, str] = {}
    by_key: dict[str, int] = {}
    for index, (order, key) in enumerate(zip(orders, keys, strict=True)):
        if key and (key in standing or key in by_key):
            continue
        if key:
            by_key[key] = index
        fresh[index] = _insert_incident(unit, context, order, plans[order.plan_arn], key)
    await unit.flush()
    created = await _by_id(unit, context.names, list(fresh.values()))
    for index, incident_id in fresh.items():
        plan = plans[orders[index].plan_arn]
        engaged = [people.contacts[arn] for arn in plan.engagements if arn in people.contacts]
        _begin(unit, context, orders[index], plan, created[incident_id], engaged)
    return [
        Started(created[fresh[index]], True)
        if index in fresh
        else Started(standing[key] if key in standing else created[fresh[by_key[key]]], False)
        for index, key in enumerate(k or "" for k in keys)
    ]


async def open_by_key(reader: Reader, names: Names, keys: set[str]) -> dict[str, Incident]:
    """The open incidents that have these dedupe keys."""
    found: dict[str, Incident] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        query = sa.select(t.incidents).where(
            t.incidents.c.account == names.account,
            t.incidents.c.status == Status.OPEN.value,
            t.incidents.c.dedupe_key.in_(ordered[start : start + _CHUNK]),
        )
        for row in await reader.all(query):
            found[row.dedupe_key] = incident_of(row, names)
    return found


async def _plans(unit: Unit, wanted: set[str]) -> dict[str, sa.Row[Any]]:
    plans = {row.arn: row for row in await unit.all(_PLANS, {"arns": sorted(wanted)})}
    for arn in wanted - plans.keys():
        raise NotFound(f"there is no response plan {arn[:120]}: no incident was started", arn, RESPONSE_PLAN)
    return plans


async def _by_id(reader: Reader, names: Names, ids: Sequence[str]) -> dict[str, Incident]:
    found: dict[str, Incident] = {}
    for start in range(0, len(ids), _CHUNK):
        for row in await reader.all(_INCIDENTS, {"ids": ids[start : start + _CHUNK]}):
            found[row.id] = incident_of(row, names)
    return found


def _insert_incident(unit: Unit, context: Context, order: StartOrder, plan: sa.Row[Any], key: str | None) -> str:
    incident_id = str(uuid.uuid4())
    title = clean(order.title or incident_title(plan.title, order.cause))
    unit.insert(
        t.incidents,
        {
            "id": incident_id,
            "account": context.names.account,
            "plan_arn": plan.arn,
            "plan_name": plan.name,
            "title": title,
            "impact": int(order.impact or plan.impact),
            "summary": plan.summary,
            "status": Status.OPEN.value,
            "dedupe_key": key,
            "source": clean(order.trigger.source),
            "resource_arn": clean(order.trigger.resource_arn or "") or None,
            "created_by": context.caller.arn,
            "created_at": unit.now,
            "modified_at": unit.now,
            "modified_by": context.caller.arn,
            "chat_channel": plan.chat_channel,
            "notification_targets": plan.notification_targets,
            "drill": order.drill,
        },
    )
    for tag, value in plan.incident_tags.items():
        arn = context.names.incident(plan.name, incident_id)
        unit.insert(t.tags, {"arn": arn, "key": tag, "value": value})
    unit.changed("incident", incident_id, incident_id)
    return incident_id


def _begin(
    unit: Unit,
    context: Context,
    order: StartOrder,
    plan: sa.Row[Any],
    incident: Incident,
    engaged: Sequence[Known],
) -> None:
    raw, written = order.trigger.raw, order.trigger.text
    if written is None and raw is not None:
        written = json.dumps(raw, separators=(",", ":"))
    say(
        unit,
        incident.id,
        EventType.TRIGGER,
        f"Incident started: {incident.title}",
        at=order.trigger.at if order.trigger.at and order.trigger.at < unit.now else None,
        source=incident.source,
        by=context.caller.name,
        responsePlan=plan.arn,
        resourceArn=incident.resource_arn,
        impact=int(incident.impact),
        rawData=None if written is None else clean(written),
    )
    announce(unit, incident, News.STARTED, f"Incident started by {incident.source}.")
    for kind, title, value in order.related:
        unit.insert(
            t.related_items,
            {
                "id": str(uuid.uuid4()),
                "incident_id": incident.id,
                "type": kind,
                "title": clean(title),
                "value": dict(value),
                "added_at": unit.now,
            },
        )
    for contact in engaged:
        engage(unit, context, contact, incident.id)
    if order.drill:
        _limit(unit, incident.id, unit.now + timedelta(minutes=order.drill_minutes), anybody=bool(engaged))


def _limit(unit: Unit, incident_id: str, until: datetime, *, anybody: bool) -> None:
    """A drill is over then at the latest, whoever waits for it or does not; at once where nobody is asked."""
    unit.insert(
        t.timers,
        {
            "id": str(uuid.uuid4()),
            "kind": "drill",
            "due_at": until if anybody else unit.now,
            "engagement_id": None,
            "incident_id": incident_id,
            "payload": {"until": until.isoformat()},
        },
    )


def engage(
    unit: Unit,
    context: Context,
    contact: Known,
    incident_id: str | None,
    *,
    content: Mapping[str, str] | None = None,
    sender: str = "",
) -> str:
    """Write an engagement whose first step is due at once; returns its id. `content` may say what messages say, which
    it must outside an incident; `sender` is the caller unless somebody else is named."""
    engagement_id = str(uuid.uuid4())
    run = begin(contact.arn, contact.run_stages(), unit.now, repeat=contact.repeat)
    unit.insert(
        t.engagements,
        engagement_row(
            id_=engagement_id,
            run=run,
            contact=contact,
            incident_id=incident_id,
            started_by=context.caller.arn,
            started_at=unit.now,
            content=content,
            sender=sender or context.caller.name,
        ),
    )
    unit.insert(t.timers, timer_row(str(uuid.uuid4()), engagement_id, incident_id, unit.now))
    unit.changed("engagement", engagement_id, incident_id)
    return engagement_id
