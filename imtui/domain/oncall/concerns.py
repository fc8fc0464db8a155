"""What is wrong with a schedule in the weeks to come: times without anybody, people paged twice, and either of them
only because two zones change their clocks on different days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

from imtui.domain.oncall.schedule import KeptRotation, spans

WEEKS = 12
_WEEK = timedelta(days=7)


class Trouble(StrEnum):
    GAP = "gap"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Concern:
    """A time in which nobody is on call, or in which a person is on call in two rotations. `by_clocks`: it is there
    only because the clocks of two zones change on different days."""

    trouble: Trouble
    start: datetime
    end: datetime
    person: str = ""
    rotations: tuple[str, str] = ("", "")
    by_clocks: bool = False


def concerns(rotations: Sequence[KeptRotation], now: datetime, weeks: int = WEEKS) -> list[Concern]:
    """All of a schedule's troubles from `now` on, by their beginning. What nobody is on call for before the first
    rotation begins is a gap too."""
    end = now + weeks * _WEEK
    gaps = [(span.start, span.end) for span in spans(rotations, now, end) if not span.contacts]
    apart = _Apart([rotation.now.zone for rotation in rotations], now)
    found = [
        Concern(Trouble.GAP, start, until, by_clocks=_only_then((start, until), gaps, apart, now, end))
        for start, until in gaps
    ]
    for first, second in combinations(rotations, 2):
        both = _twice(first, second, now, end)
        for person in dict.fromkeys(person for person, _, _ in both):
            times = [(start, until) for who, start, until in both if who == person]
            found += [
                Concern(
                    *(Trouble.TWICE, start, until, person, (first.name, second.name)),
                    by_clocks=_only_then((start, until), times, apart, now, end),
                )
                for start, until in times
            ]
    return sorted(found, key=lambda each: (each.start, each.trouble, each.person))


def _twice(
    first: KeptRotation, second: KeptRotation, now: datetime, end: datetime
) -> list[tuple[str, datetime, datetime]]:
    """Who is on call in both rotations, and when."""
    ours, theirs = first.shifts(now, end), second.shifts(now, end)
    found: list[tuple[str, datetime, datetime]] = []
    begin = 0
    for piece in ours:
        while begin < len(theirs) and theirs[begin].end <= piece.start:
            begin += 1
        for other in theirs[begin:]:
            if other.start >= piece.end:
                break
            start, until = max(piece.start, other.start, now), min(piece.end, other.end, end)
            if start < until:
                found += [(who, start, until) for who in piece.contacts if who in other.contacts]
    return found


class _Apart:
    """How far apart the clocks of some zones are, beside what they mostly are in a year."""

    def __init__(self, places: Sequence[ZoneInfo], now: datetime) -> None:
        days = [now + timedelta(days=day) for day in range(366)]
        self._usual = {
            (one, two): Counter(_offset(one, day) - _offset(two, day) for day in days).most_common(1)[0][0]
            for one, two in combinations(dict.fromkeys(places), 2)
        }

    def odd(self, at: datetime) -> bool:
        """Whether two of the zones are not as far apart at an instant as they mostly are."""
        return any(_offset(one, at) - _offset(two, at) != usual for (one, two), usual in self._usual.items())


def _offset(place: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(place).utcoffset() or timedelta()


def _only_then(
    time: tuple[datetime, datetime],
    all_: Sequence[tuple[datetime, datetime]],
    apart: _Apart,
    now: datetime,
    end: datetime,
) -> bool:
    """Whether a time lies where the clocks are odd, and has none like it in the weeks when they are not."""
    if not apart.odd(time[0]):
        return False
    for weeks in (*range(-1, -WEEKS - 1, -1), *range(1, WEEKS + 1)):
        start, until = time[0] + weeks * _WEEK, time[1] + weeks * _WEEK
        if now <= start and until <= end and not apart.odd(start):
            return not any(low < until and high > start for low, high in all_)
    return False
