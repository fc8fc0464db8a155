"""The form means what the guide says of it, and what it cannot say it does not pretend to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.form import Turns, days_written, meant, weekdays, written
from imtui.domain.oncall.recurrence import Kind, Recurrence

OFFICE = Turns("Europe/Berlin", "2026-12-01", "09:00", "17:00", "Mon-Fri", "WEEKLY", "2")
START = datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_start_time_is_hand_off_and_begin_of_coverage_and_weeks_hand_over_on_the_start_dates_day() -> None:
    found = meant(OFFICE)
    assert found.start == START
    assert found.recurrence == Recurrence(Kind.WEEKLY, ((1, 540),), 2)
    assert found.coverage == Coverage.of([[(540, 1020)]] * 5 + [[]] * 2)


def test_around_the_clock_every_day_is_always_and_on_some_days_a_day_long() -> None:
    assert meant(replace(OFFICE, end_time="", days="every day")).coverage is None
    assert meant(replace(OFFICE, end_time="09:00", days="")).coverage is None
    assert meant(replace(OFFICE, end_time="")).coverage == Coverage.of([[(540, 540)]] * 5 + [[]] * 2)


def test_months_hand_over_on_the_start_dates_day() -> None:
    found = meant(replace(OFFICE, kind="MONTHLY", start_date="2026-12-31"))
    assert found.recurrence.entries == ((31, 540),)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"zone": "CET"}, "time_zone"),
        ({"start_date": "1.12.2026"}, "start_date"),
        ({"start_time": "24:00"}, "start_time"),
        ({"start_time": ""}, "start_time"),
        ({"end_time": "09:29"}, "end_time"),
        ({"days": "Mon-Xyz"}, "days"),
        ({"length": "0"}, "length"),
        ({"length": "101"}, "length"),
        ({"length": "²"}, "length"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        meant(replace(OFFICE, **wrong))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", "every day"),
        ("all", "every day"),
        ("mon,tue wed", "Mon-Wed"),
        ("Fri-Mon", "Mon Fri-Sun"),
        ("Monday Thursday", "Mon Thu"),
        ("sa su", "Sat-Sun"),
    ],
)
def test_weekdays_are_read_and_written(text: str, days: str) -> None:
    assert days_written(weekdays(text)) == days
    assert weekdays(days) == weekdays(text)


@pytest.mark.parametrize(
    "turns",
    [
        OFFICE,
        replace(OFFICE, end_time="", days="every day", kind="DAILY"),
        replace(OFFICE, end_time="01:00", kind="MONTHLY"),
        replace(OFFICE, end_time="", days="Sat-Sun"),
        replace(OFFICE, zone="Australia/Lord_Howe", end_time="05:30"),
    ],
)
def test_what_the_form_said_it_says_again(turns: Turns) -> None:
    found = meant(turns)
    assert written(turns.zone, found.start, found.recurrence, found.coverage) == turns


def test_what_the_form_cannot_say_is_left_alone() -> None:
    twice = Recurrence(Kind.DAILY, ((0, 540), (0, 1020)))
    assert written("UTC", START, twice, None) is None
    daily = Recurrence(Kind.DAILY, ((0, 540),))
    assert written("UTC", datetime(2026, 12, 1, 10, tzinfo=UTC), daily, None) is None
    uneven = Coverage.of([[(540, 600)], [(540, 660)], *[[]] * 5])
    assert written("UTC", datetime(2026, 12, 1, 9, tzinfo=UTC), daily, uneven) is None
    broken = Coverage.of([[(540, 600), (700, 800)]] * 7)
    assert written("UTC", datetime(2026, 12, 1, 9, tzinfo=UTC), daily, broken) is None
