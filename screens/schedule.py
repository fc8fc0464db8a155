"""One on-call schedule: its calendar, who is on call now and next, what is wrong with it, and its rotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.widget import Widget

from imtui import services
from imtui.domain.oncall import zones
from imtui.domain.oncall.concerns import concerns
from imtui.domain.oncall.schedule import Now, now_and_next
from imtui.domain.text import cut, shown
from imtui.services.oncall import Handover, Rota
from imtui.services.schedules import Schedule
from screens.live import LiveScreen
from widgets.calendar import Calendar, Place, Track
from widgets.calendar_days import LETTERS
from widgets.lines import Line


class ScheduleScreen(LiveScreen):
    """The calendar of a schedule."""

    ACTS: ClassVar[frozenset[str]] = frozenset(
        {
            *("open", "back", "copy", "zoom", "zone", "tab-previous", "tab-next", "warnings"),
            *("new", "tags", "edit", "delete", "override", "take", "note", "history", "rehearse"),
            *(f"tab-{number}" for number in range(1, 9)),
        }
    )
    TOPICS: ClassVar[frozenset[str]] = frozenset({"schedule", "contact", "tag"})

    def __init__(self, alias: str) -> None:
        super().__init__()
        self.alias = alias
        self.schedule: Schedule | None = None
        self._rota: Rota | None = None
        self._now: Now | None = None
        self._wrong: list[str] = []
        self._notes: list[Handover] = []

    def body(self) -> Iterable[Widget]:
        for name in ("now", "rotations", "trouble"):
            yield Line(name=name)
        yield Calendar(self._tracks, self._label, [Place("UTC", zones.zone("UTC"))], self.host.now(), name="body")

    @property
    def calendar(self) -> Calendar:
        return self.query_one(Calendar)

    def on_mount(self) -> None:
        self.calendar.focus()
        self.read_again()

    async def reload(self) -> None:
        context, before = self.context, self._rota
        self.schedule = await services.schedules.get(context, self.alias)
        [self._rota] = await services.oncall.rotas(context, [self.alias])
        self._notes = await services.oncall.notes(context, self.alias, 1)
        self._look(context.now())
        if before is None:
            self.calendar.offer(self._places())
            self.calendar.show_in(self.calendar.places[0])
        else:
            self.calendar.offer(self._places())
        self.calendar.follow()
        self._say()

    def tick(self, now: datetime) -> None:
        self.calendar.tick(now)
        if self._now is not None and self._now.until is not None and now >= self._now.until:
            self._look(now)
            self._say()

    def heading(self) -> Sequence[tuple[str, str]]:
        name = self.schedule.contact.display_name if self.schedule else ""
        return ((f"On call {self.alias}", ""), (f"  {shown(name)}" if name else "", "dim"))

    # ------------------------------------------------------------ what is shown

    def _look(self, now: datetime) -> None:
        assert self._rota is not None
        self._now = now_and_next(self._rota.rotations, now)
        self._wrong = services.oncall.sentences(self._rota, concerns(self._rota.rotations, now))

    def _tracks(self, begin: datetime, end: datetime) -> Sequence[Track]:
        rotations = self._rota.rotations if self._rota else ()
        return [
            Track(letter, rotation.name, rotation.shifts(begin, end))
            for letter, rotation in zip(LETTERS, rotations, strict=False)
        ]

    def _label(self, contact: str) -> str:
        return self._rota.labels.get(contact, contact.rpartition("/")[2]) if self._rota else ""

    def _places(self) -> list[Place]:
        """The zones of the rotations, then UTC."""
        rotations = self._rota.rotations if self._rota else ()
        names = dict.fromkeys([*(rotation.now.zone.key for rotation in rotations), "UTC"])
        return [Place(name, zones.zone(name)) for name in names]

    def _say(self) -> None:
        assert self._now is not None
        now, people = self._now, ", ".join(map(self._label, self._now.contacts))
        zone = self.calendar.place
        until = f" until {_day(now.until, zone.zone)}" if now.until else ""
        following = ", ".join(map(self._label, now.next)) or "nobody"
        gap = now.next_at is not None and now.until is not None and (now.next_at > now.until or not now.contacts)
        begin = f" from {_day(now.next_at, zone.zone)}" if now.next_at and gap else ""
        pieces = [
            (" On call now  ", "dim"),
            (shown(people), "strong") if now.contacts else ("nobody", "loud"),
            (until, ""),
            (f"   next {shown(following)}{begin}" if now.until else "", "dim"),
        ]
        self.query_one("#now", Line).say(pieces)
        hidden = {track.letter for track in self.calendar.tracks} - {track.letter for track in self.calendar.shown}
        shown_ = [
            piece
            for number, track in enumerate(self.calendar.tracks, 1)
            for piece in (
                (f" {number} ", "dim"),
                (f"{track.letter} {track.name}", "dim" if track.letter in hidden else ""),
                (" (hidden) " if track.letter in hidden else " ", "dim"),
            )
        ]
        self.query_one("#rotations", Line).say([*shown_, (f"   {zone.name}", "strong")])
        self.query_one("#trouble", Line).say(self._trouble())

    def _trouble(self) -> list[tuple[str, str]]:
        """The first of what is wrong; else the newest hand-over note."""
        if self._wrong:
            more = f"  +{len(self._wrong) - 1} more, {self.host.key('warnings')}" if len(self._wrong) > 1 else ""
            return [(f" ! {shown(self._wrong[0])}", "warn"), (more, "dim")]
        if self._notes:
            note = self._notes[0]
            return [(f" Note by {shown(note.author)}, {self.day(note.at)}: ", "dim"), (cut(shown(note.text), 200), "")]
        return [(" all is well for 12 weeks", "dim")]

    # ------------------------------------------------------------ acts

    def act_back(self) -> None:
        self.app.pop_screen()

    def act_open(self) -> None:
        """What is on the chosen day, in full."""
        calendar = self.calendar
        zone, begin = calendar.place.zone, self._midnight()
        lines = []
        for track in self._tracks(begin, begin + timedelta(days=1)):
            lines.append(f"{track.letter} {track.name}")
            for shift in track.shifts:
                who = ", ".join(map(self._label, shift.contacts))
                instead = f", instead of {', '.join(map(self._label, shift.instead_of))}" if shift.instead_of else ""
                lines.append(f"  {_day(shift.start, zone)} – {_day(shift.end, zone)}  {who}{instead}")
            if not track.shifts:
                lines.append("  nobody")
        from screens.dialogs import Reader

        self.app.push_screen(Reader(f"{begin:%A %Y-%m-%d}, {calendar.place.name}", "\n".join(lines) or "no rotations"))

    def on_calendar_picked(self, _: Calendar.Picked) -> None:
        self.act_open()

    def act_warnings(self) -> None:
        from screens.dialogs import Reader

        text = "\n".join(self._wrong) or "All is well for 12 weeks."
        self.app.push_screen(Reader(f"What is wrong with {self.alias}", text))

    def act_history(self) -> None:
        async def read() -> None:
            now = self.context.now()
            found = await services.oncall.notes(self.context, self.alias)
            load = await services.oncall.load(self.context, self.alias, now, now + timedelta(weeks=4))
            lines = ["On call in the next four weeks:"]
            lines += [f"  {one.label}: {one.hours:,.0f} h, of these {one.night_hours:,.0f} h at night" for one in load]
            lines += ["", "Hand-over notes:"]
            for note in found:
                lines += [f"  {self.local(note.at)[:16]}  {note.author}", *(f"    {x}" for x in note.text.splitlines())]
            from screens.dialogs import Reader

            text = "\n".join(lines if found else [*lines, "  none"])
            self.app.push_screen(Reader(f"Load and notes of {self.alias}", text))

        self.perform(read)

    def act_zoom(self) -> None:
        self.calendar.switch()

    def act_zone(self) -> None:
        place = self.calendar.next_place()
        self._say()
        self.host.said(f"times are those of {place.name}")

    def act_tab_next(self) -> None:
        self.calendar.turn(1)

    def act_tab_previous(self) -> None:
        self.calendar.turn(-1)

    def act_copy(self) -> None:
        if self.schedule is not None:
            self.host.copied(self.schedule.contact.arn)

    def act_new(self) -> None:
        from screens.rotation_form import add_rotation

        self.perform(lambda: add_rotation(self, self.alias))

    def act_edit(self) -> None:
        from screens.rotation_form import edit_rotation

        async def ask() -> None:
            arn = await self._rotation("Edit which rotation?")
            if arn is not None:
                await edit_rotation(self, self.alias, arn)

        self.perform(ask)

    def act_tags(self) -> None:
        """Of a rotation; those of the schedule are edited in the list."""
        from screens.tagging import edit_tags

        async def ask() -> None:
            arn = await self._rotation("Tags of which rotation?")
            found = next((each for each in self.schedule.rotations if each.arn == arn), None) if self.schedule else None
            if found is not None:
                await edit_tags(self, found.arn, found.name, f"rotation/{found.arn.rpartition('/')[2]}")

        self.perform(ask)

    def act_delete(self) -> None:
        """An override on the chosen day, or else a rotation."""
        from screens.rotation_form import remove_rotation
        from screens.schedule_acts import remove_override

        async def ask() -> None:
            if self.schedule is None:
                return
            begin = self._midnight().astimezone(UTC)
            if not await remove_override(self, self.schedule, begin, begin + timedelta(days=1)):
                arn = await self._rotation("Remove which rotation?")
                if arn is not None:
                    await remove_rotation(self, self.alias, arn)

        self.perform(ask)

    def act_override(self) -> None:
        from screens.schedule_acts import override

        calendar = self.calendar
        self.perform(lambda: override(self, self.alias, calendar.at, calendar.place.zone))

    def act_rehearse(self) -> None:
        from screens.rehearsal import RehearsalScreen

        self.app.push_screen(RehearsalScreen(self.context.names.contact(self.alias)))

    def act_take(self) -> None:
        from screens.schedule_acts import take

        self.perform(lambda: take(self, self.alias))

    def act_note(self) -> None:
        from screens.schedule_acts import leave_note

        self.perform(lambda: leave_note(self, self.alias))

    def _midnight(self) -> datetime:
        """Where the chosen day begins."""
        here = self.calendar.at.astimezone(self.calendar.place.zone)
        return here.replace(hour=0, minute=0, second=0, microsecond=0)

    async def _rotation(self, title: str) -> str | None:
        """Which rotation is meant: asked where there are several."""
        from screens.chooser import Choice, Chooser

        found = self.schedule.rotations if self.schedule else ()
        if not found:
            self.host.said(self.keyed("there is no rotation: {new} adds one"), wrong=True)
            return None
        if len(found) == 1:
            return found[0].arn
        choices = [Choice(rotation.arn, rotation.name, rotation.kept.now.zone.key) for rotation in found]
        chosen = await self.ask(Chooser(title, choices))
        return None if chosen is None else str(chosen.id)

    def _toggle(self, place: int) -> None:
        tracks = self.calendar.tracks
        if place < len(tracks):
            self.calendar.toggle(tracks[place].letter)
            self._say()

    act_tab_1 = partialmethod(_toggle, 0)
    act_tab_2 = partialmethod(_toggle, 1)
    act_tab_3 = partialmethod(_toggle, 2)
    act_tab_4 = partialmethod(_toggle, 3)
    act_tab_5 = partialmethod(_toggle, 4)
    act_tab_6 = partialmethod(_toggle, 5)
    act_tab_7 = partialmethod(_toggle, 6)
    act_tab_8 = partialmethod(_toggle, 7)


def _day(when: datetime, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%a %m-%d %H:%M}"
