"""Shifts lie on the days on which people's own clocks have them, and a time with nobody is not overlooked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from imtui.domain.oncall.rotation import Shift
from imtui.domain.oncall.zones import zone
from tests.widgets.schedules import BERLIN, HOWE, WORLD, at, track, turn
from widgets.calendar_days import Days, Track, bounds, cut, gaps


def days_of(tracks: list[Track], first: str, count: int, place: str = "UTC") -> Days:
    here = zone(place)
    begin = date.fromisoformat(first).toordinal()
    return cut(tracks, here, begin, bounds(here, begin, count))


def people(days: Days, letter: str = "A") -> list[str]:
    return [" ".join(shift.contacts[0] for shift in each) for each in days.turns[letter]]


def test_a_hand_off_in_the_middle_of_a_day_is_on_that_day_with_both() -> None:
    week = track(
        "A", turn("2026-11-20 09:00", "2026-11-24 09:00", "ana"), turn("2026-11-24 09:00", "2026-12-01 09:00", "ben")
    )
    assert people(days_of([week], "2026-11-23", 3)) == ["ana", "ana ben", "ben"]


def test_a_shift_that_ends_at_midnight_is_not_on_the_next_day() -> None:
    one = track("A", turn("2026-11-23 00:00", "2026-11-24 00:00", "ana"))
    assert people(days_of([one], "2026-11-22", 4)) == ["", "ana", "", ""]


def test_the_day_is_that_of_the_zone_that_is_shown() -> None:
    one = track("A", turn("2026-11-23 23:30", "2026-11-24 00:30", "ana"))
    assert people(days_of([one], "2026-11-23", 3)) == ["ana", "ana", ""]
    assert people(days_of([one], "2026-11-23", 3, "Europe/Berlin")) == ["", "ana", ""]
    assert people(days_of([one], "2026-11-22", 3, "Pacific/Honolulu")) == ["", "ana", ""]


@pytest.mark.parametrize(
    ("place", "day", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Africa/Cairo", "2026-04-24", 23),  # has no midnight
        ("Pacific/Apia", "2011-12-30", 0),  # is no day at all
        ("Pacific/Apia", "2011-12-31", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(place: str, day: str, hours: float) -> None:
    begin, end = bounds(zone(place), date.fromisoformat(day).toordinal(), 1)
    assert (end - begin) / timedelta(hours=1) == hours


def test_a_day_that_the_zone_skipped_has_nothing_on_it() -> None:
    one = track("A", turn("2011-12-25 00:00", "2012-01-05 00:00", "ana"))
    days = days_of([one], "2011-12-29", 3, "Pacific/Apia")
    assert people(days) == ["ana", "", "ana"]
    assert days.gaps == ((), (), ())


def test_a_time_with_nobody_in_any_rotation_is_a_gap_of_each_day_it_touches() -> None:
    one = track(
        "A", turn("2026-11-23 00:00", "2026-11-23 18:00", "ana"), turn("2026-11-24 09:00", "2026-11-27 00:00", "ana")
    )
    two = track("B", turn("2026-11-23 17:00", "2026-11-23 22:00", "ben"), shown=False)
    days = days_of([one, two], "2026-11-23", 3)
    assert days.gaps == (
        ((at("2026-11-23 22:00"), at("2026-11-24 00:00")),),
        ((at("2026-11-24 00:00"), at("2026-11-24 09:00")),),
        (),
    )


def test_a_short_shift_within_a_long_one_makes_no_gap() -> None:
    tracks = [
        track("A", turn("2026-11-23 00:00", "2026-11-26 00:00", "ana")),
        track("B", turn("2026-11-23 09:00", "2026-11-23 10:00", "ben")),
    ]
    assert gaps(tracks, at("2026-11-23 00:00"), at("2026-11-26 00:00")) == []


def test_without_any_rotation_there_is_nothing_to_warn_of() -> None:
    assert days_of([], "2026-11-23", 2).gaps == ((), ())


def test_rotations_that_have_nobody_at_all_are_a_gap() -> None:
    assert len(days_of([track("A")], "2026-11-23", 2).gaps[1]) == 1


def test_each_shift_is_on_all_of_its_days_and_no_other() -> None:
    """Beside the obvious way."""
    start = at("2026-10-01 00:00")
    shifts = [
        Shift(start + timedelta(hours=7 * n), start + timedelta(hours=7 * n + 5 + n % 3), (str(n),), n)
        for n in range(200)
    ]
    for place in (BERLIN, HOWE, WORLD):
        first = date(2026, 9, 28).toordinal()
        edges = bounds(place, first, 42)
        found = cut([track("A", *shifts)], place, first, edges)
        for index in range(42):
            expected = [each for each in shifts if each.start < edges[index + 1] and each.end > edges[index]]
            assert list(found.turns["A"][index]) == expected
