"""Tags of contacts, escalation plans, on-call schedules and rotations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import NotFound, QuotaExceeded, ValidationFailed
from imtui.domain.tags import MOST, checked_tags
from imtui.services.context import Context
from imtui.services.tags import tags_of, write_tags
from storage import tables as t
from storage.database import Reader
from storage.tables_oncall import rotations

_COLUMNS: Mapping[str, sa.Column[str]] = {"contact": t.contacts.c.arn, "rotation": rotations.c.arn}


async def of(context: Context, ref: str) -> dict[str, str]:
    """The tags of what an ARN, or the alias of a contact, names; raises NotFound, ValidationFailed."""
    arn = _arn(context, ref)
    async with context.look("ssm-contacts:ListTagsForResource", arn) as reader:
        await _exists(reader, arn)
        return await tags_of(reader, arn)


async def add(context: Context, ref: str, tags: Mapping[str, str]) -> None:
    """Add or replace some tags; raises QuotaExceeded when there would be too many."""
    arn = _arn(context, ref)
    async with context.change("ssm-contacts:TagResource", arn, tags=dict(tags)) as unit:
        await _exists(unit, arn)
        wanted = await tags_of(unit, arn) | dict(tags)
        if len(wanted) > MOST:
            raise QuotaExceeded(f"tags: at most {MOST} of one resource, these would be {len(wanted)}", arn)
        await write_tags(unit, arn, checked_tags(wanted))


async def remove(context: Context, ref: str, keys: Collection[str]) -> None:
    """Take tags off; keys that are not there are no error."""
    arn = _arn(context, ref)
    async with context.change("ssm-contacts:UntagResource", arn, keys=sorted(keys)) as unit:
        await _exists(unit, arn)
        kept = {key: value for key, value in (await tags_of(unit, arn)).items() if key not in keys}
        await write_tags(unit, arn, kept)


def _arn(context: Context, ref: str) -> str:
    if not arns.is_arn(ref):
        return context.names.contact(ref)
    arn = arns.parse(ref)
    if arn.service != "ssm-contacts" or arn.kind not in _COLUMNS:
        raise ValidationFailed(
            "tags: only contacts, escalation plans, schedules and rotations have them", "ResourceARN"
        )
    return ref


async def _exists(reader: Reader, arn: str) -> None:
    kind = arns.parse(arn).kind
    column = _COLUMNS[kind]
    if await reader.first(sa.select(column).where(column == arn)) is None:
        raise NotFound(f"there is no {kind} {arn[:120]}", arn, kind.upper())
