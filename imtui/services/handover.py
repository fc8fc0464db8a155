"""Paging somebody again, and handing an incident over to somebody else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from imtui.domain.contact import ContactType
from imtui.domain.errors import Conflict, ValidationFailed
from imtui.domain.escalation import Reason, RunStatus, Stop
from imtui.domain.text import clean
from imtui.domain.timeline import EventType
from imtui.services import starting
from imtui.services.context import Context
from imtui.services.engagements import answered, open_incident
from imtui.services.lookup import contact_row
from imtui.services.rehearsals import first_pages
from storage import tables as t
from storage.database import Unit
from storage.record import say
from storage.runs import load_people, running
from storage.stopping import move

MAX_NOTE = 500


async def messages(context: Context, targets: Collection[str]) -> list[tuple[str, str]]:
    """The messages that engaging these contacts, schedules and plans would send at once: for whom, and by which of
    their channels."""
    async with context.look("ssm-contacts:ListContacts", "*") as reader:
        arns = {(await contact_row(reader, context.names, target)).arn for target in targets}
        people = await load_people(reader, arns, now=context.now())
    return [
        (people.contacts[person].label, people.channels[channel].name)
        for person, channel in first_pages(context, people, arns)
    ]


async def page_again(context: Context, ref: str | int, contact: str) -> str:
    """Page somebody again who has been engaged in this incident: their engagement plan begins anew, at once, whether
    they have acknowledged or not. Returns the new engagement's id. Raises Conflict when they have not been engaged."""
    async with context.change("ssm-contacts:StartEngagement", contact, incident=str(ref), again=True) as unit:
        incident = await open_incident(unit, ref)
        row = await contact_row(unit, context.names, contact)
        e = t.engagements.c
        before = sa.select(sa.func.count()).where(e.incident_id == incident.id, e.target_arn == row.arn)
        if not await unit.scalar(before):
            label = row.display_name or row.alias
            raise Conflict(f"{label} has not been engaged in #{incident.number} yet: engage them instead")
        known = (await load_people(unit, {row.arn}, now=unit.now)).contacts[row.arn]
        engagement_id = starting.engage(unit, context, known, incident.id)
        await answered(unit, incident.id)
        text = f"{context.caller.name} paged {known.label} again"
        about: dict[str, Any] = {"contact": row.arn, "reason": Reason.PAGED_AGAIN.value}
        say(unit, incident.id, EventType.ESCALATION, text, by=context.caller.name, **about)
        return engagement_id


async def hand_over(context: Context, ref: str | int, contact: str, note: str = "") -> str:
    """Engage somebody in the caller's place; returns the engagement's id.

    What the caller had taken ends: they are not paged any more, and their acknowledgement counts no longer, so that
    'nobody left to page' is said when the other one does not answer. Raises ValidationFailed for somebody whom no
    message would reach.
    """
    note = clean(note).strip()
    if len(note) > MAX_NOTE:
        raise ValidationFailed(f"note: at most {MAX_NOTE} characters, this has {len(note)}", "note")
    async with context.change("ssm-contacts:StartEngagement", contact, incident=str(ref), handOver=True) as unit:
        incident = await open_incident(unit, ref)
        row = await contact_row(unit, context.names, contact)
        people = await load_people(unit, {row.arn}, now=unit.now)
        known = people.contacts[row.arn]
        own = context.names.contact(context.caller.name)
        if row.arn == own:
            raise ValidationFailed("this is yourself: choose who goes on in your place", "contact")
        if not first_pages(context, people, {row.arn}):
            raise ValidationFailed(f"{known.label} cannot be paged at once: nothing is handed over", "contact")
        await _end(unit, incident.id, own)
        engagement_id = starting.engage(unit, context, known, incident.id)
        await answered(unit, incident.id)
        mine = await unit.first(sa.select(t.contacts).where(t.contacts.c.arn == own))
        name = context.caller.name if mine is None else mine.display_name or mine.alias
        text = f"{name} handed over to {known.label}" + (f": {note}" if note else "")
        about: dict[str, Any] = {"contact": row.arn, "from": own, "reason": Reason.HANDED_OVER.value}
        say(unit, incident.id, EventType.ESCALATION, text, by=context.caller.name, **about)
        return engagement_id


async def _end(unit: Unit, incident_id: str, person: str) -> None:
    """End what somebody had in an incident: what runs, and what they had acknowledged."""
    rows = [row for row in await running(unit, incident_id) if row.target_arn == person]
    await move(unit, rows, Stop(Reason.STOPPED))
    e = t.engagements
    own = (e.c.incident_id == incident_id) & (e.c.target_arn == person) & e.c.acknowledged_at.is_not(None)
    gone = {"acknowledged_at": None, "acknowledged_via": None, "status": RunStatus.STOPPED.value}
    ended = sa.update(e).where(own, e.c.target_type == ContactType.PERSONAL.value)
    await unit.run(ended.values(**gone, stopped_at=unit.now))
    unit.changed("engagement", incident_id, incident_id)
