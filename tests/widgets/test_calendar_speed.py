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
from tests.widgets.schedules import BERLIN, Owner, at
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
