"""What a calendar shows, cut into the days of one time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from imtui.domain.oncall.rotation import Shift
from imtui.domain.oncall.zones import instant

LETTERS = "ABCDEFGH"
"""By which the rotations of a schedule are told apart where there are no colours."""

Stretch = tuple[datetime, datetime]
"""From one instant to another."""


class Track(NamedTuple):
    """A rotation in a calendar: its letter, its name, and its shifts, ascending and apart, as they touch the range that
    is looked at."""

    letter: str
    name: str
    shifts: Sequence[Shift]
    shown: bool = True


class Place(NamedTuple):
    """Where clocks show the times of a calendar, and what that is called."""

    name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Days:
    """Tracks, cut into consecutive days of a time zone. `bounds` are the instants at which each day begins and the last
    one ends; `turns` has the shifts that touch each day, by letter; `gaps` the times in which no rotation has anybody,
    whether it is shown or not. A day that the zone skipped has neither shifts nor gaps. Days that are not `known` yet
    have neither, too."""

    zone: ZoneInfo
    first: int
    bounds: tuple[datetime, ...]
    tracks: tuple[Track, ...]
    turns: Mapping[str, tuple[tuple[Shift, ...], ...]]
    gaps: tuple[tuple[Stretch, ...], ...]
    known: bool = True

    @property
    def count(self) -> int:
        return len(self.bounds) - 1

    def day(self, index: int) -> date:
        """The date of a day, counted from 0."""
        return date.fromordinal(self.first + index)


class View(NamedTuple):
    """What is drawn: the days, the tracks among them that are shown, the chosen instant and the present one, and how
    a contact is called."""

    days: Days
    shown: tuple[Track, ...]
    at: datetime
    now: datetime
    place: str
    focused: bool
    name: Callable[[str], str]

    @property
    def chosen(self) -> date:
        """The day that is chosen."""
        return self.at.astimezone(self.days.zone).date()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.days.zone).date()


def bounds(zone: ZoneInfo, first: int, count: int) -> tuple[datetime, ...]:
    """Where so many days from one on begin, and where the last ends."""
    return tuple(datetime.fromtimestamp(instant(zone, first + index, 0), UTC) for index in range(count + 1))


def cut(tracks: Sequence[Track], zone: ZoneInfo, first: int, edges: tuple[datetime, ...]) -> Days:
    """Tracks as the days between these bounds."""
    turns = {track.letter: tuple(map(tuple, _by_day(track.shifts, edges))) for track in tracks}
    holes = gaps(tracks, edges[0], edges[-1]) if tracks else []
    return Days(zone, first, edges, tuple(tracks), turns, tuple(map(tuple, _within(holes, edges))))


def unknown(tracks: Sequence[Track], zone: ZoneInfo, first: int, edges: tuple[datetime, ...]) -> Days:
    """The days between these bounds before anybody has said what is on them."""
    nothing: tuple[tuple[()], ...] = ((),) * (len(edges) - 1)
    bare = tuple(track._replace(shifts=()) for track in tracks)
    return Days(zone, first, edges, bare, {track.letter: nothing for track in bare}, nothing, known=False)


def gaps(tracks: Sequence[Track], begin: datetime, end: datetime) -> list[Stretch]:
    """The times of the range in which none of them has anybody."""
    found: list[Stretch] = []
    covered = begin
    for shift in sorted((shift for track in tracks for shift in track.shifts), key=itemgetter(0)):
        if shift.start >= end:
            break
        if shift.start > covered:
            found.append((covered, shift.start))
        covered = max(covered, shift.end)
    if covered < end:
        found.append((covered, end))
    return found


def touching(shifts: Sequence[Shift], begin: datetime, end: datetime) -> list[Shift]:
    """Those of them that lie in a range at least partly."""
    return [shift for shift in shifts if shift.end > begin and shift.start < end]


def _by_day(shifts: Sequence[Shift], edges: tuple[datetime, ...]) -> list[list[Shift]]:
    days: list[list[Shift]] = [[] for _ in edges[1:]]
    first = 0
    for shift in shifts:
        while first < len(days) and edges[first + 1] <= shift.start:
            first += 1
        for index in range(first, len(days)):
            if edges[index] >= shift.end:
                break
            if edges[index] < edges[index + 1]:
                days[index].append(shift)
    return days


def _within(stretches: Sequence[Stretch], edges: tuple[datetime, ...]) -> list[list[Stretch]]:
    """Stretches by the days they touch, each cut to the day."""
    days: list[list[Stretch]] = [[] for _ in edges[1:]]
    first = 0
    for begin, end in stretches:
        while first < len(days) and edges[first + 1] <= begin:
            first += 1
        for index in range(first, len(days)):
            low, high = max(begin, edges[index]), min(end, edges[index + 1])
            if edges[index] >= end:
                break
            if low < high:
                days[index].append((low, high))
    return days
