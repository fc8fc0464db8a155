"""The form of a rotation, beside a calendar that follows while one types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from imtui import services
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.oncall import zones
from imtui.domain.oncall.form import ALL_DAYS, Turns, meant, written
from imtui.domain.oncall.recurrence import Kind
from imtui.services.rotations import RotationRecord, RotationSpec, preview
from imtui.services.schedules import Draft, Schedule
from screens.dialogs import words
from screens.forms import Field, Form
from screens.live import LiveScreen
from widgets.calendar import Calendar, Place, Track
from widgets.calendar_days import LETTERS

_SIDE = 110
"""So many columns have room for both beside each other."""

_KINDS = (("days", Kind.DAILY.value), ("weeks", Kind.WEEKLY.value), ("months", Kind.MONTHLY.value))


async def new_schedule(screen: LiveScreen) -> Schedule | None:
    """Make a schedule with its first rotation."""
    people = await _people(screen)
    extra = [
        Field("alias", "Alias", help="lower-case letters, digits, - and _; it cannot change afterwards"),
        Field("display_name", "Name"),
    ]

    async def submit(values: dict[str, Any]) -> Schedule:
        spec = spec_of(values, None)
        return await services.schedules.create(
            screen.context, values["alias"], [spec], display_name=values["display_name"]
        )

    made: Schedule | None = await _asked(screen, "New on-call schedule", extra, None, submit, people, (), "Create")
    return made


async def add_rotation(screen: LiveScreen, alias: str) -> None:
    """Add a rotation to a schedule."""
    base = await services.schedules.get(screen.context, alias)
    people = await _people(screen)

    async def submit(values: dict[str, Any]) -> Schedule:
        drafts = [*_drafts(base), Draft(spec_of(values, None))]
        return await services.schedules.update(screen.context, alias, drafts, revision=base.contact.revision)

    if await _asked(screen, f"New rotation of {alias}", (), None, submit, people, base.rotations, "Add") is not None:
        screen.host.said(f"{alias} has another rotation")


async def edit_rotation(screen: LiveScreen, alias: str, arn: str) -> None:
    """Edit a rotation from now on; its name and start stay."""
    base = await services.schedules.get(screen.context, alias)
    people = await _people(screen)
    chosen = next(rotation for rotation in base.rotations if rotation.arn == arn)

    async def submit(values: dict[str, Any]) -> Schedule:
        spec = spec_of(values, chosen)
        drafts = [Draft(spec, arn) if draft.arn == arn else draft for draft in _drafts(base)]
        await _accept(screen, alias, drafts, form)
        return await services.schedules.update(screen.context, alias, drafts, revision=base.contact.revision)

    form: RotationForm
    title = f"Rotation {chosen.name} of {alias}"
    form = RotationForm(title, _fields((), chosen), submit, people, chosen, base.rotations, screen)
    if await screen.ask(form) is not None:
        screen.host.said(f"{chosen.name} is changed from now on; what has been stays")


async def remove_rotation(screen: LiveScreen, alias: str, arn: str) -> None:
    """Remove a rotation from a schedule, with its overrides."""
    base = await services.schedules.get(screen.context, alias)
    chosen = next(rotation for rotation in base.rotations if rotation.arn == arn)
    drafts = [draft for draft in _drafts(base) if draft.arn != arn]
    changed = await services.schedules.changed_overrides(screen.context, alias, drafts)
    text = "\n".join([f"{chosen.name} goes; nobody is on call by it any more.", *changed])
    if await screen.sure(f"Remove this rotation of {alias}?", text, "Remove"):
        await services.schedules.update(screen.context, alias, drafts, revision=base.contact.revision)
        screen.host.said(f"{chosen.name} is removed from {alias}")


async def _accept(screen: LiveScreen, alias: str, drafts: Sequence[Draft], form: RotationForm) -> None:
    """Name the overrides that saving changes, once: the same save again goes on."""
    changed = await services.schedules.changed_overrides(screen.context, alias, drafts)
    if changed and form.accepted != changed:
        form.accepted = changed
        raise ValidationFailed("this changes overrides; save again if it is meant:\n" + "\n".join(changed))


async def _asked(
    screen: LiveScreen,
    title: str,
    extra: Sequence[Field],
    chosen: RotationRecord | None,
    submit: Callable[[dict[str, Any]], Awaitable[Schedule]],
    people: Mapping[str, str],
    others: Sequence[RotationRecord],
    verb: str,
) -> Any:
    if not people:
        screen.host.said(screen.keyed("a rotation needs people: {go-contacts} makes them"), wrong=True)
        return None
    start = screen.context.now()
    fields = _fields(extra, chosen, start)
    return await screen.ask(RotationForm(title, fields, submit, people, chosen, others, screen, verb=verb))


def _fields(extra: Sequence[Field], chosen: RotationRecord | None, now: datetime | None = None) -> list[Field]:
    """The fields; of a rotation whose turns the form cannot say, those it can."""
    spec = chosen.spec if chosen else None
    turns = _turns(spec, now)
    fields = [*extra]
    if chosen is None:
        fields.append(Field("name", "Rotation", help="such as: primary, Berlin days; it cannot change afterwards"))
    people = " ".join(arn.rpartition("/")[2] for arn in spec.contacts) if spec else ""
    fields.append(Field("contacts", "Contacts in their order", people, help="aliases, up to 30"))
    if turns is None:
        fields.append(Field("on_calls", "On call at a time", str(spec.on_calls if spec else 1)))
        return fields
    fields += [
        Field("time_zone", "Time zone", turns.zone, help="a place such as Europe/Berlin, or UTC"),
        Field("kind", "A shift lasts", turns.kind, "choice", choices=_KINDS),
        Field("length", "How many of these", turns.length),
        Field("start_time", "Start time and hand-off", turns.start_time),
        Field("end_time", "End time", turns.end_time, help="empty: 24-hour coverage"),
        Field("days", "Active days", turns.days, help=f"such as Mon-Fri, or {ALL_DAYS}"),
        Field("on_calls", "On call at a time", str(spec.on_calls if spec else 1)),
    ]
    if chosen is None:
        place = 1 + next(index for index, field in enumerate(fields) if field.name == "time_zone")
        fields.insert(place, Field("start_date", "Start date", turns.start_date, help="it cannot change afterwards"))
    return fields


def _turns(spec: RotationSpec | None, now: datetime | None) -> Turns | None:
    if spec is not None and spec.start is not None:
        return written(spec.zone, spec.start, spec.recurrence, spec.coverage)
    date = f"{now:%Y-%m-%d}" if now else ""
    return Turns("UTC", date, "09:00", "", ALL_DAYS, Kind.WEEKLY.value, "1")


def spec_of(values: Mapping[str, Any], chosen: RotationRecord | None) -> RotationSpec:
    """What the form asks for; raises ValidationFailed with the field that is wrong."""
    contacts = tuple(str(values["contacts"]).replace(",", " ").split())
    text = str(values["on_calls"]).strip()
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= 30):
        raise ValidationFailed("on call at a time: a whole number from 1 to 30", "on_calls")
    before = chosen.spec if chosen else None
    if "time_zone" not in values:
        assert before is not None
        return replace(before, contacts=contacts, on_calls=int(text))
    start = values.get("start_date")
    if start is None:
        assert before is not None
        assert before.start is not None
        start = f"{before.start.astimezone(zones.zone(str(values['time_zone']).strip())):%Y-%m-%d}"
    found = meant(
        Turns(
            *(str(values["time_zone"]).strip(), str(start), str(values["start_time"]), str(values["end_time"])),
            *(str(values["days"]), str(values["kind"]), str(values["length"])),
        )
    )
    return RotationSpec(
        name=before.name if before else str(values["name"]),
        contacts=contacts,
        zone=str(values["time_zone"]).strip(),
        recurrence=found.recurrence,
        coverage=found.coverage,
        on_calls=int(text),
        start=before.start if before else found.start,
        tags=before.tags if before else {},
    )


async def _people(screen: LiveScreen) -> dict[str, str]:
    return {person.alias: person.label for person in await services.contacts.list_contacts(screen.context)}


def _drafts(schedule: Schedule) -> list[Draft]:
    return [Draft(rotation.spec, rotation.arn) for rotation in schedule.rotations]


class RotationForm(Form):
    """Shows in a calendar what is typed, with the other rotations of the schedule."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "month(1)", "Next month", show=False),
        Binding("f5", "month(-1)", "Month before", show=False),
        Binding("f6", "week", "Month or week", show=False),
    ]
    DEFAULT_CSS = """
    RotationForm { align: left top; layout: horizontal; }
    RotationForm > Vertical { width: 1fr; max-width: 60; height: 100%; }
    RotationForm > #preview { width: 1fr; max-width: 200; height: 100%; padding: 0 0 0 1; background: $background; }
    RotationForm #preview-note { color: $secondary; height: 2; }
    RotationForm.-stacked { layout: vertical; }
    RotationForm.-stacked > Vertical { width: 100%; max-width: 100%; height: 12; padding: 0 1; }
    RotationForm.-stacked > #preview { width: 100%; height: 1fr; padding: 0; }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        submit: Callable[[dict[str, Any]], Awaitable[Any]],
        people: Mapping[str, str],
        chosen: RotationRecord | None,
        others: Sequence[RotationRecord],
        screen: LiveScreen,
        *,
        verb: str = "Save",
    ) -> None:
        names = ", ".join(people)
        super().__init__(title, fields, submit, verb=verb, note=f"Contacts: {names}")
        self._people, self._chosen, self._others, self._screen = people, chosen, list(others), screen
        self._spec: RotationSpec | None = chosen.spec if chosen else None
        self.accepted: list[str] = []
        """The changes of overrides that were named, and are meant when the same is saved again."""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        with Vertical(id="preview"):
            yield Static("", id="preview-note")
            now = self._screen.host.now()
            yield Calendar(self._tracks, self._label, [Place("UTC", zones.zone("UTC"))], now, name="calendar")

    def on_mount(self) -> None:
        self._calendar.can_focus = False
        super().on_mount()
        self._follow()

    @property
    def _calendar(self) -> Calendar:
        return self.query_one(Calendar)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _SIDE, "-stacked")
        super().on_resize(event)

    def _fit(self) -> None:
        super()._fit()
        if self.has_class("-stacked"):
            from textual.containers import VerticalScroll

            self.query_one(VerticalScroll).styles.max_height = 8

    def _typed(self) -> None:
        super()._typed()
        self._follow()

    def _follow(self) -> None:
        """Show what stands in the fields; while that means nothing, what they meant before."""
        note = "f4 f5 month on and back   f6 week"
        try:
            spec = spec_of(self.values(), self._chosen)
            preview(spec, self._screen.host.now(), self._screen.host.now(), self._screen.host.now())
        except ImtuiError as error:
            note = f"{error}"
        else:
            self._spec = spec
            places = dict.fromkeys([spec.zone, *(other.kept.now.zone.key for other in self._others), "UTC"])
            self._calendar.offer([Place(name, zones.zone(name)) for name in places])
            self._calendar.show_in(self._calendar.places[0])
            self._calendar.follow()
        self.query_one("#preview-note", Static).update(words(note))

    def _tracks(self, begin: datetime, end: datetime) -> Sequence[Track]:
        """The rotation as it would be, among those that stand."""
        found: list[Track] = []
        drawn = False
        for other in self._others:
            if self._chosen is not None and other.arn == self._chosen.arn:
                found.append(self._own(LETTERS[len(found)], begin, end))
                drawn = True
            else:
                found.append(Track(LETTERS[len(found)], other.name, other.kept.shifts(begin, end)))
        if not drawn and len(found) < len(LETTERS):
            found.append(self._own(LETTERS[len(found)], begin, end))
        return found

    def _own(self, letter: str, begin: datetime, end: datetime) -> Track:
        if self._spec is None:
            return Track(letter, "this one", ())
        overrides = self._chosen.kept.overrides if self._chosen else ()
        spec = replace(self._spec, contacts=tuple(arn.rpartition("/")[2] for arn in self._spec.contacts))
        made = [replace(each, contacts=tuple(arn.rpartition("/")[2] for arn in each.contacts)) for each in overrides]
        return Track(letter, spec.name or "this one", preview(spec, begin, end, self._screen.host.now(), made))

    def _label(self, contact: str) -> str:
        alias = contact.rpartition("/")[2]
        return self._people.get(alias, alias)

    def action_month(self, by: int) -> None:
        self._calendar.turn(by)

    def action_week(self) -> None:
        self._calendar.switch()
