"""Contacts: people with their engagement plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.contact import Contact, ContactType, check_alias
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.plan import ChannelTarget, Stage, stages_from_kept, stages_to_wire
from imtui.domain.tags import checked_tags
from imtui.domain.text import clean
from imtui.services import consumers
from imtui.services.context import Context, expect_revision
from imtui.services.lookup import contact_row
from imtui.services.rotations import User, used_in
from imtui.services.tags import tags_of, write_tags
from storage import tables as t
from storage.database import Reader, Unit
from storage.runs import contacts_named
from storage.tables_sharing import resource_policies

MAX_NAME = 255


async def create(
    context: Context,
    alias: str,
    *,
    display_name: str = "",
    stages: Sequence[Stage] = (),
    tags: Mapping[str, str] | None = None,
) -> Contact:
    """Make a contact. Its engagement plan may come later, when it has channels to name."""
    arn = context.names.contact(check_alias(alias))
    async with context.change("ssm-contacts:CreateContact", arn, displayName=display_name) as unit:
        return await create_in(
            unit, context, alias, ContactType.PERSONAL, display_name=display_name, stages=stages, tags=tags
        )


async def get(context: Context, ref: str) -> Contact:
    """A contact, schedule or plan by alias or ARN; raises NotFound."""
    async with context.look("ssm-contacts:GetContact", ref) as reader:
        return _for_caller(context, await contact_of(reader, await contact_row(reader, context.names, ref)))


async def list_contacts(context: Context, type_: ContactType | str = ContactType.PERSONAL) -> list[Contact]:
    """All contacts of a type, by alias."""
    c = t.contacts.c
    async with context.look("ssm-contacts:ListContacts", "*", Reach.LISTED) as reader:
        which = [c.type == str(type_), *await consumers.contacts(context, reader)]
        rows = await reader.all(sa.select(t.contacts).where(*which).order_by(c.alias))
        return [_for_caller(context, await contact_of(reader, row)) for row in rows]


async def update(
    context: Context,
    ref: str,
    *,
    display_name: str | None = None,
    stages: Sequence[Stage] | None = None,
    tags: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Contact:
    """Edit a contact; what is None stays. Running engagements keep the plan they began with."""
    async with context.change("ssm-contacts:UpdateContact", ref, displayName=display_name) as unit:
        row = await contact_row(unit, context.names, ref)
        if row.type != ContactType.PERSONAL.value:
            raise NotFound(f"{row.alias} is not a person")
        return await update_in(unit, row, display_name=display_name, stages=stages, tags=tags, revision=revision)


async def delete(context: Context, ref: str) -> None:
    """Delete a contact that nothing uses; a Conflict names what does."""
    async with context.change("ssm-contacts:DeleteContact", ref) as unit:
        row = await contact_row(unit, context.names, ref)
        if row.type != ContactType.PERSONAL.value:
            raise NotFound(f"{row.alias} is not a person")
        await delete_in(unit, row)


async def create_in(
    unit: Unit,
    context: Context,
    alias: str,
    type_: ContactType,
    *,
    display_name: str = "",
    stages: Sequence[Stage] = (),
    repeat: bool = False,
    rotations: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
) -> Contact:
    """Make a contact, plan or schedule inside a unit of work."""
    arn = context.names.contact(check_alias(alias))
    if await unit.first(sa.select(t.contacts.c.arn).where(t.contacts.c.arn == arn)):
        raise Conflict(f"the alias {alias!r} is taken: choose another", (), arn, "CONTACT")
    await check_targets(unit, arn, type_, stages, repeat)
    values = {
        "arn": arn,
        "account": context.names.account,
        "alias": alias,
        "type": type_.value,
        "display_name": _name(display_name),
        "plan": _plan(type_, stages, rotations),
        "repeat": repeat,
        "revision": 1,
    }
    await unit.run(sa.insert(t.contacts).values(values))
    await write_tags(unit, arn, checked_tags(tags))
    await unit.flush()
    _tell(unit, arn, type_.value)
    return await contact_of(unit, await contact_row(unit, context.names, arn))


async def update_in(
    unit: Unit,
    row: sa.Row[Any],
    *,
    display_name: str | None = None,
    stages: Sequence[Stage] | None = None,
    repeat: bool | None = None,
    rotations: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Contact:
    """Edit a contact, plan or schedule inside a unit of work."""
    await expect_revision(unit, t.contacts, t.contacts.c.arn == row.arn, revision)
    values: dict[str, Any] = {}
    if display_name is not None:
        values["display_name"] = _name(display_name)
    if stages is not None or repeat is not None:
        chosen = stages_from_kept(row.plan) if stages is None else stages
        again = row.repeat if repeat is None else repeat
        await check_targets(unit, row.arn, ContactType(row.type), chosen, again)
        values |= {"plan": _plan(ContactType(row.type), chosen, row.plan.get("RotationIds", ())), "repeat": again}
    if rotations is not None:
        values["plan"] = _plan(ContactType(row.type), (), rotations)
    values = {name: value for name, value in values.items() if getattr(row, name) != value}
    if values:
        await unit.run(
            sa.update(t.contacts).where(t.contacts.c.arn == row.arn).values(**values, revision=row.revision + 1)
        )
    if tags is not None:
        await write_tags(unit, row.arn, checked_tags(tags))
        await unit.flush()
    _tell(unit, row.arn, row.type)
    fresh = await unit.first(sa.select(t.contacts).where(t.contacts.c.arn == row.arn))
    assert fresh is not None
    return await contact_of(unit, fresh)


async def delete_in(unit: Unit, row: sa.Row[Any]) -> None:
    """Delete a contact or plan inside a unit of work, unless something uses it."""
    users = await used_by(unit, row.arn)
    if users:
        words = tuple(user.words for user in users)
        text = f"{row.alias} is used by {', '.join(words)}: take it out there first"
        raise Conflict(text, words, row.arn, "CONTACT", tuple(user.arn for user in users))
    await unit.run(sa.delete(t.contacts).where(t.contacts.c.arn == row.arn))
    await unit.run(sa.delete(t.tags).where(t.tags.c.arn == row.arn))
    await unit.run(sa.delete(resource_policies).where(resource_policies.c.arn == row.arn))
    _tell(unit, row.arn, row.type)


async def used_by(reader: Reader, arn: str) -> list[User]:
    """The escalation plans, rotations and response plans that engage this contact or plan."""
    users = [
        User(row.arn, f"escalation plan {row.alias}")
        for row in await reader.all(sa.select(t.contacts).where(t.contacts.c.type == ContactType.ESCALATION.value))
        if arn in contacts_named(stages_from_kept(row.plan))
    ]
    users += await used_in(reader, arn)
    r = t.response_plans.c
    users += [
        User(row.arn, f"response plan {row.name}")
        for row in await reader.all(sa.select(r.arn, r.name, r.engagements))
        if arn in row.engagements
    ]
    return users


async def check_targets(reader: Reader, arn: str, type_: ContactType, stages: Sequence[Stage], repeat: bool) -> None:
    """A person's plan names only their own channels, an escalation plan only people and schedules that exist."""
    if repeat and not any(stage.minutes for stage in stages):
        raise ValidationFailed("repeat: a plan that repeats needs at least a minute in all its stages", "repeat")
    if type_ is ContactType.PERSONAL:
        own = await reader.all(sa.select(t.channels.c.arn).where(t.channels.c.contact_arn == arn))
        known = {row.arn for row in own}
        for stage in stages:
            for target in stage.targets:
                if not isinstance(target, ChannelTarget) or target.channel not in known:
                    raise ValidationFailed("engagement plan: it may name only this contact's own channels", "stages")
        return
    if type_ is ContactType.ONCALL_SCHEDULE:
        if stages:
            raise ValidationFailed("on-call schedule: it has rotations, not stages", "stages")
        return
    named = contacts_named(stages)
    if any(isinstance(target, ChannelTarget) for stage in stages for target in stage.targets):
        raise ValidationFailed("escalation plan: its stages engage contacts and schedules, not channels", "stages")
    c = t.contacts.c
    types = {row.arn: row.type for row in await reader.all(sa.select(c.arn, c.type).where(c.arn.in_(sorted(named))))}
    for name in sorted(named):
        if name not in types:
            raise ValidationFailed(f"escalation plan: there is no contact {name.rpartition('/')[2]}", "stages")
        if types[name] == ContactType.ESCALATION.value:
            text = f"escalation plan: {name.rpartition('/')[2]} is an escalation plan itself; name people or schedules"
            raise ValidationFailed(text, "stages")


async def contact_of(reader: Reader, row: sa.Row[Any]) -> Contact:
    """A row of `contacts` as callers get it."""
    return Contact(
        arn=row.arn,
        alias=row.alias,
        type=ContactType(row.type),
        display_name=row.display_name,
        stages=stages_from_kept(row.plan),
        repeat=row.repeat,
        rotations=tuple(row.plan.get("RotationIds", ())),
        tags=await tags_of(reader, row.arn),
        revision=row.revision,
    )


def _for_caller(context: Context, contact: Contact) -> Contact:
    """Tags are for the owner's users to see."""
    return replace(contact, tags={}) if context.foreign else contact


def _plan(type_: ContactType, stages: Sequence[Stage], rotations: Sequence[str]) -> dict[str, Any]:
    if type_ is ContactType.ONCALL_SCHEDULE:
        return {"Stages": [], "RotationIds": list(rotations)}
    return stages_to_wire(stages)


def _name(text: str) -> str:
    text = clean(text).strip()
    if len(text) > MAX_NAME:
        raise ValidationFailed(f"name: at most {MAX_NAME} characters", "display_name")
    return text


def _tell(unit: Unit, arn: str, type_: str) -> None:
    topics = {ContactType.ESCALATION.value: "plan", ContactType.ONCALL_SCHEDULE.value: "schedule"}
    unit.changed(topics.get(type_, "contact"), arn)
