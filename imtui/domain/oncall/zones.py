"""Time zones: which names are taken, and wall times as instants.

The data is that of the installed `tzdata` package and never the machine's own, so that all programs on a database agree
about who is on call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from imtui.domain.errors import ValidationFailed

DAY = 86400
EPOCH_DAY = 719163  # 1970-01-01
_FIXED = re.compile(r"Etc/GMT[+-]\d+")
_STEP = timedelta(days=7)
"""No zone changes its clocks and takes that back within a week; a test looks at all of them day by day."""


class Gap(NamedTuple):
    """Wall times that a zone leaves out: from an instant on, its clocks are so many seconds ahead of what they were."""

    at: int
    seconds: int


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """All names that a schedule may use: a place on earth, or UTC. Names without a place (`PST`, `Japan`) and fixed
    offsets (`Etc/GMT+5`) would not follow the clocks of any place."""
    listed = files("tzdata").joinpath("zones").read_text().split()
    return tuple(sorted(name for name in listed if ("/" in name and not _FIXED.fullmatch(name)) or name == "UTC"))


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(names())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of this name; raises ValidationFailed with the field `time_zone`."""
    if name not in _known():
        shown = name[:64]
        text = f"time zone: {shown!r} is not one; use a place such as Europe/Berlin, or UTC"
        raise ValidationFailed(text, "time_zone")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def version() -> str:
    """Which time zone data is in use, such as 2026f."""
    return str(import_module("tzdata").IANA_VERSION)


def instant(place: ZoneInfo, day: int, minute: int) -> int:
    """The instant of a wall time, so many minutes after the midnight of a day (more than a day's minutes run on). One
    that the zone skips moves forward by the length of the gap; one that comes twice is the first."""
    extra, rest = divmod(minute, 1440)
    wall = datetime.fromordinal(day + extra).replace(hour=rest // 60, minute=rest % 60)
    offset = place.utcoffset(wall)
    assert offset is not None
    return (day - EPOCH_DAY) * DAY + minute * 60 - offset.days * DAY - offset.seconds


@lru_cache(maxsize=200_000)
def midnight(place: ZoneInfo, day: int) -> int | None:
    """The instant of a day's midnight, if the clocks stay as they are for three days: then wall times are so many
    seconds after it."""
    before, after = (place.utcoffset(datetime.fromordinal(each)) for each in (day, day + 3))
    assert before is not None
    return (day - EPOCH_DAY) * DAY - before.days * DAY - before.seconds if before == after else None


def day_of(at: int) -> int:
    """The day of an instant in UTC; a zone's own day is at most one away."""
    return at // DAY + EPOCH_DAY


def gaps(place: ZoneInfo, after: int, until: int, least: int) -> Iterator[Gap]:
    """The gaps of at least so many seconds, after one instant and up to another."""
    for year in range(_year(after), _year(until) + 1):
        for first, last, seconds in _advances(place, year):
            if seconds >= least:
                at = _turn(place, first, last)
                if after < at <= until:
                    yield Gap(at, seconds)


def _year(at: int) -> int:
    return datetime.fromordinal(day_of(at)).year


@lru_cache(maxsize=20_000)
def _advances(place: ZoneInfo, year: int) -> tuple[tuple[int, int, int], ...]:
    """The weeks of a year (as UTC counts it) in which clocks go forward, and by how many seconds."""
    found = []
    last = datetime(year + 1, 1, 1)  # noqa: DTZ001  (an instant in UTC, as the arithmetic below needs it)
    at = datetime(year, 1, 1)  # noqa: DTZ001
    before = _offset(place, at)
    while at < last:
        then = min(at + _STEP, last)
        offset = _offset(place, then)
        if offset > before:
            found.append((_seconds(at), _seconds(then), offset - before))
        at, before = then, offset
    return tuple(found)


def _offset(place: ZoneInfo, utc: datetime) -> int:
    moved = place.fromutc(utc.replace(tzinfo=place)).utcoffset()
    assert moved is not None
    return moved.days * DAY + moved.seconds


def _seconds(utc: datetime) -> int:
    return (utc.toordinal() - EPOCH_DAY) * DAY + utc.hour * 3600 + utc.minute * 60 + utc.second


@lru_cache(maxsize=20_000)
def _turn(place: ZoneInfo, first: int, last: int) -> int:
    """The instant within a week at which the offset changes."""
    origin = datetime.fromordinal(EPOCH_DAY)
    before = _offset(place, origin + timedelta(seconds=first))
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(place, origin + timedelta(seconds=middle)) == before:
            first = middle
        else:
            last = middle
    return last
