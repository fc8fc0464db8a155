"""Tags of any resource, by its ARN."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from imtui.domain.errors import Conflict
from imtui.domain.tags import checked_tags
from imtui.services.context import Context
from storage import tables as t
from storage.database import Reader, Unit


async def get(context: Context, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    async with context.look(f"{_service(arn)}:ListTagsForResource", arn) as reader:
        return await tags_of(reader, arn)


async def set_tags(
    context: Context, arn: str, tags: Mapping[str, str], *, known: Mapping[str, str] | None = None
) -> None:
    """Give a resource exactly these tags. `known`: what the editor saw; when others have changed them meanwhile, that
    is a Conflict and nothing is overwritten."""
    checked = checked_tags(tags)
    async with context.change(f"{_service(arn)}:TagResource", arn, tags=checked) as unit:
        if known is not None and await tags_of(unit, arn) != dict(known):
            raise Conflict("somebody else has changed the tags meanwhile: look at theirs, then save yours again")
        await write_tags(unit, arn, checked)


async def change(context: Context, arn: str, tags: Mapping[str, str], gone: Collection[str] = ()) -> dict[str, str]:
    """Add or replace some tags of a resource and take others off; what it has then. Raises ValidationFailed."""
    async with context.change(f"{_service(arn)}:TagResource", arn, tags=dict(tags), removed=sorted(gone)) as unit:
        kept = {key: value for key, value in (await tags_of(unit, arn)).items() if key not in gone}
        checked = checked_tags(kept | dict(tags))
        await write_tags(unit, arn, checked)
    return dict(sorted(checked.items()))


def _service(arn: str) -> str:
    """Whose action it is to tag a resource: that of the service the resource is of."""
    return "ssm-contacts" if arn.startswith("arn:aws:ssm-contacts:") else "ssm-incidents"


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
