"""Contact channels as `ssm-contacts` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.domain.contact import Channel
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.operations.aws.pages import cut, place
from imtui.operations.aws.perform import Handler
from imtui.operations.aws.refusals import as_validation
from imtui.services.context import Context
from imtui.services.naming import channel_arn, contact_arn

SERVICE = "ssm-contacts"


async def _create_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    with as_validation("ContactId", NotFound):
        made = await services.channels.create(
            context,
            contact_arn(context.names, given["ContactId"]),
            given["Name"],
            given["Type"],
            _address(given["DeliveryAddress"]),
            defer_activation=bool(given.get("DeferActivation")),
        )
    return {"ContactChannelArn": made.arn}


async def _get_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    return _shown(await services.channels.get(context, await _arn(context, given)))


async def _list_contact_channels(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListContactChannels", given)
    found = await services.channels.for_contact(context, contact_arn(context.names, given["ContactId"]))
    page, token = cut(sorted(found, key=lambda channel: channel.arn), where, lambda channel: channel.arn)
    return {"ContactChannels": [_shown(channel) for channel in page], "NextToken": token}


async def _update_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    address = _address(given["DeliveryAddress"]) if given.get("DeliveryAddress") is not None else None
    await services.channels.update(context, await _arn(context, given), name=given.get("Name"), address=address)
    return {}


async def _delete_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.channels.delete(context, await _arn(context, given))
    return {}


async def _send_activation_code(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    with as_validation("ContactChannelId", Conflict):
        await services.channels.send_code(context, await _arn(context, given))
    return {}


async def _activate_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.channels.activate(context, await _arn(context, given), given["ActivationCode"])
    return {}


async def _deactivate_contact_channel(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.channels.deactivate(context, await _arn(context, given))
    return {}


async def _arn(context: Context, given: Mapping[str, Any]) -> str:
    return await channel_arn(context, given["ContactChannelId"])


def _address(given: Mapping[str, Any]) -> str:
    address = given.get("SimpleAddress")
    if not address:
        raise ValidationFailed("SimpleAddress: where messages are sent", "DeliveryAddress")
    return str(address)


def _shown(channel: Channel) -> dict[str, Any]:
    return {
        "ContactArn": channel.contact_arn,
        "ContactChannelArn": channel.arn,
        "Name": channel.name,
        "Type": channel.type.value,
        "DeliveryAddress": {"SimpleAddress": channel.address},
        "ActivationStatus": "ACTIVATED" if channel.activated else "NOT_ACTIVATED",
    }


HANDLERS: Mapping[str, Handler] = {
    "ActivateContactChannel": _activate_contact_channel,
    "CreateContactChannel": _create_contact_channel,
    "DeactivateContactChannel": _deactivate_contact_channel,
    "DeleteContactChannel": _delete_contact_channel,
    "GetContactChannel": _get_contact_channel,
    "ListContactChannels": _list_contact_channels,
    "SendActivationCode": _send_activation_code,
    "UpdateContactChannel": _update_contact_channel,
}
