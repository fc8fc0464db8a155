"""Contacts: who there is, their tags, and the card of those who page them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from imtui import services
from imtui.domain.errors import Conflict, ValidationFailed
from imtui.domain.plan_text import engagement_text
from imtui.domain.tags import parse_tag_words, tags_text
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns

if TYPE_CHECKING:
    from imtui.domain.contact import Channel, Contact
    from imtui.services.context import Context

CONTACT = Parameter("contact", "the contact's alias", names="contact")


class _Listed(NamedTuple):
    contact: Contact
    channels: list[Channel]


class _Card(NamedTuple):
    lines: list[str]
    file: str


async def list_(context: Context) -> list[_Listed]:
    channels = await services.channels.of_everybody(context)
    found = await services.contacts.list_contacts(context)
    return [_Listed(contact, channels.get(contact.arn, [])) for contact in found]


async def tag(context: Context, contact: str, tags: list[str]) -> dict[str, str]:
    kept, gone = parse_tag_words(tags)
    arn = (await services.contacts.get(context, contact)).arn
    return await services.tags.change(context, arn, kept, gone)


async def vcard(context: Context, output: str | None) -> _Card:
    lines = await services.contact_card.lines(context)
    if output:
        await asyncio.to_thread(_write, output, lines)
    return _Card(lines, output or "")


def _write(name: str, lines: list[str]) -> None:
    """Write the card with the line ends of its standard; a file that is there already is left alone."""
    from imtui.domain.vcard import LINE_END

    data = "".join(line + LINE_END for line in lines).encode()
    try:
        with Path(name).open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise Conflict(f"{name} is there already: give another name") from None
    except (OSError, ValueError) as error:
        raise ValidationFailed(f"{name} cannot be written: {getattr(error, 'strerror', '') or error}") from None


def _lines(found: list[_Listed]) -> list[str]:
    return columns(
        (
            item.contact.alias,
            item.contact.display_name or "–",
            _reach(item),
            " · ".join(engagement_text(item.contact.stages, item.channels).splitlines()) or "no engagement plan",
            ", ".join(tags_text(item.contact.tags).splitlines()),
        )
        for item in found
    ) or ["no contacts"]


def _reach(item: _Listed) -> str:
    active = sum(channel.activated for channel in item.channels)
    return f"{active} of {len(item.channels)} activated" + ("" if active else ": NEVER PAGED")


def _document(found: list[_Listed]) -> list[dict[str, Any]]:
    return [
        {
            "arn": item.contact.arn,
            "alias": item.contact.alias,
            "displayName": item.contact.display_name,
            "channels": len(item.channels),
            "activatedChannels": sum(channel.activated for channel in item.channels),
            "tags": dict(item.contact.tags),
        }
        for item in found
    ]


OPERATIONS = (
    Operation(
        ("contacts", "list"),
        "all people: whether they can be reached, by which plan, and their tags",
        (),
        list_,
        _lines,
        _document,
    ),
    Operation(
        ("contacts", "tag"),
        "add, change or remove tags of a contact",
        (CONTACT, Parameter("tags", "key=value sets a tag, key- removes it", "texts")),
        tag,
        lambda tags: [shown(line) for line in tags_text(tags).splitlines()] or ["no tags"],
        lambda tags: tags,
    ),
    Operation(
        ("contacts", "vcard"),
        "a card for address books with the numbers that pages come from, so that they break through 'do not disturb'",
        (Parameter("output", "write it to this file (.vcf), which must not be there yet", option=True),),
        vcard,
        lambda card: [f"the card is written to {shown(card.file)}"] if card.file else card.lines,
        lambda card: {"vcard": card.lines, "file": card.file or None},
    ),
)
