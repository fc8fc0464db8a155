"""Engagements: who is paged for an incident, and their answers. The engine does the paging."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.announcement import News
from imtui.domain.codes import typed
from imtui.domain.contact import ContactType
from imtui.domain.engagement import Acknowledgement, Engagement
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.escalation import (
    Acknowledged,
    Reason,
    RunStatus,
    Stop,
    begin,
    upcoming,
)
from imtui.domain.incident import Status
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage
from imtui.domain.timeline import EventType
from imtui.services import alone, consumers, starting
from imtui.services.attempts import counted, not_throttled
from imtui.services.context import Context
from imtui.services.lookup import contact_row, engagement_arn, engagement_row, incident_row
from imtui.services.rehearsals import first_pages
from storage import runs
from storage import tables as t
from storage.alarms import clear_alarms_of
from storage.announcing import announce
from storage.database import Unit
from storage.ending import look_at_drills
from storage.record import say
from storage.runs import People, contacts_named, load_people, run_of, running
from storage.stopping import cancel_messages, move, retire_codes

_USED_CODE_KNOWN = timedelta(hours=24)


async def for_incident(context: Context, ref: str | int) -> list[Engagement]:
    """Everybody who was engaged, in that order, then those whom running plans will engage and when: a part of the
    incident for whoever may see that."""
    e = t.engagements
    async with context.look("ssm-incidents:GetIncidentRecord", str(ref)) as reader:
        incident = await incident_row(reader, ref)
        which = [e.c.incident_id == incident.id, *await consumers.engagements(context, reader)]
        rows = await reader.all(sa.select(e).where(*which).order_by(e.c.started_at, e.c.id))
        named = {row.target_arn for row in rows} | {name for row in rows for name in contacts_named(run_of(row).stages)}
        people = await load_people(reader, named, now=context.now())
        p = t.pages.c
        first = sa.func.min(p.sent_at, type_=p.sent_at.type).label("first")
        sent = sa.select(p.engagement_id, first).where(p.incident_id == incident.id).group_by(p.engagement_id)
        paged = {row.engagement_id: row.first for row in await reader.all(sent)}
    by_id = {row.id: row for row in rows}
    persons = [row for row in rows if row.target_type == "PERSONAL"]
    lines = [_engaged(row, by_id.get(row.parent_id), people, paged.get(row.id)) for row in persons]
    for row in rows:
        if row.target_type != "PERSONAL" and row.status == RunStatus.RUNNING.value:
            lines += _due(row, people)
    return lines


async def under_way(context: Context) -> list[tuple[int, str]]:
    """The open incidents, by number and title, for which somebody is being paged or will be; then, with number 0, the
    subjects of what is paged outside incidents."""
    e, i = t.engagements.c, t.incidents.c
    running = sa.select(e.incident_id).where(e.status == RunStatus.RUNNING.value)
    query = sa.select(i.number, i.title).where(i.id.in_(running), i.status == Status.OPEN.value)
    async with context.look("ssm-incidents:ListIncidentRecords", "*") as reader:
        found = [(row.number, row.title) for row in await reader.all(query.order_by(i.impact, i.number))]
        return [*found, *((0, subject) for subject in await alone.under_way(reader))]


async def people(context: Context, targets: Collection[str]) -> list[str]:
    """The names of those whom engaging these contacts, schedules and plans would page at once; for users of another
    account the aliases of these themselves."""
    if context.foreign:
        return [target.rpartition("/")[2] for target in targets]
    async with context.look("ssm-contacts:ListContacts", "*") as reader:
        arns = {(await contact_row(reader, context.names, target)).arn for target in targets}
        found = await load_people(reader, arns, now=context.now())
    return first_reached(context, found, arns)


def first_reached(context: Context, found: People, arns: Collection[str]) -> list[str]:
    """Whom the first step of these engagements pages, by the rule that the engine follows."""
    return list(dict.fromkeys(found.contacts[person].label for person, _ in first_pages(context, found, arns)))


async def engage(context: Context, ref: str | int, contact: str) -> str:
    """Engage a contact, schedule or plan in an open incident; the first page is due at once. Returns the
    engagement's id. Somebody who has acknowledged is paged again: that is what was asked for."""
    async with context.change("ssm-contacts:StartEngagement", contact, incident=str(ref)) as unit:
        incident = await open_incident(unit, ref)
        row = await contact_row(unit, context.names, contact)
        known = (await load_people(unit, {row.arn}, now=unit.now)).contacts[row.arn]
        engagement_id = starting.engage(unit, context, known, incident.id)
        await answered(unit, incident.id)
        text = f"{context.caller.name} engaged {known.label}"
        say(unit, incident.id, EventType.ESCALATION, text, by=context.caller.name, contact=row.arn)
        return engagement_id


async def acknowledge(context: Context, code: str, *, channel_arn: str | None = None) -> Acknowledgement:
    """Acknowledge the page that carries this code, for the person to whom it was sent.

    It counts for all engagements of that person in the incident. A code that was used before says so and changes
    nothing. Raises ValidationFailed for a wrong code, Throttled after five wrong ones a minute. Whoever has the code
    may, whatever the policies say: nobody who was woken is turned away. Over the API the policies decide.
    """
    if context.caller.origin != "api":
        context = context.acting_as(replace(context.caller, bound=False))
    await not_throttled(context)
    async with counted(context), context.change("ssm-contacts:AcceptPage", "*", channel=channel_arn) as unit:
        sent = t.messages.c.channel_arn == channel_arn if channel_arn else sa.true()
        return await accept_in(unit, context, await message_of(unit, typed(code), sent))


async def take(context: Context, ref: str | int) -> Acknowledgement:
    """'I'm taking it': acknowledge as the caller's own contact, engaged before or not."""
    async with context.change("ssm-contacts:AcceptPage", str(ref), incident=str(ref)) as unit:
        incident = await open_incident(unit, ref)
        try:
            row = await contact_row(unit, context.names, context.caller.name)
        except NotFound:
            raise ValidationFailed(
                f"you are {context.caller.name!r}, and no contact has that alias: "
                "give --as with the alias of your contact, or acknowledge with a code"
            ) from None
        if row.type != ContactType.PERSONAL.value:
            raise ValidationFailed(f"{row.alias} is not a person: nobody can acknowledge for a plan or schedule")
        e = t.engagements
        own = sa.select(sa.func.count()).where(e.c.incident_id == incident.id, e.c.target_arn == row.arn)
        if not await unit.scalar(own):
            known = (await load_people(unit, {row.arn}, now=unit.now)).contacts[row.arn]
            run = begin(row.arn, known.run_stages(), unit.now)
            joined = runs.engagement_row(
                id_=str(uuid.uuid4()),
                run=run,
                contact=known,
                incident_id=incident.id,
                started_by=context.caller.arn,
                started_at=unit.now,
                sender=context.caller.name,
            )
            unit.insert(t.engagements, joined)
            await unit.flush()
        label = row.display_name or row.alias
        already = not await _acknowledge_in(unit, context, incident, row.arn, label, "in the terminal")
        return Acknowledgement(row.arn, label, ((incident.number, incident.title),), already)


async def stop(context: Context, ref: str, why: str = "") -> None:
    """Stop an engagement, by its ARN or id, and those it began; what has not been sent is cancelled."""
    async with context.change("ssm-contacts:StopEngagement", ref, reason=why) as unit:
        row = await engagement_row(unit, context.names, ref)
        rows = [r for r in await running(unit, row.incident_id) if row.id in (r.id, r.parent_id)]
        if not rows:
            arn = engagement_arn(context.names, row)
            raise Conflict("this engagement is not running any more: nothing was changed", (), arn, "ENGAGEMENT")
        await move(unit, rows, Stop(Reason.STOPPED))
        if row.incident_id is None:
            return
        await look_at_drills(unit, [row.incident_id])
        label = await _label(unit, row.target_arn)
        text = f"{context.caller.name} stopped the engagement of {label}{': ' + why if why else ''}"
        about = {"contact": row.target_arn, "reason": Reason.STOPPED.value}
        say(unit, row.incident_id, EventType.ESCALATION, text, by=context.caller.name, **about)


async def escalate_now(context: Context, engagement_id: str, after_stage: int) -> None:
    """Begin a plan's next stage now. `after_stage` is the stage whose page is answered by this: when the plan has
    moved on meanwhile, nothing happens and a Conflict says so."""
    async with context.change("ssm-contacts:StartEngagement", engagement_id, afterStage=after_stage) as unit:
        row = await engagement_row(unit, context.names, engagement_id)
        if row.status != RunStatus.RUNNING.value or row.next_stage != after_stage + 1:
            raise Conflict("the plan has moved on meanwhile: look again before you escalate")
        m = t.timers
        await unit.run(
            sa.update(m)
            .where(m.c.engagement_id == engagement_id)
            .values(due_at=unit.now, payload={"escalate_after": after_stage})
        )
        await unit.run(sa.update(t.engagements).where(t.engagements.c.id == engagement_id).values(due_at=unit.now))
        unit.changed("engagement", engagement_id, row.incident_id)
        if row.incident_id is None:
            return
        text = f"{context.caller.name} escalated {await _label(unit, row.target_arn)} now"
        say(unit, row.incident_id, EventType.ESCALATION, text, by=context.caller.name, plan=row.target_arn)


async def message_of(unit: Unit, code: str, which: sa.ColumnElement[bool]) -> sa.Row[Any]:
    """The message, among these, whose pages a code acknowledges or did acknowledge lately; raises ValidationFailed."""
    m = t.messages
    pages = (m.c.kind == "page") & which
    found = await unit.first(sa.select(m).where(m.c.code == code, pages).with_for_update()) if code else None
    if found is None and code:
        recent = m.c.created_at > unit.now - _USED_CODE_KNOWN
        query = sa.select(m).where(m.c.used_code == code, recent, pages).order_by(m.c.created_at.desc())
        found = await unit.first(query.limit(1))
    if found is None:
        raise ValidationFailed(
            "no unanswered page has this code: look at the newest message, or at the engagements of the incident",
            "code",
        )
    return found


async def accept_in(
    unit: Unit, context: Context, message: sa.Row[Any], how: str = "by the code sent to", note: str = ""
) -> Acknowledgement:
    """Acknowledge the pages of a message inside a unit of work; `how`, with the channel's name after it, and the `note`
    are what the timeline says. One that was answered before says so, one that needs no answer is a Conflict."""
    label = await _label(unit, message.contact_arn)
    incidents = await unit.all(
        sa.select(t.incidents)
        .where(t.incidents.c.id.in_(sa.select(t.pages.c.incident_id).where(t.pages.c.message_id == message.id)))
        .order_by(t.incidents.c.number)
    )
    named = tuple((incident.number, incident.title) for incident in incidents)
    outside = await alone.told_by(unit, message.id)
    subjects = tuple(outside.values())
    if message.code is None:
        p = t.pages.c
        answered = sa.select(sa.func.count()).where(p.message_id == message.id, p.acknowledged_at.is_not(None))
        if not await unit.scalar(answered):
            numbers = ", ".join(f"#{number}" for number, _ in named) or "this page"
            raise Conflict(f"{numbers} needs no acknowledgement any more: it was resolved, or its engagement stopped")
        return Acknowledgement(message.contact_arn, label, named, already=True, subjects=subjects)
    name = await unit.scalar(sa.select(t.channels.c.name).where(t.channels.c.arn == message.channel_arn))
    via = f"{how} {name or 'a removed channel'}"
    for incident in incidents:
        if incident.status == Status.OPEN.value:
            await _acknowledge_in(unit, context, incident, message.contact_arn, label, via, note)
    for begun in outside:
        await alone.acknowledge_in(unit, begun, message.contact_arn, via)
    await retire_codes(unit, t.messages.c.id == message.id)
    unit.changed("message", message.id)
    return Acknowledgement(message.contact_arn, label, named, subjects=subjects)


async def _acknowledge_in(
    unit: Unit, context: Context, incident: sa.Row[Any], person: str, label: str, via: str, note: str = ""
) -> bool:
    """Everything an acknowledgement does in one incident; False when the person had acknowledged before and
    nothing has been sent to them since."""
    e, p = t.engagements, t.pages
    own = (e.c.incident_id == incident.id) & (e.c.target_arn == person)
    waiting = await unit.scalar(sa.select(sa.func.count()).where(own, e.c.acknowledged_at.is_(None)))
    if not waiting:
        return False
    said = await move(unit, await running(unit, incident.id), Acknowledged(person))
    await unit.run(
        sa.update(e)
        .where(own, e.c.acknowledged_at.is_(None))
        .values(
            acknowledged_at=unit.now,
            acknowledged_via=via,
            status=sa.case((e.c.status == RunStatus.STOPPED.value, e.c.status), else_=RunStatus.ACKNOWLEDGED.value),
        )
    )
    pages = (p.c.incident_id == incident.id) & (p.c.contact_arn == person)
    await unit.run(sa.update(p).where(pages, p.c.acknowledged_at.is_(None)).values(acknowledged_at=unit.now))
    await cancel_messages(unit, pages, Reason.ALREADY_ACKNOWLEDGED)
    await answered(unit, incident.id)
    await _watch_activity(unit, incident)
    stops = any(item.reason is Reason.ACKNOWLEDGEMENT_STOPS_PLAN for item in said)
    await look_at_drills(unit, [incident.id])
    announce(unit, incident, News.ACKNOWLEDGED, f"{label} acknowledged.")
    say(
        unit,
        incident.id,
        EventType.ACKNOWLEDGEMENT,
        f"{label} acknowledged {via}"
        + ("; later stages of the plan are not engaged" if stops else "")
        + (f": {note}" if note else ""),
        contact=person,
        by=context.caller.name,
        reason=(Reason.ACKNOWLEDGEMENT_STOPS_PLAN if stops else Reason.ACKNOWLEDGED).value,
    )
    unit.changed("engagement", incident.id, incident.id)
    return True


async def answered(unit: Unit, incident_id: str) -> None:
    """'Nobody left to page' is over, and so is what could not reach people: somebody acts."""
    await clear_alarms_of(unit, incident_id)
    await unit.run(
        sa.update(t.incidents)
        .where(t.incidents.c.id == incident_id, t.incidents.c.exhausted_at.is_not(None))
        .values(exhausted_at=None)
    )
    unit.changed("incident", incident_id, incident_id)


async def _watch_activity(unit: Unit, incident: sa.Row[Any]) -> None:
    """Where the response plan asks for it, page the responders again when their incident falls silent."""
    r, m = t.response_plans, t.timers
    minutes = await unit.scalar(sa.select(r.c.repage_minutes).where(r.c.arn == incident.plan_arn))
    if not minutes:
        return
    await unit.run(sa.delete(m).where(m.c.incident_id == incident.id, m.c.kind == "repage"))
    unit.insert(
        m,
        {
            "id": str(uuid.uuid4()),
            "kind": "repage",
            "due_at": unit.now + timedelta(minutes=minutes),
            "engagement_id": None,
            "incident_id": incident.id,
            "payload": {"minutes": minutes},
        },
    )


async def open_incident(unit: Unit, ref: str | int) -> sa.Row[Any]:
    """The incident, locked for this unit of work; raises Conflict when it is resolved."""
    incident = await incident_row(unit, ref, lock=True)
    if incident.status != Status.OPEN.value:
        raise Conflict(f"incident #{incident.number} is resolved: open it again before you engage anybody")
    return incident


async def _label(unit: Unit, contact_arn: str | None) -> str:
    row = await unit.first(sa.select(t.contacts).where(t.contacts.c.arn == contact_arn))
    return (row.display_name or row.alias) if row is not None else str(contact_arn).rpartition("/")[2]


def _engaged(row: sa.Row[Any], parent: sa.Row[Any] | None, people: People, paged_at: datetime | None) -> Engagement:
    plan = parent.target_arn if parent is not None else None
    status = {RunStatus.STOPPED.value: "Stopped"}.get(row.status, "Engaged")
    return Engagement(
        id=row.id,
        contact_arn=row.target_arn,
        label=_name(people, row.target_arn),
        plan_arn=plan,
        plan_label=_name(people, plan) if plan else "",
        source="imtui",
        status="Acknowledged" if row.acknowledged_at else status,
        stage=row.stage or 0,
        engaged_at=row.started_at,
        acknowledged_at=row.acknowledged_at,
        paged_at=paged_at,
        next_page_at=row.due_at if row.next_stage < len(row.stages.get("Stages", ())) else None,
        running=row.status == RunStatus.RUNNING.value,
        unreachable=row.status == RunStatus.RUNNING.value and _unreachable(people, run_of(row).stages),
    )


def _due(row: sa.Row[Any], people: People) -> list[Engagement]:
    """The people and schedules that a running plan has still to engage, with the instants it will."""
    run = run_of(row)
    return [
        Engagement(
            id=row.id,
            contact_arn=target.contact,
            label=_name(people, target.contact),
            plan_arn=row.target_arn,
            plan_label=_name(people, row.target_arn),
            source="imtui",
            status="Due",
            stage=index,
            due_at=due,
            running=True,
            after_stage=index - 1 if index == run.next_stage else None,
            unreachable=target.contact in people.contacts
            and people.contacts[target.contact].type is ContactType.PERSONAL
            and _unreachable(people, people.contacts[target.contact].stages),
        )
        for index, due in upcoming(run)
        for target in run.stages[index].targets
        if isinstance(target, ContactTarget)
    ]


def _unreachable(people: People, stages: Iterable[Stage]) -> bool:
    """Whether none of the channels that a person's plan names is activated."""
    named = [x.channel for stage in stages for x in stage.targets if isinstance(x, ChannelTarget)]
    return not any(name in people.channels and people.channels[name].activated for name in named)


def _name(people: People, arn: str) -> str:
    found = people.contacts.get(arn)
    return found.label if found else arn.rpartition("/")[2]
