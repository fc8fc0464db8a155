"""Pages become messages in the outbox: duplicates dropped, storms bundled, codes given."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.codes import new_code
from imtui.domain.escalation import Page, Reason
from imtui.domain.paging import BUNDLE, ONE_INSTANT, Held, Lately, Spot, joined
from imtui.domain.timeline import EventType
from storage import tables as t
from storage.database import Unit
from storage.record import say
from storage.runs import People

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class PageOrder:
    """A page that the escalation rule asks for, with all that its message must know."""

    page: Page
    engagement_id: str
    parent_stage: int | None
    incident_id: str | None
    plan_arn: str | None
    person: str
    label: str


async def write_pages(unit: Unit, orders: Sequence[PageOrder], people: People) -> None:
    """Write pages, their messages and what the timeline says of them, in the order of the orders."""
    if not orders:
        return
    lately = await _paged_just_now(unit, {order.incident_id for order in orders if order.incident_id})
    newest = await _newest(unit, {order.page.channel for order in orders}, {o.plan_arn for o in orders if o.plan_arn})
    fresh: list[dict[str, Any]] = []
    for order in orders:
        channel = people.channels[order.page.channel]
        if not lately.takes(Spot(order.incident_id, order.person, order.page.channel), unit.now):
            _said(unit, order, Reason.ALREADY_PAGED, f"{order.label} was paged by {channel.name} just now: not again")
            continue
        before = newest.get((order.page.channel, order.plan_arn)) if order.plan_arn else None
        held = joined(before, order.incident_id, unit.now)
        if held is not before:
            fresh.append(_message(unit, order, channel, held.due_at))
            held.message = fresh[-1]["id"]
        if order.plan_arn:
            newest[order.page.channel, order.plan_arn] = held
        if held.joinable:
            text = f"The page of {order.label} by {channel.name} waits for others of this plan"
            _said(unit, order, Reason.BUNDLED, text, until=held.due_at.isoformat())
        _page(unit, order, held.message)
    codes = await _new_codes(unit, len(fresh))
    for message, code in zip(fresh, codes, strict=True):
        unit.insert(t.messages, {**message, "code": code})
        unit.changed("message", message["id"])
    await unit.flush()


async def _paged_just_now(unit: Unit, incidents: set[str]) -> Lately:
    p = t.pages.c
    found: dict[Spot, datetime] = {}
    ordered = sorted(incidents)
    for start in range(0, len(ordered), _CHUNK):
        query = sa.select(p.incident_id, p.contact_arn, p.channel_arn, p.created_at).where(
            p.incident_id.in_(ordered[start : start + _CHUNK]), p.created_at > unit.now - ONE_INSTANT
        )
        for row in await unit.all(query):
            spot = Spot(row.incident_id, row.contact_arn, row.channel_arn)
            found[spot] = max(row.created_at, found.get(spot, row.created_at))
    return Lately(found)


async def _newest(unit: Unit, channels: set[str], plans: set[str]) -> dict[tuple[str, str | None], Held]:
    """The newest message of each channel and plan that is so recent, or still to come, that a page now is bundled."""
    m, p = t.messages.c, t.pages.c
    found: dict[tuple[str, str | None], Held] = {}
    ordered = sorted(channels)
    if not plans:
        return found
    for start in range(0, len(ordered), _CHUNK):
        query = (
            sa.select(m.id, m.channel_arn, m.plan_arn, m.due_at, m.state, m.attempts, p.incident_id)
            .join(t.pages, p.message_id == m.id)
            .where(
                m.channel_arn.in_(ordered[start : start + _CHUNK]),
                m.plan_arn.in_(sorted(plans)),
                m.kind == "page",
                m.state != "CANCELLED",
                m.due_at > unit.now - BUNDLE,
            )
            .order_by(m.due_at)
        )
        for row in await unit.all(query):
            key = (row.channel_arn, row.plan_arn)
            known = found.get(key)
            if known is None or known.message != row.id:
                waits = row.state == "PENDING" and row.attempts == 0 and row.due_at > unit.now
                known = found[key] = Held(row.due_at, waits, set(), row.id)
            known.incidents.add(row.incident_id)
    return found


def _message(unit: Unit, order: PageOrder, channel: sa.Row[Any], due: datetime) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": "page",
        "state": "PENDING",
        "due_at": due,
        "created_at": unit.now,
        "contact_arn": order.person,
        "channel_arn": order.page.channel,
        "channel_type": channel.type,
        "plan_arn": order.plan_arn,
        "retry_seconds": order.page.retry_minutes * 60,
        "payload": {},
    }


def _page(unit: Unit, order: PageOrder, message_id: str) -> None:
    unit.insert(
        t.pages,
        {
            "id": str(uuid.uuid4()),
            "message_id": message_id,
            "engagement_id": order.engagement_id,
            "incident_id": order.incident_id,
            "contact_arn": order.person,
            "channel_arn": order.page.channel,
            "stage": order.page.stage,
            "parent_stage": order.parent_stage,
            "created_at": unit.now,
            "reason": order.page.reason.value,
            "late_seconds": order.page.late_seconds,
        },
    )


def _said(unit: Unit, order: PageOrder, reason: Reason, text: str, **data: Any) -> None:
    if order.incident_id:
        data |= {"contact": order.person, "channel": order.page.channel, "reason": reason.value}
        say(unit, order.incident_id, EventType.ESCALATION, text, **data)


async def _new_codes(unit: Unit, count: int) -> list[str]:
    """Codes of six digits that no unanswered page has."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        drawn = {new_code() for _ in range(count - len(codes))} - codes.keys()
        taken: set[str] = set()
        ordered = sorted(drawn)
        for start in range(0, len(ordered), _CHUNK):
            m = t.messages.c
            rows = await unit.all(sa.select(m.code).where(m.code.in_(ordered[start : start + _CHUNK])))
            taken.update(row.code for row in rows)
        codes.update(dict.fromkeys(sorted(drawn - taken)))
    return list(codes)
