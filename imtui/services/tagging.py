"""Tags of what `ssm-incidents` owns: response plans, replication sets and incident records, by ARN."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.errors import NotFound, QuotaExceeded, ValidationFailed
from imtui.domain.tags import MOST, checked_tags
from imtui.services.context import Context
from imtui.services.lookup import (
    INCIDENT_RECORD,
    REPLICATION_SET,
    RESPONSE_PLAN,
    incident_of,
    incident_row,
    response_plan_arn,
    response_plan_row,
)
from imtui.services.tags import tags_of, write_tags
from storage.database import Reader
from storage.tables_replication import replication_sets

_TYPES = {"incident-record": INCIDENT_RECORD, "response-plan": RESPONSE_PLAN, "replication-set": REPLICATION_SET}


async def get(context: Context, ref: str) -> dict[str, str]:
    """The tags of a resource; raises NotFound."""
    arn = arn_of(context, ref)
    async with context.look("ssm-incidents:ListTagsForResource", arn) as reader:
        arn = await _expect(reader, context, arn)
        return await tags_of(reader, arn)


async def tag(context: Context, ref: str, tags: Mapping[str, str]) -> None:
    """Add or replace tags of a resource; raises NotFound, and QuotaExceeded for more than fifty."""
    arn = arn_of(context, ref)
    checked = checked_tags(tags)
    async with context.change("ssm-incidents:TagResource", arn, tags=checked) as unit:
        arn = await _expect(unit, context, arn)
        known = await tags_of(unit, arn)
        after = known | checked
        if len(after) > MOST:
            text = f"a resource has at most {MOST} tags: this one would have {len(after)}, take some off first"
            raise QuotaExceeded(text, arn, _type(arn))
        if after != known:
            await write_tags(unit, arn, after)


async def untag(context: Context, ref: str, keys: Collection[str]) -> None:
    """Take tags off a resource; keys that it has not are no matter. Raises NotFound."""
    arn = arn_of(context, ref)
    async with context.change("ssm-incidents:UntagResource", arn, tagKeys=sorted(keys)) as unit:
        arn = await _expect(unit, context, arn)
        known = await tags_of(unit, arn)
        after = {key: value for key, value in known.items() if key not in keys}
        if after != known:
            await write_tags(unit, arn, after)


def arn_of(context: Context, ref: str) -> str:
    """The ARN of what can have tags: a name alone is that of a response plan. Raises ValidationFailed."""
    arn = response_plan_arn(context.names, ref)
    found = arns.parse(arn)
    if found.service != "ssm-incidents" or found.kind not in _TYPES:
        raise ValidationFailed(
            f"{ref[:120]}: tags are for response plans, incident records and replication sets", "resourceArn"
        )
    return arn


def _type(arn: str) -> str:
    return _TYPES[arns.parse(arn).kind]


async def _expect(reader: Reader, context: Context, arn: str) -> str:
    """The ARN that a resource's tags are kept by; raises NotFound for one that does not exist."""
    match _type(arn):
        case "INCIDENT_RECORD":
            return incident_of(await incident_row(reader, arn), context.names).arn
        case "RESPONSE_PLAN":
            return str((await response_plan_row(reader, context.names, arn)).arn)
    s = replication_sets.c
    if await reader.scalar(sa.select(s.arn).where(s.arn == arn)) is None:
        raise NotFound(f"there is no replication set {arn[:120]}", arn, REPLICATION_SET)
    return arn
