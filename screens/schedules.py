"""On-call schedules: who is on call now, until when, and who is next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from imtui import services
from imtui.domain.filter import Facts, Fields, Kind
from imtui.domain.filter import Field as Named
from imtui.domain.oncall.schedule import Now, now_and_next
from imtui.domain.text import shown
from imtui.services.schedules import Schedule
from screens.arranging import whole
from screens.listing import ListScreen
from widgets.virtual_table import Cell, Column


class Row(NamedTuple):
    """A schedule with who is on call, and what its people are called."""

    schedule: Schedule
    now: Now
    labels: dict[str, str]

    def names(self, people: Iterable[str]) -> str:
        return ", ".join(self.labels.get(arn, arn.rpartition("/")[2]) for arn in people)


class SchedulesScreen(ListScreen[Row]):
    """All on-call schedules."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {
        "new",
        "tags",
        "edit",
        "delete",
        "duplicate",
        "take",
        "rehearse",
    }
    TOPICS: ClassVar[frozenset[str]] = frozenset({"schedule", "contact", "tag"})
    HEADING: ClassVar[str] = "On-call schedules"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Alias", 14, narrow=11),
        Column("Name", 20, narrow=10),
        Column("On call now", 20, narrow=14),
        Column("Until", 16, narrow=14),
        Column("Next", 18, narrow=12),
        Column("Rotations", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Named("alias", Kind.TEXT, "the short name"),
        Named("name", Kind.TEXT, "the schedule's name"),
        Named("who", Kind.TEXT, "somebody who stands in a rotation"),
        Named("now", Kind.TEXT, "who is on call now"),
        Named("zone", Kind.TEXT, "time zone of a rotation"),
        Named("is", Kind.CHOICE, "unattended: nobody is on call now", ("unattended",)),
        Named("tag", Kind.TAGS, "key or key=value"),
    )
    EMPTY: ClassVar[str] = "No on-call schedules yet. {new} makes one; it needs contacts ({go-contacts})."
    NOUNS: ClassVar[tuple[str, str]] = ("on-call schedule", "on-call schedules")

    def __init__(self) -> None:
        super().__init__()
        self._next_change: datetime | None = None

    async def load(self) -> list[Row]:
        context = self.context
        found = await services.schedules.list_schedules(context)
        people = await services.contacts.list_contacts(context)
        labels = {contact.arn: contact.label for contact in people}
        now = context.now()
        rows = [Row(schedule, now_and_next(schedule.kept, now), labels) for schedule in found]
        self._next_change = min((row.now.until for row in rows if row.now.until), default=None)
        return rows

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self._next_change is not None and now >= self._next_change:
            self._next_change = now + timedelta(minutes=1)
            self.read_again()

    def key(self, item: Row) -> str:
        return item.schedule.contact.arn

    def draw(self, item: Row, now: datetime) -> Sequence[Cell]:
        contact, on_call = item.schedule.contact, item.now
        following = item.names(on_call.next) or ("nobody" if on_call.until else "")
        return (
            (contact.alias, "strong"),
            (shown(contact.display_name), ""),
            (shown(item.names(on_call.contacts)), "") if on_call.contacts else ("nobody !", "loud"),
            (self.day(on_call.until) if on_call.until else "always", "dim"),
            (shown(following), "" if on_call.next else "dim"),
            (shown(_rotations(item.schedule)), "dim"),
        )

    def facts(self, item: Row) -> Facts:
        contact = item.schedule.contact
        standing = [arn for rotation in item.schedule.rotations for arn in rotation.kept.now.contacts]
        facts = {
            "alias": contact.alias,
            "name": contact.display_name,
            "who": tuple(text for arn in standing for text in (item.names([arn]), arn.rpartition("/")[2])),
            "now": tuple(item.names([arn]) for arn in item.now.contacts),
            "zone": tuple(rotation.kept.now.zone.key for rotation in item.schedule.rotations),
            "is": () if item.now.contacts else ("unattended",),
            "tag": contact.tags,
        }
        return whole(facts, _rotations(item.schedule))

    def ranks(self, item: Row) -> Sequence[Any]:
        contact, on_call = item.schedule.contact, item.now
        return (
            *(contact.alias, contact.display_name, item.names(on_call.contacts), on_call.until),
            *(item.names(on_call.next), _rotations(item.schedule)),
        )

    def name_of(self, item: Row) -> str:
        return item.schedule.contact.alias

    def copied_of(self, item: Row) -> str:
        return item.schedule.contact.arn

    def opened(self, item: Row) -> None:
        from screens.schedule import ScheduleScreen

        self.app.push_screen(ScheduleScreen(item.schedule.contact.alias))

    def act_new(self) -> None:
        from screens.rotation_form import new_schedule

        async def ask() -> None:
            made = await new_schedule(self)
            if made is not None:
                from screens.schedule import ScheduleScreen

                self.host.said(f"{made.contact.alias} is made; {self.host.key('new')} adds another rotation")
                self.app.push_screen(ScheduleScreen(made.contact.alias))

        self.perform(ask)

    def act_edit(self) -> None:
        from screens.schedule_acts import rename

        self._with_chosen(rename)

    def act_tags(self) -> None:
        from screens.tagging import edit_tags

        row = self.chosen()
        if row is not None:
            contact = row.schedule.contact
            self.perform(lambda: edit_tags(self, contact.arn, contact.alias, f"contact/{contact.alias}"))

    def act_duplicate(self) -> None:
        from screens.schedule_acts import duplicate

        self._with_chosen(duplicate)

    def act_rehearse(self) -> None:
        from screens.rehearsal import RehearsalScreen

        row = self.chosen()
        if row is not None:
            self.app.push_screen(RehearsalScreen(self.copied_of(row)))

    def act_take(self) -> None:
        from screens.schedule_acts import take

        self._with_chosen(take)

    def act_delete(self) -> None:
        from screens.schedule_acts import delete

        self._with_chosen(delete)

    def _with_chosen(self, act: Any) -> None:
        row = self.chosen()
        if row is not None:
            self.perform(lambda: act(self, row.schedule.contact.alias))


def _rotations(schedule: Schedule) -> str:
    return ", ".join(f"{rotation.name} ({rotation.kept.now.zone.key})" for rotation in schedule.rotations) or "none"
