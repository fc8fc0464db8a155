"""Rotations come back as they were given, and their shifts page by page are the shifts that the pager uses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, ImtuiError, NotFound, ValidationFailed
from imtui.services.context import Context
from tests.operations.aws.answers import call
from tests.organisation import organise

HOURS = {"HourOfDay": 8, "MinuteOfHour": 0}
DAILY: dict[str, Any] = {"DailySettings": [HOURS], "NumberOfOnCalls": 1, "RecurrenceMultiplier": 1}
WEEKLY: dict[str, Any] = {
    "WeeklySettings": [{"DayOfWeek": "MON", "HandOffTime": HOURS}, {"DayOfWeek": "FRI", "HandOffTime": HOURS}],
    "NumberOfOnCalls": 1,
    "RecurrenceMultiplier": 2,
    "ShiftCoverages": {"MON": [{"Start": HOURS, "End": {"HourOfDay": 17, "MinuteOfHour": 30}}]},
}
START = datetime(2026, 2, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
DAY = timedelta(days=1)


async def do(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    return await call(context, "ssm-contacts", operation, given)


async def rotation(context: Context, name: str = "primary", **more: Any) -> str:
    given = {"ContactIds": ["ana", "ben"], "TimeZoneId": "UTC", "Recurrence": DAILY, "StartTime": START, **more}
    return str((await do(context, "CreateRotation", Name=name, **given))["RotationArn"])


def people(page: dict[str, Any]) -> list[list[str]]:
    return [[arn.rpartition("/")[2] for arn in shift["ContactIds"]] for shift in page["RotationShifts"]]


@pytest.mark.parametrize("recurrence", [DAILY, WEEKLY])
async def test_a_rotation_comes_back_as_it_was_given(context: Context, recurrence: dict[str, Any]) -> None:
    made = await organise(context)
    arn = await rotation(context, Recurrence=recurrence, Tags=[{"Key": "team", "Value": "shop"}])
    assert await do(context, "GetRotation", RotationId=arn.rpartition("/")[2]) == {
        "RotationArn": arn,
        "Name": "primary",
        "ContactIds": [made.ana, made.ben],
        "StartTime": START,
        "TimeZoneId": "UTC",
        "Recurrence": recurrence,
    }
    assert (await do(context, "ListTagsForResource", ResourceARN=arn))["Tags"] == [{"Key": "team", "Value": "shop"}]


async def test_an_edit_changes_what_it_names_and_nothing_that_has_been(context: Context) -> None:
    made = await organise(context)
    arn = await rotation(context, Tags=[{"Key": "team", "Value": "shop"}])
    await do(context, "UpdateRotation", RotationId=arn, Recurrence=DAILY, ContactIds=["ben"])
    found = await do(context, "GetRotation", RotationId=arn)
    assert (found["ContactIds"], found["TimeZoneId"], found["StartTime"]) == ([made.ben], "UTC", START)
    assert (await do(context, "ListTagsForResource", ResourceARN=arn))["Tags"], "tags are not taken off by it"
    past = await do(context, "ListRotationShifts", RotationId=arn, StartTime=START, EndTime=START + 2 * DAY)
    assert people(past) == [["ana"], ["ben"]]


async def test_the_token_of_a_client_makes_one_rotation_and_one_override(context: Context) -> None:
    await organise(context)
    arn = await rotation(context, IdempotencyToken="once")
    assert await rotation(context, IdempotencyToken="once") == arn
    with pytest.raises(Conflict, match="token"):
        await rotation(context, "other", IdempotencyToken="once")
    times = {"StartTime": NOW + DAY, "EndTime": NOW + 2 * DAY}
    given = {"RotationId": arn, "NewContactIds": ["ben"], **times, "IdempotencyToken": "over"}
    first = await do(context, "CreateRotationOverride", **given)
    assert await do(context, "CreateRotationOverride", **given) == first
    listed = await do(context, "ListRotationOverrides", RotationId=arn, StartTime=NOW, EndTime=NOW + 9 * DAY)
    assert [each["RotationOverrideId"] for each in listed["RotationOverrides"]] == [first["RotationOverrideId"]]


async def test_pages_of_shifts_are_the_whole_list_in_pieces_and_meet_no_edge_twice(context: Context) -> None:
    await organise(context)
    windows = [
        {"Start": HOURS, "End": {"HourOfDay": 12, "MinuteOfHour": 0}},
        {"Start": {"HourOfDay": 14, "MinuteOfHour": 0}, "End": HOURS},
    ]
    arn = await rotation(context, Recurrence={**DAILY, "ShiftCoverages": dict.fromkeys(("MON", "TUE"), windows)})
    times = {"StartTime": START, "EndTime": START + 200 * DAY}
    found: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    while True:
        page = await do(context, "ListRotationShifts", RotationId=arn, MaxResults=7, **times, **token)
        assert len(page["RotationShifts"]) <= 7
        found += page["RotationShifts"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    kept = (await services.rotations.get(context, arn)).kept.shifts(START, START + 200 * DAY)
    assert [(each["StartTime"], each["EndTime"]) for each in found] == [(each.start, each.end) for each in kept]
    assert [each["ContactIds"] for each in found] == [list(each.contacts) for each in kept]
    assert len(found) > 100


async def test_a_page_goes_on_where_it_was_although_time_has_passed_and_somebody_takes_a_shift(
    context: Context, manual_clock: ManualClock
) -> None:
    await organise(context)
    arn = await rotation(context)
    asked = {"RotationId": arn, "EndTime": NOW + 10 * DAY, "MaxResults": 2}
    first = await do(context, "ListRotationShifts", **asked)
    manual_clock.advance(5 * 86400)
    begin = NOW + 6 * DAY
    over = {"StartTime": begin, "EndTime": begin + timedelta(hours=1)}
    await do(context, "CreateRotationOverride", RotationId=arn, NewContactIds=["ben"], **over)
    second = await do(context, "ListRotationShifts", **asked, NextToken=first["NextToken"])
    starts = [each["StartTime"] for each in first["RotationShifts"] + second["RotationShifts"]]
    eight = datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert starts == [eight, eight + DAY, eight + 2 * DAY, eight + 3 * DAY]
    with pytest.raises(ValidationFailed, match="token"):
        await do(context, "ListRotationShifts", RotationId=arn, EndTime=NOW + DAY, NextToken=first["NextToken"])


async def test_an_overridden_shift_names_whom_it_replaces(context: Context) -> None:
    made = await organise(context)
    arn = await rotation(context)
    begin = datetime(2026, 3, 1, 10, tzinfo=UTC)
    times = {"StartTime": begin, "EndTime": begin + timedelta(hours=2)}
    over = await do(context, "CreateRotationOverride", RotationId=arn, NewContactIds=["ben"], **times)
    page = await do(
        context,
        "ListRotationShifts",
        RotationId=arn,
        StartTime=begin - timedelta(hours=1),
        EndTime=begin + timedelta(hours=3),
    )
    regular, overridden, rest = page["RotationShifts"]
    assert (regular["Type"], overridden["Type"], rest["Type"]) == ("REGULAR", "OVERRIDDEN", "REGULAR")
    assert overridden["ContactIds"] == [made.ben]
    assert overridden["ShiftDetails"] == {"OverriddenContactIds": [made.ana]}
    assert "ShiftDetails" not in regular
    named = {"RotationId": arn, "RotationOverrideId": over["RotationOverrideId"]}
    found = await do(context, "GetRotationOverride", **named)
    assert (found["StartTime"], found["NewContactIds"], found["CreateTime"]) == (begin, [made.ben], NOW)
    await do(context, "DeleteRotationOverride", **named)
    with pytest.raises(NotFound):
        await do(context, "GetRotationOverride", **named)


async def test_a_preview_takes_any_names_and_the_later_override_counts(context: Context) -> None:
    over = [
        {"NewMembers": ["zoe"], "StartTime": START + timedelta(hours=1), "EndTime": START + timedelta(hours=5)},
        {"NewMembers": ["you"], "StartTime": START + timedelta(hours=3), "EndTime": START + timedelta(hours=4)},
    ]
    given = {"Members": ["me", "you"], "TimeZoneId": "UTC", "Recurrence": DAILY, "Overrides": over}
    page = await do(context, "ListPreviewRotationShifts", **given, StartTime=START, EndTime=START + DAY)
    assert people(page) == [["me"], ["zoe"], ["you"], ["zoe"], ["me"]]
    later = await do(
        context,
        "ListPreviewRotationShifts",
        **given,
        RotationStartTime=START + DAY,
        StartTime=START,
        EndTime=START + 3 * DAY,
        MaxResults=1,
    )
    assert people(later) == [["me"]]
    assert later["RotationShifts"][0]["StartTime"] == START + DAY, "before its start nobody is on call"
    now = await do(context, "ListPreviewRotationShifts", **given, EndTime=NOW + timedelta(minutes=1))
    assert now["RotationShifts"][0]["StartTime"] == NOW, "without a start it begins now"


async def test_a_time_without_end_is_answered_at_once(context: Context) -> None:
    await organise(context)
    nobody: dict[str, list[Any]] = {"MON": []}
    empty = await rotation(context, "never", Recurrence={**DAILY, "ShiftCoverages": nobody})
    ever = {"StartTime": datetime(1, 1, 3, tzinfo=UTC), "EndTime": datetime(9999, 12, 29, tzinfo=UTC)}
    page = await do(context, "ListRotationShifts", RotationId=empty, **ever)
    pages = 1
    while "NextToken" in page:
        assert page["RotationShifts"] == []
        page = await do(context, "ListRotationShifts", RotationId=empty, **ever, NextToken=page["NextToken"])
        pages += 1
    assert pages < 30
    full = await do(context, "ListRotationShifts", RotationId=await rotation(context), **ever, MaxResults=1)
    assert full["RotationShifts"][0]["StartTime"] == START
    with pytest.raises(ValidationFailed, match="ends after"):
        await do(context, "ListRotationShifts", RotationId=empty, StartTime=NOW, EndTime=NOW)


async def test_rotations_are_listed_by_name_in_pages_and_one_that_goes_leaves_its_schedules(context: Context) -> None:
    await organise(context)
    made = [await rotation(context, name) for name in ("Web c", "Web a", "Web a", "web a", "Web b")]
    first = await do(context, "ListRotations", RotationNamePrefix="Web", MaxResults=1)
    token, seen = first["NextToken"], first["Rotations"]
    await do(context, "CreateContact", Alias="primary", Type="ONCALL_SCHEDULE", Plan={"RotationIds": made[:2]})
    await do(context, "DeleteRotation", RotationId=seen[0]["RotationArn"])
    await rotation(context, "Web aa")
    while token:
        page = await do(context, "ListRotations", RotationNamePrefix="Web", MaxResults=1, NextToken=token)
        seen += page["Rotations"]
        token = page.get("NextToken")
    assert [each["Name"] for each in seen] == ["Web a", "Web a", "Web aa", "Web b", "Web c"]
    assert len({each["RotationArn"] for each in seen}) == 5
    with pytest.raises(NotFound):
        await do(context, "DeleteRotation", RotationId=seen[0]["RotationArn"])
    left = (await do(context, "GetContact", ContactId="primary"))["Plan"]["RotationIds"]
    assert seen[0]["RotationArn"] not in left
    assert made[0] in left


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"ContactIds": ["zoe"]}, ValidationFailed),
        ({"ContactIds": ["night"]}, ValidationFailed),
        ({"ContactIds": ["ana", "ana"]}, ValidationFailed),
        ({"TimeZoneId": "PST"}, ValidationFailed),
        ({"Recurrence": {"NumberOfOnCalls": 1, "RecurrenceMultiplier": 1}}, ValidationFailed),
        ({"Recurrence": {**DAILY, "WeeklySettings": WEEKLY["WeeklySettings"]}}, ValidationFailed),
        ({"Recurrence": {**DAILY, "NumberOfOnCalls": 3}}, ValidationFailed),
        ({"StartTime": datetime(1960, 1, 1, tzinfo=UTC)}, ValidationFailed),
    ],
)
async def test_a_rotation_that_cannot_be_is_refused(
    context: Context, changed: dict[str, Any], error: type[ImtuiError]
) -> None:
    await organise(context)
    with pytest.raises(error):
        await rotation(context, **changed)
    arn = await rotation(context)
    with pytest.raises(error):
        await do(context, "UpdateRotation", RotationId=arn, **{"Recurrence": DAILY, **changed})


async def test_a_name_that_is_no_name_is_refused(context: Context) -> None:
    await organise(context)
    for name in ("a/b", "   ", "x\x00y"):
        with pytest.raises(ImtuiError):
            await rotation(context, name)
