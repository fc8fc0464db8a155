"""Overrides: other people on call for a time."""

from __future__ import annotations

import uuid
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.oncall import zones
from imtui.domain.oncall.schedule import MAX_CONTACTS
from imtui.services.context import Context
from imtui.services.rotations import people, rotation_row
from storage.database import Reader, Unit
from storage.tables_oncall import overrides

SHORTEST = timedelta(minutes=30)
MONTHS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class OverrideRecord:
    """An override as it was asked for. `contacts` are ARNs; none: nobody is on call then."""

    id: str
    rotation_arn: str
    contacts: tuple[str, ...]
    start: datetime
    end: datetime
    created_at: datetime
    created_by: str


async def create(
    context: Context, rotation: str, contacts: Sequence[str], start: datetime, end: datetime
) -> OverrideRecord:
    """Put other people of the rotation on call from `start` to `end`. What has been is not rewritten: one that begins
    in the past counts from now. Raises ValidationFailed."""
    async with context.change(
        "ssm-contacts:CreateRotationOverride", rotation, start=start.isoformat(), end=end.isoformat()
    ) as unit:
        return await create_in(unit, context, rotation, contacts, start, end)


async def get(context: Context, rotation: str, id_: str) -> OverrideRecord:
    """One override of a rotation; raises NotFound."""
    async with context.look("ssm-contacts:GetRotationOverride", rotation) as reader:
        return _record(await _row(reader, context, rotation, id_))


async def list_overrides(context: Context, rotation: str, begin: datetime, end: datetime) -> list[OverrideRecord]:
    """The overrides of a rotation that touch a range, by their beginning."""
    async with context.look("ssm-contacts:ListRotationOverrides", rotation) as reader:
        row = await rotation_row(reader, context, rotation)
        o = overrides.c
        query = sa.select(overrides).where(
            o.rotation_arn == row.arn, o.deleted_at.is_(None), o.start_at < end, o.end_at > begin
        )
        return [_record(each) for each in await reader.all(query.order_by(o.start_at, o.created_at, o.id))]


async def delete(context: Context, rotation: str, id_: str) -> None:
    """Take an override back. Where it is running, it ends now; what has been stays as it was."""
    async with context.change("ssm-contacts:DeleteRotationOverride", rotation, override=id_) as unit:
        row = await _row(unit, context, rotation, id_)
        until = min(row.counts_until, max(row.counts_from, unit.now))
        values = {"deleted_at": unit.now, "counts_until": until}
        await unit.run(sa.update(overrides).where(overrides.c.id == row.id).values(values))
        unit.changed("schedule", row.rotation_arn)


async def create_in(
    unit: Unit, context: Context, rotation: str, contacts: Sequence[str], start: datetime, end: datetime
) -> OverrideRecord:
    """Make an override inside a unit of work."""
    row = await rotation_row(unit, context, rotation)
    version = row.versions[-1]
    start, end = (each.astimezone(UTC).replace(microsecond=0) for each in (start, end))
    if end - start < SHORTEST:
        raise ValidationFailed("end: an override is at least 30 minutes long", "end")
    if end <= unit.now:
        raise ValidationFailed("end: this is over; what has been is not rewritten", "end")
    if start > months_after(unit.now, MONTHS_AHEAD, version["zone"]):
        raise ValidationFailed(f"start: at most {MONTHS_AHEAD} months from now", "start")
    named = list(dict.fromkeys(await people(unit, context, contacts)))
    if len(named) > MAX_CONTACTS:
        raise ValidationFailed(f"contacts: at most {MAX_CONTACTS} people", "contacts")
    strangers = [arn.rpartition("/")[2] for arn in named if arn not in version["contacts"]]
    if strangers:
        text = f"contacts: {', '.join(strangers)} stands not in rotation {row.name}: add them there first"
        raise ValidationFailed(text, "contacts")
    values = {
        "id": str(uuid.uuid4()),
        "rotation_arn": row.arn,
        "contacts": named,
        "start_at": start,
        "end_at": end,
        "created_at": unit.now,
        "created_by": context.caller.name,
        "counts_from": max(start, unit.now),
        "counts_until": end,
    }
    await unit.run(sa.insert(overrides).values(values))
    unit.changed("schedule", row.arn)
    return _record(await _row(unit, context, row.arn, str(values["id"])))


def months_after(now: datetime, months: int, zone: str) -> datetime:
    """The same day and time so many months later on the calendar of a zone; a day that is missing is the last."""
    place = zones.zone(zone)
    local = now.astimezone(place)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


async def _row(reader: Reader, context: Context, rotation: str, id_: str) -> sa.Row[Any]:
    row = await rotation_row(reader, context, rotation)
    o = overrides.c
    found = await reader.first(
        sa.select(overrides).where(o.rotation_arn == row.arn, o.id == id_, o.deleted_at.is_(None))
    )
    if found is None:
        raise NotFound(f"there is no override {id_[:80]} of rotation {row.name}", id_, "ROTATION_OVERRIDE")
    return found


def _record(row: sa.Row[Any]) -> OverrideRecord:
    return OverrideRecord(
        row.id, row.rotation_arn, tuple(row.contacts), row.start_at, row.end_at, row.created_at, row.created_by
    )
