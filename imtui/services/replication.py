"""The replication set of the account: made, grown, shrunk and deleted. A database works without one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.incident import Status
from imtui.domain.replication import (
    MOST_REGIONS,
    Region,
    ReplicationSet,
    check_added,
    check_all_deleted,
    check_deleted,
    check_region,
)
from imtui.domain.tags import checked_tags
from imtui.domain.text import clean
from imtui.services.context import Context
from imtui.services.lookup import REPLICATION_SET
from imtui.services.tags import write_tags
from storage import tables as t
from storage.database import Reader, Unit
from storage.erasing import erase_everything
from storage.tables_replication import replication_regions, replication_sets

_s, _r = replication_sets.c, replication_regions.c
_MOST_NAMED = 10


async def list_sets(context: Context) -> list[str]:
    """The ARNs of the replication sets: one or none."""
    async with context.look("ssm-incidents:ListReplicationSets", "*") as reader:
        rows = await reader.all(sa.select(_s.arn).where(_s.account == context.names.account))
        return [row.arn for row in rows]


async def get(context: Context, ref: str) -> ReplicationSet:
    """The replication set with this ARN or id; raises NotFound."""
    arn = arn_of(context, ref)
    async with context.look("ssm-incidents:GetReplicationSet", arn) as reader:
        return await _set(reader, arn)


async def create(context: Context, regions: Mapping[str, str | None], tags: Mapping[str, str] | None = None) -> str:
    """Make the account's replication set of these Regions, each with its key or None; its ARN."""
    if not 1 <= len(regions) <= MOST_REGIONS:
        raise ValidationFailed(f"regions: 1 to {MOST_REGIONS}", "regions")
    for name in regions:
        check_region(name)
    if len({bool(key) for key in regions.values()}) > 1:
        raise ValidationFailed("regions: give a key for each Region, or for none", "regions")
    arn = context.names.replication_set(str(uuid.uuid4()))
    checked = checked_tags(tags)
    async with context.change("ssm-incidents:CreateReplicationSet", arn, regions=list(regions)) as unit:
        known = await unit.scalar(sa.select(_s.arn).where(_s.account == context.names.account))
        if known is not None:
            raise Conflict(f"there is a replication set already: {known}", (known,), known, REPLICATION_SET)
        unit.insert(
            replication_sets,
            {
                "arn": arn,
                "account": context.names.account,
                "protected": False,
                "created_by": context.caller.arn,
                "created_at": unit.now,
                "modified_by": context.caller.arn,
                "modified_at": unit.now,
            },
        )
        for name, key in regions.items():
            _insert_region(unit, arn, name, key)
        await write_tags(unit, arn, checked)
        unit.changed("replication", arn)
    return arn


async def protect(context: Context, ref: str, protected: bool) -> None:
    """Turn deletion protection on or off; raises NotFound."""
    arn = arn_of(context, ref)
    async with context.change("ssm-incidents:UpdateDeletionProtection", arn, deletionProtected=protected) as unit:
        await _set(unit, arn)
        await _touch(unit, context, arn, protected=protected)


async def add_region(context: Context, ref: str, name: str, kms_key: str | None = None) -> None:
    """Add a Region; raises ValidationFailed for a fourth one, Conflict for one that is there."""
    arn = arn_of(context, ref)
    async with context.change("ssm-incidents:UpdateReplicationSet", arn, added=name) as unit:
        check_added(await _set(unit, arn), name)
        _insert_region(unit, arn, name, kms_key)
        await _touch(unit, context, arn)


async def delete_region(context: Context, ref: str, name: str) -> None:
    """Delete a Region that has been in the set for a day. With the last one goes the set and all that it held."""
    arn = arn_of(context, ref)
    async with context.change("ssm-incidents:UpdateReplicationSet", arn, deleted=name) as unit:
        found = await _set(unit, arn)
        check_deleted(found, name, unit.now)
        if len(found.regions) == 1:
            await _erase(unit, arn)
            return
        await unit.run(sa.delete(replication_regions).where(_r.set_arn == arn, _r.name == name))
        await _touch(unit, context, arn)


async def delete(context: Context, ref: str) -> None:
    """Delete the replication set and with it all incidents, plans, contacts and schedules. The audit log and the users
    stay. Raises ValidationFailed while it is protected or a Region is younger than a day, and Conflict while an
    incident is open."""
    arn = arn_of(context, ref)
    async with context.change("ssm-incidents:DeleteReplicationSet", arn) as unit:
        check_all_deleted(await _set(unit, arn), unit.now)
        await _erase(unit, arn)


def arn_of(context: Context, ref: str) -> str:
    """The ARN of the set that an ARN or id names; raises ValidationFailed."""
    if not arns.is_arn(ref):
        return context.names.replication_set(ref)
    arns.parse(ref)
    return ref


async def _erase(unit: Unit, arn: str) -> None:
    i = t.incidents.c
    query = sa.select(i.number).where(i.status == Status.OPEN.value).order_by(i.number).limit(_MOST_NAMED)
    users = tuple(f"incident #{row.number}" for row in await unit.all(query))
    if users:
        text = f"{', '.join(users)} would be deleted while people work on it: resolve it first"
        raise Conflict(text, users, arn, REPLICATION_SET)
    await erase_everything(unit)
    unit.changed("replication", arn)


def _insert_region(unit: Unit, arn: str, name: str, key: str | None) -> None:
    unit.insert(
        replication_regions,
        {"set_arn": arn, "name": name, "kms_key": clean(key) if key else None, "added_at": unit.now},
    )


async def _touch(unit: Unit, context: Context, arn: str, **values: Any) -> None:
    values |= {"modified_by": context.caller.arn, "modified_at": unit.now, "revision": _s.revision + 1}
    await unit.run(sa.update(replication_sets).where(_s.arn == arn).values(values))
    unit.changed("replication", arn)


async def _set(reader: Reader, arn: str) -> ReplicationSet:
    row = await reader.first(sa.select(replication_sets).where(_s.arn == arn))
    if row is None:
        raise NotFound(f"there is no replication set {arn[:120]}", arn, REPLICATION_SET)
    query = sa.select(replication_regions).where(_r.set_arn == arn).order_by(_r.added_at, _r.name)
    return _as_set(row, await reader.all(query))


def _as_set(row: sa.Row[Any], regions: Sequence[sa.Row[Any]]) -> ReplicationSet:
    return ReplicationSet(
        arn=row.arn,
        regions=tuple(Region(each.name, each.added_at, each.kms_key) for each in regions),
        protected=row.protected,
        created_by=row.created_by,
        created_at=row.created_at,
        modified_by=row.modified_by,
        modified_at=row.modified_at,
    )
