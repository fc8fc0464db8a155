"""Instants are what people mean by them, in their own zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.instants import moment
from tests.domain.nasty import texts

NOW = datetime(2026, 3, 1, 3, 10, 30, tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-03-01T03:10:30+00:00"),
        ("", "2026-03-01T03:10:30+00:00"),
        ("03:10", "2026-03-02T03:10:00+00:00"),
        ("3:11", "2026-03-01T03:11:00+00:00"),
        ("today 03:00", "2026-03-01T03:00:00+00:00"),
        ("Tomorrow  21:30", "2026-03-02T21:30:00+00:00"),
        ("+2h", "2026-03-01T05:10:30+00:00"),
        ("+1h30m", "2026-03-01T04:40:30+00:00"),
        ("2026-04-02", "2026-04-02T00:00:00+00:00"),
        ("2026-04-02 21:30", "2026-04-02T21:30:00+00:00"),
        ("2026-04-02T21:30Z", "2026-04-02T21:30:00+00:00"),
        ("2026-04-02T21:30:00+02:00", "2026-04-02T19:30:00+00:00"),
    ],
)
def test_what_is_meant(text: str, meant: str) -> None:
    assert moment(text, NOW) == datetime.fromisoformat(meant)


@pytest.mark.usefixtures("in_berlin")
def test_a_date_after_the_clocks_change_has_the_offset_of_that_day() -> None:
    here = NOW.astimezone()
    assert here.utcoffset() != moment("2026-04-02 21:30", here).utcoffset()
    assert moment("2026-04-02 21:30", here) == datetime(2026, 4, 2, 19, 30, tzinfo=UTC)
    assert moment("04:00", here) == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@given(texts | st.text("+0123456789:-T Zhmd", max_size=20))
def test_anything_else_is_refused_in_words(text: str) -> None:
    with suppress(ValidationFailed):
        assert moment(text, NOW, "at").tzinfo is not None


@pytest.mark.usefixtures("in_berlin")
def test_a_time_that_the_clocks_skip_moves_forward_and_one_that_comes_twice_is_the_first() -> None:
    for here in (NOW.astimezone(), NOW.astimezone(ZoneInfo("Europe/Berlin"))):
        assert moment("2027-03-28 02:30", here).astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
        assert moment("2026-10-25 02:30", here).astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
