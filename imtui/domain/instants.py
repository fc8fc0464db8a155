"""Instants as people type them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from imtui.domain.errors import ValidationFailed
from imtui.domain.filter_values import duration

FORMS = "2026-03-01 03:10, 03:10 (the next), tomorrow 03:10, +2h, or now"

_FIRST_YEAR, _LAST_YEAR = 1971, 9000
_CLOCK = re.compile(r"(?:(today|tomorrow)\s+)?(\d{1,2}):(\d{2})", re.ASCII | re.IGNORECASE)
_DAYS = {"today": 0, "tomorrow": 1}


def moment(text: str, here: datetime, field: str | None = None) -> datetime:
    """The instant that a text means, in the zone of `here`, which is now: a date with or without time and offset, the
    next time it is so late, a time today or tomorrow, so much from now. Raises ValidationFailed, for `field`."""
    words = text.strip()
    if words.lower() in ("", "now"):
        return here
    try:
        if words.startswith("+"):
            return here + timedelta(seconds=float(duration(":", words[1:].strip()).low))
        if found := _CLOCK.fullmatch(words):
            day, hour, minute = found.groups()
            then = _at(here + timedelta(days=_DAYS[day.lower()] if day else 0), here, int(hour), int(minute))
            late = day is None and then < here
            return _at(here + timedelta(days=1), here, int(hour), int(minute)) if late else then
        given = datetime.fromisoformat(words)
        if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
            raise ValidationFailed("nobody was or will be on call then")
        return given if given.tzinfo is not None else _zoned(given, here)
    except (ValueError, OverflowError, OSError, ValidationFailed):
        raise ValidationFailed(f"{words[:40]!r} is no instant: give it as {FORMS}", field) from None


def _at(day: datetime, here: datetime, hour: int, minute: int) -> datetime:
    return _zoned(day.replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0), here)


def _zoned(wall: datetime, here: datetime) -> datetime:
    """The wall time as an instant: in UTC or a place's zone where `here` is in one; else in the machine's zone, whose
    offset may differ then."""
    if isinstance(here.tzinfo, ZoneInfo) or (here.utcoffset() == timedelta(0) and here.tzname() == "UTC"):
        return wall.replace(tzinfo=here.tzinfo)
    placed = wall.astimezone()
    if placed.replace(tzinfo=None) < wall:  # the clocks skip it: it moves forward by as much, as hand-offs do
        return wall.replace(fold=1).astimezone()
    return placed
