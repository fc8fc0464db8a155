"""Who is on call: now, next, and over a time; taking a shift, and what one leaves for those who follow."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.contact import ContactType
from imtui.domain.duration import duration
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.oncall.concerns import Concern, Trouble, concerns
from imtui.domain.oncall.schedule import KeptRotation, Now, now_and_next, seconds_on_call, spans
from imtui.domain.text import clean
from imtui.services import overrides
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.overrides import OverrideRecord
from storage import tables as t
from storage.database import Reader
from storage.rotas import load_rotations
from storage.tables_oncall import handovers

MAX_NOTE = 2000
NIGHT = (22, 6)
"""From and to which hour of a person's rotation it is night."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """A schedule with who is on call. `labels` has the names of all people in it."""

    arn: str
    alias: str
    label: str
    now: Now
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Load:
    """Hours that a person is on call in a time, and how many of them at night."""

    person: str
    label: str
    hours: float
    night_hours: float


@dataclass(frozen=True, slots=True)
class Handover:
    """What somebody left for those who follow on call."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Rota:
    """A schedule's rotations with the names of their people."""

    arn: str
    alias: str
    label: str
    rotations: tuple[KeptRotation, ...]
    labels: Mapping[str, str]
    reachable: Mapping[str, bool]
    """Whether a person has an activated channel."""


async def rotas(context: Context, refs: Sequence[str] = ()) -> list[Rota]:
    """These schedules, or all, with all they need to tell who is on call at any time. A fixed number of queries."""
    async with context.look("ssm-contacts:ListRotationShifts", "*") as reader:
        return await rotas_in(reader, context, refs)


async def who(context: Context, refs: Sequence[str] = (), at: datetime | None = None) -> list[OnCall]:
    """Who is on call in these schedules, or in all, until when, and who is next."""
    instant = at or context.now()
    return [
        OnCall(rota.arn, rota.alias, rota.label, now_and_next(rota.rotations, instant), rota.labels)
        for rota in await rotas(context, refs)
    ]


async def check(context: Context, ref: str) -> list[str]:
    """What is wrong with a schedule in the next twelve weeks, in words; nothing if all is well."""
    [rota] = await rotas(context, [ref])
    return sentences(rota, concerns(rota.rotations, context.now()))


def sentences(rota: Rota, found: Sequence[Concern]) -> list[str]:
    """Concerns in words: of a kind the first, and how many more there are."""
    lines: list[str] = []
    if not rota.rotations:
        lines.append("there are no rotations: nobody is ever on call")
    kinds: dict[tuple[Trouble, str, bool], list[Concern]] = {}
    for concern in found:
        kinds.setdefault((concern.trouble, concern.person, concern.by_clocks), []).append(concern)
    for (trouble, person, by_clocks), group in kinds.items():
        first = group[0]
        zone = rota.rotations[0].now.zone if rota.rotations else None
        start = first.start.astimezone(zone)
        when = f"{start:%a %Y-%m-%d %H:%M} for {duration((first.end - first.start).total_seconds())}"
        name = rota.labels.get(person, person.rpartition("/")[2])
        text = (
            "nobody is on call"
            if trouble is Trouble.GAP
            else f"{name} is on call twice ({first.rotations[0]} and {first.rotations[1]})"
        )
        more = f", and {len(group) - 1:,} more times in 12 weeks" if len(group) > 1 else ""
        clocks = ", only because clocks change on different days" if by_clocks else ""
        lines.append(f"{text} from {when}{clocks}{more}")
    people = dict.fromkeys(person for rotation in rota.rotations for person in rotation.now.contacts)
    for person in people:
        if not rota.reachable.get(person, False):
            name = rota.labels.get(person, person.rpartition("/")[2])
            lines.append(f"{name} has no activated channel: they cannot be paged")
    return lines


async def take(context: Context, ref: str, until: datetime | None = None) -> OverrideRecord:
    """Put the caller on call from now to the end of the shift that runs in this schedule, or until some time. The
    rotation is the first that the caller stands in and in which somebody else is on call. Raises Conflict."""
    own = context.names.contact(context.caller.name)
    [rota] = await rotas(context, [ref])
    now = context.now()
    standing = [rotation for rotation in rota.rotations if own in rotation.now.contacts]
    if not standing:
        raise Conflict(f"you stand in no rotation of {rota.alias}: somebody adds you there first")
    for rotation in standing:
        for piece in rotation.shifts(now, now + timedelta(seconds=1)):
            if own not in piece.contacts:
                end = max(until or piece.end, now + overrides.SHORTEST)
                return await overrides.create(context, rotation.arn, [own], now, end)
    raise Conflict(f"you are on call in {rota.alias} already, or nobody is: there is no shift to take")


async def load(context: Context, ref: str, begin: datetime, end: datetime) -> list[Load]:
    """How long each person of a schedule is on call in a time, and how long of it at night; the most loaded first."""
    [rota] = await rotas(context, [ref])
    people = dict.fromkeys(person for rotation in rota.rotations for person in rotation.now.contacts)
    hours: dict[str, tuple[float, float]] = {}
    for rotation in rota.rotations:
        nights = _nights(rotation.now.zone, begin, end)
        for person, (whole, dark) in seconds_on_call(spans([rotation], begin, end), people, nights).items():
            before = hours.get(person, (0.0, 0.0))
            hours[person] = before[0] + whole, before[1] + dark
    found = [
        Load(person, rota.labels.get(person, person), whole / 3600, dark / 3600)
        for person, (whole, dark) in hours.items()
    ]
    return sorted(found, key=lambda each: (-each.night_hours, -each.hours, each.label))


async def leave_note(context: Context, ref: str, text: str) -> Handover:
    """Leave a hand-over note for those who follow on call."""
    text = clean(text).strip()
    if not 1 <= len(text) <= MAX_NOTE:
        raise ValidationFailed(f"note: 1–{MAX_NOTE} characters", "note")
    async with context.change("ssm-contacts:UpdateContact", ref, handOver=True) as unit:
        row = await contact_row(unit, context.names, ref)
        if row.type != ContactType.ONCALL_SCHEDULE.value:
            raise NotFound(f"{row.alias} is not an on-call schedule")
        values = {"id": str(uuid.uuid4()), "schedule_arn": row.arn, "at": unit.now, "author": context.caller.name}
        await unit.run(sa.insert(handovers).values(**values, text=text))
        unit.changed("schedule", row.arn)
        return Handover(unit.now, context.caller.name, text)


async def notes(context: Context, ref: str, most: int = 20) -> list[Handover]:
    """The hand-over notes of a schedule, the newest first."""
    async with context.look("ssm-contacts:GetContact", ref, Reach.OWNER) as reader:
        row = await contact_row(reader, context.names, ref)
        query = sa.select(handovers).where(handovers.c.schedule_arn == row.arn).order_by(handovers.c.at.desc())
        return [Handover(each.at, each.author, each.text) for each in await reader.all(query.limit(most))]


async def rotas_in(reader: Reader, context: Context, refs: Sequence[str]) -> list[Rota]:
    """The same as `rotas`, inside a view."""
    c = t.contacts.c
    if refs:
        rows = [await contact_row(reader, context.names, ref) for ref in refs]
        for row in rows:
            if row.type != ContactType.ONCALL_SCHEDULE.value:
                raise NotFound(f"{row.alias} is not an on-call schedule")
    else:
        query = sa.select(t.contacts).where(c.type == ContactType.ONCALL_SCHEDULE.value)
        rows = list(await reader.all(query.order_by(c.alias)))
    known = await load_rotations(reader, [arn for row in rows for arn in row.plan.get("RotationIds", ())])
    personal = sa.select(c.arn, c.alias, c.display_name).where(c.type == ContactType.PERSONAL.value)
    labels = {row.arn: row.display_name or row.alias for row in await reader.all(personal)}
    active = sa.select(t.channels.c.contact_arn).where(t.channels.c.activated).distinct()
    reachable = {row.contact_arn: True for row in await reader.all(active)}
    return [
        Rota(
            row.arn,
            row.alias,
            row.display_name or row.alias,
            tuple(known[arn] for arn in row.plan.get("RotationIds", ()) if arn in known),
            labels,
            reachable,
        )
        for row in rows
    ]


def _nights(place: ZoneInfo, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    day = begin.astimezone(place).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    found = []
    while day < end:
        following = day + timedelta(days=1)
        found.append((day.replace(hour=NIGHT[0]), following.replace(hour=NIGHT[1])))
        day = following
    return found
