"""Names in little room are still names, and a wall time never means another day or another clock."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from tests.widgets.schedules import BERLIN, HOWE, WORLD, at, texts
from widgets.calendar_words import cropped, laid, moment, offset, shortened, stretch, zone_name

ANA, BEN, CEM, HANA = ("Ana",), ("Ben",), ("Cem",), ("日本花子",)


@pytest.mark.parametrize(
    ("people", "room", "expected"),
    [
        ((ANA,), 9, "Ana"),
        ((ANA, BEN), 9, "Ana>Ben"),
        ((("Ana", "Ben"), CEM), 11, "Ana+Ben>Cem"),
        ((("Ana", "Ben"), CEM), 8, "An+Be>Ce"),
        ((ANA, BEN, CEM), 8, "An>Be>Ce"),
        ((ANA, BEN, CEM), 5, "A>B>C"),
        ((ANA, BEN, CEM), 4, "A>…"),
        ((ANA, BEN), 2, "A>"),
        ((("Benjamin",),), 6, "Benja…"),
        ((("Benjamin",),), 3, "Ben"),
        ((HANA, ANA), 8, "日本>Ana"),
        ((HANA,), 3, "日"),
        ((ANA,) * 24, 4, "A>…"),
        ((ANA,), 0, ""),
        ((), 9, ""),
    ],
)
def test_as_many_people_are_named_as_there_is_room_for(
    people: tuple[tuple[str, ...], ...], room: int, expected: str
) -> None:
    assert shortened(people, room) == expected


@pytest.mark.parametrize("room", range(30))
@pytest.mark.parametrize("people", [(ANA, HANA, BEN), (("Ana", "日本花子"), CEM), (HANA,) * 9, (("🇩🇪 Ben",), ANA)])
def test_no_name_takes_more_cells_than_there_are(people: tuple[tuple[str, ...], ...], room: int) -> None:
    assert cell_len(shortened(people, room)) <= room


def test_where_a_name_is_cut_is_seen_if_there_is_room_for_it() -> None:
    assert [cropped("Beatrix", room) for room in (7, 6, 5, 4, 1, 0)] == ["Beatrix", "Beatr…", "Beat…", "Beat", "B", ""]


@pytest.mark.parametrize("width", [0, 1, 5, 6, 7, 30])
def test_a_line_has_exactly_its_cells(width: int) -> None:
    line = laid([("日本", "a"), ("Ana", "b"), ("x", "")], width)
    assert cell_len("".join(text for text, _ in line)) == width


def test_a_line_that_is_cut_says_so() -> None:
    assert texts([laid([("Ana Alvarez", "")], 6)]) == ["Ana A…"]


@pytest.mark.parametrize(
    ("when", "place", "expected"),
    [
        ("2026-11-24 08:00", BERLIN, "09:00"),
        ("2026-11-24 23:30", BERLIN, "Wed 00:30"),
        ("2026-11-18 08:00", BERLIN, "Wed 09:00"),
        ("2026-11-17 08:00", BERLIN, "17 Nov 09:00"),
        ("2026-12-01 08:00", BERLIN, "1 Dec 09:00"),
        ("2025-11-24 08:00", BERLIN, "24 Nov 2025 09:00"),
        ("2026-11-24 08:00:30", WORLD, "08:00:30"),
    ],
)
def test_a_moment_says_its_day_where_it_is_another(when: str, place: ZoneInfo, expected: str) -> None:
    assert moment(at(when), place, date(2026, 11, 24)) == expected


@pytest.mark.parametrize(
    ("begin", "end", "place", "expected"),
    [
        ("2026-10-24 16:00", "2026-10-25 08:00", BERLIN, "Sat 18:00 CEST – 09:00 CET"),
        ("2026-10-25 00:30", "2026-10-25 01:30", BERLIN, "02:30 CEST – 02:30 CET"),
        ("2026-10-25 08:00", "2026-10-26 08:00", BERLIN, "09:00 – Mon 09:00 CET"),
        ("2026-04-04 14:45", "2026-04-04 15:15", HOWE, "01:45 +11 – 01:45 +1030"),
    ],
)
def test_an_hour_that_comes_twice_is_told_apart_by_the_name_of_its_clock(
    begin: str, end: str, place: ZoneInfo, expected: str
) -> None:
    day = date(2026, 10, 25) if place is BERLIN else date(2026, 4, 5)
    assert stretch(at(begin), at(end), place, day) == expected


def test_clocks_are_named_and_measured() -> None:
    summer, winter = at("2026-07-01 12:00"), at("2026-11-24 12:00")
    assert (zone_name(summer, BERLIN), zone_name(winter, BERLIN), zone_name(winter, WORLD)) == ("CEST", "CET", "UTC")
    found = [offset(winter, place) for place in (BERLIN, WORLD, HOWE, ZoneInfo("America/St_Johns"))]
    assert found == ["+1", "+0", "+11", "-3:30"]
