"""Contacts, escalation plans and on-call schedules as one kind of thing, as `ssm-contacts` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.access import Reach
from imtui.domain.contact import Contact, ContactType, check_alias
from imtui.domain.errors import QuotaExceeded, ValidationFailed
from imtui.domain.oncall.schedule import MAX_ROTATIONS
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage
from imtui.services import consumers, contacts
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.naming import contact_arn, rotation_arn
from imtui.services.rotations import rotation_row
from storage import tables as t
from storage.database import Reader


class Listed(NamedTuple):
    """A line of the list of contacts."""

    arn: str
    alias: str
    display_name: str
    type: ContactType


async def create(
    context: Context,
    alias: str,
    type_: ContactType,
    *,
    display_name: str = "",
    stages: Sequence[Stage] = (),
    rotations: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> Contact:
    """Make one. Its stages may come later, and may name channels by id and contacts by alias; `rotations`, of a
    schedule, are ARNs or ids. Raises ValidationFailed, Conflict for an alias that is taken, NotFound."""
    arn = context.names.contact(check_alias(alias))
    async with context.change("ssm-contacts:CreateContact", arn, type=type_.value, displayName=display_name) as unit:
        return await contacts.create_in(
            unit,
            context,
            alias,
            type_,
            display_name=display_name,
            stages=named(context, arn, stages),
            rotations=await _rotations(unit, context, type_, rotations),
            tags=tags,
        )


async def update(
    context: Context,
    ref: str,
    *,
    display_name: str | None = None,
    stages: Sequence[Stage] | None = None,
    rotations: Sequence[str] | None = None,
) -> Contact:
    """Edit one; what is None stays. Running engagements keep the plan they began with."""
    arn = contact_arn(context.names, ref)
    async with context.change("ssm-contacts:UpdateContact", arn, displayName=display_name) as unit:
        row = await contact_row(unit, context.names, arn)
        turns = rotations if rotations is None else await _rotations(unit, context, ContactType(row.type), rotations)
        return await contacts.update_in(
            unit,
            row,
            display_name=display_name,
            stages=stages if stages is None else named(context, arn, stages),
            rotations=turns if row.type == ContactType.ONCALL_SCHEDULE.value else None,
        )


async def delete(context: Context, ref: str) -> None:
    """Delete one that nothing uses; a Conflict names what does. The rotations of a schedule stay: they are things of
    their own."""
    arn = contact_arn(context.names, ref)
    async with context.change("ssm-contacts:DeleteContact", arn) as unit:
        await contacts.delete_in(unit, await contact_row(unit, context.names, arn))


async def page(
    context: Context, prefix: str = "", type_: ContactType | None = None, *, after: str | None = None, limit: int = 50
) -> list[Listed]:
    """Those whose alias begins so, by alias: behind `after`, as many as `limit`."""
    c = t.contacts.c
    query = sa.select(c.arn, c.alias, c.display_name, c.type).where(c.account == context.names.account)
    if prefix:
        query = query.where(c.alias.startswith(prefix, autoescape=True))
    if type_ is not None:
        query = query.where(c.type == type_.value)
    if after is not None:
        query = query.where(c.alias > after)
    async with context.look("ssm-contacts:ListContacts", "*", Reach.LISTED) as reader:
        query = query.where(*await consumers.contacts(context, reader))
        rows = await reader.all(query.order_by(c.alias).limit(limit))
    return [Listed(row.arn, row.alias, row.display_name, ContactType(row.type)) for row in rows]


def named(context: Context, owner: str, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages with ARNs in place of the ids of the owner's channels and the aliases of contacts."""
    alias = owner.rpartition("/")[2]

    def target(item: ChannelTarget | ContactTarget) -> ChannelTarget | ContactTarget:
        if isinstance(item, ContactTarget):
            return replace(item, contact=contact_arn(context.names, item.contact))
        channel = item.channel if arns.is_arn(item.channel) else context.names.channel(alias, item.channel)
        return replace(item, channel=channel)

    return tuple(Stage(stage.minutes, tuple(target(item) for item in stage.targets)) for stage in stages)


async def _rotations(reader: Reader, context: Context, type_: ContactType, refs: Sequence[str]) -> list[str]:
    """The ARNs of rotations that exist, each once."""
    if refs and type_ is not ContactType.ONCALL_SCHEDULE:
        raise ValidationFailed("rotations: only an on-call schedule has them", "Plan")
    found = [(await rotation_row(reader, context, rotation_arn(context.names, ref))).arn for ref in refs]
    if len(set(found)) < len(found):
        raise ValidationFailed("rotations: each stands in a schedule once", "Plan")
    if len(found) > MAX_ROTATIONS:
        raise QuotaExceeded(f"rotations: a schedule has at most {MAX_ROTATIONS}, not {len(found)}")
    return found
