"""On-call schedules: how long shifts take to compute, and the calendar to answer a key."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, median, percentile
from benchmarks.incidents import context_of
from benchmarks.programs import IMTUI, surroundings
from benchmarks.watched import Watched, shows, watched
from imtui import services
from imtui.domain.oncall import zones
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import Override, Rotation, shifts
from imtui.domain.oncall.schedule import KeptRotation, Version, on_call_at
from imtui.services.rotations import RotationSpec

COMMAND = "python -m benchmarks oncall"
_RUNS = 7
_YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_SCHEDULES = 1000
_HOURLY = Coverage.of([[(hour * 60, hour * 60 + 30) for hour in range(24)]] * 7)
_OFFICE = Coverage.of([[(540, 1020)]] * 5 + [[]] * 2)
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")
_PRESSES = 40


def run() -> list[Figure]:
    """All figures of on-call schedules."""
    return [_a_year(), _now(), *_calendar()]


def _a_year() -> Figure:
    people = tuple(f"person-{number}" for number in range(30))
    daily = Recurrence(Kind.DAILY, ((0, 540),))
    rotation = Rotation(people, zones.zone("Europe/Berlin"), _YEAR[0], daily, _HOURLY)
    overrides = [
        Override((people[0],), begin := _YEAR[0] + timedelta(days=7 * number, hours=3), begin + timedelta(hours=8))
        for number in range(50)
    ]
    seconds = median([_timed(lambda: shifts(rotation, *_YEAR, overrides)) for _ in range(_RUNS)])
    count = len(shifts(rotation, *_YEAR, overrides))
    return Figure(
        "a year of a rotation: 30 people, covered hour by hour, 50 overrides",
        f"{seconds * 1000:.1f} ms, {count:,} shifts",
        "≤ 50 ms",
        seconds <= 0.05,
        COMMAND,
    )


_ONCE = """
import time
from benchmarks.oncall import at_once, schedules
made = schedules()
begin = time.perf_counter()
at_once(made)
print(time.perf_counter() - begin)
"""


def _now() -> Figure:
    """The first time in a process counts: nothing is known of the zones yet."""
    made = schedules()
    at_once(made)
    warm = median([_timed(lambda: at_once(made)) for _ in range(_RUNS)])
    command = [sys.executable, "-c", _ONCE]
    cold = median([float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(3)])
    return Figure(
        f"who is on call now in {_SCHEDULES:,} schedules whose rotations began ten years ago",
        f"{cold * 1000:.0f} ms the first time in a process, {warm * 1000:.0f} ms afterwards",
        "≤ 100 ms",
        cold <= 0.1,
        COMMAND,
    )


def schedules() -> list[KeptRotation]:
    """Rotations by days, weeks and months in several zones, half of them in office hours."""
    recurrences = (
        Recurrence(Kind.DAILY, ((0, 540),)),
        Recurrence(Kind.WEEKLY, ((0, 540),)),
        Recurrence(Kind.MONTHLY, ((1, 540), (15, 540))),
    )
    return [
        KeptRotation(
            str(number),
            str(number),
            (
                Version(
                    Rotation(
                        tuple(f"person-{each}" for each in range(7)),
                        zones.zone(_ZONES[number % len(_ZONES)]),
                        datetime(2016, 1, 1, number % 24, tzinfo=UTC),
                        recurrences[number % 3],
                        _OFFICE if number % 2 else None,
                    )
                ),
            ),
        )
        for number in range(_SCHEDULES)
    ]


def at_once(made: list[KeptRotation]) -> None:
    """Tell who is on call in each."""
    for rotation in made:
        on_call_at([rotation], _NOW)


def _calendar() -> list[Figure]:
    """Keys in the month of a schedule of eight rotations on a pseudo-terminal."""
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "calendar.db"
        asyncio.run(_fill(database))
        with watched([IMTUI], surroundings(database)) as program:
            program.wait(shows("No incidents yet"))
            program.terminal.write("\x1b[20~")
            program.wait(shows("eight", "On call now"))
            program.terminal.write("\r")
            program.wait(shows("On call eight", "On call now"))
            program.settle()
            figures = []
            for label, keys in (("a day on", "lh"), ("a month on", "]]]][[[[")):
                times = [_pressed(program, keys[turn % len(keys)]) for turn in range(_PRESSES)]
                late, usual = percentile(times, 0.95) * 1000, median(times) * 1000
                figures.append(
                    Figure(
                        f"the month calendar of 8 rotations, {label}",
                        f"p95 {late:.1f} ms, p50 {usual:.1f} ms until it is painted",
                        "≤ 50 ms",
                        late <= 50,
                        COMMAND,
                    )
                )
            return figures


def _pressed(program: Watched, key: str) -> float:
    before = program.glass.text()
    seconds = program.press(key, lambda glass: glass.text() != before, window=0.15).seconds
    program.settle(0.1)
    return seconds


async def _fill(database: Path) -> None:
    context = await context_of(database, "ana")
    for number in range(30):
        await services.contacts.create(context, f"person-{number}", display_name=f"Person {number}")
    daily = Recurrence(Kind.DAILY, ((0, 540),))
    people = [f"person-{number}" for number in range(30)]
    specs = [
        RotationSpec(f"rotation {number}", tuple(people[number:] + people[:number]), zone, daily, start=_YEAR[0])
        for number, zone in enumerate(_ZONES + _ZONES[:2])
    ]
    await services.schedules.create(context, "eight", specs)
    await context.database.close()


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
