"""Rehearsals: what a plan, a contact or an incident would page, at any instant. They change and send nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.access import Reach
from imtui.domain.contact import Channel, ChannelType, ContactType
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.escalation import Directory, Due, EscalateNow
from imtui.domain.incident import Status
from imtui.domain.lateness import late_from
from imtui.domain.paging import ONE_INSTANT, Spot
from imtui.domain.plan import Stage
from imtui.domain.rehearsal import INCIDENT, Acknowledgement, Beginning, Live, PageKey, Rehearsal, engaged
from imtui.domain.rehearsal_text import Names, warnings
from imtui.domain.rehearsing import rehearse, stoppers
from imtui.services.context import Context
from imtui.services.lookup import contact_row, incident_row, response_plan_row
from storage import tables as t
from storage.database import Reader
from storage.runs import Known, People, contacts_named, last_activity, load_people, run_of

MOST_MINUTES = 7 * 24 * 60
"""An acknowledgement is supposed within a week."""


@dataclass(frozen=True)
class Cast:
    """The contacts of a rehearsal, read at one instant (`imtui.domain.rehearsal.Catalogue`)."""

    people: People

    def stages_of(self, person: str) -> tuple[Stage, ...]:
        found = self.people.contacts.get(person)
        return found.stages if found is not None else ()

    def directory_at(self, instant: datetime) -> Directory:
        return self.people.in_incident(None, instant)

    @property
    def names(self) -> Names:
        """What they are called."""
        return Names(self._label, self._channel)

    def _label(self, arn: str) -> str:
        found = self.people.contacts.get(arn)
        return found.label if found is not None else arn.rpartition("/")[2]

    def _channel(self, arn: str) -> Channel | None:
        row = self.people.channels.get(arn)
        if row is None:
            return None
        return Channel(row.arn, row.contact_arn, row.name, ChannelType(row.type), row.address, bool(row.activated))


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal with what it is of. `kind`: response plan, incident, contact, schedule or escalation plan; `plan` is
    what would happen without the acknowledgements that are supposed, `course` with them. `stoppers`: for each page, by
    whose acknowledgement it would not be sent."""

    kind: str
    arn: str
    label: str
    plan: Rehearsal
    course: Rehearsal
    acknowledgements: tuple[Acknowledgement, ...]
    stoppers: Mapping[PageKey, tuple[str, ...]]
    warnings: tuple[str, ...]
    names: Names
    people: tuple[tuple[str, str], ...]
    """Who is in it: ARN and name."""


async def of(
    context: Context,
    ref: str,
    *,
    at: datetime | None = None,
    acknowledgements: Sequence[tuple[str, float]] = (),
    beyond: float = 0,
) -> Rehearsed:
    """Rehearse what `ref` names: a response plan (name or ARN), an incident (number, id or ARN), or a contact, schedule
    or escalation plan (alias or ARN). It begins at `at`, an incident goes on from there as it stands; without, now.
    `acknowledgements` are supposed: an alias or ARN, and how many minutes after the beginning. What goes on for ever is
    told a little beyond the last of them, or minute `beyond`.

    Raises NotFound, and ValidationFailed for an acknowledgement by nobody or at no minute.
    """
    start = at.astimezone(UTC) if at is not None else context.now()
    async with context.look("ssm-incidents:GetResponsePlan", ref, Reach.OWNER) as reader:
        more = {_arn(context, one) for one, _ in acknowledgements}
        kind, arn, label, people, beginning = await _subject(reader, context, ref, start, more)
    cast = Cast(people)
    supposed = tuple(_acknowledgement(context, people, one, minute) for one, minute in acknowledgements)
    late = late_from(context.clock.speed)
    last = max([beyond, *(one.minute for one in supposed)])

    def through() -> tuple[Rehearsal, Rehearsal, Mapping[PageKey, tuple[str, ...]]]:
        plain = rehearse(beginning, cast, beyond=last, late=late)
        course = rehearse(beginning, cast, supposed, beyond=last, late=late) if supposed else plain
        return plain, course, stoppers(beginning, cast, course, supposed, late=late)

    plain, course, by = await asyncio.to_thread(through)  # of a hundred people it takes half a second
    return Rehearsed(
        kind,
        arn,
        label,
        plain,
        course,
        supposed,
        by,
        tuple(warnings(plain, cast.names, team=kind not in ("contact", "incident"))),
        cast.names,
        tuple((known.arn, known.label) for known in _persons(people, plain)),
    )


def first_pages(context: Context, people: People, targets: Collection[str]) -> list[tuple[str, str]]:
    """The pages that engaging these sends at once: the ARNs of person and channel."""
    lives = _lives(people, sorted(targets), context.now())
    found = rehearse(Beginning(context.now(), lives), Cast(people), within=timedelta(0))
    return [(page.person, page.channel) for page in found.pages]


# ---------------------------------------------------------------- what is named


async def _subject(
    reader: Reader, context: Context, ref: str, start: datetime, more: Collection[str]
) -> tuple[str, str, str, People, Beginning]:
    """What is rehearsed: its kind, ARN and label, the people (`more` among them), and from what it goes on."""
    digits = ref.strip().removeprefix("#")
    kind = arns.parse(ref).kind if arns.is_arn(ref) else ""
    if kind == "incident-record" or (digits.isascii() and digits.isdigit()):
        return await _incident(reader, context, ref, start, more)
    if kind != "contact":
        try:
            row = await response_plan_row(reader, context.names, ref)
        except NotFound:
            if kind:
                raise
        else:
            people = await load_people(reader, {*row.engagements, *more}, now=start)
            repage = timedelta(minutes=row.repage_minutes) if row.repage_minutes else None
            lives = _lives(people, row.engagements, start)
            label = row.display_name or row.name
            return "response plan", row.arn, label, people, Beginning(start, lives, repage=repage)
    try:
        row = await contact_row(reader, context.names, ref)
    except NotFound:
        if kind:
            raise
        text = f"there is no response plan, contact or escalation plan {ref[:80]}: give the name of one that exists"
        raise NotFound(text) from None
    await context.may("ssm-contacts:GetContact", row.arn, Reach.OWNER)
    people = await load_people(reader, {row.arn, *more}, now=start)
    word = {"PERSONAL": "contact", "ONCALL_SCHEDULE": "schedule"}.get(row.type, "escalation plan")
    return word, row.arn, row.display_name or row.alias, people, Beginning(start, _lives(people, [row.arn], start))


def _lives(people: People, targets: Sequence[str], start: datetime) -> tuple[Live, ...]:
    """What begins when an incident engages these."""
    found = [people.contacts[arn] for arn in targets if arn in people.contacts]
    return tuple(
        engaged(start, known.arn, known.run_stages(), is_person=_is_person(known), repeat=known.repeat)
        for known in found
    )


def _is_person(known: Known) -> bool:
    return known.type is ContactType.PERSONAL


async def _incident(
    reader: Reader, context: Context, ref: str, start: datetime, more: Collection[str]
) -> tuple[str, str, str, People, Beginning]:
    """An incident as it stands: its engagements, their timers, where pages have just gone."""
    incident = await incident_row(reader, ref)
    arn = arns.Names(incident.account, context.names.region).incident(incident.plan_name, incident.id)
    await context.may("ssm-incidents:GetIncidentRecord", arn, Reach.OWNER)
    e, m = t.engagements, t.timers
    query = sa.select(e).where(e.c.incident_id == incident.id).order_by(e.c.started_at, e.c.id)
    rows = await reader.all(query)
    timers = await reader.all(sa.select(m).where(m.c.incident_id == incident.id).order_by(m.c.due_at))
    runs = {row.id: run_of(row) for row in rows}
    named = {row.target_arn for row in rows} | {name for run in runs.values() for name in contacts_named(run.stages)}
    people = await load_people(reader, {*named, *more}, now=start)
    label = f"#{incident.number} {incident.title}"
    if incident.status != Status.OPEN.value:
        return "incident", arn, label, people, Beginning(start, (), exhausted=True)
    by_id = {row.id: row for row in rows}
    escalated = {timer.engagement_id: timer.payload.get("escalate_after") for timer in timers}
    lives = tuple(_live(row, runs, by_id, escalated.get(row.id)) for row in rows)
    minutes = await reader.scalar(
        sa.select(t.response_plans.c.repage_minutes).where(t.response_plans.c.arn == incident.plan_arn)
    )
    look = next((timer for timer in timers if timer.kind == "repage"), None)
    if look is not None:
        minutes = look.payload["minutes"]
    beginning = Beginning(
        start,
        lives,
        paged=await _just_paged(reader, incident.id, start),
        repage=timedelta(minutes=minutes) if minutes else None,
        look_at=look.due_at if look is not None else None,
        last_sign=await last_activity(reader, incident.id) if look is not None else None,
        exhausted=incident.exhausted_at is not None,
    )
    return "incident", arn, label, people, beginning


def _live(row: sa.Row[Any], runs: Mapping[str, Any], by_id: Mapping[str, sa.Row[Any]], escalated: int | None) -> Live:
    parent = by_id.get(row.parent_id)
    via = row.via_arn if row.via_arn != row.target_arn else None
    return Live(
        runs[row.id],
        row.target_type == ContactType.PERSONAL.value,
        plan=parent.target_arn if parent is not None else "",
        stage=row.stage or 0,
        via=via or "",
        acknowledged=row.acknowledged_at is not None,
        event=Due() if escalated is None else EscalateNow(escalated),
    )


async def _just_paged(reader: Reader, incident_id: str, now: datetime) -> dict[Spot, datetime]:
    """Where pages have gone so recently that the next one there would be one too many."""
    p = t.pages.c
    rows = await reader.all(
        sa.select(p.contact_arn, p.channel_arn, sa.func.max(p.created_at, type_=p.created_at.type).label("at"))
        .where(p.incident_id == incident_id, p.created_at > now - ONE_INSTANT)
        .group_by(p.contact_arn, p.channel_arn)
    )
    return {Spot(INCIDENT, row.contact_arn, row.channel_arn): row.at for row in rows}


# ---------------------------------------------------------------- acknowledgements


def _arn(context: Context, ref: str) -> str:
    return ref if arns.is_arn(ref) else context.names.contact(ref)


def _acknowledgement(context: Context, people: People, ref: str, minute: float) -> Acknowledgement:
    known = people.contacts.get(_arn(context, ref))
    if known is None:
        raise ValidationFailed(f"acknowledgement: there is no contact {ref[:80]}", "acknowledgements")
    if not _is_person(known):
        raise ValidationFailed(f"acknowledgement: {known.alias} is not a person", "acknowledgements")
    if not 0 <= minute <= MOST_MINUTES:
        raise ValidationFailed(f"acknowledgement: a minute from 0 to {MOST_MINUTES}", "acknowledgements")
    return Acknowledgement(known.arn, minute)


def _persons(people: People, plain: Rehearsal) -> list[Known]:
    """The people of a rehearsal in the order in which they come, then the others."""
    first = dict.fromkeys(step.person for step in plain.steps if step.person)
    known = [people.contacts[arn] for arn in first if arn in people.contacts]
    known += [one for arn, one in people.contacts.items() if arn not in first]
    return [one for one in known if _is_person(one)]
