"""One contact: channels, their activation, and the engagement plan."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.widget import Widget

from imtui import services
from imtui.domain.contact import Channel, ChannelType, Contact, reaching
from imtui.domain.errors import Conflict
from imtui.domain.filter import Facts, Fields, Kind
from imtui.domain.filter import Field as Named
from imtui.domain.plan_text import engagement_steps
from imtui.domain.tags import tags_text
from imtui.domain.text import shown
from screens.arranging import whole
from screens.contact_forms import activate, engagement_form, new_channel, send_code, send_test
from screens.forms import Field, Form, Theirs
from screens.listing import ListScreen, Values
from screens.live import LiveScreen
from screens.tagging import edit_tags
from widgets.lines import Line
from widgets.virtual_table import Cell, Column


class ContactScreen(ListScreen[Channel]):
    """The channels of one person."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {
        *("new", "edit", "delete", "plan", "tags", "send-code", "activate", "deactivate", "test", "rehearse")
    }
    TOPICS: ClassVar[frozenset[str]] = frozenset({"contact", "tag"})
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Channel", 16, narrow=12),
        Column("Type", 6),
        Column("Address", 26, narrow=20),
        Column("State", 13),
        Column("Last result", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Named("name", Kind.TEXT, "what the channel is called"),
        Named("type", Kind.CHOICE, "how it reaches the person", tuple(type_.label for type_ in ChannelType)),
        Named("address", Kind.TEXT, "where it goes"),
        Named("is", Kind.CHOICE, "activated: it is paged", ("activated",)),
        Named("result", Kind.TEXT, "what became of the last message"),
        Named("used", Kind.INSTANT, "when it was last used, or how long ago"),
    )
    NOUNS: ClassVar[tuple[str, str]] = ("channel", "channels")
    EMPTY: ClassVar[str] = "No channels yet, so nothing can reach this person. {new} adds one."

    def __init__(self, alias: str) -> None:
        super().__init__()
        self.alias = alias
        self.contact: Contact | None = None

    def body(self) -> Iterable[Widget]:
        yield Line(name="plan")
        yield from super().body()

    async def load(self) -> list[Channel]:
        self.contact = await services.contacts.get(self.context, self.alias)
        channels = await services.channels.for_contact(self.context, self.alias)
        self.query_one("#plan", Line).say(self._plan_pieces(self.contact, channels))
        return channels

    def _plan_pieces(self, contact: Contact, channels: Sequence[Channel]) -> Sequence[tuple[str, str]]:
        """The engagement plan, with what of it never happens."""
        pieces = [(" Engagement plan  ", "dim")]
        steps = engagement_steps(contact.stages, channels)
        if not steps:
            return [*pieces, (self.keyed("none: this person is never paged. {plan} makes one."), "loud")]
        reachable = reaching(contact.stages, channels)
        if not reachable:
            pieces.append(("never paged, no channel is activated  ", "loud"))
        for index, (text, active) in enumerate(steps):
            pieces.append((f"{'   ' if index else ''}{shown(text)}", ""))
            if reachable and not active:
                pieces.append((" (not activated: skipped)", "warn"))
        return pieces

    def key(self, item: Channel) -> str:
        return item.arn

    def draw(self, item: Channel, now: datetime) -> Sequence[Cell]:
        state = ("activated", "good") if item.activated else ("not activated", "loud")
        when = f" {self.short(item.last_result_at, now)}" if item.last_result_at else ""
        last = f"{shown(item.last_result)}{when}" if item.last_result else "never used"
        return ((shown(item.name), "strong"), (item.type.label, ""), (shown(item.address), ""), state, (last, "dim"))

    def headline(self) -> Sequence[tuple[str, str]]:
        name = self.contact.display_name if self.contact else ""
        tags = ", ".join(tags_text(self.contact.tags).splitlines()) if self.contact else ""
        return (
            (f"Contact {self.alias}", ""),
            (f"  {shown(name)}" if name else "", "dim"),
            (f"  {shown(tags)}" if tags else "", "dim"),
        )

    def facts(self, item: Channel) -> Facts:
        facts = {
            "name": item.name,
            "type": item.type.label,
            "address": item.address,
            "is": ("activated",) if item.activated else (),
            "result": item.last_result,
            "used": item.last_result_at,
        }
        return whole(facts)

    def ranks(self, item: Channel) -> Sequence[Any]:
        return (item.name, item.type.label, item.address, not item.activated, item.last_result_at)

    def name_of(self, item: Channel) -> str:
        return item.name

    def copied_of(self, item: Channel) -> str:
        return item.address

    def opened(self, item: Channel) -> None:
        if item.activated:
            self.act_edit()
        else:
            self.act_activate()

    def act_new(self) -> None:
        async def ask() -> None:
            made = await new_channel(self, self.alias)
            if made is not None:
                self.host.said(f"{made.name} is added; {self.host.key('activate')} enters the code that was sent to it")

        self.perform(ask)

    def act_edit(self) -> None:
        channel = self.chosen()
        if channel is None:
            return
        base = channel

        async def submit(values: Values) -> Channel:
            now = await services.channels.get(self.context, base.arn)
            if (now.name, now.address) != (base.name, base.address):
                raise Conflict("somebody else has changed this channel meanwhile")
            return await services.channels.update(
                self.context, base.arn, name=values["name"], address=values["address"]
            )

        async def theirs() -> Theirs:
            nonlocal base
            base = await services.channels.get(self.context, base.arn)
            return Theirs({"name": base.name, "address": base.address})

        async def ask() -> None:
            fields = [
                Field("name", "Name", base.name),
                Field("address", "Address", base.address, help="a new address must be activated again"),
            ]
            if await self.ask(Form(f"Channel {base.name}", fields, submit, theirs=theirs)) is not None:
                self.host.said(f"{base.name} is changed")

        self.perform(ask)

    def act_delete(self) -> None:
        async def delete(channel: Channel) -> None:
            await services.channels.delete(self.context, channel.arn)

        self.perform(lambda: self.delete_meant(delete, lambda channel: f"{channel.name} ({channel.address})"))

    def act_rehearse(self) -> None:
        from screens.rehearsal import RehearsalScreen

        self.app.push_screen(RehearsalScreen(self.context.names.contact(self.alias)))

    def act_plan(self) -> None:
        if self.contact is not None:
            contact, channels = self.contact, self.arrangement.items
            self.perform(lambda: engagement_form(self, contact, channels))

    def act_tags(self) -> None:
        async def edit() -> None:
            contact = await services.contacts.get(self.context, self.alias)
            await edit_tags(self, contact.arn, contact.alias, f"contact/{contact.alias}")

        self.perform(edit)

    def act_send_code(self) -> None:
        self._with_chosen(send_code)

    def act_activate(self) -> None:
        self._with_chosen(activate)

    def act_deactivate(self) -> None:
        channel = self.chosen()
        if channel is None:
            return
        if not channel.activated:
            self.host.said(f"{channel.name} is not activated: it is not paged", wrong=True)
            return

        async def deactivate() -> None:
            text = f"{channel.name} ({channel.address}) is not paged any more until it is activated again."
            if await self.sure("Deactivate this channel?", text, "Deactivate"):
                await services.channels.deactivate(self.context, channel.arn)
                self.host.said(f"{channel.name} is not paged any more; {self.host.key('send-code')} sends a new code")

        self.perform(deactivate)

    def act_test(self) -> None:
        self._with_chosen(lambda screen, channel: send_test(screen, [channel]))

    def _with_chosen(self, act: Callable[[LiveScreen, Channel], Coroutine[Any, Any, Any]]) -> None:
        channel = self.chosen()
        if channel is not None:
            self.perform(lambda: act(self, channel))
