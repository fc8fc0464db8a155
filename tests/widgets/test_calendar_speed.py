"""Nobody waits for a calendar, however many people take turns in however many rotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

import pytest

from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import Override, Rotation, shifts
from tests.screens.conftest import until
from tests.widgets.schedules import BERLIN, Owner, at, track, turn
from widgets.calendar import Track


def big() -> Callable[[datetime, datetime], Sequence[Track]]:
    """Eight rotations of thirty people each, who change every hour, as their owner computes them."""
    hourly = Recurrence(Kind.DAILY, tuple((0, hour * 60) for hour in range(24)))
    windows = Coverage.of([[(hour * 60, hour * 60 + 45) for hour in range(24)]] * 7)
    rotations = [
        Rotation(tuple(f"{letter}{number}" for number in range(30)), BERLIN, at("2020-01-01 00:00"), hourly, windows)
        for letter in "ABCDEFGH"
    ]
    start = at("2026-11-10 00:00")
    overrides = [
        Override(("A1",), start + timedelta(hours=9 * n), start + timedelta(hours=9 * n + 2)) for n in range(50)
    ]

    def load(begin: datetime, end: datetime) -> Sequence[Track]:
        return [
            Track(letter, f"Rotation {letter}", shifts(rotation, begin, end, overrides))
            for letter, rotation in zip("ABCDEFGH", rotations, strict=True)
        ]

    return load


class Crowded(Owner):
    """Shows the eight."""

    def __init__(self, week: bool) -> None:
        self._big = big()
        super().__init__([], week=week)
        self.names = {f"{letter}{n}": f"Person {n} of {letter}" for letter in "ABCDEFGH" for n in range(30)}

    def load(self, begin: datetime, end: datetime) -> Sequence[Track]:
        self.asked.append((begin, end))
        return self._big(begin, end)


async def test_of_very_many_shifts_the_days_come_first_and_what_is_passed_by_is_not_asked_for() -> None:
    app = Crowded(week=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.calendar._ahead is None)
        assert len(app.asked) == 3
        for _ in range(5):
            app.calendar.turn(1)
        assert len(app.asked) == 3
        assert "April 2027" in app.calendar.text
        assert "A …" in app.calendar.text
        assert "nobody" not in app.calendar.text
        await until(pilot, lambda: len(app.asked) == 4)
        await until(pilot, lambda: "A P>…" in app.calendar.text)
        begin, end = app.asked[3]
        assert begin < app.calendar.at < end
        assert "A …" not in app.calendar.text


async def test_while_one_types_what_stands_there_stays_until_the_new_is_known() -> None:
    app = Crowded(week=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.calendar._ahead is None)
        before = app.calendar.text
        asked = len(app.asked)
        app._big = lambda _begin, _end: [track("A", turn("2026-11-01 00:00", "2026-12-01 00:00", "zoe"))]
        for _ in range(10):
            app.calendar.follow()
        assert app.calendar.text == before
        assert len(app.asked) == asked
        await until(pilot, lambda: "A zoe" in app.calendar.text)
        assert app.asked[asked][0] == app.asked[0][0]


async def test_a_turned_week_has_no_holes_before_its_shifts_are_known() -> None:
    app = Crowded(week=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "H Rotation H  Person" in app.calendar.text)
        app.calendar.turn(9)
        assert "H Rotation H  …" in app.calendar.text
        assert "nobody" not in app.calendar.text
        assert "····" not in app.calendar.text.splitlines()[4]
        await until(pilot, lambda: "H Rotation H  Person" in app.calendar.text)


@pytest.mark.slow
@pytest.mark.parametrize("week", [False, True])
async def test_a_key_is_painted_within_fifty_milliseconds(week: bool) -> None:
    """From an act to the last cell, also on a page that nobody has looked at yet, but that was asked for before. The
    bound is twice as large, because the machine of a test does other things, too."""
    app = Crowded(week)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        steps: dict[str, Callable[[], None]] = {
            "page": lambda: app.calendar.turn(1),
            "day": lambda: app.calendar.aside(1),
            "row": lambda: app.calendar.move(-1),
            "toggle": lambda: app.calendar.toggle("C"),
        }
        spent: dict[str, list[float]] = {}
        for _ in range(9):
            await until(pilot, lambda: app.calendar._ahead is None)
            for name, step in steps.items():
                begun = perf_counter()
                step()
                app.screen._on_timer_update()
                spent.setdefault(name, []).append((perf_counter() - begun) * 1000)
                await pilot.pause()
        found = {name: (round(median(each), 1), round(max(each), 1)) for name, each in spent.items()}
        print(found)  # noqa: T201
        assert all(middle < 100 for middle, _ in found.values()), found
