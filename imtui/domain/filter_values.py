"""What the values of a filter mean: numbers, durations and instants as people type them, as ranges to compare with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from imtui.domain.errors import ValidationFailed

_NUMBER = re.compile(r"#?(\d{1,15}(?:\.\d{1,6})?)", re.ASCII)
_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|sec|m|min|h|d|w)", re.IGNORECASE | re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.IGNORECASE | re.ASCII)
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DAY = re.compile(
    r"([1-9]\d{3})(?:-(\d{1,2})(?:-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{2})(?::(\d{2}))?([Zz])?)?)?)?", re.ASCII
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_LONGEST = 100 * 366 * 86400


class Range(NamedTuple):
    """Numbers, seconds or instants from `low` to `high`; None: without end. `with_low` and `with_high` say whether the
    ends themselves belong to it."""

    low: Any = None
    high: Any = None
    with_low: bool = True
    with_high: bool = True

    def holds(self, point: Any) -> bool:
        """Whether the point lies in it."""
        if self.low is not None and not (point >= self.low if self.with_low else point > self.low):
            return False
        return self.high is None or bool(point <= self.high if self.with_high else point < self.high)


def number(op: str, value: str) -> Range:
    """The numbers that a value means; raises ValidationFailed."""
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ValidationFailed(f"{value[:40]!r} is no number")
    return _than(op, float(found[1]), float(found[1]))


def duration(op: str, value: str) -> Range:
    """The seconds that a value such as 90s, 1h or 1h30m means; without comparison those of its last unit, so that 2h
    stands for all up to 3h. Raises ValidationFailed."""
    seconds, unit = _seconds(value)
    if op in (":", "="):
        return Range(seconds, seconds + unit, with_high=False)
    return _than(op, seconds, seconds)


def instant(op: str, value: str, now: datetime) -> Range:
    """The instants that a value means: a date or time in the zone of `now`, or an age such as 24h (`>24h`: longer ago;
    without comparison: since then). Raises ValidationFailed."""
    if _DURATION.fullmatch(value):
        point = now - timedelta(seconds=_seconds(value)[0])
        older = {">": "<", ">=": "<=", "<": ">", "<=": ">="}.get(op, ">=")
        return _than(older, point, point)
    begin, end = _span(value, now)
    if op == "<=":
        return Range(high=end, with_high=False)
    if op == ">":
        return Range(low=end)
    if op in (":", "="):
        return Range(begin, end, with_high=False)
    return _than(op, begin, begin)


def _than(op: str, low: Any, high: Any) -> Range:
    match op:
        case "<":
            return Range(high=low, with_high=False)
        case "<=":
            return Range(high=high)
        case ">":
            return Range(low=high, with_low=False)
        case ">=":
            return Range(low=low)
    return Range(low, high)


def _seconds(value: str) -> tuple[float, int]:
    """The seconds, and those of the smallest unit that was given."""
    if _DURATION.fullmatch(value) is None:
        raise ValidationFailed(f"{value[:40]!r} is no duration: give it as 90s, 15m, 2h, 3d or 1h30m")
    parts = [(float(amount), _SECONDS[unit.lower()]) for amount, unit in _PART.findall(value)]
    seconds = sum(amount * unit for amount, unit in parts)
    if seconds > _LONGEST:
        raise ValidationFailed(f"{value[:40]!r} is longer than a hundred years")
    return seconds, min(unit for _, unit in parts)


def _span(value: str, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a date or time lasts."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, minute = timedelta(days=1), timedelta(minutes=1)
    word = value.lower()
    try:
        if word == "today":
            return midnight, midnight + day
        if word == "yesterday":
            return midnight - day, midnight
        if clock := _CLOCK.fullmatch(value):
            begin = midnight.replace(hour=int(clock[1]), minute=int(clock[2]))
            return begin, begin + minute
        if found := _DAY.fullmatch(value):
            year, *rest = (int(part) if part else None for part in found.groups()[:6])
            month, date, hour, minutes, seconds = rest
            zone = UTC if found[7] else now.tzinfo
            begin = datetime(year or 0, month or 1, date or 1, hour or 0, minutes or 0, seconds or 0, tzinfo=zone)
            if month is None:
                return begin, begin.replace(year=begin.year + 1)
            if date is None:
                return begin, (begin + 31 * day).replace(day=1)
            return begin, begin + (day if hour is None else minute if seconds is None else timedelta(seconds=1))
    except (ValueError, OverflowError):
        pass
    raise ValidationFailed(f"{value[:40]!r} is no instant: give it as 2026-03-01, 2026-03-01T03:10, 24h or today")
