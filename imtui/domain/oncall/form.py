"""Rotations as the form for them has it: a start time at which one hands over and is covered from, an end time, and the
days that are covered. The service can say more than that (`wire`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall import zones
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import MAX_EVERY, Kind, Recurrence
from imtui.domain.oncall.wire import MIN_WINDOW_MINUTES

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALL_DAYS = "every day"
_DAY = 1440
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Turns:
    """What the form asks: `end_time` empty: covered around the clock. `length`: so many days, weeks or months a shift
    lasts. All as a person types it."""

    zone: str
    start_date: str
    start_time: str
    end_time: str
    days: str
    kind: str
    length: str


@dataclass(frozen=True, slots=True)
class Meant:
    """What that means."""

    start: datetime
    recurrence: Recurrence
    coverage: Coverage | None


def meant(turns: Turns) -> Meant:
    """What the form means; raises ValidationFailed with the field that is wrong."""
    place = zones.zone(turns.zone.strip())
    begin = clock(turns.start_time, "start_time")
    try:
        day = date.fromisoformat(turns.start_date.strip())
    except ValueError:
        raise ValidationFailed("start date: a date such as 2026-12-01", "start_date") from None
    days = weekdays(turns.days)
    at = zones.instant(place, day.toordinal(), begin)
    end = begin if not turns.end_time.strip() else clock(turns.end_time, "end_time")
    if 0 < (end - begin) % _DAY < MIN_WINDOW_MINUTES:
        raise ValidationFailed(f"end time: at least {MIN_WINDOW_MINUTES} minutes after the start time", "end_time")
    always = end == begin and len(days) == 7
    coverage = None if always else Coverage.of([[(begin, end)] if number in days else [] for number in range(7)])
    length = turns.length.strip()
    if not (length.isascii() and length.isdecimal() and 1 <= int(length[:5]) <= MAX_EVERY):
        raise ValidationFailed(f"shift length: a whole number from 1 to {MAX_EVERY}", "length")
    kind = Kind(turns.kind)
    entry = {Kind.DAILY: 0, Kind.WEEKLY: day.weekday(), Kind.MONTHLY: day.day}[kind]
    return Meant(datetime.fromtimestamp(at, UTC), Recurrence(kind, ((entry, begin),), int(length)), coverage)


def written(zone: str, start: datetime, recurrence: Recurrence, coverage: Coverage | None) -> Turns | None:
    """What the form would have to say to mean this; None where it cannot."""
    local = start.astimezone(zones.zone(zone))
    windows = {windows for windows in coverage.days if windows} if coverage is not None else set()
    _, begin = recurrence.entries[0]
    end = ""
    if windows:
        (window,) = next(iter(windows)) if len(next(iter(windows))) == 1 else ((-1, -1),)
        if window[0] != begin:
            return None
        end = "" if window[1] - begin == _DAY else _written(window[1] % _DAY)
    active = range(7) if coverage is None else [number for number in range(7) if coverage.days[number]]
    turns = Turns(
        zone,
        f"{local:%Y-%m-%d}",
        f"{local:%H:%M}",
        end,
        days_written(active),
        recurrence.kind.value,
        str(recurrence.every),
    )
    try:
        same = meant(turns) == Meant(start, recurrence, coverage)
    except ValidationFailed:
        return None
    return turns if same else None


def clock(text: str, field: str) -> int:
    """Minutes after midnight of a time of day."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValidationFailed(f"{field.replace('_', ' ')}: a time such as 09:00", field)
    return int(found[1]) * 60 + int(found[2])


def weekdays(text: str) -> set[int]:
    """The weekdays (0 is Monday) of a text such as `Mon-Fri`, `Sat Sun` or `every day`."""
    words = text.lower().replace(",", " ").split()
    if not words or words == ["every", "day"] or words == ["all"]:
        return set(range(7))
    found: set[int] = set()
    for word in words:
        first, _, last = word.partition("-")
        low, high = (_weekday(part) for part in (first, last or first))
        found |= {number % 7 for number in range(low, (high if high >= low else high + 7) + 1)}
    return found


def days_written(days: Iterable[int]) -> str:
    """Weekdays as `weekdays` reads them."""
    chosen = sorted(days)
    if len(chosen) == 7:
        return ALL_DAYS
    runs: list[list[int]] = []
    for day in chosen:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(
        "-".join(DAY_NAMES[day] for day in (run[0], run[-1])) if len(run) > 1 else DAY_NAMES[run[0]] for run in runs
    )


def _weekday(word: str) -> int:
    for number, name in enumerate(DAY_NAMES):
        if len(word) >= 2 and (name.lower().startswith(word) or word.startswith(name.lower())):
            return number
    raise ValidationFailed(f"active days: {word[:20]!r} is no weekday; write Mon-Fri, Sat Sun or every day", "days")


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
