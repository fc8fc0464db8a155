"""On-call schedules: rotations under one alias that plans can engage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.contact import Contact, ContactType, check_alias
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.oncall.schedule import MAX_ROTATIONS, KeptRotation
from imtui.services import contacts, rotations
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.rotations import RotationRecord, RotationSpec
from storage.database import Reader, Unit
from storage.tables_oncall import overrides
from storage.tables_oncall import rotations as table


@dataclass(frozen=True, slots=True)
class Schedule:
    """An on-call schedule with its rotations in their order."""

    contact: Contact
    rotations: tuple[RotationRecord, ...]

    @property
    def kept(self) -> list[KeptRotation]:
        """The rotations as the rule needs them."""
        return [rotation.kept for rotation in self.rotations]


@dataclass(frozen=True, slots=True)
class Draft:
    """A rotation of a schedule that is edited: `arn` None for one that is added."""

    spec: RotationSpec
    arn: str | None = None


async def create(
    context: Context,
    alias: str,
    specs: Sequence[RotationSpec],
    *,
    display_name: str = "",
    tags: Mapping[str, str] | None = None,
) -> Schedule:
    """Make a schedule with new rotations. Raises ValidationFailed, Conflict for an alias that is taken."""
    arn = context.names.contact(check_alias(alias))
    _check_count(specs)
    async with context.change("ssm-contacts:CreateContact", arn, displayName=display_name) as unit:
        made = [await rotations.create_in(unit, context, spec) for spec in specs]
        await contacts.create_in(
            unit,
            context,
            alias,
            ContactType.ONCALL_SCHEDULE,
            display_name=display_name,
            rotations=[rotation.arn for rotation in made],
            tags=tags,
        )
        return await _schedule(unit, context, arn)


async def get(context: Context, ref: str) -> Schedule:
    """A schedule by alias or ARN; raises NotFound."""
    async with context.look("ssm-contacts:GetContact", ref, Reach.OWNER) as reader:
        return await _schedule(reader, context, ref)


async def list_schedules(context: Context) -> list[Schedule]:
    """All on-call schedules with their rotations, by alias."""
    found = await contacts.list_contacts(context, ContactType.ONCALL_SCHEDULE)
    async with context.look("ssm-contacts:ListRotations", "*") as reader:
        named = [arn for contact in found for arn in contact.rotations]
        known = await _records(reader, named)
    return [Schedule(contact, tuple(known[arn] for arn in contact.rotations if arn in known)) for contact in found]


async def update(
    context: Context,
    ref: str,
    drafts: Sequence[Draft],
    *,
    display_name: str | None = None,
    tags: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Schedule:
    """Edit a schedule: its rotations are these, in this order. Those that are left out are deleted, unless another
    schedule has them. Alias, rotation names and start dates stay; copy the schedule to change them."""
    _check_count([draft.spec for draft in drafts])
    async with context.change("ssm-contacts:UpdateContact", ref, displayName=display_name) as unit:
        schedule = await _schedule(unit, context, ref)
        known = {rotation.arn: rotation for rotation in schedule.rotations}
        named: list[str] = []
        for draft in drafts:
            if draft.arn is None:
                named.append((await rotations.create_in(unit, context, draft.spec)).arn)
                continue
            if draft.arn not in known:
                raise Conflict("somebody else has removed a rotation meanwhile: look at the schedule again")
            spec = replace(draft.spec, name=known[draft.arn].name, start=known[draft.arn].kept.now.start)
            row = await rotations.rotation_row(unit, context, draft.arn)
            await rotations.update_in(unit, context, row, spec)
            named.append(draft.arn)
        row = await contact_row(unit, context.names, schedule.contact.arn)
        await contacts.update_in(unit, row, display_name=display_name, rotations=named, tags=tags, revision=revision)
        for arn in known.keys() - set(named):
            await _drop(unit, arn)
        return await _schedule(unit, context, schedule.contact.arn)


async def copy(
    context: Context, ref: str, alias: str, starts: Sequence[datetime], *, display_name: str | None = None
) -> Schedule:
    """Make another schedule like this one; each rotation begins anew, none in the past."""
    schedule = await get(context, ref)
    if len(starts) != len(schedule.rotations):
        text = f"start: a new date for each of the {len(schedule.rotations)} rotations"
        raise ValidationFailed(text, "start")
    if any(start < context.now() for start in starts):
        raise ValidationFailed("start: a copied rotation begins now or later, not in the past", "start")
    specs = [replace(rotation.spec, start=start) for rotation, start in zip(schedule.rotations, starts, strict=True)]
    name = schedule.contact.display_name if display_name is None else display_name
    return await create(context, alias, specs, display_name=name, tags=schedule.contact.tags)


async def delete(context: Context, ref: str) -> None:
    """Delete a schedule with its rotations; a Conflict names the plans that engage it."""
    async with context.change("ssm-contacts:DeleteContact", ref) as unit:
        schedule = await _schedule(unit, context, ref)
        await contacts.delete_in(unit, await contact_row(unit, context.names, schedule.contact.arn))
        for arn in schedule.contact.rotations:
            await _drop(unit, arn)


async def changed_overrides(context: Context, ref: str, drafts: Sequence[Draft]) -> list[str]:
    """The overrides to come that saving these rotations changes, in words: of rotations that go, and those that put
    somebody on call who leaves the rotation, or that replace other people than before."""
    async with context.look("ssm-contacts:GetContact", ref, Reach.OWNER) as reader:
        schedule = await _schedule(reader, context, ref)
        wanted = {draft.arn: draft.spec for draft in drafts if draft.arn}
        found = []
        for rotation in schedule.rotations:
            o = overrides.c
            rows = await reader.all(
                sa.select(overrides)
                .where(o.rotation_arn == rotation.arn, o.deleted_at.is_(None), o.end_at > context.now())
                .order_by(o.start_at)
            )
            if not rows:
                continue
            spec = wanted.get(rotation.arn)
            people = None if spec is None else set(await rotations.people(reader, context, spec.contacts))
            same = spec is not None and _turns(spec) == _turns(rotation.spec)
            for row in rows:
                who = ", ".join(arn.rpartition("/")[2] for arn in row.contacts) or "nobody"
                label = f"{rotation.name}: {who} from {row.start_at:%Y-%m-%d %H:%M} to {row.end_at:%Y-%m-%d %H:%M} UTC"
                if people is None:
                    found.append(f"{label} is deleted with its rotation")
                elif not set(row.contacts) <= people:
                    found.append(f"{label} puts somebody on call who leaves the rotation")
                elif not same:
                    found.append(f"{label} may replace other people than before")
        return found


def _turns(spec: RotationSpec) -> tuple[object, ...]:
    people = tuple(ref.rpartition("/")[2] for ref in spec.contacts)
    return people, spec.zone, spec.recurrence, spec.coverage, spec.on_calls


async def _schedule(reader: Reader, context: Context, ref: str) -> Schedule:
    row = await contact_row(reader, context.names, ref)
    if row.type != ContactType.ONCALL_SCHEDULE.value:
        raise NotFound(f"{row.alias} is not an on-call schedule")
    contact = await contacts.contact_of(reader, row)
    known = await _records(reader, contact.rotations)
    return Schedule(contact, tuple(known[arn] for arn in contact.rotations if arn in known))


async def _records(reader: Reader, arns: Sequence[str]) -> dict[str, RotationRecord]:
    rows = await reader.all(sa.select(table).where(table.c.arn.in_(sorted(set(arns)))))
    return {record.arn: record for record in await rotations.records(reader, rows)}


async def _drop(unit: Unit, arn: str) -> None:
    """Delete a rotation that no schedule names any more."""
    if not await rotations.schedules_of(unit, arn):
        await rotations.delete_in(unit, arn)


def _check_count(specs: Sequence[RotationSpec]) -> None:
    if not 1 <= len(specs) <= MAX_ROTATIONS:
        raise ValidationFailed(f"rotations: a schedule has 1 to {MAX_ROTATIONS}, not {len(specs)}", "rotations")
    names = [spec.name.strip() for spec in specs]
    if len(set(names)) < len(names):
        raise ValidationFailed("rotations: two have the same name", "name")
