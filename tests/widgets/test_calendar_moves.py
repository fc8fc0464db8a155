"""Whoever goes through time gets everywhere and never stands still, whatever the clocks do."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from imtui.domain.oncall.zones import zone
from tests.widgets.schedules import BERLIN, HOWE, WORLD, at
from widgets.calendar_moves import EARLIEST, LATEST, by_days, by_hour, by_months, top_of_hour

APIA = zone("Pacific/Apia")


def walls(start: datetime, place: ZoneInfo, count: int, way: int = 1) -> list[str]:
    found = []
    for _ in range(count):
        start = by_hour(start, place, way)
        found.append(f"{start.astimezone(place):%H:%M%z}")
    return found


def test_an_hour_that_comes_twice_is_gone_through_twice() -> None:
    assert walls(at("2026-10-25 01:00", BERLIN), BERLIN, 3) == ["02:00+0200", "02:00+0100", "03:00+0100"]
    assert walls(at("2026-10-25 03:00", BERLIN), BERLIN, 3, -1) == ["02:00+0100", "02:00+0200", "01:00+0200"]


def test_an_hour_that_is_skipped_is_not_there() -> None:
    assert walls(at("2026-03-29 01:00", BERLIN), BERLIN, 2) == ["03:00+0200", "04:00+0200"]


def test_half_an_hour_that_comes_twice_holds_nobody_up() -> None:
    assert walls(at("2026-04-05 00:00", HOWE), HOWE, 3) == ["01:00+1100", "02:00+1030", "03:00+1030"]
    assert walls(at("2026-04-05 03:00", HOWE), HOWE, 3, -1) == ["02:00+1030", "01:00+1100", "00:00+1100"]
    assert walls(at("2026-10-04 01:00", HOWE), HOWE, 2) == ["03:00+1100", "04:00+1100"]


@pytest.mark.parametrize("name", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC"])
def test_a_year_of_hours_is_gone_through_to_and_fro(name: str) -> None:
    place = zone(name)
    there = [top_of_hour(at("2026-01-01 00:00"), place)]
    for _ in range(366 * 24):
        there.append(by_hour(there[-1], place, 1))
        assert there[-1].astimezone(place).minute == 0
    back = [there[-1]]
    for _ in range(366 * 24):
        back.append(by_hour(back[-1], place, -1))
    assert back[::-1] == there


@pytest.mark.parametrize(
    ("when", "place", "expected"),
    [
        ("2026-11-24 13:20", WORLD, "2026-11-24 13:00"),
        ("2026-11-24 13:00:00.5", WORLD, "2026-11-24 13:00"),
        ("2026-11-24 13:20", zone("Asia/Kathmandu"), "2026-11-24 13:15"),
    ],
)
def test_an_hour_begins_where_the_clock_of_the_place_has_it(when: str, place: ZoneInfo, expected: str) -> None:
    assert top_of_hour(at(when), place) == at(expected)


@pytest.mark.parametrize(
    ("when", "days", "expected"),
    [
        ("2026-10-24 09:00", 1, "2026-10-25 09:00"),
        ("2026-10-24 09:00", 7, "2026-10-31 09:00"),
        ("2026-03-28 02:00", 1, "2026-03-29 03:00"),
        ("2026-03-30 02:00", -1, "2026-03-29 03:00"),
    ],
)
def test_a_day_later_it_is_the_same_time_on_the_wall(when: str, days: int, expected: str) -> None:
    assert by_days(at(when, BERLIN), BERLIN, days) == at(expected, BERLIN)


def test_a_day_that_never_was_is_passed_in_both_directions() -> None:
    assert by_days(at("2011-12-29 09:00", APIA), APIA, 1).astimezone(APIA).day == 31
    assert by_days(at("2011-12-31 09:00", APIA), APIA, -1).astimezone(APIA).day == 29


@pytest.mark.parametrize(
    ("when", "months", "expected"),
    [
        ("2026-01-31 09:00", 1, "2026-02-28 09:00"),
        ("2026-12-15 09:00", 1, "2027-01-15 09:00"),
        ("2026-01-15 09:00", -1, "2025-12-15 09:00"),
        ("2026-01-15 09:00", -13, "2024-12-15 09:00"),
    ],
)
def test_a_month_later_it_is_the_same_day_or_the_last(when: str, months: int, expected: str) -> None:
    assert by_months(at(when, BERLIN), BERLIN, months) == at(expected, BERLIN)


@pytest.mark.parametrize("place", [BERLIN, HOWE, WORLD, zone("Pacific/Kiritimati"), zone("Pacific/Pago_Pago")])
def test_nobody_falls_off_the_end_of_time(place: ZoneInfo) -> None:
    here = at("2026-11-24 09:00")
    for way in (-1, 1):
        for going in (by_days(here, place, way * 1_000_000), by_months(here, place, way * 100_000)):
            for _ in range(50):
                going = by_hour(going, place, way)
                going = by_days(by_months(going, place, way), place, way)
            assert EARLIEST <= going.astimezone(place).date() <= LATEST
            assert abs(going.year - (1971, 0, 2199)[way + 1]) <= 1
