"""When a rotation is covered: wall windows of each weekday, in its zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from imtui.domain.oncall.zones import day_of, instant, midnight

_MINUTES = 1440
_WEEK = 7 * _MINUTES
_NEAR, _FAR = 6, 25
"""Days to look beyond a range for where a covered time begins and ends. A week that is not covered whole has a hole;
a change of the clocks may swallow it, but not those of the next two weeks as well."""
_SURE = 4
"""Of these, the outermost days may be touched by windows of days that were not looked at."""

Window = tuple[int, int]


def joined(windows: Iterable[Window]) -> list[Window]:
    """Windows that touch or overlap as one, ascending; empty ones are left out."""
    found: list[Window] = []
    for begin, end in sorted(window for window in windows if window[0] < window[1]):
        if found and begin <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


@dataclass(frozen=True)
class Coverage:
    """Seven days from Monday on, each with its windows as minutes after its midnight, ascending and apart. One that
    runs into the next day ends after minute 1440."""

    days: tuple[tuple[Window, ...], ...]

    @classmethod
    def of(cls, days: Iterable[Iterable[Window]]) -> Coverage:
        """From windows as a person gives them: one that does not end after it begins ends on the next day."""
        runs = [[(begin, end if end > begin else end + _MINUTES) for begin, end in day] for day in days]
        return cls(tuple(tuple(joined(day)) for day in runs))

    @cached_property
    def whole(self) -> bool:
        """Whether all of the week is covered: then every instant is, whatever the clocks do."""
        week = [(day * _MINUTES + begin, day * _MINUTES + end) for day in range(7) for begin, end in self.days[day]]
        twice = joined([*week, *((begin + _WEEK, end + _WEEK) for begin, end in week)])
        return any(end - begin >= _WEEK for begin, end in twice)

    def within(self, place: ZoneInfo, first: int, last: int) -> list[Window]:
        """The covered times that touch the range, whole and ascending."""
        if self.whole:
            return [(-(1 << 60), 1 << 60)]
        found = self._looking(place, first, last, _NEAR)
        inner = (day_of(first) - _NEAR + _SURE, day_of(last) + _NEAR - _SURE)
        if found and (day_of(found[0][0]) <= inner[0] or day_of(found[-1][1]) >= inner[1]):
            found = self._looking(place, first, last, _FAR)
        return found

    def _looking(self, place: ZoneInfo, first: int, last: int, days: int) -> list[Window]:
        windows: list[Window] = []
        for day in range(day_of(first) - days, day_of(last) + days + 1):
            base, written = midnight(place, day), self.days[(day - 1) % 7]
            if base is None:
                windows += [(instant(place, day, begin), instant(place, day, end)) for begin, end in written]
            else:
                windows += [(base + begin * 60, base + end * 60) for begin, end in written]
        return [window for window in joined(windows) if window[1] > first and window[0] < last]
