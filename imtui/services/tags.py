"""Tags of any resource, by its ARN."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from imtui.domain.tags import checked_tags
from imtui.services.context import Context
from storage import tables as t
from storage.database import Reader, Unit


async def get(context: Context, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    async with context.look("ssm-incidents:ListTagsForResource", arn) as reader:
        return await tags_of(reader, arn)


async def set_tags(context: Context, arn: str, tags: Mapping[str, str]) -> None:
    """Give a resource exactly these tags."""
    checked = checked_tags(tags)
    async with context.change("ssm-incidents:TagResource", arn, tags=checked) as unit:
        await write_tags(unit, arn, checked)


async def tags_of(reader: Reader, arn: str) -> dict[str, str]:
    """The tags of a resource, inside a unit of work."""
    rows = await reader.all(sa.select(t.tags.c.key, t.tags.c.value).where(t.tags.c.arn == arn).order_by(t.tags.c.key))
    return {row.key: row.value for row in rows}


async def write_tags(unit: Unit, arn: str, tags: Mapping[str, str]) -> None:
    """Replace the tags of a resource, inside a unit of work."""
    await unit.run(sa.delete(t.tags).where(t.tags.c.arn == arn))
    for key, value in tags.items():
        unit.insert(t.tags, {"arn": arn, "key": key, "value": value})
    incident = arn.rpartition("/")[2] if ":incident-record/" in arn else None
    unit.changed("tag", arn, incident)
