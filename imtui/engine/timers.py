"""Due timers: claimed, applied and moved on in one transaction with everything they cause."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.announcement import News
from imtui.domain.duration import exactly
from imtui.domain.escalation import (
    Due,
    Effect,
    Engage,
    EscalateNow,
    Page,
    Reason,
    Run,
    RunStatus,
    Said,
    begin,
    first_step,
    step,
    unreachable,
)
from imtui.domain.paging import silence
from imtui.domain.timeline import EventType
from imtui.engine.alone import unanswered
from imtui.engine.paging import PageOrder, write_pages
from storage import tables as t
from storage.announcing import announce
from storage.database import Unit
from storage.ending import end_drill, look_at_drills
from storage.record import say
from storage.runs import (
    People,
    contacts_named,
    engagement_row,
    last_activity,
    load_people,
    progress,
    run_of,
    timer_row,
    together,
)

BATCH = 1000

_TEXTS = {
    Reason.NOBODY_ON_CALL: "Nobody is on call for {name}: the plan goes on",
    Reason.CONTACT_GONE: "{name} does not exist any more: skipped",
    Reason.CHANNEL_NOT_ACTIVATED: "{name} of {who} is not activated: skipped",
    Reason.NO_ACTIVATED_CHANNEL: "{who} cannot be paged: no channel of the engagement plan is activated",
    Reason.NO_ENGAGEMENT_PLAN: "{who} cannot be paged: there is no engagement plan",
    Reason.ALREADY_ACKNOWLEDGED: "{name} has acknowledged already: not paged again",
    Reason.ACKNOWLEDGEMENT_STOPS_PLAN: "{name} has acknowledged: later stages of {who} are not engaged",
    Reason.REPEATS: "{who} begins again: nobody has acknowledged",
    Reason.STALE_PAGE: "{who} has moved on: it was not escalated again",
}


@dataclass
class _Batch:
    """What the steps of one transaction cause."""

    people: People
    pages: list[PageOrder] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    rescheduled: list[dict[str, Any]] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    may_be_exhausted: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    """Engagements outside incidents of which something is over."""


async def fire_due(unit: Unit, late: timedelta, limit: int = BATCH) -> tuple[int, float]:
    """Apply the timers that are due, the earliest first; how many there were, and by how many seconds the most
    overdue was late. From `late` on, a step says so."""
    m = t.timers
    query = sa.select(m).where(m.c.due_at <= unit.now).order_by(m.c.due_at).limit(limit)
    due = await unit.all(query.with_for_update(skip_locked=True))
    if not due:
        return 0, 0.0
    for timer in due:
        if timer.kind == "drill":  # before anybody is paged for a drill whose time was up while no engine ran
            await end_drill(unit, timer)
    await _fire_engagements(unit, [timer for timer in due if timer.kind == "engagement"], late)
    for timer in due:
        if timer.kind == "repage":
            await _repage(unit, timer)
    return len(due), (unit.now - due[0].due_at).total_seconds()


async def _fire_engagements(unit: Unit, due: Sequence[sa.Row[Any]], late: timedelta) -> None:
    if not due:
        return
    rows = await _engagements(unit, [timer.engagement_id for timer in due])
    runs = {row.id: run_of(row) for row in rows.values()}
    named = {run.target for run in runs.values()} | {
        contact for run in runs.values() for contact in contacts_named(run.stages[run.next_stage :])
    }
    incidents = {row.incident_id for row in rows.values() if row.incident_id}
    begun = {together(row) for row in rows.values() if not row.incident_id}
    batch = _Batch(await load_people(unit, named, incidents, now=unit.now, begun=begun))
    for timer in due:
        row = rows.get(timer.engagement_id)
        if row is None or row.status != RunStatus.RUNNING.value:
            batch.over.append(timer.id)
            continue
        escalated = timer.payload.get("escalate_after")
        event = Due() if escalated is None else EscalateNow(escalated)
        run, effects = step(runs[row.id], event, unit.now, batch.people.in_incident(together(row), unit.now), late)
        _apply(unit, batch, row, run, effects, timer.id)
    await _write(unit, batch)


async def _engagements(unit: Unit, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """The engagements with their incidents' plans, by which pages are bundled: a drill's page waits for no other, and
    none waits for it."""
    found: dict[str, sa.Row[Any]] = {}
    plan = sa.case((t.incidents.c.drill, None), else_=t.incidents.c.plan_arn).label("plan_arn")
    for start in range(0, len(ids), BATCH):
        query = (
            sa.select(t.engagements, plan)
            .join(t.incidents, t.incidents.c.id == t.engagements.c.incident_id, isouter=True)
            .where(t.engagements.c.id.in_(ids[start : start + BATCH]))
        )
        found.update({row.id: row for row in await unit.all(query)})
    return found


def _apply(unit: Unit, batch: _Batch, row: sa.Row[Any], run: Run, effects: Sequence[Effect], timer_id: str) -> None:
    label = _label(batch.people, row.target_arn)
    for effect in effects:
        if isinstance(effect, Engage):
            _engage(unit, batch, row, label, effect)
        elif isinstance(effect, Page):
            batch.pages.append(_order(row.id, row.stage, row.incident_id, row.plan_arn, row.target_arn, label, effect))
        else:
            _say(unit, batch.people, row.incident_id, label, effect)
    _hints(unit, batch, row.incident_id, row.target_arn, row.next_stage, run)
    values = progress(run) | {"key": row.id, "stopped_at": None if run.status is RunStatus.RUNNING else unit.now}
    batch.moved.append(values)
    if run.status is RunStatus.RUNNING:
        batch.rescheduled.append({"key": timer_id, "due": run.due})
    else:
        batch.over.append(timer_id)
        if row.incident_id:
            batch.may_be_exhausted.add(row.incident_id)
        else:
            batch.alone.add(together(row))
    unit.changed("engagement", row.id, row.incident_id)


def _engage(unit: Unit, batch: _Batch, parent: sa.Row[Any], plan_label: str, effect: Engage) -> None:
    """Begin the run of a person whom a plan engages, with its first step."""
    person = batch.people.contacts[effect.person]
    engagement_id = str(uuid.uuid4())
    incident_id = parent.incident_id
    run, effects = first_step(person.arn, person.stages, unit.now, batch.people.in_incident(together(parent), unit.now))
    unit.insert(
        t.engagements,
        engagement_row(
            id_=engagement_id,
            run=run,
            contact=person,
            incident_id=incident_id,
            started_by=parent.started_by,
            started_at=unit.now,
            parent_id=parent.id,
            via_arn=effect.via,
            stage=effect.stage,
            content=parent.content,
            sender=parent.sender,
        ),
    )
    if run.status is RunStatus.RUNNING:
        unit.insert(t.timers, timer_row(str(uuid.uuid4()), engagement_id, incident_id, run.due))
    if incident_id:
        via = "" if effect.via == effect.person else f", on call for {_label(batch.people, effect.via)}"
        late = f", {exactly(effect.late_seconds)} late" if effect.late_seconds else ""
        say(
            unit,
            incident_id,
            EventType.ESCALATION,
            f"{person.label} is engaged{via}: {plan_label}, stage {effect.stage + 1}{late}",
            reason=effect.reason.value,
            contact=person.arn,
            plan=parent.target_arn,
            stage=effect.stage,
            lateSeconds=effect.late_seconds,
        )
    if run.status is not RunStatus.RUNNING:
        if incident_id:
            batch.may_be_exhausted.add(incident_id)
        else:
            batch.alone.add(parent.id)
    for item in effects:
        if isinstance(item, Page):
            order = _order(engagement_id, effect.stage, incident_id, parent.plan_arn, person.arn, person.label, item)
            batch.pages.append(order)
        elif isinstance(item, Said):
            _say(unit, batch.people, incident_id, person.label, item)
    _hints(unit, batch, incident_id, person.arn, 0, run)
    unit.changed("engagement", engagement_id, incident_id)


def _order(
    engagement_id: str,
    parent_stage: int | None,
    incident_id: str | None,
    plan_arn: str | None,
    person: str,
    label: str,
    page: Page,
) -> PageOrder:
    return PageOrder(page, engagement_id, parent_stage, incident_id, plan_arn, person, label)


def _hints(unit: Unit, batch: _Batch, incident_id: str | None, target: str, first_stage: int, run: Run) -> None:
    """Say loudly, at a person's first step, that nothing can reach them."""
    contact = batch.people.contacts.get(target)
    if first_stage or incident_id is None or contact is None or contact.type.value != "PERSONAL":
        return
    why = unreachable(run.stages, batch.people.in_incident(incident_id, unit.now))
    if why is not None:
        _say(unit, batch.people, incident_id, contact.label, Said(why, target))


def _say(unit: Unit, people: People, incident_id: str | None, who: str, said: Said) -> None:
    text = _TEXTS.get(said.reason)
    if text is None or incident_id is None:
        return
    say(
        unit,
        incident_id,
        EventType.ESCALATION,
        text.format(name=_label(people, said.subject), who=who),
        reason=said.reason.value,
        subject=said.subject,
        stage=said.stage,
        lateSeconds=said.late_seconds,
    )


async def _write(unit: Unit, batch: _Batch) -> None:
    await unit.flush()
    await write_pages(unit, batch.pages, batch.people)
    e, m = t.engagements, t.timers
    if batch.moved:
        await unit.run(sa.update(e).where(e.c.id == sa.bindparam("key")), batch.moved)
    if batch.rescheduled:
        later = sa.update(m).where(m.c.id == sa.bindparam("key")).values(due_at=sa.bindparam("due"), payload={})
        await unit.run(later, batch.rescheduled)
    if batch.over:
        await unit.run(sa.delete(m).where(m.c.id == sa.bindparam("key")), [{"key": key} for key in batch.over])
    await _exhausted(unit, batch.may_be_exhausted)
    await unanswered(unit, batch.alone)
    await look_at_drills(unit, batch.may_be_exhausted)


async def _exhausted(unit: Unit, incidents: set[str]) -> None:
    """'Nobody left to page': every run of the incident is over and nobody has acknowledged."""
    e, i = t.engagements.c, t.incidents
    ordered = sorted(incidents)
    for start in range(0, len(ordered), BATCH):
        running = sa.func.sum(sa.case((e.status == RunStatus.RUNNING.value, 1), else_=0))
        answered = sa.func.count(e.acknowledged_at)
        silent = (
            sa.select(e.incident_id)
            .where(e.incident_id.in_(ordered[start : start + BATCH]))
            .group_by(e.incident_id)
            .having(running == 0, answered == 0)
        )
        query = sa.select(i).where(i.c.id.in_(silent), i.c.status == "OPEN", i.c.exhausted_at.is_(None))
        for row in await unit.all(query):
            await unit.run(sa.update(i).where(i.c.id == row.id).values(exhausted_at=unit.now))
            text = "Nobody is left to page, and nobody has acknowledged"
            say(unit, row.id, EventType.ESCALATION, text, reason=Reason.NOBODY_LEFT.value)
            announce(unit, row, News.NOBODY_LEFT, f"{text}.")
            unit.changed("incident", row.id, row.id)


async def _repage(unit: Unit, timer: sa.Row[Any]) -> None:
    """Page those who acknowledged again when their incident has shown no activity for as long as its plan says."""
    e, i = t.engagements, t.incidents.c
    incident = await unit.first(sa.select(t.incidents).where(i.id == timer.incident_id, i.status == "OPEN"))
    await unit.run(sa.delete(t.timers).where(t.timers.c.id == timer.id))
    if incident is None:
        return
    wait = timedelta(minutes=timer.payload["minutes"])
    silent, due = silence(await last_activity(unit, incident.id), wait, unit.now)
    unit.insert(
        t.timers,
        {
            "id": str(uuid.uuid4()),
            "kind": "repage",
            "due_at": due,
            "engagement_id": None,
            "incident_id": incident.id,
            "payload": timer.payload,
        },
    )
    if not silent:
        return
    query = sa.select(e.c.target_arn).where(
        e.c.incident_id == incident.id, e.c.acknowledged_at.is_not(None), e.c.target_type == "PERSONAL"
    )
    people = await load_people(unit, {row.target_arn for row in await unit.all(query.distinct())}, now=unit.now)
    text = f"No activity for {timer.payload['minutes']} minutes: whoever acknowledged is paged again"
    say(unit, incident.id, EventType.ESCALATION, text, reason=Reason.REPEATS.value)
    for contact in people.contacts.values():
        engagement_id = str(uuid.uuid4())
        row = engagement_row(
            id_=engagement_id,
            run=begin(contact.arn, contact.stages, unit.now),
            contact=contact,
            incident_id=incident.id,
            started_by="imtui",
            started_at=unit.now,
        )
        unit.insert(t.engagements, row)
        unit.insert(t.timers, timer_row(str(uuid.uuid4()), engagement_id, incident.id, unit.now))
        unit.changed("engagement", engagement_id, incident.id)


def _label(people: People, arn: str) -> str:
    if contact := people.contacts.get(arn):
        return contact.label
    if (channel := people.channels.get(arn)) is not None:
        return str(channel.name)
    return arn.rpartition("/")[2] if arn else "?"
