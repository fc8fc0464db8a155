"""A week shows when who takes over, by the clock on the wall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from imtui.domain.oncall.rotation import Shift
from tests.widgets.schedules import BERLIN, HOWE, NOW, at, drawn, texts, track, turn, view
from widgets.calendar_days import Track
from widgets.calendar_week import Shape, bars, cell, hour_at, lines, shape, span
from widgets.cells import Piece

WEEKS = track(
    "A",
    turn("2026-10-26 09:00", "2026-11-09 09:00", "ana", place=BERLIN),
    turn("2026-11-09 09:00", "2026-11-23 09:00", "ben", place=BERLIN),
    turn("2026-11-23 09:00", "2026-11-25 12:00", "cem", place=BERLIN),
    turn("2026-11-25 12:00", "2026-11-26 12:00", "hana", place=BERLIN, instead=["cem"]),
    turn("2026-11-26 12:00", "2026-11-30 09:00", "cem", place=BERLIN),
    name="Primary",
)
OFFICE = track(
    "B",
    *(
        turn(f"2026-11-{day:02} 09:00", f"2026-11-{day:02} 17:30", "bea" if day % 2 else "ana", place=BERLIN)
        for day in range(2, 28)
        if (day + 5) % 7 < 5
    ),
    name="Office",
)


def week(
    tracks: Sequence[Track], width: int, height: int, chosen: datetime, place: ZoneInfo = BERLIN, now: datetime = NOW
) -> list[list[Piece]]:
    first, count = span(chosen.astimezone(place).date())
    return lines(view(tracks, first, count, chosen=chosen, place=place, now=now), width, height)


def test_rows_show_who_and_from_when() -> None:
    """An override is striped from its edge on; the chosen hour and the present one are named."""
    expected = """
    |Week 48: 23 Nov – 29 Nov 2026                                 Europe/Berlin  CET
    |A Primary  B Office  /// override
    |   Mon 23     Tue 24*   ▸Wed 25     Thu 26     Fri 27     Sat 28     Sun 29
    |  00···12····00····now··00···▾12···00···12····00···12····00···12····00···12····
    |A <Ben|Cem ──────────────────/日本花子//|Cem ──────────────────────────────────
    |  <   |09:00                 /12:00/////|12:00
    |
    |B ····|Bea·······|Ana·······|Bea·······|Ana·······|Bea·························
    |      |09h       |09h       |09h       |09h       |09h
    |
    |Wed 25 Nov 2026 12:00 CET
    |A Primary  日本花子 12:00 – Thu 12:00 CET // override: instead of Cem
    |B Office   Beatrix von Hohenstein 09:00 – 17:30 CET
    """
    assert texts(week([WEEKS, OFFICE], 80, 18, at("2026-11-25 11:00"))) == drawn(expected, 18)


def test_beside_a_form_a_week_can_still_be_read() -> None:
    expected = """
    |Week 48: 23 Nov – 29 Nov 2026  Europe/Berlin
    |A Primary  B Office  /// override
    |   23    24*  ▸25    26    27    28    29
    |  00····00·now···▾12······00····00····00····
    |A <B|Cem ────────/日本…|Cem ────────────────
    |  < |09:00       /12:00|12:00
    |
    |B ··|B····|A····|B····|A····|B··············
    |    |     |     |     |     |
    |
    |Wed 25 Nov 2026 12:00 CET
    |A 日本花子 12:00 – Thu 12:00 CET //
    |  override: instead of Cem
    |B Beatrix von Hohenstein 09:00 – 17:30 CET
    """
    assert texts(week([WEEKS, OFFICE], 44, 18, at("2026-11-25 11:00"))) == drawn(expected, 18)


def test_where_lines_are_few_time_and_name_share_one() -> None:
    expected = """
    |Week 48: 23 Nov – 29 Nov 2026                                                               Europe/Berlin  CET
    |A Primary  B Office  /// override
    |   Mon 23         Tue 24 today   Wed 25         Thu 26        ▸Fri 27         Sat 28         Sun 29
    |  00·····12······00······now····00·····12······00·····12······00·····12··▾18·00·····12······00·····12······
    |A <Ben |09:00 Cem ─────────────────────/12:00 日本花子|12:00 Cem ──────────────────────────────────────────
    |B ·····|Beat··········|Ana ··········|Beat··········|Ana ··········|Beat···································
    |Fri 27 Nov 2026 18:00 CET
    |A Primary  Cem Thu 12:00 – Mon 09:00 CET
    |B Office   - nobody
    """
    assert texts(week([WEEKS, OFFICE], 110, 10, at("2026-11-27 17:00"))) == drawn(expected, 10)


def test_times_with_nobody_have_a_row_of_their_own() -> None:
    found = week([OFFICE], 80, 18, at("2026-11-25 11:00"))
    row = next(line for line in found if line[0][0] == "! ")
    assert {style.partition("+")[0] for text, style in row if "-" in text} == {"warn"}
    assert texts([row])[0].rstrip("-").endswith(" -nobody")


def test_what_goes_on_from_the_week_before_shows_that_it_does() -> None:
    row = next(line for line in texts(week([WEEKS], 80, 18, at("2026-11-24 11:00"))) if line.startswith("A <"))
    assert row.startswith("A <Ben|Cem ")


@pytest.mark.parametrize("each", [4, 6, 11, 16, 24, 40])
@pytest.mark.parametrize("hours", [1, 5, 12, 24, 60])
@pytest.mark.parametrize(("place", "day"), [(BERLIN, "2026-10-25"), (BERLIN, "2026-03-29"), (HOWE, "2026-04-05")])
def test_bars_are_apart_and_go_from_left_to_right(each: int, hours: int, place: ZoneInfo, day: str) -> None:
    """In weeks in which clocks change, too; the shift that runs at a time covers its cell, as far as there is one."""
    start = at(f"{day} 00:00", place) - timedelta(days=9)
    shifts = [
        Shift(start + timedelta(hours=hours * n), start + timedelta(hours=hours * (n + 1)), (str(n),), n)
        for n in range(18 * 24 // hours)
    ]
    chosen = at(f"{day} 12:00", place)
    seen = view([track("A", *shifts)], *span(chosen.astimezone(place).date()), chosen=chosen, place=place)
    found = bars(seen, seen.shown[0], each)
    assert found[0].start == 0
    assert found[-1].end == 7 * each
    for one, following in pairwise(found):
        assert one.start < one.end == following.start
        assert one.shift.start < following.shift.start
    if hours >= 24:
        for bar in found:
            middle = bar.shift.start + (bar.shift.end - bar.shift.start) / 2
            if seen.days.bounds[0] <= middle < seen.days.bounds[-1]:
                assert bar.start <= cell(seen, middle, each) < bar.end


def test_an_hour_that_comes_twice_is_told_in_words() -> None:
    shifts = [
        turn("2026-10-24 09:00", "2026-10-25 02:30", "ana", place=BERLIN),
        Shift(at("2026-10-25 00:30"), at("2026-10-25 01:30"), ("ben",), 1),
        Shift(at("2026-10-25 01:30"), at("2026-10-26 08:00"), ("cem",), 2),
    ]
    found = [
        "\n".join(texts(week([track("A", *shifts)], 100, 14, at(f"2026-10-25 {hour}")))) for hour in ("00:00", "01:00")
    ]
    assert "Sun 25 Oct 2026 02:00 CEST" in found[0]
    assert "Ana Sat 09:00 – 02:30 CEST, Ben 02:30 CEST – 02:30 CET" in found[0]
    assert "Sun 25 Oct 2026 02:00 CET" in found[1]
    assert "Ben 02:30 CEST – 02:30 CET, Cem 02:30 – Mon 09:00 CET" in found[1]


@pytest.mark.parametrize(
    ("chosen", "now", "expected"),
    [
        ("2026-11-25 11:00", "2026-11-24 13:20", "00···12····00····now··00···▾12"),
        ("2026-11-24 13:00", "2026-11-24 13:20", "00···12····00····▾now·00···12·"),
        ("2026-11-24 15:00", "2026-11-24 13:20", "00···12····00··now▾16·00···12·"),
        ("2026-11-24 10:00", "2026-11-24 13:20", "00···12····00···▾now··00···12·"),
        ("2026-11-25 11:00", "2026-12-24 13:20", "00···12····00···12····00···▾12"),
    ],
)
def test_now_and_the_chosen_hour_are_both_named(chosen: str, now: str, expected: str) -> None:
    axis = texts(week([WEEKS], 80, 18, at(chosen), now=at(now)))[3].strip()
    assert axis.startswith(expected), axis


def test_the_end_of_the_week_has_room_for_now() -> None:
    axis = texts(week([WEEKS], 80, 18, at("2026-11-25 11:00"), now=at("2026-11-29 22:50")))[3]
    assert axis.endswith("now")


def test_a_letter_that_takes_two_cells_is_not_cut_by_what_stands_over_it() -> None:
    wide = track("A", turn("2026-11-23 00:00", "2026-11-30 00:00", "hana", place=BERLIN))
    for hour in range(24):
        found = week([wide], 170, 14, at("2026-11-23 00:00", BERLIN) + timedelta(hours=hour))
        assert "日本花子" in "".join(text for line in found[4:6] for text, _ in line)
        assert {cell_len("".join(text for text, _ in line)) for line in found} == {170}


EIGHT = [
    track(letter, turn("2026-11-01 00:00", "2026-12-07 00:00", "ana"), name=f"Rotation {letter}")
    for letter in "ABCDEFGH"
]


def test_eight_rotations_and_all_that_is_told_of_them_fit_on_a_small_terminal() -> None:
    found = texts(week(EIGHT, 80, 21, at("2026-11-24 12:00")))
    for letter in "ABCDEFGH":
        assert any(line.startswith(f"{letter} <Ana ──") for line in found)
        assert any(line.startswith(f"{letter} Rotation {letter}") for line in found)


@pytest.mark.parametrize("tracks", [0, 1, 3, 8])
@pytest.mark.parametrize("width", [9, 20, 44, 80, 120])
@pytest.mark.parametrize("height", [1, 4, 7, 9, 15, 21, 34, 90])
def test_the_picture_never_is_wider_or_taller_than_its_place(tracks: int, width: int, height: int) -> None:
    found = week(EIGHT[:tracks], width, height, at("2026-11-24 12:00"))
    assert len(found) <= height
    assert {cell_len("".join(text for text, _ in line)) for line in found} == {width}


@pytest.mark.parametrize(
    ("height", "tracks", "holes", "expected"),
    [
        (21, 1, False, Shape(1, 3, False, 14)),
        (21, 3, False, Shape(3, 3, False, 8)),
        (21, 4, True, Shape(4, 2, True, 8)),
        (21, 8, False, Shape(8, 1, False, 9)),
        (12, 8, False, Shape(5, 1, False, 2)),
        (3, 8, False, Shape(0, 1, False, 0)),
        (21, 0, False, Shape(0, 3, False, 17)),
    ],
)
def test_lines_are_shared_out(height: int, tracks: int, holes: bool, expected: Shape) -> None:
    assert shape(height, tracks, holes) == expected


def test_an_hour_is_chosen_where_it_stands() -> None:
    assert [hour_at(x, 4, 80, 21, 8, False) for x in (0, 1, 2, 3, 12, 13, 78, 79)] == [
        *(None, None, (0, 0), (0, 2), (0, 21), (1, 0), (6, 21), None)
    ]
    assert [hour_at(2, y, 80, 21, 8, False) for y in (1, 2, 11, 12)] == [None, (0, 0), (0, 0), None]
