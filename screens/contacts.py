"""Contacts: people, whether they can be reached, and by which plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from imtui import services
from imtui.domain.contact import Channel, Contact
from imtui.domain.plan_text import engagement_text
from imtui.domain.text import shown
from screens.forms import Field, Form, Theirs
from screens.listing import ListScreen, Values
from widgets.virtual_table import Cell, Column


class Person(NamedTuple):
    """A contact with its channels."""

    contact: Contact
    channels: list[Channel]


class ContactsScreen(ListScreen[Person]):
    """All people."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "new", "edit", "delete", "back", "copy"})
    TOPICS: ClassVar[frozenset[str]] = frozenset({"contact"})
    HEADING: ClassVar[str] = "Contacts"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Alias", 14, narrow=10),
        Column("Name", 20, narrow=15),
        Column("Channels", 22, narrow=18),
        Column("Engagement plan", 0),
    )
    EMPTY: ClassVar[str] = "No contacts yet. {new} makes one."

    async def load(self) -> list[Person]:
        context = self.context
        found = await services.contacts.list_contacts(context)
        return [Person(contact, await services.channels.for_contact(context, contact.arn)) for contact in found]

    def key(self, item: Person) -> str:
        return item.contact.arn

    def draw(self, item: Person, now: datetime) -> Sequence[Cell]:
        active = sum(channel.activated for channel in item.channels)
        reach = f"{active} of {len(item.channels)} activated"
        plan = " · ".join(engagement_text(item.contact.stages, item.channels).splitlines())
        return (
            (item.contact.alias, "strong"),
            (shown(item.contact.display_name), ""),
            (reach if active else f"{reach} !", "good" if active else "loud"),
            (shown(plan) or "none: is never paged", "" if plan else "loud"),
        )

    def opened(self, item: Person) -> None:
        from screens.contact import ContactScreen

        self.app.push_screen(ContactScreen(item.contact.alias))

    def act_copy(self) -> None:
        if person := self.chosen():
            self.host.copied(person.contact.arn)

    def act_new(self) -> None:
        async def submit(values: Values) -> Contact:
            return await services.contacts.create(self.context, values["alias"], display_name=values["display_name"])

        async def ask() -> None:
            fields = [
                Field("alias", "Alias", help="lower-case letters, digits, - and _; it cannot change afterwards"),
                Field("display_name", "Name"),
            ]
            made = await self.ask(Form("New contact", fields, submit, verb="Create"))
            if made is not None:
                from screens.contact import ContactScreen

                self.host.said(f"{made.alias} is made; {self.host.key('new')} adds a channel")
                self.app.push_screen(ContactScreen(made.alias))

        self.perform(ask)

    def act_edit(self) -> None:
        person = self.chosen()
        if person is None:
            return
        base = person.contact

        async def submit(values: Values) -> Contact:
            name = values["display_name"]
            return await services.contacts.update(self.context, base.arn, display_name=name, revision=base.revision)

        async def theirs() -> Theirs:
            nonlocal base
            base = await services.contacts.get(self.context, base.arn)
            return Theirs({"display_name": base.display_name})

        async def ask() -> None:
            fields = [Field("display_name", "Name", base.display_name)]
            if await self.ask(Form(f"Contact {base.alias}", fields, submit, theirs=theirs)) is not None:
                self.host.said(f"{base.alias} is changed")

        self.perform(ask)

    def act_delete(self) -> None:
        person = self.chosen()
        if person is None:
            return

        async def remove() -> None:
            alias = person.contact.alias
            text = f"{alias} and {len(person.channels)} channels are deleted. Incidents keep what they tell of them."
            if await self.sure("Delete this contact?", text, "Delete"):
                await services.contacts.delete(self.context, person.contact.arn)
                self.host.said(f"{alias} is deleted")

        self.perform(remove)
