"""Rotations mean what is written of them: rule by rule, at every change of the clocks, and beside a slow and obvious
second implementation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imtui.domain.oncall import zones
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import Override, Rotation, Shift, ShiftType, shifts
from tests.domain.oncall import obvious

DAILY_AT_8 = Recurrence(Kind.DAILY, ((0, 480),))
ALWAYS = None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rotation(
    place: str = "UTC",
    start: str = "2026-01-01T08:00",
    recurrence: Recurrence = DAILY_AT_8,
    contacts: str = "abc",
    on_calls: int = 1,
    coverage: Coverage | None = ALWAYS,
) -> Rotation:
    return Rotation(tuple(contacts), zones.zone(place), at(start), recurrence, coverage, on_calls)


def drawn(found: Sequence[Shift], place: str = "UTC") -> list[str]:
    """Shifts as lines: the wall times of a place, who, and instead of whom."""
    zone = zones.zone(place)
    lines = []
    for shift in found:
        instead = "" if shift.instead_of is None else f" for {''.join(shift.instead_of)}"
        begin, end = (edge.astimezone(zone).strftime("%d %H:%M") for edge in (shift.start, shift.end))
        lines.append(f"{begin}–{end} {''.join(shift.contacts)}{instead}")
    return lines


def every_weekday(*windows: tuple[int, int]) -> Coverage:
    return Coverage.of([windows] * 7)


def test_shift_0_begins_at_the_start_and_ends_at_the_first_hand_off_after_it() -> None:
    assert drawn(shifts(rotation(start="2026-01-01T06:00"), at("2026-01-01T00:00"), at("2026-01-03T00:00"))) == [
        "01 06:00–01 08:00 a",
        "01 08:00–02 08:00 b",
        "02 08:00–03 08:00 c",
    ]
    assert drawn(shifts(rotation(), at("2026-01-01T00:00"), at("2026-01-02T09:00"))) == [
        "01 08:00–02 08:00 a",
        "02 08:00–03 08:00 b",
    ]


def test_two_at_a_time_move_on_by_two() -> None:
    found = shifts(rotation(contacts="abcde", on_calls=2), at("2026-01-01T08:00"), at("2026-01-05T08:00"))
    assert ["".join(shift.contacts) for shift in found] == ["ab", "cd", "ea", "bc"]


def test_weeks_are_counted_from_the_monday_of_the_week_of_the_first_hand_off() -> None:
    """The start is a Wednesday; Monday's entry of that week is over, its Friday counts, the next week does not."""
    fortnightly = Recurrence(Kind.WEEKLY, ((0, 540), (4, 540)), every=2)
    found = shifts(
        rotation(start="2026-01-07T09:00", recurrence=fortnightly), at("2026-01-07T09:00"), at("2026-02-01T00:00")
    )
    assert drawn(found) == ["07 09:00–09 09:00 a", "09 09:00–19 09:00 b", "19 09:00–23 09:00 c", "23 09:00–02 09:00 a"]


def test_a_day_that_a_month_lacks_is_its_last_and_two_on_one_instant_are_one() -> None:
    monthly = Recurrence(Kind.MONTHLY, ((29, 540), (31, 540)))
    found = shifts(
        rotation(start="2026-01-29T09:00", recurrence=monthly), at("2026-01-29T09:00"), at("2026-04-01T00:00")
    )
    assert drawn(found) == [
        "29 09:00–31 09:00 a",
        "31 09:00–28 09:00 b",
        "28 09:00–29 09:00 c",
        "29 09:00–31 09:00 a",
        "31 09:00–29 09:00 b",
    ]


def test_what_touches_the_range_is_listed_whole_and_what_begins_at_its_end_is_not() -> None:
    found = shifts(rotation(), at("2026-01-05T07:59"), at("2026-01-06T08:00"))
    assert drawn(found) == ["04 08:00–05 08:00 a", "05 08:00–06 08:00 b"]
    assert shifts(rotation(), at("2025-12-01T00:00"), at("2026-01-01T08:00")) == []
    assert shifts(rotation(), at("2026-01-05T08:00"), at("2026-01-05T08:00")) == []


def test_coverage_cuts_a_shift_and_a_window_may_run_into_the_next_day() -> None:
    nights = every_weekday((22 * 60, 6 * 60))
    found = shifts(
        rotation(recurrence=Recurrence(Kind.DAILY, ((0, 0),)), start="2026-01-01T00:00", coverage=nights),
        at("2026-01-01T00:00"),
        at("2026-01-02T12:00"),
    )
    assert drawn(found) == ["01 00:00–01 06:00 a", "01 22:00–02 00:00 a", "02 00:00–02 06:00 b"]


def test_windows_of_one_day_that_touch_are_one_and_a_day_that_is_absent_is_not_covered() -> None:
    monday = Coverage.of([[(540, 720), (720, 780), (760, 1020)], *[[]] * 6])
    found = shifts(rotation(coverage=monday), at("2026-01-01T08:00"), at("2026-01-14T00:00"))
    assert drawn(found) == ["05 09:00–05 17:00 b", "12 09:00–12 17:00 c"]


def test_equal_ends_are_a_day_and_a_week_of_them_covers_every_instant() -> None:
    around_the_clock = every_weekday((540, 540))
    assert around_the_clock.whole
    with_, without = rotation(coverage=around_the_clock), rotation()
    span = at("2026-01-01T00:00"), at("2027-01-01T00:00")
    assert shifts(with_, *span) == shifts(without, *span)


def test_a_day_with_an_empty_list_is_not_covered_and_none_at_all_never_is() -> None:
    assert shifts(rotation(coverage=Coverage.of([[]] * 7)), at("2026-01-01T00:00"), at("2027-01-01T00:00")) == []


def test_the_override_made_later_counts_and_it_replaces_inside_coverage_only() -> None:
    days = every_weekday((540, 1020))
    made = [
        Override(("x",), at("2026-01-02T10:00"), at("2026-01-02T20:00")),
        Override(("y",), at("2026-01-02T09:00"), at("2026-01-02T11:00")),
        Override((), at("2026-01-02T15:00"), at("2026-01-02T15:30")),
    ]
    found = shifts(rotation(coverage=days), at("2026-01-02T00:00"), at("2026-01-03T00:00"), made)
    assert drawn(found) == [
        "02 09:00–02 11:00 y for b",
        "02 11:00–02 15:00 x for b",
        "02 15:30–02 17:00 x for b",
    ]
    assert {shift.type for shift in found} == {ShiftType.OVERRIDDEN}


def test_an_override_before_the_start_has_no_effect() -> None:
    early = [Override(("x",), at("2025-12-31T00:00"), at("2026-01-01T12:00"))]
    found = shifts(rotation(), at("2025-12-31T00:00"), at("2026-01-02T08:00"), early)
    assert drawn(found) == ["01 08:00–01 12:00 x for a", "01 12:00–02 08:00 a"]


def test_an_override_across_a_hand_off_is_two_pieces_that_name_whom_they_replace() -> None:
    found = shifts(
        rotation(),
        at("2026-01-01T08:00"),
        at("2026-01-03T08:00"),
        [Override(("x",), at("2026-01-02T06:00"), at("2026-01-02T10:00"))],
    )
    assert drawn(found) == [
        "01 08:00–02 06:00 a",
        "02 06:00–02 08:00 x for a",
        "02 08:00–02 10:00 x for b",
        "02 10:00–03 08:00 b",
    ]


CLOCK_CHANGES = {
    "Lord Howe 2026, half an hour: 02:15 on the wall is 02:45": (
        "Australia/Lord_Howe",
        "2026-10-02T00:00",
        (2, 15),
        ["02:15", "02:45", "02:15", "02:15"],
    ),
    "Berlin 2026, 02:30 is skipped": (
        "Europe/Berlin",
        "2026-03-27T12:00",
        (2, 30),
        ["02:30", "03:30", "02:30", "02:30"],
    ),
    "Berlin 2026, 02:30 comes twice": (
        "Europe/Berlin",
        "2026-10-23T12:00",
        (2, 30),
        ["02:30", "02:30", "02:30", "02:30"],
    ),
    "Dublin 2026, whose winter is its saving time": (
        "Europe/Dublin",
        "2026-03-27T12:00",
        (1, 30),
        ["01:30", "02:30", "01:30", "01:30"],
    ),
    "São Paulo 2018, midnight is skipped": (
        "America/Sao_Paulo",
        "2018-11-02T12:00",
        (0, 0),
        ["00:00", "01:00", "00:00", "00:00"],
    ),
    "Apia 2011, a day is skipped: its 08:00 is the next day's": (
        "Pacific/Apia",
        "2011-12-28T20:00",
        (8, 0),
        ["29 08:00", "31 08:00", "01 08:00", "02 08:00"],
    ),
}


@pytest.mark.parametrize("case", CLOCK_CHANGES)
def test_hand_offs_when_the_clocks_change(case: str) -> None:
    place, start, (hour, minute), walls = CLOCK_CHANGES[case]
    daily = Recurrence(Kind.DAILY, ((0, hour * 60 + minute),))
    made = rotation(place, start, daily)
    found = shifts(made, at(start), at(start) + timedelta(days=6))[1:5]
    form = "%d %H:%M" if " " in walls[0] else "%H:%M"
    assert [shift.start.astimezone(zones.zone(place)).strftime(form) for shift in found] == walls


def test_a_time_that_comes_twice_means_the_first() -> None:
    made = rotation("Europe/Berlin", "2026-10-24T12:00", Recurrence(Kind.DAILY, ((0, 150),)))
    assert shifts(made, at("2026-10-25T00:00"), at("2026-10-25T12:00"))[1].start == at("2026-10-25T00:30")


def test_a_skipped_day_still_counts() -> None:
    """Every second day from the 28th: the 30th, which Apia skipped, is the 31st on the wall; then the 1st."""
    made = rotation("Pacific/Apia", "2011-12-28T18:00", Recurrence(Kind.DAILY, ((0, 480),), every=2))
    found = shifts(made, made.start, at("2012-01-06T00:00"))
    assert drawn(found, "Pacific/Apia")[:3] == ["28 08:00–31 08:00 a", "31 08:00–01 08:00 b", "01 08:00–03 08:00 c"]


def test_a_window_that_a_gap_turns_round_is_empty() -> None:
    sunday = Coverage.of([*[[]] * 6, [(2 * 60 + 45, 3 * 60 + 15)]])
    made = rotation("Europe/Berlin", "2026-03-01T00:00", DAILY_AT_8, coverage=sunday)
    days = [shift.start.date() for shift in shifts(made, at("2026-03-20T00:00"), at("2026-04-10T00:00"))]
    assert days == [date(2026, 3, 22), date(2026, 4, 5)]


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(180)])])
@pytest.mark.parametrize("start", ["2025-03-01T00:00", "2026-11-24T12:34"])
def test_in_no_zone_does_a_rotation_around_the_clock_leave_a_gap_or_overlap_in_two_years(start: str, step: int) -> None:
    for name in zones.names()[::step]:
        made = rotation(name, start, Recurrence(Kind.DAILY, ((0, 150), (0, 870))))
        end = at(start) + timedelta(days=730)
        found = shifts(made, at(start), end)
        assert found[0].start == at(start), name
        assert found[-1].end >= end, name
        assert all(one.end == two.start for one, two in itertools.pairwise(found)), name
        assert all(one.number + 1 == two.number for one, two in itertools.pairwise(found)), name


def test_a_number_is_counted_as_it_would_be_walked() -> None:
    """Also where a day was skipped, a month is short, or a second entry falls into a gap."""
    recurrences = [
        Recurrence(Kind.DAILY, ((0, 480),)),
        Recurrence(Kind.DAILY, tuple((0, minute) for minute in range(0, 1440, 30))),
        Recurrence(Kind.MONTHLY, ((28, 0), (29, 0), (30, 0), (31, 0), (31, 60))),
    ]
    for place, start in (("Pacific/Apia", "2011-06-01T00:00"), ("Africa/Casablanca", "2015-01-01T00:00")):
        for recurrence in recurrences:
            made = rotation(place, start, recurrence)
            walked = shifts(made, made.start, made.start + timedelta(days=270))
            assert [shift.number for shift in walked] == list(range(len(walked)))
            for shift in walked[:: max(7, len(walked) // 60)]:
                assert shifts(made, shift.start, shift.end)[0] == shift


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_weekly_steps_find_every_change_of_every_zone() -> None:
    """`zones.gaps` looks a week at a time; day by day finds nothing else."""
    for name in zones.names():
        place = zones.zone(name)
        first, last = (int(at(f"{year}-01-01T00:00").timestamp()) for year in (1990, 2045))
        found = {(gap.at - 1) // 86400: gap.seconds for gap in zones.gaps(place, first, last, 1)}
        offsets = [
            int(datetime.fromtimestamp(day, place).utcoffset().total_seconds())  # type: ignore[union-attr]
            for day in range(first, last, 86400)
        ]
        daily = {
            first // 86400 + number: after - before
            for number, (before, after) in enumerate(itertools.pairwise(offsets))
            if after > before
        }
        assert found == daily, name


PLACES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "Pacific/Kwajalein",
    "Africa/Cairo",
]
STARTS = [
    "1993-08-18T00:00",
    "2011-12-27T00:00",
    "2018-11-01T00:00",
    "2026-03-24T06:30",
    "2026-10-20T23:59",
    "2024-02-27T00:00",
]
MINUTES = st.sampled_from([0, 1, 30, 59, 60, 90, 119, 120, 135, 150, 179, 180, 240, 480, 720, 1380, 1410, 1439])


def recurrences() -> st.SearchStrategy[Recurrence]:
    def of(kind: Kind, days: st.SearchStrategy[int]) -> st.SearchStrategy[Recurrence]:
        entries = st.lists(st.tuples(days, MINUTES), min_size=1, max_size=4, unique=True)
        return st.builds(lambda each, every: Recurrence(kind, tuple(sorted(each)), every), entries, st.integers(1, 3))

    return st.one_of(
        of(Kind.DAILY, st.just(0)), of(Kind.WEEKLY, st.integers(0, 6)), of(Kind.MONTHLY, st.integers(1, 31))
    )


WINDOWS = st.lists(st.tuples(MINUTES, MINUTES), max_size=3)
WEEKS = st.none() | st.lists(WINDOWS, min_size=7, max_size=7)
HOURS = st.integers(-30, 400)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rotation, list[list[tuple[int, int]]] | None, datetime, datetime, list[Override]]:
    contacts = "abcdef"[: draw(st.integers(1, 6))]
    windows = draw(WEEKS)
    made = rotation(
        draw(st.sampled_from(PLACES)),
        draw(st.sampled_from(STARTS)),
        draw(recurrences()),
        contacts,
        draw(st.integers(1, len(contacts))),
        None if windows is None else Coverage.of(windows),
    )
    begin = made.start + timedelta(minutes=37 * draw(HOURS))
    overrides = [
        Override(
            tuple(who), first := made.start + timedelta(minutes=30 * draw(HOURS)), first + timedelta(minutes=length)
        )
        for who, length in draw(
            st.lists(st.tuples(st.lists(st.sampled_from("xyz"), max_size=2), st.integers(30, 5000)), max_size=5)
        )
    ]
    return made, windows, begin, begin + timedelta(minutes=draw(st.integers(1, 12000))), overrides


Case = tuple[Rotation, list[list[tuple[int, int]]] | None, datetime, datetime, list[Override]]


def agree(case: Case) -> None:
    made, windows, begin, end, overrides = case
    found = [
        (
            shift.start,
            shift.end,
            frozenset(shift.contacts),
            None if shift.instead_of is None else frozenset(shift.instead_of),
        )
        for shift in shifts(made, begin, end, overrides)
    ]
    assert found == obvious.pieces(made, windows, begin, end, overrides, timedelta(days=110))


@settings(max_examples=50, deadline=None)
@given(cases())
def test_it_agrees_with_the_obvious_implementation(case: Case) -> None:
    agree(case)


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=800, deadline=None)
@given(cases())
def test_it_agrees_with_the_obvious_implementation_many_times(case: Case) -> None:
    agree(case)
