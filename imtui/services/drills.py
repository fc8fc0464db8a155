"""Drills: a real page marked as one. They end by themselves, and what they measured can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.asking import Question, pages_now
from imtui.domain.drill import LIMIT_MINUTES, WHY_NOT, Asked, Over, Paged, Report, measured
from imtui.domain.drill_text import news
from imtui.domain.errors import ValidationFailed
from imtui.domain.escalation import Reason
from imtui.domain.incident import Incident, Status
from imtui.domain.plan import ContactTarget
from imtui.domain.timeline import EventType
from imtui.services import engagements, health, incidents, response_plans
from imtui.services.context import Context
from imtui.services.lookup import incident_of, incident_row
from storage import ending
from storage import tables as t
from storage.database import Reader
from storage.runs import People, contacts_named, load_people, run_of
from storage.watch import Watcher

_LEAVE_TO_THE_ENGINE = 1.0
"""So many real seconds between two looks at a drill whose time is up and that an engine is about to end."""

_NOT_SENT = {
    Reason.ALREADY_ACKNOWLEDGED.value: "answered before it was sent",
    Reason.ACKNOWLEDGED.value: "answered before it was sent",
    Reason.STOPPED.value: "the engagement was stopped before it was sent",
    Reason.INCIDENT_RESOLVED.value: "the drill was over before it was sent",
}


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill and what it has measured. `until`: when it is over at the latest; None when it is over."""

    incident: Incident
    report: Report
    until: datetime | None


async def ask(context: Context, plan: str, minutes: int = LIMIT_MINUTES) -> Question:
    """What to ask before a drill begins: it says whom that pages."""
    found = await response_plans.get(context, plan)
    reached = await engagements.people(context, found.engagements)
    text = (
        f"{pages_now(reached)}\nTheir messages say DRILL. It is resolved by itself when everybody who was asked has "
        f"answered, after {minutes} min at the latest."
    )
    return Question(f"Begin a drill of {found.label}?", text, "Begin")


async def begin(context: Context, plan: str, minutes: int = LIMIT_MINUTES) -> Drill:
    """Begin a drill of a response plan (name or ARN): everybody is paged as in an incident, and the messages say DRILL.
    It is over when everybody who was asked has answered, or after so many program minutes."""
    started = await incidents.start(context, plan, drill=True, drill_minutes=minutes)
    return await of(context, started.incident.id)


async def of(context: Context, ref: str | int) -> Drill:
    """A drill by the number, id or ARN of its incident. Raises NotFound, and ValidationFailed for what is no drill."""
    async with context.look("ssm-incidents:GetIncidentRecord", str(ref)) as reader:
        row = await incident_row(reader, ref)
        if not row.drill:
            raise ValidationFailed(f"#{row.number} is no drill: nothing was measured", "incident")
        m = t.timers
        timer = await reader.first(sa.select(m).where(m.c.incident_id == row.id, m.c.kind == "drill"))
        asked = await _asked(reader, context, row.id)
    going_on = row.status == Status.OPEN.value
    until = ending.drill_ends(timer) if timer is not None else None
    return Drill(incident_of(row, context.names), measured(asked, going_on=going_on), until)


async def follow(context: Context, ref: str | int, tell: Callable[[str], None]) -> Drill:
    """Wait until a drill is over, and tell each thing that happens in a sentence. The engine, here or elsewhere, pages
    and ends it; where none runs, it is ended from here when its time is up. Cancelled, the drill goes on."""
    before: Report | None = None
    async with Watcher(context.database, context.clock) as watcher:
        while True:
            found = await of(context, ref)
            for sentence in news(before, found.report):
                tell(sentence)
            before = found.report
            if not found.incident.is_open or found.until is None:
                return found
            left = (found.until - context.now()).total_seconds()
            if left > 0:
                await watcher.wait(left)
            elif (await health.report(context)).leader:
                await watcher.wait(_LEAVE_TO_THE_ENGINE, real=True)
            else:
                await _end(context, found.incident)


async def _end(context: Context, incident: Incident) -> None:
    arn, status = incident.arn, Status.RESOLVED.value
    async with context.change("ssm-incidents:UpdateIncidentRecord", arn, status=status) as unit:
        row = await incident_row(unit, incident.id, lock=True)
        if row.status == Status.OPEN.value:
            await ending.resolve(unit, row, Over.TIME.value, by=context.caller.name, arn=context.caller.arn)


# ---------------------------------------------------------------- what is measured


async def _asked(reader: Reader, context: Context, incident_id: str) -> list[Asked]:
    """Everybody in the order in which they were engaged, then those whose stage was not begun."""
    e = t.engagements
    rows = await reader.all(sa.select(e).where(e.c.incident_id == incident_id).order_by(e.c.started_at, e.c.id))
    named = {row.target_arn for row in rows} | {row.via_arn for row in rows if row.via_arn}
    named |= {name for row in rows for name in contacts_named(run_of(row).stages)}
    people = await load_people(reader, named, now=context.now())
    pages = await _pages(reader, incident_id)
    unreached = await _unreached(reader, incident_id)
    by_id = {row.id: row for row in rows}
    asked = [
        _one(row, by_id.get(row.parent_id), people, pages.get(row.id, ()), unreached)
        for row in rows
        if row.target_type == "PERSONAL"
    ]
    engaged = {one.person for one in asked} | {row.via_arn for row in rows}
    later = [one for row in rows if row.target_type != "PERSONAL" for one in _unbegun(row, people, unreached)]
    return asked + [one for one in later if one.person not in engaged]


def _one(
    row: sa.Row[Any],
    parent: sa.Row[Any] | None,
    people: People,
    pages: Sequence[Paged],
    unreached: Mapping[str, str],
) -> Asked:
    via = row.via_arn if row.via_arn and row.via_arn != row.target_arn else ""
    by_schedule = parent is not None and parent.target_arn == via
    return Asked(
        row.target_arn,
        _label(people, row.target_arn),
        _label(people, parent.target_arn) if parent is not None and not by_schedule else "",
        (row.stage or 0) + 1 if parent is not None and not by_schedule else 0,
        _label(people, via) if via else "",
        tuple(pages),
        row.acknowledged_at,
        row.acknowledged_via or "",
        "" if pages else unreached.get(row.target_arn, ""),
    )


def _unbegun(row: sa.Row[Any], people: People, unreached: Mapping[str, str]) -> list[Asked]:
    """Those whom a plan names and has not engaged, and why."""
    run = run_of(row)
    found = []
    for index, stage in enumerate(run.stages):
        for target in stage.targets:
            if not isinstance(target, ContactTarget):
                continue
            name = target.contact
            begun = index < run.next_stage or run.round > 0
            why = unreached.get(name, "")
            if why or not begun:
                label, plan = _label(people, name), _label(people, row.target_arn)
                found.append(Asked(name, label, plan, index + 1, trouble=why, begun=begun))
    return found


async def _pages(reader: Reader, incident_id: str) -> dict[str, list[Paged]]:
    p, m, c, r = t.pages.c, t.messages.c, t.channels.c, t.receipts.c
    arrived = (
        sa.select(sa.func.min(r.at, type_=r.at.type))
        .where(r.message_id == p.message_id, r.type.in_(("DELIVERED", "READ")))
        .scalar_subquery()
    )
    query = (
        sa.select(
            *(p.engagement_id, p.created_at, p.sent_at, p.delivered_at, arrived.label("arrived")),
            *(m.state, m.info, m.provider, m.channel_type, c.name),
        )
        .join(t.messages, m.id == p.message_id)
        .join(t.channels, c.arn == p.channel_arn, isouter=True)
        .where(p.incident_id == incident_id)
        .order_by(p.created_at, p.id)
    )
    found: dict[str, list[Paged]] = {}
    for row in await reader.all(query):
        kept = " (kept here)" if row.provider == "local" else ""
        page = Paged(
            f"{row.name or 'a removed channel'}{kept}",
            row.channel_type,
            row.created_at,
            row.sent_at,
            row.delivered_at or row.arrived,
            "" if row.sent_at is not None else _trouble(row),
        )
        found.setdefault(row.engagement_id, []).append(page)
    return found


def _trouble(row: sa.Row[Any]) -> str:
    if row.state == "CANCELLED":
        return _NOT_SENT.get(row.info, "it was cancelled")
    return str(row.info) if row.state == "FAILED" else ""


async def _unreached(reader: Reader, incident_id: str) -> dict[str, str]:
    """Whom nothing could reach, and why, as the engine said it."""
    e = t.timeline.c
    query = sa.select(e.data).where(e.incident_id == incident_id, e.type == EventType.ESCALATION.value)
    found: dict[str, str] = {}
    for row in await reader.all(query.order_by(e.event_time, e.seq)):
        why = WHY_NOT.get(row.data.get("reason"))
        if why and row.data.get("subject"):
            found.setdefault(row.data["subject"], why)
    return found


def _label(people: People, arn: str) -> str:
    known = people.contacts.get(arn)
    return known.label if known is not None else arn.rpartition("/")[2]
