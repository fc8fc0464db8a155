"""The calendar of an on-call schedule: who is on call when, by months or by weeks.

It goes through time by itself and asks its owner for the shifts of what is looked at; keys reach it as acts, like a
list. What it draws is computed as lines of text (`calendar_month`, `calendar_week`), of which it repaints the cells
that differ from those that stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from imtui.domain.text import cut as cut_text
from imtui.domain.text import shown
from widgets import calendar_month, calendar_week
from widgets.calendar_days import LETTERS, Days, Place, Track, View, bounds, cut, unknown
from widgets.calendar_moves import by_days, by_hour, by_months, on_day, top_of_hour
from widgets.cells import Piece, span, steady

__all__ = ["Calendar", "Place", "Track"]

Load = Callable[[datetime, datetime], Sequence[Track]]
"""The tracks of a schedule with the shifts that touch a range. It raises nothing: of what is only half typed, such as a
form, it gives what it gave last."""

_KEPT = 8
"""So many ranges are kept: to go to and fro computes nothing again."""

_MANY, _SOON = 1000, 0.05
"""So many shifts in a range take longer than a key may take. Then the page is turned first, and they come after so many
seconds without a key."""

_LONGEST = 64
"""Letters of a name that may be of use."""

_QUIET = 0.3
"""After so many seconds without a key the ranges before and after are asked for: who goes on waits for nothing."""


class Calendar(Widget, can_focus=True):
    """Shows the shifts that `load` gives for what is looked at: it is asked once for each range, until `follow` says
    that they may be others. It should answer at once; where there are very many shifts, the days are shown before those
    who are on call. `label` is how a contact is called; `places` are the zones to choose from, of which the first is
    shown at first.

    It is gone through like a list (`move`, `aside`, `go`), whose first item is today.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"calendar--{letter.lower()}" for letter in LETTERS),
        *("calendar--head", "calendar--strong", "calendar--dim", "calendar--warn"),
        *("calendar--cursor", "calendar--chosen", "calendar--today", "calendar--now", "calendar--here"),
    }
    DEFAULT_CSS = """
    Calendar { background: $background; color: $foreground; height: 1fr; }
    Calendar .calendar--a { color: $rotation-a; }
    Calendar .calendar--b { color: $rotation-b; }
    Calendar .calendar--c { color: $rotation-c; }
    Calendar .calendar--d { color: $rotation-d; }
    Calendar .calendar--e { color: $rotation-e; }
    Calendar .calendar--f { color: $rotation-f; }
    Calendar .calendar--g { color: $rotation-g; }
    Calendar .calendar--h { color: $rotation-h; }
    Calendar .calendar--head { color: $secondary; text-style: bold; }
    Calendar .calendar--strong { text-style: bold; }
    Calendar .calendar--dim { color: $secondary; }
    Calendar .calendar--warn { color: $warning; }
    Calendar .calendar--cursor { background: $panel; text-style: bold; }
    Calendar .calendar--chosen { background: $surface; }
    Calendar .calendar--today { text-style: bold underline; }
    Calendar .calendar--now { text-style: reverse; }
    Calendar .calendar--here { background: $panel; }
    """

    class Picked(Message):
        """Somebody opened the chosen day, or hour in a week: `at` is where it begins."""

        def __init__(self, calendar: Calendar, at: datetime) -> None:
            super().__init__()
            self.calendar = calendar
            self.at = at

        @property
        def control(self) -> Calendar:
            return self.calendar

    def __init__(
        self,
        load: Load,
        label: Callable[[str], str],
        places: Sequence[Place],
        now: datetime,
        *,
        week: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(id=name)
        self._load, self._label = load, label
        self.places = tuple(places)
        self.place = self.places[0]
        self.now = now
        self.week = week
        """Whether weeks are shown, not months."""
        self.at = top_of_hour(now.astimezone(UTC), self.place.zone)
        """The chosen hour; of a month, its day."""
        self._toggled: set[str] = set()
        self._names: dict[str, str] = {}
        self._ranges: dict[tuple[Place, int, int], Days] = {}
        self._last: tuple[Track, ...] = ()
        self._many = self._stale = False
        self._ahead: Timer | None = None
        self._soon: Timer | None = None
        self._lines: list[list[Piece]] = []
        self._styles: dict[str, Style] = {}

    # ------------------------------------------------------------ what it shows

    def follow(self) -> None:
        """The rotations, their shifts or their people's names may have changed: ask again, and repaint what has."""
        self._names.clear()
        if self._many:
            self._stale = True  # what stands there stays until the new is known
            self._come_soon()
        else:
            self._ranges.clear()
        self._draw()

    def tick(self, now: datetime) -> None:
        """Time has passed."""
        passed = now.replace(second=0, microsecond=0) != self.now.replace(second=0, microsecond=0)
        self.now = now
        if passed:
            self._draw()

    def toggle(self, letter: str) -> None:
        """Show a rotation, or hide it."""
        self._toggled ^= {letter}
        self._draw()

    def switch(self) -> None:
        """Show weeks instead of months, or months instead of weeks."""
        self.week = not self.week
        self._draw()

    def offer(self, places: Sequence[Place]) -> None:
        """Other zones to choose from; the one that is shown stays if one of them has its name."""
        self.places = tuple(places)
        self.show_in(next((each for each in self.places if each.name == self.place.name), self.places[0]))

    def next_place(self) -> Place:
        """Show the times of the next zone, and tell which that is."""
        here = self.places.index(self.place) if self.place in self.places else -1
        self.show_in(self.places[(here + 1) % len(self.places)])
        return self.place

    def show_in(self, place: Place) -> None:
        """Show the times of a zone. The instant that is chosen stays the same."""
        self.place = place
        self._draw()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The rotations as they are known for what is looked at."""
        return self._days().tracks

    @property
    def shown(self) -> tuple[Track, ...]:
        """Those that are not hidden."""
        return tuple(track for track in self.tracks if track.shown != (track.letter in self._toggled))

    @property
    def chosen(self) -> date:
        """The chosen day."""
        return self.at.astimezone(self.place.zone).date()

    @property
    def text(self) -> str:
        """What stands there, without styles."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    # ------------------------------------------------------------ moving

    @property
    def count(self) -> int:
        """How many days there are from today on to the last one that is looked at; fewer than one if that is past."""
        first, length = self._range()
        return first + length - self._today().toordinal()

    def go(self, index: int) -> None:
        """Go to today, or so many days after it."""
        zone = self.place.zone
        hour = self.at.astimezone(zone).hour
        if index == 0:
            self._choose(top_of_hour(self.now.astimezone(UTC), zone))
        else:
            self._choose(on_day(self._today().toordinal() + index, hour, zone))

    def move(self, by: int) -> None:
        """Go so many rows down: weeks of a month, days of a week."""
        self._choose(by_days(self.at, self.place.zone, by if self.week else 7 * by))

    def aside(self, by: int) -> None:
        """Go so many places to the right: days of a month, hours of a week."""
        at = self.at
        if self.week:
            for _ in range(abs(by)):
                at = by_hour(at, self.place.zone, 1 if by > 0 else -1)
            self._choose(at)
        else:
            self._choose(by_days(at, self.place.zone, by))

    def turn(self, by: int) -> None:
        """Go so many months on, or weeks."""
        zone = self.place.zone
        self._choose(by_days(self.at, zone, 7 * by) if self.week else by_months(self.at, zone, by))

    def page(self) -> int:
        """How many rows are about a page: four weeks, or the days of one."""
        return 7 if self.week else 4

    def mark(self) -> None:
        """Nothing is marked here: it goes on to the next day."""
        self._choose(by_days(self.at, self.place.zone, 1))

    def pick(self) -> None:
        """Open what is chosen."""
        zone = self.place.zone
        self.post_message(self.Picked(self, self.at if self.week else on_day(self.chosen.toordinal(), 0, zone)))

    def _choose(self, at: datetime) -> None:
        self.at = at
        self._draw()

    def _today(self) -> date:
        return self.now.astimezone(self.place.zone).date()

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._lines:
            self._lines = self._picture()
        if y >= len(self._lines):
            return Strip.blank(width, self._style(""))
        segments = [Segment(text, self._style(name)) for text, name in self._lines[y]]
        return Strip(segments).adjust_cell_length(width, self._style(""))

    def on_resize(self) -> None:
        self._lines = []
        self.refresh()
        self._look_ahead()

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._draw()

    def on_click(self, event: Any) -> None:
        zone, first = self.place.zone, self._range()[0]
        if self.week:
            hour = calendar_week.hour_at(event.x, event.y, *self.size, len(self.shown), any(self._days().gaps))
            at = None if hour is None else on_day(first + hour[0], hour[1], zone)
        else:
            shape = calendar_month.shape(*self.size, self._days().count // 7, len(self.shown))
            day = calendar_month.place_at(event.x, event.y, self.size.width, shape)
            at = None if day is None else on_day(first + day, self.at.astimezone(zone).hour, zone)
        if at is not None and at == self.at:
            self.pick()
        elif at is not None:
            self._choose(at)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _draw(self) -> None:
        """Compute the picture, and repaint where it differs from the one that stands there."""
        self._look_ahead()
        before = self._lines
        if not before or not self.size:
            self.refresh()
            return
        self._lines = after = self._picture()
        if len(before) != len(after):  # it is of another size, and will hear of that in a moment
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                start, end = span(old, new)
                if start < end:
                    self.refresh(Region(start, y, end - start, 1))

    def _picture(self) -> list[list[Piece]]:
        width, height = self.size
        if width < 1 or height < 1:
            return []
        view = View(self._days(), self.shown, self.at, self.now, self.place.name, self.has_focus, self._called)
        lines = calendar_week.lines(view, width, height) if self.week else calendar_month.lines(view, width, height)
        return [*lines, *([[(" " * width, "")]] * (height - len(lines)))]

    def _look_ahead(self) -> None:
        """Ask for what is next to what is looked at as soon as no key comes for a while, one range at a time."""
        if self._ahead is not None:
            self._ahead.stop()
        if self.is_running:
            self._ahead = self.set_timer(_QUIET, self._ask_ahead)

    def _ask_ahead(self) -> None:
        self._ahead = None
        zone = self.place.zone
        for way in (1, -1):
            there = by_days(self.at, zone, 7 * way) if self.week else by_months(self.at, zone, way)
            first, count = self._range(there.astimezone(zone).date())
            if (self.place, first, count) not in self._ranges:
                self._ask(first, count)
                self._look_ahead()
                return

    def _range(self, day: date | None = None) -> tuple[int, int]:
        """The first of the days that are looked at where this one is chosen, and how many they are."""
        span_of = calendar_week.span if self.week else calendar_month.span
        return span_of(self.chosen if day is None else day)

    def _days(self) -> Days:
        """The days that are looked at, with what the owner says of them as soon as that is known."""
        first, count = self._range()
        key = (self.place, first, count)
        found = self._ranges.pop(key, None)
        if found is not None:
            self._ranges[key] = found  # as the one that was looked at last
            return found
        if not self._many:
            return self._ask(first, count)
        self._come_soon()
        return unknown(self._last, self.place.zone, first, bounds(self.place.zone, first, count))

    def _ask(self, first: int, count: int) -> Days:
        """Ask the owner, and keep what it says."""
        zone = self.place.zone
        edges = bounds(zone, first, count)
        tracks = [each._replace(name=_legible(each.name)) for each in self._load(edges[0], edges[-1])]
        self._last = tuple(tracks)
        self._many = sum(len(each.shifts) for each in tracks) > _MANY
        while len(self._ranges) >= _KEPT:
            del self._ranges[next(iter(self._ranges))]
        found = self._ranges[self.place, first, count] = cut(tracks, zone, first, edges)
        return found

    def _come_soon(self) -> None:
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(_SOON, self._come)

    def _come(self) -> None:
        self._soon = None
        if self._stale:
            self._stale = False
            self._ranges.clear()
        first, count = self._range()
        if (self.place, first, count) not in self._ranges:
            self._ask(first, count)
        self._draw()

    def _called(self, contact: str) -> str:
        name = self._names.get(contact)
        if name is None:
            name = self._names[contact] = _legible(self._label(contact)) or "?"
        return name

    def _style(self, name: str) -> Style:
        """The style of a name; `a+now` is one over the other."""
        found = self._styles.get(name)
        if found is None:
            found = self.rich_style
            for part in filter(None, name.split("+")):
                found += self.get_component_rich_style(f"calendar--{part}", partial=True)
            self._styles[name] = found
        return found


def _legible(name: str) -> str:
    """A name that no terminal takes for more than text."""
    return cut_text(steady(shown(name)).strip(), _LONGEST)
