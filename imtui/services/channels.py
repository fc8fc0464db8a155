"""Contact channels: the ways to reach people, and their activation."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.codes import new_code, same
from imtui.domain.contact import ACTIVATION_CODE_MINUTES, Channel, ChannelType, ContactType, check_address
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.plan import ChannelTarget, stages_from_kept
from imtui.domain.text import clean
from imtui.services.attempts import counted, not_throttled
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from storage import tables as t
from storage.database import Reader, Unit

MAX_NAME = 255


async def create(
    context: Context,
    contact: str,
    name: str,
    type_: ChannelType | str,
    address: str,
    *,
    defer_activation: bool = False,
) -> Channel:
    """Add a channel to a person, and send it an activation code unless that is deferred."""
    async with context.change("ssm-contacts:CreateContactChannel", contact, name=name, type=str(type_)) as unit:
        owner = await contact_row(unit, context.names, contact)
        return await create_in(
            unit, context, owner, name, ChannelType(type_), address, defer_activation=defer_activation
        )


async def for_contact(context: Context, contact: str) -> list[Channel]:
    """The channels of a person, by name."""
    async with context.look("ssm-contacts:ListContactChannels", contact) as reader:
        owner = await contact_row(reader, context.names, contact)
        c = t.channels.c
        rows = await reader.all(sa.select(t.channels).where(c.contact_arn == owner.arn).order_by(c.name, c.arn))
        return [channel_of(row) for row in rows]


async def of_everybody(context: Context) -> dict[str, list[Channel]]:
    """The channels of all people, by the ARN of the person, in the order of their names; for users of another account
    none: theirs are those of the contacts that are shared, one by one."""
    if context.foreign:
        return {}
    c = t.channels.c
    found: dict[str, list[Channel]] = {}
    async with context.look("ssm-contacts:ListContactChannels", "*") as reader:
        for row in await reader.all(sa.select(t.channels).order_by(c.name, c.arn)):
            found.setdefault(row.contact_arn, []).append(channel_of(row))
    return found


async def get(context: Context, arn: str) -> Channel:
    """One channel by ARN or id; raises NotFound."""
    async with context.look("ssm-contacts:GetContactChannel", arn) as reader:
        return channel_of(await channel_row(reader, arn))


async def update(context: Context, arn: str, *, name: str | None = None, address: str | None = None) -> Channel:
    """Rename a channel or change its address. A new address is a new way: it is not activated, and gets a code."""
    async with context.change("ssm-contacts:UpdateContactChannel", arn, name=name) as unit:
        row = await channel_row(unit, arn)
        await update_in(unit, row, name=name, address=address)
        return channel_of(await channel_row(unit, row.arn))


async def delete(context: Context, arn: str) -> None:
    """Remove a channel that the engagement plan does not name."""
    async with context.change("ssm-contacts:DeleteContactChannel", arn) as unit:
        row = await channel_row(unit, arn)
        owner = await contact_row(unit, context.names, row.contact_arn)
        named = {
            target.channel
            for stage in stages_from_kept(owner.plan)
            for target in stage.targets
            if isinstance(target, ChannelTarget)
        }
        if row.arn in named:
            user = f"the engagement plan of {owner.alias}"
            text = f"{row.name} is used by {user}: take it out there first"
            raise Conflict(text, (user,), row.arn, "CONTACT_CHANNEL", (owner.arn,))
        await unit.run(sa.delete(t.channels).where(t.channels.c.arn == row.arn))
        unit.changed("contact", row.contact_arn)


async def send_code(context: Context, arn: str) -> Channel:
    """Send a new activation code; the one before is void."""
    async with context.change("ssm-contacts:SendActivationCode", arn) as unit:
        row = await channel_row(unit, arn)
        if row.activated:
            raise Conflict(f"{row.name} is activated already: no code is needed", (), row.arn, "CONTACT_CHANNEL")
        await send_code_in(unit, row)
        return channel_of(await channel_row(unit, row.arn))


async def activate(context: Context, arn: str, code: str) -> Channel:
    """Activate a channel with the code that was sent to it: from now on it is paged.

    Raises ValidationFailed for a wrong or expired code, Throttled after five wrong ones a minute.
    """
    await not_throttled(context)
    async with counted(context), context.change("ssm-contacts:ActivateContactChannel", arn) as unit:
        row = await channel_row(unit, arn)
        if row.activated:
            return channel_of(row)
        if row.code_expires_at is None or row.code_expires_at <= unit.now:
            raise ValidationFailed("this channel's code has expired: send a new one", "code")
        if not same(code, row.activation_code):
            raise ValidationFailed("this is not the code that was sent last to this channel", "code")
        values = {"activated": True, "activation_code": None, "code_expires_at": None}
        await unit.run(sa.update(t.channels).where(t.channels.c.arn == row.arn).values(values))
        await _tell(unit, row.contact_arn)
        return channel_of(await channel_row(unit, row.arn))


async def deactivate(context: Context, arn: str) -> Channel:
    """Stop paging a channel until it is activated again."""
    async with context.change("ssm-contacts:DeactivateContactChannel", arn) as unit:
        row = await channel_row(unit, arn)
        await deactivate_in(unit, row)
        return channel_of(await channel_row(unit, row.arn))


async def test(context: Context, arn: str) -> None:
    """Send a test page to an activated channel."""
    async with context.change("ssm-contacts:StartEngagement", arn, test=True) as unit:
        row = await channel_row(unit, arn)
        if not row.activated:
            raise Conflict(f"{row.name} is not activated: enter its code first")
        await _queue(unit, "test", row.arn, row.type, row.contact_arn, {"by": context.caller.name})


async def create_in(
    unit: Unit,
    context: Context,
    owner: sa.Row[Any],
    name: str,
    type_: ChannelType,
    address: str,
    *,
    defer_activation: bool = False,
) -> Channel:
    """Add a channel inside a unit of work."""
    if owner.type != ContactType.PERSONAL.value:
        raise ValidationFailed(f"{owner.alias} is not a person: only people have channels", "contact")
    arn = context.names.channel(owner.alias, str(uuid.uuid4()))
    row = {
        "arn": arn,
        "contact_arn": owner.arn,
        "name": _name(name),
        "type": type_.value,
        "address": check_address(type_, clean(address)),
        "activated": False,
    }
    await unit.run(sa.insert(t.channels).values(row))
    if not defer_activation:
        await _send_code(unit, arn, type_.value, owner.arn)
    unit.changed("contact", owner.arn)
    return channel_of(await channel_row(unit, arn))


async def update_in(unit: Unit, row: sa.Row[Any], *, name: str | None, address: str | None) -> bool:
    """Change a channel inside a unit of work; whether anything changed."""
    values: dict[str, Any] = {}
    if name is not None and _name(name) != row.name:
        values["name"] = _name(name)
    if address is not None and (checked := check_address(ChannelType(row.type), clean(address))) != row.address:
        values |= {"address": checked, "activated": False}
    if values:
        await unit.run(sa.update(t.channels).where(t.channels.c.arn == row.arn).values(values))
        unit.changed("contact", row.contact_arn)
    if "address" in values:
        await _tell(unit, row.contact_arn)
        await _send_code(unit, row.arn, row.type, row.contact_arn)
    return bool(values)


async def deactivate_in(unit: Unit, row: sa.Row[Any]) -> None:
    """Stop paging a channel inside a unit of work; a code that was sent to it is void."""
    values = {"activated": False, "activation_code": None, "code_expires_at": None}
    await unit.run(sa.update(t.channels).where(t.channels.c.arn == row.arn).values(values))
    await _tell(unit, row.contact_arn)


async def send_code_in(unit: Unit, row: sa.Row[Any]) -> None:
    """Send a new activation code inside a unit of work; the one before is void."""
    await _send_code(unit, row.arn, row.type, row.contact_arn)


async def channel_row(reader: Reader, ref: str) -> sa.Row[Any]:
    """The channel that an ARN, or its id alone, names; raises NotFound."""
    c = t.channels.c
    named = c.arn == ref if ref.startswith("arn:") else c.arn.endswith(f"/{ref}", autoescape=True)
    row = await reader.first(sa.select(t.channels).where(named))
    if row is None:
        raise NotFound(f"there is no contact channel {ref[:120]}", ref, "CONTACT_CHANNEL")
    return row


def channel_of(row: sa.Row[Any]) -> Channel:
    """A row of `channels`."""
    return Channel(
        arn=row.arn,
        contact_arn=row.contact_arn,
        name=row.name,
        type=ChannelType(row.type),
        address=row.address,
        activated=row.activated,
        code_expires_at=row.code_expires_at,
        last_result=row.last_result,
        last_result_at=row.last_result_at,
    )


async def _tell(unit: Unit, owner: str) -> None:
    """Whether a person can be paged has changed: it is seen beside them, and in the incidents that page them, now or by
    a plan later."""
    unit.changed("contact", owner)
    e = t.engagements.c
    theirs = (e.target_arn == owner) | (e.target_type != ContactType.PERSONAL.value)
    live = sa.select(e.incident_id).where(t.running, theirs, e.incident_id.is_not(None)).distinct()
    for row in await unit.all(live):
        unit.changed("engagement", row.incident_id, row.incident_id)


async def _send_code(unit: Unit, arn: str, type_: str, owner: str) -> None:
    code = new_code()
    expires = unit.now + timedelta(minutes=ACTIVATION_CODE_MINUTES)
    await unit.run(
        sa.update(t.channels)
        .where(t.channels.c.arn == arn)
        .values(activated=False, activation_code=code, code_expires_at=expires)
    )
    await _queue(unit, "activation", arn, type_, owner, {"code": code})
    unit.changed("contact", owner)


async def _queue(unit: Unit, kind: str, arn: str, type_: str, owner: str, payload: dict[str, Any]) -> None:
    message_id = str(uuid.uuid4())
    row = {
        "id": message_id,
        "kind": kind,
        "state": "PENDING",
        "due_at": unit.now,
        "created_at": unit.now,
        "contact_arn": owner,
        "channel_arn": arn,
        "channel_type": type_,
        "payload": payload,
    }
    await unit.run(sa.insert(t.messages).values(row))
    unit.changed("message", message_id)


def _name(text: str) -> str:
    text = clean(text).strip()
    if not 1 <= len(text) <= MAX_NAME:
        raise ValidationFailed(f"channel name: 1–{MAX_NAME} characters", "name")
    return text
