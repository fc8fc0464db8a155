"""When a rotation hands over: every so many days, weeks or months at wall times of its zone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from imtui.domain.oncall.zones import day_of, gaps, instant, midnight

MAX_EVERY = 100
_MARGIN = 3
"""Days within which a wall time is surely on its side of an instant: offsets and gaps are at most a day each."""
_MONTH_LENGTHS = (28, 29, 30, 31)


class Kind(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Hand-offs every `every` days, weeks or months. An entry is a day (weekly: 0 is Monday; monthly: 1–31; daily: 0)
    and a wall time in minutes after midnight. A day that a month lacks means its last day."""

    kind: Kind
    entries: tuple[tuple[int, int], ...]
    every: int = 1


class Handoffs:
    """The hand-offs of a rotation that begins at an instant: `first_day` is the day for which the first of them was
    written, from which days, weeks or months are counted. A day, week or month that counts is a *beat*."""

    def __init__(self, recurrence: Recurrence, place: ZoneInfo, start: int) -> None:
        self._recurrence = recurrence
        self._place = place
        self._start = start
        self.first_day = self._first_day()
        self._origin = self._first_beat()
        self._by_length = {length: _month_walls(recurrence, length) for length in _MONTH_LENGTHS}
        self._before = 0
        self._before = self.index(start)

    def index(self, at: int) -> int:
        """How many hand-offs there are after the start and up to an instant: the number of the shift that runs then.
        Counted, not walked."""
        low = day_of(at) - _MARGIN
        written = self._written_before(low)
        for beat in range(self._beat(low), self._beat(low + 2 * _MARGIN) + 1):
            for day, minute in self._walls(beat):
                written += day >= low and instant(self._place, day, minute) <= at
        return written - self._doubled(at) - self._before

    def around(self, first: int, last: int) -> list[int]:
        """All hand-offs from the last one up to `first` to the next one from `last` on, the start counting as one."""
        beats = range(max(0, self._beat(day_of(first) - _MARGIN) - 1), self._beat(day_of(last) + _MARGIN) + 2)
        place, start = self._place, self._start
        found = {
            instant(place, day, minute) if (base := midnight(place, day)) is None else base + minute * 60
            for beat in beats
            for day, minute in self._walls(beat)
        }
        ordered = sorted({at for at in found if at > start} | {start})
        begin = max(0, bisect_right(ordered, first) - 1)
        return ordered[begin : bisect_left(ordered, last) + 1]

    def _first_day(self) -> int:
        """The first instant at or after the start, of all days, weeks and months, decides."""
        first = day_of(self._start) - _MARGIN
        found = [
            (at, day)
            for day in range(first, first + 31 + 3 * _MARGIN)
            for minute in _minutes_on(self._recurrence, day)
            if (at := instant(self._place, day, minute)) >= self._start
        ]
        return min(found)[1]

    def _first_beat(self) -> int:
        if self._recurrence.kind is Kind.MONTHLY:
            return _month_of(self.first_day)
        return self.first_day - (_weekday(self.first_day) if self._recurrence.kind is Kind.WEEKLY else 0)

    def _beat(self, day: int) -> int:
        """The beat that a day is in or after; negative before the first."""
        kind, every = self._recurrence.kind, self._recurrence.every
        if kind is Kind.MONTHLY:
            return (_month_of(day) - self._origin) // every
        return (day - self._origin) // (every * (7 if kind is Kind.WEEKLY else 1))

    def _walls(self, beat: int) -> list[tuple[int, int]]:
        """The hand-offs of a beat as days and minutes, each once."""
        if beat < 0:
            return []
        kind, every = self._recurrence.kind, self._recurrence.every
        if kind is Kind.MONTHLY:
            first, length = _month(self._origin + beat * every)
            return [(first + day - 1, minute) for day, minute in self._by_length[length]]
        first = self._origin + beat * every * (7 if kind is Kind.WEEKLY else 1)
        return [(first + day, minute) for day, minute in self._recurrence.entries]

    def _written_before(self, day: int) -> int:
        """How many wall times are written for days before this one."""
        beat = self._beat(day)
        if beat < 0:
            return 0
        return self._written_in(beat) + sum(each < day for each, _ in self._walls(beat))

    def _written_in(self, beats: int) -> int:
        counts = {len(walls) for walls in self._by_length.values()}
        if self._recurrence.kind is not Kind.MONTHLY:
            return beats * len(self._recurrence.entries)
        if len(counts) == 1:
            return beats * counts.pop()
        months = (self._origin + beat * self._recurrence.every for beat in range(beats))
        return sum(len(self._by_length[_month(month)[1]]) for month in months)

    def _doubled(self, at: int) -> int:
        """How many wall times up to an instant became the same instant as another, by a gap."""
        total = 0
        for gap in gaps(self._place, self._since, at, self._closest):
            low = day_of(gap.at) - _MARGIN
            walls = [
                moment
                for beat in range(self._beat(low), self._beat(low + 2 * _MARGIN) + 1)
                for day, minute in self._walls(beat)
                if gap.at <= (moment := instant(self._place, day, minute)) < min(gap.at + gap.seconds, at + 1)
            ]
            total += len(walls) - len(set(walls))
        return total

    @cached_property
    def _since(self) -> int:
        """An instant before everything that is counted."""
        first = _month(self._origin)[0] if self._recurrence.kind is Kind.MONTHLY else self._origin
        return instant(self._place, first - _MARGIN, 0)

    @cached_property
    def _closest(self) -> int:
        """The least seconds on the wall between two hand-offs: only a gap as long can make them one."""
        kind, every = self._recurrence.kind, self._recurrence.every
        if kind is Kind.MONTHLY:
            return 60 * min(_least(walls, length) for length, walls in self._by_length.items())
        return 60 * _least(self._recurrence.entries, every * (7 if kind is Kind.WEEKLY else 1))


@lru_cache(maxsize=4096)
def handoffs(recurrence: Recurrence, place: ZoneInfo, start: int) -> Handoffs:
    """The hand-offs of a rotation, kept: their beginning need not be looked for twice."""
    return Handoffs(recurrence, place, start)


def _least(walls: tuple[tuple[int, int], ...], days: int) -> int:
    minutes = sorted(day * 1440 + minute for day, minute in walls)
    return min(later - earlier for earlier, later in pairwise([*minutes, minutes[0] + days * 1440]))


def _minutes_on(recurrence: Recurrence, day: int) -> Iterator[int]:
    """The wall times of hand-offs on a day, if every day, week and month counted."""
    match recurrence.kind:
        case Kind.DAILY:
            yield from (minute for _, minute in recurrence.entries)
        case Kind.WEEKLY:
            yield from (minute for weekday, minute in recurrence.entries if weekday == _weekday(day))
        case Kind.MONTHLY:
            first, length = _month(_month_of(day))
            yield from (minute for number, minute in _month_walls(recurrence, length) if number == day - first + 1)


def _month_walls(recurrence: Recurrence, length: int) -> tuple[tuple[int, int], ...]:
    return tuple(sorted({(min(day, length), minute) for day, minute in recurrence.entries}))


def _weekday(day: int) -> int:
    return (day - 1) % 7


def _month_of(day: int) -> int:
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


@lru_cache(maxsize=4096)
def _month(month: int) -> tuple[int, int]:
    """The first day of a month and how many days it has."""
    year, number = divmod(month, 12)
    return date(year, number + 1, 1).toordinal(), monthrange(year, number + 1)[1]
