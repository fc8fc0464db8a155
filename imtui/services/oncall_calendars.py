"""Shifts as iCalendar (RFC 5545), for calendars that people have already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from imtui.domain.contact import ContactType
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.text import shown
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.oncall import Rota, rotas_in

if TYPE_CHECKING:
    from imtui.domain.oncall.rotation import Shift

BEFORE, AHEAD = timedelta(weeks=4), timedelta(weeks=26)
"""How far the calendar reaches into the past and the future."""


async def export(context: Context, schedule: str | None, person: str | None) -> str:
    """The shifts of a schedule, of one person in all schedules, or of one person in one. An event keeps its id as long
    as its shift begins when it does, so that a calendar that is fetched again replaces it."""
    if not schedule and not person:
        raise ValidationFailed("say which schedule, or --person and whose shifts", "schedule")
    async with context.look("ssm-contacts:ListRotationShifts", "*") as reader:
        found = await rotas_in(reader, context, [schedule] if schedule else [])
        arn = None
        if person:
            row = await contact_row(reader, context.names, person)
            if row.type != ContactType.PERSONAL.value:
                raise NotFound(f"{row.alias} is not a person")
            arn = str(row.arn)
    now = context.now()
    label = found[0].label if schedule else found[0].labels[arn or ""] if found else person or ""
    return _written(found, arn, label, now)


def _written(found: list[Rota], person: str | None, label: str, now: datetime) -> str:
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//imtui//on-call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", shown(f"On call: {label}"))
    for rota in found:
        for rotation in rota.rotations:
            for shift in rotation.shifts(now - BEFORE, now + AHEAD):
                if person is None or person in shift.contacts:
                    event = Event()
                    event.add("uid", _uid(rotation.arn, shift, person))
                    event.add("dtstamp", now)
                    event.add("dtstart", shift.start)
                    event.add("dtend", shift.end)
                    event.add("summary", shown(_summary(rota, rotation.name, shift, person)))
                    if shift.instead_of is not None:
                        event.add("description", f"instead of {shown(_names(rota, shift.instead_of))}")
                    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()


def _uid(rotation: str, shift: Shift, person: str | None) -> str:
    who = f"-{person.rpartition('/')[2]}" if person else ""
    return f"{rotation.rpartition('/')[2]}-{shift.start:%Y%m%dT%H%M%SZ}{who}@imtui"


def _summary(rota: Rota, rotation: str, shift: Shift, person: str | None) -> str:
    return f"On call: {rota.label}" if person else f"{_names(rota, shift.contacts)} ({rotation})"


def _names(rota: Rota, people: tuple[str, ...]) -> str:
    return ", ".join(rota.labels.get(arn, arn.rpartition("/")[2]) for arn in people)
