"""Contact channels and their activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.asking import Question
from imtui.domain.errors import NotFound
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, instant

if TYPE_CHECKING:
    from imtui.domain.contact import Channel
    from imtui.services.context import Context

CONTACT = Parameter("contact", "the contact's alias", names="contact")
CHANNEL = Parameter("channel", "the channel's name, address or ARN", names="channel")


async def list_(context: Context, contact: str) -> list[Channel]:
    return await services.channels.for_contact(context, contact)


async def send_code(context: Context, contact: str, channel: str) -> Channel:
    return await services.channels.send_code(context, (await _named(context, contact, channel)).arn)


async def activate(context: Context, contact: str, channel: str, code: str) -> Channel:
    return await services.channels.activate(context, (await _named(context, contact, channel)).arn, code)


async def deactivate(context: Context, contact: str, channel: str) -> Channel:
    return await services.channels.deactivate(context, (await _named(context, contact, channel)).arn)


async def test(context: Context, contact: str, channel: str) -> Channel:
    found = await _named(context, contact, channel)
    await services.channels.test(context, found.arn)
    return found


async def ask_deactivate(context: Context, contact: str, channel: str) -> Question:
    found = await _named(context, contact, channel)
    text = f"{found.name} ({found.address}) is not paged any more until it is activated again."
    return Question("Deactivate this channel?", text, "Deactivate")


async def ask_test(context: Context, contact: str, channel: str) -> Question:
    found = await _named(context, contact, channel)
    return Question("Send a test page?", f"To {found.name} ({found.address}).", "Send")


async def ask_code(context: Context, contact: str, channel: str) -> Question:
    found = await _named(context, contact, channel)
    text = f"A message goes to {found.name} ({found.address}); the code before is void."
    return Question("Send a new activation code?", text, "Send")


async def _named(context: Context, contact: str, channel: str) -> Channel:
    for found in await services.channels.for_contact(context, contact):
        if channel in (found.arn, found.name, found.address):
            return found
    raise NotFound(f"{contact} has no channel {channel[:80]}: `imtui channel list {contact}` shows them")


def _lines(found: list[Channel]) -> list[str]:
    return columns(
        (
            channel.name,
            channel.type.label,
            channel.address,
            "activated" if channel.activated else "not activated: never paged",
            f"{channel.last_result} ({instant(channel.last_result_at)})" if channel.last_result else "never used",
        )
        for channel in found
    ) or ["no channels"]


def _document(channel: Channel) -> dict[str, Any]:
    return {
        "arn": channel.arn,
        "name": channel.name,
        "type": channel.type.value,
        "address": channel.address,
        "activated": channel.activated,
        "lastResult": channel.last_result,
    }


OPERATIONS = (
    Operation(
        ("channel", "list"),
        "the channels of a contact with their last results",
        (CONTACT,),
        list_,
        _lines,
        lambda found: [_document(channel) for channel in found],
    ),
    Operation(
        ("channel", "send-code"),
        "send a new activation code to a channel",
        (CONTACT, CHANNEL),
        send_code,
        lambda channel: [
            f"a code was sent to {shown(channel.name)} ({shown(channel.address)}); the one before is void"
        ],
        _document,
        pages=True,
        question=ask_code,
    ),
    Operation(
        ("channel", "activate"),
        "activate a channel with the code that was sent to it",
        (CONTACT, CHANNEL, Parameter("code", "the six digits")),
        activate,
        lambda channel: [f"{shown(channel.name)} ({shown(channel.address)}) is activated"],
        _document,
    ),
    Operation(
        ("channel", "deactivate"),
        "page a channel no more until it is activated again",
        (CONTACT, CHANNEL),
        deactivate,
        lambda channel: [f"{shown(channel.name)} ({shown(channel.address)}) is not paged any more"],
        _document,
        question=ask_deactivate,
    ),
    Operation(
        ("channel", "test"),
        "send a test page to an activated channel now",
        (CONTACT, CHANNEL),
        test,
        lambda channel: [
            f"a test page goes to {shown(channel.name)} ({shown(channel.address)}); `channel list` shows its result"
        ],
        _document,
        pages=True,
        question=ask_test,
    ),
)
