"""A time line fits where it is drawn, and says by signs what it says by colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.text import width
from imtui.domain.time_line import Bar, Mark, Row, drawn, scaled
from tests.domain.nasty import texts


def text_of(rows: list[Row], minutes: float, columns: int) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in drawn(rows, minutes, columns)]


def test_people_and_plans_stand_below_their_minutes() -> None:
    rows = [
        Row("Night", (Bar(0, 20),), (Mark(0, "1"), Mark(10, "2"))),
        Row("Ana", (Bar(0, 5),), (Mark(0, "E"), Mark(5, "A"))),
        Row("Ben", (Bar(10),), (Mark(10, "S"),)),
    ]
    assert text_of(rows, 20, 32) == [
        "       0         10        20",
        "Night  1─────────2──────────",
        "Ana    E────A",
        "Ben              S──────────",
    ]


@pytest.mark.parametrize(
    ("marks", "sign"),
    [
        ([Mark(1, "E"), Mark(1, "E")], "E"),
        ([Mark(1, "E"), Mark(1, "S")], "*"),
        ([Mark(1, "E", weight=2), Mark(1, "x", weight=1)], "E"),
        ([Mark(1, "x", weight=1), Mark(1, "E", weight=2)], "E"),
        ([Mark(1, "A", after=True), Mark(1, "E")], "EA"),
        ([Mark(1, "E"), Mark(2, "S"), Mark(1, "A", after=True)], "EA S"),
    ],
)
def test_what_falls_together_is_not_lost_silently(marks: list[Mark], sign: str) -> None:
    assert text_of([Row("Ana", marks=tuple(marks))], 10, 40)[1].removeprefix("Ana").strip() == sign


@given(
    st.lists(
        st.builds(
            Row,
            texts,
            st.lists(st.builds(Bar, st.floats(0, 5000), st.none() | st.floats(0, 5000)), max_size=2).map(tuple),
            st.lists(st.builds(Mark, st.floats(0, 5000), st.sampled_from("ESV")), max_size=5).map(tuple),
        ),
        max_size=4,
    ),
    st.floats(0, 5000),
    st.integers(20, 200),
)
def test_no_line_is_wider_than_its_room(rows: list[Row], minutes: float, columns: int) -> None:
    lines = text_of(rows, minutes, columns)
    assert len(lines) == (len(rows) + 1 if rows else 0)
    assert all(width(line) <= columns + 4 for line in lines[:1])
    assert all(width(line) <= columns for line in lines[1:])


@given(st.floats(0, 100_000), st.integers(8, 300))
def test_every_minute_has_a_column_and_later_ones_are_not_before(minutes: float, columns: int) -> None:
    scale = scaled(minutes, columns)
    assert 0 <= scale.column(0) <= scale.column(minutes) < scale.columns <= columns
