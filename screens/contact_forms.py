"""What one does for a contact, from whichever screen: make it, give it channels and a plan, activate and test them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imtui import services
from imtui.domain.contact import Channel, ChannelType, Contact
from imtui.domain.plan_text import ENGAGEMENT_HELP, engagement_plan, engagement_text
from imtui.domain.tags import parse_tags
from screens.forms import Field, Form, Theirs
from screens.live import LiveScreen
from screens.tagging import TAGS_HELP

_TYPES = tuple((type_.label, type_.value) for type_ in ChannelType)

Values = dict[str, Any]


async def new_contact(screen: LiveScreen) -> Contact | None:
    """Make a contact; None when that was left."""

    async def submit(values: Values) -> Contact:
        return await services.contacts.create(
            screen.context, values["alias"], display_name=values["display_name"], tags=parse_tags(values["tags"])
        )

    fields = [
        Field("alias", "Alias", help="lower-case letters, digits, - and _; it cannot change afterwards"),
        Field("display_name", "Name"),
        Field("tags", "Tags", "", "area", help=TAGS_HELP),
    ]
    made: Contact | None = await screen.ask(Form("New contact", fields, submit, verb="Create"))
    return made


async def new_channel(screen: LiveScreen, alias: str) -> Channel | None:
    """Add a channel to a contact; None when that was left."""

    async def submit(values: Values) -> Channel:
        return await services.channels.create(
            screen.context,
            alias,
            values["name"],
            values["type"],
            values["address"],
            defer_activation=values["later"],
        )

    fields = [
        Field("name", "Name", help="such as: work mail, mobile"),
        Field("type", "Type", "EMAIL", "choice", choices=_TYPES),
        Field("address", "Address", help="name@host, or + and the number: +4915112345678"),
        Field("later", "Send the activation code later", False, "switch"),
    ]
    made: Channel | None = await screen.ask(Form(f"New channel of {alias}", fields, submit, verb="Add"))
    return made


async def engagement_form(screen: LiveScreen, contact: Contact, channels: Sequence[Channel]) -> Contact | None:
    """Edit the engagement plan of a contact with these channels; what was saved."""
    if not channels:
        screen.host.said(screen.keyed("add a channel first: {new}"), wrong=True)
        return None
    first = f"0: {channels[0].name}"
    base = contact

    async def submit(values: Values) -> Contact:
        stages = engagement_plan(values["stages"], channels)
        return await services.contacts.update(screen.context, base.arn, stages=stages, revision=base.revision)

    async def theirs() -> Theirs:
        nonlocal base
        base = await services.contacts.get(screen.context, base.arn)
        return Theirs({"stages": engagement_text(base.stages, channels) or first})

    names = ", ".join(channel.name for channel in channels)
    text = engagement_text(base.stages, channels) or first
    field = Field("stages", "Plan", text, "area", help=ENGAGEMENT_HELP)
    form = Form(f"Engagement plan of {base.alias}", [field], submit, note=f"Channels: {names}", theirs=theirs)
    saved: Contact | None = await screen.ask(form)
    if saved is not None:
        screen.host.said(f"the engagement plan of {base.alias} is saved")
    return saved


async def send_code(screen: LiveScreen, channel: Channel) -> None:
    """Send a channel a new activation code."""
    await services.channels.send_code(screen.context, channel.arn)
    screen.host.said(f"a code goes to {channel.name}; the one before is void")


async def activate(screen: LiveScreen, channel: Channel) -> Channel | None:
    """Ask for the code that was sent to a channel; None when it was left."""
    if channel.activated:
        screen.host.said(f"{channel.name} is activated already")
        return None

    async def submit(values: Values) -> Channel:
        return await services.channels.activate(screen.context, channel.arn, values["code"])

    text = screen.keyed("the six digits that were sent to it; {send-code} sends a new one")
    field = Field("code", "Code", help=text)
    made: Channel | None = await screen.ask(Form(f"Activate {channel.name}", [field], submit, verb="Activate"))
    if made is not None:
        screen.host.said(f"{channel.name} is activated: it is paged from now on")
    return made


async def send_test(screen: LiveScreen, channels: Sequence[Channel]) -> bool:
    """Send a test page to channels of one person, after one question; whether that was done."""
    several = len(channels) > 1
    to = ", ".join(f"{channel.name} ({channel.address})" for channel in channels)
    if not await screen.sure(f"Send {'test pages' if several else 'a test page'}?", f"To {to}.", "Send"):
        return False
    for channel in channels:
        await services.channels.test(screen.context, channel.arn)
    names = ", ".join(channel.name for channel in channels)
    screen.host.said(f"a test page goes to {names}; its result appears beside it")
    return True
