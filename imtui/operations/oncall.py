"""Who is on call, and changing that for a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.asking import Question
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.instants import FORMS, moment
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, iso

if TYPE_CHECKING:
    from datetime import datetime

    from imtui.domain.oncall.schedule import Now
    from imtui.services.context import Context
    from imtui.services.oncall import Handover, Load, OnCall
    from imtui.services.overrides import OverrideRecord
    from imtui.services.schedules import Schedule

SCHEDULE = Parameter("schedule", "the schedule's alias", names="schedule")
ROTATION = Parameter("rotation", "the rotation's name", names="rotation")
_AT = Parameter("at", f"at which instant, {FORMS}", option=True, default="now")
_DAYS = 84


async def who(context: Context, schedule: str | None, at: str) -> list[OnCall]:
    when = moment(at, context.now().astimezone(), "at")
    return await services.oncall.who(context, [schedule] if schedule else [], when)


async def list_(context: Context) -> list[Schedule]:
    return await services.schedules.list_schedules(context)


async def check(context: Context, schedule: str) -> list[str]:
    return await services.oncall.check(context, schedule)


async def load(context: Context, schedule: str, since: str, until: str) -> list[Load]:
    now = context.now()
    end = moment(until, now.astimezone(), "until") if until else now + timedelta(days=_DAYS)
    return await services.oncall.load(context, schedule, moment(since, now.astimezone(), "since"), end)


async def take(context: Context, schedule: str, until: str) -> OverrideRecord:
    end = moment(until, context.now().astimezone(), "until") if until else None
    return await services.oncall.take(context, schedule, end)


async def note(context: Context, schedule: str, text: list[str]) -> Handover:
    return await services.oncall.leave_note(context, schedule, " ".join(text))


async def notes(context: Context, schedule: str) -> list[Handover]:
    return await services.oncall.notes(context, schedule)


async def delete(context: Context, schedule: str) -> str:
    await services.schedules.delete(context, schedule)
    return schedule


async def calendar(context: Context, schedule: str | None, person: str | None) -> str:
    return await services.oncall_calendars.export(context, schedule, person)


async def ask_delete(context: Context, schedule: str) -> Question:
    found = await services.schedules.get(context, schedule)
    count = len(found.rotations)
    text = f"{found.contact.label} goes with its {count} rotation{'' if count == 1 else 's'} and their overrides."
    return Question(f"Delete the on-call schedule {found.contact.alias}?", text, "Delete")


async def override_create(
    context: Context, schedule: str, rotation: str, contact: list[str], start: str, end: str
) -> OverrideRecord:
    if not end:
        raise ValidationFailed(f"end: say until when, --end {FORMS}", "end")
    arn, now = await _rotation(context, schedule, rotation), context.now()
    people = [] if contact == ["nobody"] else contact
    begin, until = moment(start, now.astimezone(), "start"), moment(end, now.astimezone(), "end")
    return await services.overrides.create(context, arn, people, begin, until)


async def override_list(context: Context, schedule: str) -> list[tuple[str, OverrideRecord]]:
    found = await services.schedules.get(context, schedule)
    now = context.now()
    return [
        (rotation.name, override)
        for rotation in found.rotations
        for override in await services.overrides.list_overrides(
            context, rotation.arn, now, now + timedelta(days=20 * 366)
        )
    ]


async def override_delete(context: Context, schedule: str, override: str) -> str:
    _, found = await _override(context, schedule, override)
    await services.overrides.delete(context, found.rotation_arn, found.id)
    return found.id


async def ask_override_delete(context: Context, schedule: str, override: str) -> Question:
    name, found = await _override(context, schedule, override)
    text = f"{name}: {_override_line(found)}. The rotation decides again from now on."
    return Question("Take this override back?", text, "Take back")


async def _override(context: Context, schedule: str, override: str) -> tuple[str, OverrideRecord]:
    found = [(name, each) for name, each in await override_list(context, schedule) if each.id.startswith(override)]
    if not found:
        raise NotFound(f"{schedule} has no override {override[:60]}: `imtui override list {schedule}` shows them")
    if len(found) > 1:
        raise Conflict(f"{len(found)} overrides begin with {override[:60]}: write more of it")
    return found[0]


async def _rotation(context: Context, schedule: str, name: str) -> str:
    found = await services.schedules.get(context, schedule)
    for rotation in found.rotations:
        if name in (rotation.arn, rotation.name):
            return rotation.arn
    names = ", ".join(rotation.name for rotation in found.rotations)
    raise NotFound(f"{schedule} has no rotation {name[:60]}: there is {names}")


# ---------------------------------------------------------------- how it reads


def _who_lines(found: list[OnCall]) -> list[str]:
    return columns(
        (one.alias, _names(one.now.contacts, one) or "nobody", _until(one.now.until), _then(one)) for one in found
    ) or ["there are no on-call schedules: `imtui apply` makes them, and so does the program"]


def _names(people: Iterable[str], one: OnCall) -> str:
    return ", ".join(one.labels.get(arn, arn.rpartition("/")[2]) for arn in people)


def _until(when: datetime | None) -> str:
    return f"until {when.astimezone():%a %Y-%m-%d %H:%M}" if when else "with no end in sight"


def _then(one: OnCall) -> str:
    if one.now.next_at is None:
        return "then nobody" if one.now.until else ""
    gap = one.now.until is not None and one.now.next_at > one.now.until and one.now.contacts
    begin = f" from {one.now.next_at.astimezone():%a %H:%M}" if gap or not one.now.contacts else ""
    return f"then {_names(one.now.next, one)}{begin}"


def _who_document(found: list[OnCall]) -> list[dict[str, Any]]:
    def aliases(people: Iterable[str]) -> list[str]:
        return [arn.rpartition("/")[2] for arn in people]

    def document(now: Now) -> dict[str, Any]:
        return {
            "onCall": aliases(now.contacts),
            "until": iso(now.until),
            "next": aliases(now.next),
            "nextAt": iso(now.next_at),
        }

    return [{"schedule": one.alias, "arn": one.arn, **document(one.now)} for one in found]


def _schedule_lines(found: list[Schedule]) -> list[str]:
    return columns(
        (
            schedule.contact.alias,
            schedule.contact.display_name,
            f"{len(schedule.rotations)} rotation{'' if len(schedule.rotations) == 1 else 's'}",
            ", ".join(f"{rotation.name} ({rotation.kept.now.zone.key})" for rotation in schedule.rotations),
        )
        for schedule in found
    ) or ["there are no on-call schedules"]


def _schedule_document(found: list[Schedule]) -> list[dict[str, Any]]:
    return [
        {
            "alias": schedule.contact.alias,
            "arn": schedule.contact.arn,
            "displayName": schedule.contact.display_name,
            "rotations": [
                {
                    "name": rotation.name,
                    "arn": rotation.arn,
                    "timeZone": rotation.kept.now.zone.key,
                    "start": iso(rotation.kept.now.start),
                    "contacts": [arn.rpartition("/")[2] for arn in rotation.kept.now.contacts],
                }
                for rotation in schedule.rotations
            ],
        }
        for schedule in found
    ]


def _override_line(override: OverrideRecord) -> str:
    who_ = ", ".join(arn.rpartition("/")[2] for arn in override.contacts) or "nobody"
    begin, end = (f"{each.astimezone():%a %Y-%m-%d %H:%M}" for each in (override.start, override.end))
    return f"{shown(who_)} is on call from {begin} to {end}"


def _override_document(override: OverrideRecord) -> dict[str, Any]:
    return {
        "id": override.id,
        "rotation": override.rotation_arn,
        "contacts": [arn.rpartition("/")[2] for arn in override.contacts],
        "start": iso(override.start),
        "end": iso(override.end),
        "createdBy": override.created_by,
    }


def _load_lines(found: list[Load]) -> list[str]:
    return columns(
        (one.label, f"{one.hours:,.0f} h on call", f"{one.night_hours:,.0f} h at night") for one in found
    ) or ["nobody"]


def _notes_lines(found: list[Handover]) -> list[str]:
    return [
        line
        for one in found
        for line in (f"{one.at.astimezone():%Y-%m-%d %H:%M}  {shown(one.author)}", *_indented(one.text))
    ] or ["no hand-over notes yet"]


def _indented(text: str) -> list[str]:
    return [f"  {shown(line)}" for line in text.splitlines()]


_UNTIL = Parameter("until", f"until when instead of the shift's end, {FORMS}", option=True, default="")

OPERATIONS = (
    Operation(
        ("who",),
        "who is on call now, until when, and who is next",
        (Parameter("schedule", "one schedule's alias", names="schedule", optional=True), _AT),
        who,
        _who_lines,
        _who_document,
    ),
    Operation(("schedule", "list"), "the on-call schedules", (), list_, _schedule_lines, _schedule_document),
    Operation(
        ("schedule", "check"),
        "times without anybody on call, people on call twice or out of reach, 12 weeks ahead",
        (SCHEDULE,),
        check,
        lambda found: [shown(text) for text in found] or ["all is well for 12 weeks"],
        lambda found: found,
    ),
    Operation(
        ("schedule", "load"),
        "how long each person is on call, and how long of it at night",
        (
            SCHEDULE,
            Parameter("since", f"from when, {FORMS}", option=True, default="now"),
            Parameter("until", "to when; without it 12 weeks on", option=True, default=""),
        ),
        load,
        _load_lines,
        lambda found: [
            {"contact": x.person.rpartition("/")[2], "hours": x.hours, "nightHours": x.night_hours} for x in found
        ],
    ),
    Operation(
        ("schedule", "take"),
        "take the shift that runs now: you are on call instead of whoever is",
        (SCHEDULE, _UNTIL),
        take,
        lambda override: [_override_line(override)],
        _override_document,
    ),
    Operation(
        ("schedule", "note"),
        "leave a hand-over note for those who follow on call",
        (SCHEDULE, Parameter("text", "what they should know", "texts")),
        note,
        lambda made: [f"noted for those who follow: {shown(made.text)}"],
        lambda made: {"at": iso(made.at), "author": made.author, "text": made.text},
    ),
    Operation(
        ("schedule", "notes"),
        "the hand-over notes of a schedule, the newest first",
        (SCHEDULE,),
        notes,
        _notes_lines,
        lambda found: [{"at": iso(x.at), "author": x.author, "text": x.text} for x in found],
    ),
    Operation(
        ("schedule", "calendar"),
        "shifts as iCalendar, for a schedule or for one person",
        (
            Parameter("schedule", "one schedule's alias", names="schedule", optional=True),
            Parameter("person", "only the shifts of this contact", option=True, default=None, names="contact"),
        ),
        calendar,
        lambda text: text.splitlines(),
        shell_only=True,
    ),
    Operation(
        ("schedule", "delete"),
        "delete an on-call schedule that no plan engages",
        (SCHEDULE,),
        delete,
        lambda alias: [f"{shown(alias)} is deleted"],
        question=ask_delete,
    ),
    Operation(
        ("override", "create"),
        "put other people of a rotation on call for a time",
        (
            SCHEDULE,
            ROTATION,
            Parameter("contact", "who instead, or nobody", "texts", names="contact"),
            Parameter("start", f"from when, {FORMS}", option=True, default="now"),
            Parameter("end", f"to when, {FORMS}", option=True, default=""),
        ),
        override_create,
        lambda override: [_override_line(override)],
        _override_document,
    ),
    Operation(
        ("override", "list"),
        "the overrides of a schedule that are not over",
        (SCHEDULE,),
        override_list,
        lambda found: [f"{x.id[:8]}  {shown(name)}: {_override_line(x)}" for name, x in found] or ["no overrides"],
        lambda found: [_override_document(x) for _, x in found],
    ),
    Operation(
        ("override", "delete"),
        "take an override back; what has been stays as it was",
        (SCHEDULE, Parameter("override", "its id, or how that begins")),
        override_delete,
        lambda id_: [f"override {id_[:8]} is taken back"],
        question=ask_override_delete,
    ),
)
