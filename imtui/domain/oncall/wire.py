"""Rotations as `ssm-contacts` shapes them: recurrence and coverage from and to its `RecurrenceSettings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import MAX_EVERY, Kind, Recurrence

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MIN_WINDOW_MINUTES = 30
_DAY = 1440
_SETTINGS = {"DailySettings": Kind.DAILY, "WeeklySettings": Kind.WEEKLY, "MonthlySettings": Kind.MONTHLY}
_MEMBERS = (*_SETTINGS, "NumberOfOnCalls", "ShiftCoverages", "RecurrenceMultiplier")


def recurrence_from_wire(given: Any) -> tuple[Recurrence, Coverage | None, int]:
    """The recurrence, the coverage (None: always) and the number of people on call at a time; raises ValidationFailed
    with the member that is wrong as its field."""
    settings = _mapping(given, "Recurrence", _MEMBERS)
    chosen = [name for name in _SETTINGS if settings.get(name) is not None]
    if len(chosen) != 1:
        raise ValidationFailed("recurrence: exactly one of daily, weekly and monthly settings", "Recurrence")
    name = chosen[0]
    items = settings[name]
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        raise ValidationFailed(f"{name}: at least one hand-off", name)
    entries = sorted({_entry(_SETTINGS[name], name, item) for item in items})
    every = _whole(settings.get("RecurrenceMultiplier"), "RecurrenceMultiplier", 1, MAX_EVERY)
    on_calls = _whole(settings.get("NumberOfOnCalls"), "NumberOfOnCalls", 1, 30)
    return Recurrence(_SETTINGS[name], tuple(entries), every), _coverage(settings.get("ShiftCoverages")), on_calls


def recurrence_to_wire(recurrence: Recurrence, coverage: Coverage | None, on_calls: int) -> dict[str, Any]:
    """The service's `RecurrenceSettings`."""
    name = next(name for name, kind in _SETTINGS.items() if kind is recurrence.kind)
    settings: dict[str, Any] = {
        name: [_setting(recurrence.kind, day, minute) for day, minute in recurrence.entries],
        "NumberOfOnCalls": on_calls,
        "RecurrenceMultiplier": recurrence.every,
    }
    if coverage is not None:
        settings["ShiftCoverages"] = {
            day: [{"Start": time_to_wire(begin), "End": time_to_wire(end)} for begin, end in windows]
            for day, windows in zip(DAYS, coverage.days, strict=True)
            if windows
        } or {DAYS[0]: []}  # an empty map would mean always
    return settings


def time_to_wire(minute: int) -> dict[str, int]:
    """The service's `HandOffTime` of minutes after midnight."""
    return {"HourOfDay": minute % _DAY // 60, "MinuteOfHour": minute % 60}


def time_from_wire(given: Any, field: str) -> int:
    """Minutes after midnight from the service's `HandOffTime`."""
    time = _mapping(given, field, ("HourOfDay", "MinuteOfHour"))
    hour = _whole(time.get("HourOfDay"), f"{field}: HourOfDay", 0, 23)
    return hour * 60 + _whole(time.get("MinuteOfHour"), f"{field}: MinuteOfHour", 0, 59)


def _entry(kind: Kind, name: str, given: Any) -> tuple[int, int]:
    if kind is Kind.DAILY:
        return 0, time_from_wire(given, name)
    if kind is Kind.WEEKLY:
        item = _mapping(given, name, ("DayOfWeek", "HandOffTime"))
        return _weekday(item.get("DayOfWeek"), name), time_from_wire(item.get("HandOffTime"), name)
    item = _mapping(given, name, ("DayOfMonth", "HandOffTime"))
    return _whole(item.get("DayOfMonth"), f"{name}: DayOfMonth", 1, 31), time_from_wire(item.get("HandOffTime"), name)


def _setting(kind: Kind, day: int, minute: int) -> dict[str, Any]:
    if kind is Kind.DAILY:
        return time_to_wire(minute)
    if kind is Kind.WEEKLY:
        return {"DayOfWeek": DAYS[day], "HandOffTime": time_to_wire(minute)}
    return {"DayOfMonth": day, "HandOffTime": time_to_wire(minute)}


def _coverage(given: Any) -> Coverage | None:
    if given is None:
        return None
    days = _mapping(given, "ShiftCoverages", DAYS)
    if not days:
        return None
    windows: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for day, times in days.items():
        if not isinstance(times, Sequence) or isinstance(times, str):
            raise ValidationFailed(f"ShiftCoverages: {day}: a list of times", "ShiftCoverages")
        windows[DAYS.index(day)] = [_window(item) for item in times]
    return Coverage.of(windows)


def _window(given: Any) -> tuple[int, int]:
    item = _mapping(given, "ShiftCoverages", ("Start", "End"))
    start, end = (time_from_wire(item.get(name), f"ShiftCoverages: {name}") for name in ("Start", "End"))
    if 0 < (end - start) % _DAY < MIN_WINDOW_MINUTES:
        raise ValidationFailed(f"coverage: each time is at least {MIN_WINDOW_MINUTES} minutes long", "ShiftCoverages")
    return start, end


def _weekday(given: Any, name: str) -> int:
    if given not in DAYS:
        raise ValidationFailed(f"{name}: DayOfWeek is one of {', '.join(DAYS)}", name)
    return DAYS.index(given)


def _mapping(given: Any, name: str, members: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ValidationFailed(f"{name}: expected {', '.join(members[:3])} …", name.partition(":")[0])
    unknown = [str(key)[:40] for key in given if key not in members]
    if unknown:
        raise ValidationFailed(f"{name}: there is no {unknown[0]}", name.partition(":")[0])
    return given


def _whole(given: Any, name: str, low: int, high: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise ValidationFailed(f"{name}: a whole number from {low} to {high}", name.partition(":")[0])
    return given
