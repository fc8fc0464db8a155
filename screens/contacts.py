"""Contacts: people, whether they can be reached, and by which plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from imtui import services
from imtui.domain.contact import Channel, Contact, reaching
from imtui.domain.filter import Facts, Fields, Kind
from imtui.domain.filter import Field as Named
from imtui.domain.plan_text import engagement_text
from imtui.domain.text import shown
from screens.arranging import whole
from screens.contact_forms import new_contact
from screens.forms import Field, Form, Theirs
from screens.listing import ListScreen, Values
from screens.tagging import edit_tags
from widgets.virtual_table import Cell, Column


class Person(NamedTuple):
    """A contact with its channels."""

    contact: Contact
    channels: list[Channel]

    @property
    def active(self) -> int:
        """How many channels can be paged."""
        return sum(channel.activated for channel in self.channels)

    @property
    def reachable(self) -> bool:
        """Whether a page can arrive: a channel that is activated and that the engagement plan names."""
        return bool(reaching(self.contact.stages, self.channels))


class ContactsScreen(ListScreen[Person]):
    """All people."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {"new", "edit", "delete", "tags", "rehearse"}
    TOPICS: ClassVar[frozenset[str]] = frozenset({"contact", "tag"})
    HEADING: ClassVar[str] = "Contacts"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Alias", 14, narrow=10),
        Column("Name", 20, narrow=15),
        Column("Channels", 22, narrow=18),
        Column("Engagement plan", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Named("alias", Kind.TEXT, "the short name"),
        Named("name", Kind.TEXT, "the person's name"),
        Named("channel", Kind.TEXT, "name, type or address of a channel"),
        Named("is", Kind.CHOICE, "unreachable: no page can arrive", ("unreachable",)),
        Named("tag", Kind.TAGS, "key or key=value"),
    )
    EMPTY: ClassVar[str] = "No contacts yet. {new} makes one."
    NOUNS: ClassVar[tuple[str, str]] = ("contact", "contacts")

    async def load(self) -> list[Person]:
        context = self.context
        channels = await services.channels.of_everybody(context)
        found = await services.contacts.list_contacts(context)
        return [Person(contact, channels.get(contact.arn, [])) for contact in found]

    def key(self, item: Person) -> str:
        return item.contact.arn

    def draw(self, item: Person, now: datetime) -> Sequence[Cell]:
        active = item.active
        reach = f"{active} of {len(item.channels)} activated"
        plan = _plan(item)
        told = shown(plan) if item.reachable else f"never paged  {shown(plan)}" if plan else "none: is never paged"
        return (
            (item.contact.alias, "strong"),
            (shown(item.contact.display_name), ""),
            (reach if active else f"{reach} !", "good" if active else "loud"),
            (told, "" if item.reachable else "loud"),
        )

    def facts(self, item: Person) -> Facts:
        contact = item.contact
        texts = [(c.name, c.type.label, c.address) for c in item.channels]
        facts = {
            "alias": contact.alias,
            "name": contact.display_name,
            "channel": tuple(text for channel in texts for text in channel),
            "is": () if item.reachable else ("unreachable",),
            "tag": contact.tags,
        }
        return whole(facts, _plan(item))

    def ranks(self, item: Person) -> Sequence[Any]:
        contact = item.contact
        return (contact.alias, contact.display_name, (item.active, len(item.channels)), _plan(item))

    def name_of(self, item: Person) -> str:
        return item.contact.alias

    def copied_of(self, item: Person) -> str:
        return item.contact.arn

    def opened(self, item: Person) -> None:
        from screens.contact import ContactScreen

        self.app.push_screen(ContactScreen(item.contact.alias))

    def act_new(self) -> None:
        async def ask() -> None:
            made = await new_contact(self)
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

    def act_tags(self) -> None:
        person = self.chosen()
        if person is None:
            return
        contact = person.contact

        async def edit() -> None:
            await edit_tags(self, contact.arn, contact.alias, f"contact/{contact.alias}")

        self.perform(edit)

    def act_rehearse(self) -> None:
        from screens.rehearsal import RehearsalScreen

        person = self.chosen()
        if person is not None:
            self.app.push_screen(RehearsalScreen(person.contact.arn))

    def act_delete(self) -> None:
        def one(person: Person) -> str:
            alias, channels = person.contact.alias, len(person.channels)
            return f"{alias} and {channels} channels are deleted. Incidents keep what they tell of them."

        async def delete(person: Person) -> None:
            await services.contacts.delete(self.context, person.contact.arn)

        many = "Their channels are deleted, too. Incidents keep what they tell of them."
        self.perform(lambda: self.delete_meant(delete, one, many))


def _plan(person: Person) -> str:
    """The engagement plan in one line."""
    return " · ".join(engagement_text(person.contact.stages, person.channels).splitlines())
