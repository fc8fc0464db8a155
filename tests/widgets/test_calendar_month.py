"""A month shows who is on call on each day, at a glance and without colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from imtui.domain.oncall.zones import zone
from tests.widgets.schedules import BERLIN, HOWE, WORLD, at, drawn, texts, track, turn, view
from widgets.calendar_days import Track
from widgets.calendar_month import Shape, lines, place_at, shape, span
from widgets.cells import Piece
from widgets.filters import in_ascii

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


def month(
    tracks: Sequence[Track], width: int, height: int, chosen: datetime, place: ZoneInfo = BERLIN
) -> list[list[Piece]]:
    first, count = span(chosen.astimezone(place).date())
    return lines(view(tracks, first, count, chosen=chosen, place=place), width, height)


@pytest.mark.parametrize(
    ("day", "first", "weeks"),
    [
        (date(2026, 11, 24), date(2026, 10, 26), 6),  # begins on a Sunday
        (date(2026, 3, 31), date(2026, 2, 23), 6),
        (date(2027, 2, 1), date(2027, 2, 1), 4),  # four whole weeks
        (date(2026, 12, 31), date(2026, 11, 30), 5),
        (date(2026, 8, 15), date(2026, 7, 27), 6),
        (date(2027, 1, 1), date(2026, 12, 28), 5),
    ],
)
def test_a_month_has_the_weeks_that_it_touches(day: date, first: date, weeks: int) -> None:
    assert span(day) == (first.toordinal(), weeks * 7)


def test_six_weeks_of_two_rotations_fit_on_a_small_terminal() -> None:
    """A hand-off in the middle of a day has both, in order; an override is striped; today and the chosen day are
    marked; a time with nobody is."""
    expected = """
    |November 2026                                                 Europe/Berlin  CET
    |A Primary  B Office  /// override
    | Mon        Tue        Wed        Thu        Fri        Sat        Sun
    | 26!A Ana   27 A Ana   28 A Ana   29 A Ana   30 A Ana   31 A Ana    1 A Ana
    |B - nobody B - nobody B - nobody B - nobody B - nobody B - nobody B - nobody
    |  2 A Ana    3 A Ana    4 A Ana    5 A Ana    6 A Ana    7 A Ana    8 A Ana
    |B Ana      B Beatrix… B Ana      B Beatrix… B Ana      B - nobody B - nobody
    |  9 A A>B   10 A Ben   11 A Ben   12 A Ben   13 A Ben   14 A Ben   15 A Ben
    |B Beatrix… B Ana      B Beatrix… B Ana      B Beatrix… B - nobody B - nobody
    | 16 A Ben   17 A Ben   18 A Ben   19 A Ben   20 A Ben   21 A Ben   22 A Ben
    |B Ana      B Beatrix… B Ana      B Beatrix… B Ana      B - nobody B - nobody
    | 23 A B>C   24*A Cem  ▸25 A/C>日  26 A/日>C  27 A Cem   28 A Cem   29 A Cem
    |B Beatrix… B Ana      B Beatrix… B Ana      B Beatrix… B - nobody B - nobody
    | 30!A Cem    1!A -      2!A -      3!A -      4!A -      5!A -      6!A -
    |B - nobody B - nobody B - nobody B - nobody B - nobody B - nobody B - nobody
    |Wed 25 Nov 2026
    |A Primary  Cem Mon 09:00 – 12:00 CET, 日本花子 12:00 – Thu 12:00 CET //
    |  override: instead of Cem
    |B Office   Beatrix von Hohenstein 09:00 – 17:30 CET
    """
    assert texts(month([WEEKS, OFFICE], 80, 21, at("2026-11-25 12:00"))) == drawn(expected, 21)


def test_beside_a_form_there_is_a_letter_and_a_name_for_each_day() -> None:
    expected = """
    |November 2026             Europe/Berlin  CET
    |A Primary  /// override
    | Mon   Tue   Wed   Thu   Fri   Sat   Sun
    | 26!   27    28    29    30    31     1
    |A Ana A Ana A Ana A Ana A Ana A Ana A Ana
    |  2     3     4     5     6     7     8
    |A Ana A Ana A Ana A Ana A Ana A Ana A Ana
    |  9    10    11    12    13    14    15
    |A A>B A Ben A Ben A Ben A Ben A Ben A Ben
    | 16    17    18    19    20    21    22
    |A Ben A Ben A Ben A Ben A Ben A Ben A Ben
    | 23   ▸24*   25    26    27    28    29
    |A B>C A Cem A/C>… A/日> A Cem A Cem A Cem
    | 30!    1!    2!    3!    4!    5!    6!
    |A Cem A -   A -   A -   A -   A -   A -
    |Tue 24 Nov 2026 today
    |A Cem Mon 09:00 – Wed 12:00 CET
    """
    assert texts(month([WEEKS], 44, 20, at("2026-11-24 12:00"))) == drawn(expected, 20)


def test_with_more_room_numbers_have_a_line_of_their_own_and_signs_are_words() -> None:
    expected = """
    |November 2026                                                                               Europe/Berlin  CET
    |A Primary  B Office  /// override
    | Mon            Tue            Wed            Thu            Fri            Sat            Sun
    | 26 gap         27             28             29             30             31              1 Nov
    |A Ana          A Ana          A Ana          A Ana          A Ana          A Ana          A Ana
    |B - nobody     B - nobody     B - nobody     B - nobody     B - nobody     B - nobody     B - nobody
    |  2              3              4              5              6              7              8
    |A Ana          A Ana          A Ana          A Ana          A Ana          A Ana          A Ana
    |B Ana          B Beatrix von… B Ana          B Beatrix von… B Ana          B - nobody     B - nobody
    |  9             10             11             12             13             14             15
    |A Ana>Ben      A Ben          A Ben          A Ben          A Ben          A Ben          A Ben
    |B Beatrix von… B Ana          B Beatrix von… B Ana          B Beatrix von… B - nobody     B - nobody
    | 16             17             18             19             20             21             22
    |A Ben          A Ben          A Ben          A Ben          A Ben          A Ben          A Ben
    |B Ana          B Beatrix von… B Ana          B Beatrix von… B Ana          B - nobody     B - nobody
    |▸23             24 today       25             26             27             28             29
    |A Ben>Cem      A Cem          A/Cem>日本花子 A/日本花子>Cem A Cem          A Cem          A Cem
    |B Beatrix von… B Ana          B Beatrix von… B Ana          B Beatrix von… B - nobody     B - nobody
    | 30 gap          1 Dec gap      2 gap          3 gap          4 gap          5 gap          6 gap
    |A Cem          A - nobody     A - nobody     A - nobody     A - nobody     A - nobody     A - nobody
    |B - nobody     B - nobody     B - nobody     B - nobody     B - nobody     B - nobody     B - nobody
    |Mon 23 Nov 2026
    |A Primary  Ben 9 Nov 09:00 – 09:00 CET, Cem 09:00 – Wed 12:00 CET
    |B Office   Beatrix von Hohenstein 09:00 – 17:30 CET
    """
    assert texts(month([WEEKS, OFFICE], 110, 34, at("2026-11-23 12:00"))) == drawn(expected, 34)


def test_all_stripes_are_of_ascii() -> None:
    text = in_ascii("\n".join(texts(month([WEEKS], 120, 34, at("2026-11-25 12:00")))))
    assert "A/Cem>????????//" in text
    assert "override: instead of Cem" in text


def test_a_day_of_twenty_five_hours_says_so_and_has_its_hand_offs_where_clocks_show_them() -> None:
    days = track(
        "A",
        turn("2026-10-24 09:00", "2026-10-25 09:00", "ana", place=BERLIN),
        turn("2026-10-25 09:00", "2026-10-26 09:00", "ben", place=BERLIN),
    )
    text = "\n".join(texts(month([days], 80, 22, at("2026-10-25 11:00"))))
    assert "A Ana>Ben" in text
    assert "Sun 25 Oct 2026  25 hours long" in text
    assert "Ana Sat 09:00 CEST – 09:00 CET, Ben 09:00 – Mon 09:00 CET" in text


def test_half_an_hour_more_or_less_moves_nobody_to_another_day() -> None:
    days = track(
        "A",
        turn("2026-04-04 00:00", "2026-04-05 00:00", "ana", place=HOWE),
        turn("2026-04-05 00:00", "2026-04-06 00:00", "ben", place=HOWE),
        turn("2026-04-06 00:00", "2026-04-07 00:00", "cem", place=HOWE),
    )
    found = texts(month([days], 80, 22, at("2026-04-05 12:00", HOWE), HOWE))
    line = next(line for line in found if "A Ana" in line)
    assert line.split()[-4:] == ["A", "Ana", "A", "Ben"]
    assert "A Cem" in found[found.index(line) + 2]
    assert "24.5 hours long" in "\n".join(found)


def test_a_month_with_a_day_that_never_was_is_drawn() -> None:
    apia = zone("Pacific/Apia")
    one = track("A", turn("2011-12-01 00:00", "2012-02-01 00:00", "ana"))
    text = "\n".join(texts(month([one], 80, 22, at("2011-12-31 12:00", apia), apia)))
    assert " 30        ▸31" in text


EIGHT = [
    track(letter, turn("2026-11-01 00:00", "2026-12-07 00:00", "ana"), name=f"Rotation {letter}")
    for letter in "ABCDEFGH"
]


@pytest.mark.parametrize(
    ("size", "below"),
    [((80, 21), "+6 rotations below"), ((120, 34), "+4 rotations below"), ((44, 21), "+7 below"), ((160, 70), "")],
)
def test_of_eight_rotations_those_without_a_line_are_told_below(size: tuple[int, int], below: str) -> None:
    found = texts(month(EIGHT, *size, at("2026-11-24 12:00")))
    assert found[0].startswith(f"November 2026  {below}" if below else "November 2026   ")
    assert ("below" in found[0]) == bool(below)
    if size[0] >= 80:
        for letter in "ABCDEFGH":
            assert any(f"{letter} " in line and "1 Nov 01:00 – 7 Dec" in line for line in found), letter


def test_one_rotation_too_many_of_those_hidden_or_not_is_counted_right() -> None:
    tracks = [each._replace(shown=each.letter in "AB") for each in EIGHT]
    assert "below" not in texts(month(tracks, 80, 21, at("2026-11-24 12:00")))[0]
    tracks = [each._replace(shown=each.letter in "ABC") for each in EIGHT]
    assert "+1 rotation below" in texts(month(tracks, 80, 21, at("2026-11-24 12:00")))[0]


def test_a_rotation_that_rests_is_no_gap_while_another_is_on_call() -> None:
    always, never = EIGHT[0], track("B", name="Nights")
    found = month([always, never], 120, 34, at("2026-11-24 12:00"))
    styles = {style for line in found[6:] for text, style in line if "B - nobody" in text}
    assert styles == {"dim"}
    assert not any(text in ("!", " gap") for line in found[9:] for text, _ in line)
    alone = month([never], 120, 34, at("2026-11-24 12:00"))
    assert "warn" in {style for line in alone for text, style in line if "B - nobody" in text}
    assert any(text == " gap" and style == "warn" for line in alone for text, style in line)


def test_a_hidden_rotation_still_answers() -> None:
    """To hide somebody must not look as if nobody were on call."""
    found = month([EIGHT[0]._replace(shown=False), track("B")], 120, 34, at("2026-11-24 12:00"))
    assert not any("gap" in text for line in found[9:] for text, _ in line)


def test_without_rotations_there_is_an_empty_month() -> None:
    found = texts(month([], 80, 21, at("2026-11-24 12:00")))
    assert "No rotation yet." in found[1]
    assert not any("gap" in line or "nobody" in line for line in found)


@pytest.mark.parametrize("tracks", [0, 1, 2, 3, 8])
@pytest.mark.parametrize("width", [20, 44, 80, 120])
@pytest.mark.parametrize("height", [1, 4, 9, 15, 21, 34, 90])
@pytest.mark.parametrize("day", ["2026-11-24", "2027-02-10"])
def test_the_picture_never_is_wider_or_taller_than_its_place(tracks: int, width: int, height: int, day: str) -> None:
    wide = [each._replace(name="日本花子 " * 4) for each in EIGHT[:tracks]]
    found = month(wide, width, height, at(f"{day} 12:00"))
    assert len(found) <= height
    assert {cell_len("".join(text for text, _ in line)) for line in found} == {width}


@pytest.mark.parametrize(
    ("width", "height", "weeks", "tracks", "expected"),
    [
        (80, 21, 6, 1, Shape(6, 1, False, 6)),
        (80, 21, 6, 2, Shape(6, 1, True, 6)),
        (80, 21, 5, 2, Shape(5, 2, False, 3)),
        (80, 21, 6, 8, Shape(6, 1, True, 6)),
        (80, 21, 4, 0, Shape(4, 0, False, 14)),
        (44, 21, 6, 2, Shape(6, 1, False, 6)),
        (120, 33, 5, 3, Shape(5, 3, False, 10)),
        (120, 8, 6, 8, Shape(6, 0, True, 0)),
    ],
)
def test_lines_are_shared_out(width: int, height: int, weeks: int, tracks: int, expected: Shape) -> None:
    assert shape(width, height, weeks, tracks) == expected


def test_where_a_day_stands_is_where_it_is_clicked() -> None:
    shaped = shape(80, 21, 6, 2)
    assert [place_at(x, 3, 80, shaped) for x in (0, 10, 11, 76, 77)] == [0, 0, 1, 6, None]
    assert [place_at(0, y, 80, shaped) for y in (2, 3, 4, 5, 14, 15)] == [None, 0, 0, 7, 35, None]


def test_the_same_month_is_another_in_another_zone() -> None:
    late = track("A", turn("2026-11-23 23:30", "2026-11-24 00:30", "ana"))
    chosen = at("2026-11-24 00:15")
    for place, count in ((WORLD, 2), (BERLIN, 1)):
        days = "\n".join(texts(month([late], 120, 34, chosen, place))[:-16])
        assert days.count("A Ana") == count
