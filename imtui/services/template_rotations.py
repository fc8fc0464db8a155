"""Rotations in templates: what their properties mean, and which rotations a schedule's plan names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall.wire import recurrence_from_wire
from imtui.domain.template import Resource
from imtui.services import template_values
from imtui.services.rotations import RotationSpec

ROTATION = "AWS::SSMContacts::Rotation"
PROPERTIES = ("Name", "ContactIds", "StartTime", "TimeZoneId", "Recurrence", "Tags")
_TIMES = ("HandOffTime", "StartTime", "EndTime", "Start", "End")
_DAY_MINUTES = 1440
REQUIRED = ("Name", "ContactIds", "StartTime", "TimeZoneId", "Recurrence")


def rotation_spec(given: Mapping[str, Any], resource: Resource) -> RotationSpec:
    """The rotation that a resource describes; raises TemplateError with the property that is wrong."""
    contacts = given["ContactIds"]
    if not isinstance(contacts, list) or not all(isinstance(each, str) for each in contacts):
        raise resource.wrong("ContactIds: a list of contacts", "ContactIds")
    zone = given["TimeZoneId"]
    if not isinstance(zone, str):
        raise resource.wrong("TimeZoneId: a place such as Europe/Berlin, or UTC", "TimeZoneId")
    name = given["Name"]
    try:
        recurrence, coverage, on_calls = recurrence_from_wire(_wire_recurrence(given["Recurrence"]))
    except ValidationFailed as error:
        raise resource.wrong(str(error), "Recurrence") from None
    return RotationSpec(
        name=str(name) if isinstance(name, (int, float)) and not isinstance(name, bool) else _text(name, resource),
        contacts=tuple(contacts),
        zone=zone,
        recurrence=recurrence,
        coverage=coverage,
        on_calls=on_calls,
        start=_instant(given["StartTime"], resource),
        tags=template_values.tags(given["Tags"], resource),
    )


def rotation_ids(given: Any) -> list[str] | None:
    """The rotations that the plan of a schedule names: `RotationIds` itself, in a plan, or in a list of one stage; None
    where the plan names none."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if isinstance(given, dict) and set(given) <= {"RotationIds", "Stages", "DurationInMinutes", "Targets"}:
        ids = given.get("RotationIds")
        if isinstance(ids, list) and all(isinstance(each, str) for each in ids) and not given.get("Targets"):
            return ids
    return None


def _wire_recurrence(given: Any) -> Any:
    """A template's recurrence as the service shapes it: coverage is a list of days there, and numbers may be texts."""
    numbers = _numbers(given)
    if not isinstance(numbers, dict) or not isinstance(numbers.get("ShiftCoverages"), list):
        return numbers
    days: dict[str, Any] = {}
    for item in numbers["ShiftCoverages"]:
        if not isinstance(item, dict) or set(item) != {"DayOfWeek", "CoverageTimes"}:
            raise ValidationFailed("ShiftCoverages: a list of DayOfWeek and CoverageTimes", "Recurrence")
        times = item["CoverageTimes"]
        if not isinstance(times, list):
            raise ValidationFailed("CoverageTimes: a list of StartTime and EndTime", "Recurrence")
        day = str(item["DayOfWeek"])
        days[day] = [*days.get(day, []), *map(_wire_window, times)]
    return numbers | {"ShiftCoverages": days}


def _wire_window(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    names = {"StartTime": "Start", "EndTime": "End"}
    return {names.get(name, name): value for name, value in given.items()}


def _wire_time(given: Any) -> Any:
    """CloudFormation writes times as `HH:MM`; of `10:30` without quotes YAML makes 630, the minutes after midnight."""
    if isinstance(given, str) and given.count(":") == 1:
        hour, minute = given.split(":")
        if all(part.isascii() and part.isdecimal() and len(part) <= 2 for part in (hour, minute)):
            return {"HourOfDay": int(hour), "MinuteOfHour": int(minute)}
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < _DAY_MINUTES:
        return {"HourOfDay": given // 60, "MinuteOfHour": given % 60}
    return given


def _numbers(given: Any, name: str = "") -> Any:
    if name in _TIMES:
        given = _wire_time(given)
    if isinstance(given, dict):
        return {key: _numbers(value, key) for key, value in given.items()}
    if isinstance(given, list):
        inner = "HandOffTime" if name == "DailySettings" else ""
        return [_numbers(value, inner) for value in given]
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) < 6:
        return int(given)
    return given


def _instant(given: Any, resource: Resource) -> datetime:
    try:
        found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
        if found.tzinfo is None:
            raise ValueError
    except ValueError:
        text = "StartTime: an instant such as 2026-12-01T09:00:00+01:00, with its distance from UTC"
        raise resource.wrong(text, "StartTime") from None
    return found


def _text(given: Any, resource: Resource) -> str:
    if not isinstance(given, str):
        raise resource.wrong("expected a text", "Name")
    return given
