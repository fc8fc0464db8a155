"""Rotations: the people who take turns in an on-call schedule."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.contact import ContactType
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.oncall import zones
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Recurrence
from imtui.domain.oncall.rotation import Override, Rotation, Shift, shifts
from imtui.domain.oncall.schedule import MAX_CONTACTS, KeptRotation, Version, edited
from imtui.domain.tags import checked_tags
from imtui.services.context import Context, expect_revision
from imtui.services.lookup import contact_row
from imtui.services.tags import tags_of, write_tags
from storage import tables as t
from storage.database import Reader, Unit
from storage.rotas import load_rotations, version_to_kept
from storage.tables_oncall import overrides, rotations

_NAME = re.compile(r"[a-zA-Z0-9_\-\s.]{1,255}")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RotationSpec:
    """What somebody wants a rotation to be. `contacts`: aliases or ARNs of people, in their order. `start` None:
    now."""

    name: str
    contacts: tuple[str, ...]
    zone: str
    recurrence: Recurrence
    coverage: Coverage | None = None
    on_calls: int = 1
    start: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """A rotation as it stands, with its past."""

    kept: KeptRotation
    revision: int
    created_at: datetime
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return self.kept.arn

    @property
    def name(self) -> str:
        return self.kept.name

    @property
    def spec(self) -> RotationSpec:
        """What it was asked to be."""
        now = self.kept.now
        return RotationSpec(
            *(self.kept.name, now.contacts, now.zone.key, now.recurrence, now.coverage, now.on_calls, now.start),
            tags=self.tags,
        )


async def create(context: Context, spec: RotationSpec) -> RotationRecord:
    """Make a rotation. It does nothing until an on-call schedule names it. Raises ValidationFailed."""
    id_ = str(uuid.uuid4())
    async with context.change("ssm-contacts:CreateRotation", context.names.rotation(id_), name=spec.name) as unit:
        return await create_in(unit, context, spec, id_)


async def get(context: Context, ref: str) -> RotationRecord:
    """A rotation by its ARN or id; raises NotFound."""
    async with context.look("ssm-contacts:GetRotation", ref) as reader:
        return await record(reader, await rotation_row(reader, context, ref))


async def list_rotations(context: Context, prefix: str = "") -> list[RotationRecord]:
    """All rotations, or those whose name begins so, by name."""
    async with context.look("ssm-contacts:ListRotations", "*") as reader:
        query = sa.select(rotations).where(rotations.c.name.startswith(prefix, autoescape=True))
        rows = await reader.all(query.order_by(rotations.c.name, rotations.c.arn))
        return await records(reader, rows)


async def page(
    context: Context, prefix: str = "", *, after: tuple[str, str] | None = None, limit: int = 50
) -> list[RotationRecord]:
    """The rotations whose name begins so, by name and ARN: behind `after`, as many as `limit`."""
    r = rotations.c
    query = sa.select(rotations).where(sa.func.substr(r.name, 1, len(prefix)) == prefix)
    if after is not None:
        query = query.where(sa.tuple_(r.name, r.arn) > sa.tuple_(*after))
    async with context.look("ssm-contacts:ListRotations", "*") as reader:
        return await records(reader, await reader.all(query.order_by(r.name, r.arn).limit(limit)))


async def change(
    context: Context,
    ref: str,
    recurrence: Recurrence,
    coverage: Coverage | None,
    on_calls: int,
    *,
    contacts: Sequence[str] | None = None,
    start: datetime | None = None,
    zone: str | None = None,
) -> RotationRecord:
    """Edit a rotation from now on, as `update` does; what is None stays."""
    async with context.change("ssm-contacts:UpdateRotation", ref) as unit:
        row = await rotation_row(unit, context, ref)
        before = (await record(unit, row)).spec
        spec = replace(
            before,
            recurrence=recurrence,
            coverage=coverage,
            on_calls=on_calls,
            contacts=before.contacts if contacts is None else tuple(contacts),
            start=start,
            zone=zone or before.zone,
        )
        return await update_in(unit, context, row, spec)


async def update(context: Context, ref: str, spec: RotationSpec, *, revision: int | None = None) -> RotationRecord:
    """Edit a rotation from now on; its name stays. Who was on call stays as it was, and whoever is on call now stays
    until the next hand-off when the list of people changes."""
    async with context.change("ssm-contacts:UpdateRotation", ref) as unit:
        return await update_in(unit, context, await rotation_row(unit, context, ref), spec, revision=revision)


async def delete(context: Context, ref: str) -> None:
    """Delete a rotation with its overrides, out of every schedule that names it."""
    async with context.change("ssm-contacts:DeleteRotation", ref) as unit:
        row = await rotation_row(unit, context, ref)
        for schedule in await schedules_of(unit, row.arn):
            left = [arn for arn in schedule.plan["RotationIds"] if arn != row.arn]
            plan = {**schedule.plan, "RotationIds": left}
            which = t.contacts.c.arn == schedule.arn
            await unit.run(sa.update(t.contacts).where(which).values(plan=plan, revision=schedule.revision + 1))
            unit.changed("schedule", schedule.arn)
        await delete_in(unit, row.arn)


def preview(
    spec: RotationSpec, begin: datetime, end: datetime, now: datetime, made: Sequence[Override] = ()
) -> list[Shift]:
    """The shifts of a rotation that does not stand yet; its people may be any names. Raises ValidationFailed."""
    return shifts(checked(spec, spec.contacts, now), begin, end, made)


def checked(spec: RotationSpec, contacts: Sequence[str], now: datetime) -> Rotation:
    """The rotation that is asked for; raises ValidationFailed with the field that is wrong."""
    if not 1 <= len(contacts) <= MAX_CONTACTS:
        raise ValidationFailed(f"contacts: a rotation has 1 to {MAX_CONTACTS} people, not {len(contacts)}", "contacts")
    if len(set(contacts)) < len(contacts):
        raise ValidationFailed("contacts: each person stands in a rotation once", "contacts")
    if spec.on_calls > len(contacts):
        text = f"on call at a time: {spec.on_calls} of {len(contacts)} people cannot be; add people or lower the number"
        raise ValidationFailed(text, "on_calls")
    start = (spec.start or now).astimezone(UTC).replace(microsecond=0)
    if not EARLIEST <= start < LATEST:
        raise ValidationFailed(f"start: a date from {EARLIEST.year} to {LATEST.year - 1}", "start")
    return Rotation(tuple(contacts), zones.zone(spec.zone), start, spec.recurrence, spec.coverage, spec.on_calls)


async def create_in(unit: Unit, context: Context, spec: RotationSpec, id_: str = "") -> RotationRecord:
    """Make a rotation inside a unit of work; `id_` where it is given one already."""
    if not _NAME.fullmatch(spec.name) or not spec.name.strip():
        raise ValidationFailed("rotation name: 1–255 letters, digits, spaces, '-', '_' and '.'", "name")
    rotation = checked(spec, await people(unit, context, spec.contacts), unit.now)
    arn = context.names.rotation(id_ or str(uuid.uuid4()))
    row = {
        "arn": arn,
        "account": context.names.account,
        "name": spec.name.strip(),
        "versions": [version_to_kept(Version(rotation))],
        "created_at": unit.now,
        "revision": 1,
    }
    await unit.run(sa.insert(rotations).values(row))
    await write_tags(unit, arn, checked_tags(spec.tags))
    await unit.flush()
    unit.changed("schedule", arn)
    return await record(unit, await rotation_row(unit, context, arn))


async def update_in(
    unit: Unit, context: Context, row: sa.Row[Any], spec: RotationSpec, *, revision: int | None = None
) -> RotationRecord:
    """Edit a rotation inside a unit of work; what is the same already stays untouched."""
    await expect_revision(unit, rotations, rotations.c.arn == row.arn, revision)
    kept = (await load_rotations(unit, [row.arn]))[row.arn]
    spec = replace(spec, start=spec.start or kept.now.start)
    rotation = checked(spec, await people(unit, context, spec.contacts), unit.now)
    versions = edited(kept, rotation, unit.now)
    if versions != kept.versions:
        values = {"versions": [version_to_kept(version) for version in versions], "revision": row.revision + 1}
        await unit.run(sa.update(rotations).where(rotations.c.arn == row.arn).values(values))
    tags = checked_tags(spec.tags)
    if await tags_of(unit, row.arn) != tags:
        await write_tags(unit, row.arn, tags)
        await unit.flush()
    unit.changed("schedule", row.arn)
    return await record(unit, await rotation_row(unit, context, row.arn))


class Put(NamedTuple):
    """What `put_in` did: a new rotation, or which fields differed from the one that stood."""

    arn: str
    new: bool
    fields: tuple[str, ...] = ()


async def put_in(unit: Unit, context: Context, spec: RotationSpec, taken: Collection[str]) -> Put:
    """Make a rotation, or edit the one of this name that is not `taken`, inside a unit of work. Unlike in the program,
    its start may change: as code, the text is what counts."""
    query = sa.select(rotations).where(rotations.c.name == spec.name.strip()).order_by(rotations.c.arn)
    row = next((row for row in await unit.all(query) if row.arn not in taken), None)
    if row is None:
        return Put((await create_in(unit, context, spec)).arn, new=True)
    before = await record(unit, row)
    after = await update_in(unit, context, row, spec)
    old, new = before.kept.now, after.kept.now
    differs = {
        "ContactIds": old.contacts != new.contacts,
        "StartTime": old.start != new.start,
        "TimeZoneId": old.zone.key != new.zone.key,
        "Recurrence": (old.recurrence, old.coverage, old.on_calls) != (new.recurrence, new.coverage, new.on_calls),
        "Tags": before.tags != after.tags,
    }
    return Put(row.arn, new=False, fields=tuple(name for name, changed in differs.items() if changed))


async def delete_in(unit: Unit, arn: str) -> None:
    """Delete a rotation inside a unit of work; schedules that name it are the caller's."""
    await unit.run(sa.delete(overrides).where(overrides.c.rotation_arn == arn))
    await unit.run(sa.delete(rotations).where(rotations.c.arn == arn))
    await unit.run(sa.delete(t.tags).where(t.tags.c.arn == arn))
    unit.changed("schedule", arn)


async def people(reader: Reader, context: Context, refs: Sequence[str]) -> list[str]:
    """The ARNs of people named by aliases or ARNs; raises ValidationFailed for anything else."""
    found = []
    for ref in refs:
        try:
            row = await contact_row(reader, context.names, ref)
        except NotFound as error:
            raise ValidationFailed(f"contacts: {error}", "contacts") from None
        if row.type != ContactType.PERSONAL.value:
            raise ValidationFailed(f"contacts: {row.alias} is not a person: a rotation has people only", "contacts")
        found.append(str(row.arn))
    return found


async def rotation_row(reader: Reader, context: Context, ref: str) -> sa.Row[Any]:
    """The rotation that an ARN or an id names; raises NotFound."""
    arn = ref if arns.is_arn(ref) else context.names.rotation(ref)
    row = await reader.first(sa.select(rotations).where(rotations.c.arn == arn))
    if row is None:
        raise NotFound(f"there is no rotation {ref[:120]}", arn, "ROTATION")
    return row


async def record(reader: Reader, row: sa.Row[Any]) -> RotationRecord:
    """A row as the record that callers get."""
    return (await records(reader, [row]))[0]


async def records(reader: Reader, rows: Sequence[sa.Row[Any]]) -> list[RotationRecord]:
    """Rows as the records that callers get."""
    kept = await load_rotations(reader, [row.arn for row in rows])
    tags: dict[str, dict[str, str]] = {}
    g = t.tags.c
    for tag in await reader.all(sa.select(t.tags).where(g.arn.in_(list(kept))).order_by(g.key)):
        tags.setdefault(tag.arn, {})[tag.key] = tag.value
    return [RotationRecord(kept[row.arn], row.revision, row.created_at, tags.get(row.arn, {})) for row in rows]


async def schedules_of(reader: Reader, arn: str) -> list[sa.Row[Any]]:
    """The on-call schedules that name a rotation."""
    query = sa.select(t.contacts).where(t.contacts.c.type == ContactType.ONCALL_SCHEDULE.value)
    return [row for row in await reader.all(query) if arn in row.plan.get("RotationIds", ())]


class User(NamedTuple):
    """Something that uses another, as programs and as people name it."""

    arn: str
    words: str


async def used_in(reader: Reader, person: str) -> list[User]:
    """The rotations that count on a person, from now on."""
    found = []
    for row in await reader.all(sa.select(rotations).order_by(rotations.c.name)):
        if person in row.versions[-1]["contacts"]:
            named = [schedule.alias for schedule in await schedules_of(reader, row.arn)]
            found.append(User(row.arn, f"rotation {row.name}" + (f" of {', '.join(named)}" if named else "")))
    return found
