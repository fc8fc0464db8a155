"""Schedules to look at, and calendars that stand on a screen of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from textual.app import App, ComposeResult
from textual.screen import Screen

from imtui.domain.oncall.rotation import Shift
from imtui.domain.oncall.zones import zone
from widgets import theme
from widgets.calendar import Calendar, Place, Track
from widgets.calendar_days import View, bounds, cut
from widgets.cells import Piece
from widgets.painting import SpanCompositor

BERLIN, HOWE, WORLD = zone("Europe/Berlin"), zone("Australia/Lord_Howe"), zone("UTC")
PEOPLE = {"ana": "Ana", "ben": "Ben", "cem": "Cem", "hana": "日本花子", "bea": "Beatrix von Hohenstein"}
NOW = datetime(2026, 11, 24, 13, 20, tzinfo=UTC)


def at(text: str, place: ZoneInfo = WORLD) -> datetime:
    """A wall time, as `2026-11-24 09:00`, of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=place).astimezone(UTC)


def turn(start: str, end: str, *people: str, place: ZoneInfo = WORLD, instead: Sequence[str] = ()) -> Shift:
    return Shift(at(start, place), at(end, place), people, 0, tuple(instead) or None)


def track(letter: str, *shifts: Shift, name: str = "", shown: bool = True) -> Track:
    return Track(letter, name or f"Rotation {letter}", shifts, shown)


def view(
    tracks: Sequence[Track], first: int, count: int, *, chosen: datetime, place: ZoneInfo = WORLD, now: datetime = NOW
) -> View:
    days = cut(tracks, place, first, bounds(place, first, count))
    shown = tuple(each for each in days.tracks if each.shown)
    return View(days, shown, chosen, now, place.key, True, lambda contact: PEOPLE.get(contact, contact))


def texts(lines: Sequence[Sequence[Piece]]) -> list[str]:
    """The lines of a picture, without styles."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def drawn(picture: str, height: int) -> list[str]:
    """A picture of a test as lines, the empty ones at its end included."""
    found = [line.strip()[1:] for line in picture.strip().splitlines()]
    return [*found, *([""] * (height - len(found)))]


class Owner(App[None]):
    """A program that shows one calendar, of tracks that may be exchanged, and counts how often it is asked."""

    CSS = theme.CSS

    def __init__(self, tracks: Sequence[Track], look: theme.Look | None = None, *, week: bool = False) -> None:
        super().__init__()
        self.tracks = list(tracks)
        self.asked: list[tuple[datetime, datetime]] = []
        self.names = dict(PEOPLE)
        for each in theme.THEMES:
            self.register_theme(each)
        self.theme = (look or theme.Look("imtui-dark")).theme
        self.set_class(look is not None and look.few, theme.FEW)
        self.calendar = Calendar(
            self.load,
            lambda contact: self.names.get(contact, contact),
            [Place("Europe/Berlin", BERLIN), Place("Australia/Lord_Howe", HOWE), Place("UTC", WORLD)],
            NOW,
            week=week,
            name="calendar",
        )

    def load(self, begin: datetime, end: datetime) -> Sequence[Track]:
        self.asked.append((begin, end))
        return self.tracks

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.DARK.variables

    def get_default_screen(self) -> Screen[None]:
        return Alone(self.calendar)


class Alone(Screen[None]):
    AUTO_FOCUS = "Calendar"

    def __init__(self, calendar: Calendar) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self._calendar = calendar

    def compose(self) -> ComposeResult:
        yield self._calendar
