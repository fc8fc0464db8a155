"""The wall: it shows every open incident in its turn, and never takes the picture from whoever looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from imtui import services
from imtui.app import ImtuiApp, Setting
from imtui.app import program as app_module
from imtui.app.rotation import STAY_SECONDS, Rotation, following
from imtui.commands.options import UsageError, split
from imtui.config import Config
from imtui.domain.errors import Unavailable
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from tests.screens.conftest import Still, text_of, until


@pytest.mark.parametrize(
    ("before", "shown", "now", "expected"),
    [
        ("abc", "", "abc", "a"),
        ("abc", "a", "abc", "b"),
        ("abc", "c", "abc", ""),
        ("abc", "a", "ac", "c"),
        ("abc", "a", "dabc", "b"),
        ("abc", "b", "ab", ""),
        ("abc", "a", "", ""),
        ("", "", "", ""),
        ("abc", "x", "abc", ""),
    ],
)
def test_each_open_incident_has_its_turn_and_then_the_list(before: str, shown: str, now: str, expected: str) -> None:
    assert following(list(before), shown, list(now)) == expected


class Pace:
    """Time that passes when one waits for it; `at` does things at its instants, and the test ends at `end`."""

    def __init__(self, end: float, at: dict[float, Callable[[], None]] | None = None) -> None:
        self.time, self.end, self.at = 0.0, end, dict(at or {})

    def monotonic(self) -> float:
        return self.time

    async def pause(self, seconds: float) -> None:
        assert seconds > 0
        target = self.time + seconds
        for instant in sorted(instant for instant in self.at if instant <= min(target, self.end)):
            self.time = instant
            self.at.pop(instant)()
        self.time = target
        if self.time > self.end:
            raise asyncio.CancelledError


class Wall:
    def __init__(self, pace: Pace) -> None:
        self.pace, self.is_free = pace, True
        self.seen: list[tuple[float, str]] = []
        self.told: list[str] = []

    def free(self) -> bool:
        return self.is_free

    def said(self, text: str) -> None:
        self.told.append(text)

    def show_incident(self, incident_id: str) -> None:
        self.seen.append((self.pace.time, incident_id))

    def show_list(self) -> None:
        self.seen.append((self.pace.time, ""))


def rotation(pace: Pace, found: Callable[[], Sequence[str]] = lambda: "ab") -> tuple[Rotation, Wall]:
    wall = Wall(pace)

    async def read() -> Sequence[str]:
        return list(found())

    return Rotation(wall, pace, 20.0, read), wall


async def rotated(one: Rotation) -> None:
    with pytest.raises(asyncio.CancelledError):
        await one.run()


async def test_it_goes_round_and_round() -> None:
    one, wall = rotation(Pace(100))
    await rotated(one)
    assert wall.seen == [(20, "a"), (40, "b"), (60, ""), (80, "a"), (100, "b")]


async def test_a_key_stops_it_for_a_minute_from_the_last_one() -> None:
    pace = Pace(145)
    one, wall = rotation(pace)
    pace.at = {25.0: one.touched, 50.0: one.touched}
    await rotated(one)
    assert wall.seen == [(20, "a"), (50 + STAY_SECONDS, "b"), (70 + STAY_SECONDS, "")]
    assert len(wall.told) == 1


async def test_nothing_rotates_while_a_dialog_is_open() -> None:
    pace = Pace(100)
    one, wall = rotation(pace)

    def opens() -> None:
        wall.is_free = False

    def closes() -> None:
        wall.is_free = True

    pace.at = {30.0: opens, 70.0: closes}
    await rotated(one)
    assert wall.seen == [(20, "a"), (80, "b"), (100, "")]


async def test_a_key_while_the_database_is_asked_keeps_the_picture() -> None:
    pace = Pace(70)

    def slow() -> str:
        one.touched()
        return "ab"

    one, wall = rotation(pace, slow)
    await rotated(one)
    assert wall.seen == []


async def test_a_database_that_is_away_ends_nothing() -> None:
    answers = iter(("ab", None, "ab"))

    def found() -> str:
        answer = next(answers)
        if answer is None:
            raise Unavailable("away")
        return answer

    one, wall = rotation(Pace(60), found)
    await rotated(one)
    assert wall.seen == [(20, "a"), (60, "b")]


async def test_the_program_shows_incidents_and_list_in_turn(team: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for title in ("First of two", "Second of two"):
        await services.incidents.start(team, "web", title=title)
    turns: asyncio.Queue[None] = asyncio.Queue()

    class Turned(Still):
        async def pause(self, seconds: float) -> None:
            if seconds == 33.0:
                await turns.get()
            else:
                await super().pause(seconds)

    clock = Turned(team.clock.now())
    real = app_module._open_context

    async def still_context(setting: Setting) -> Context:
        context = await real(setting)
        return Context(context.database, clock, context.names, context.caller, context.config)

    monkeypatch.setattr(app_module, "_open_context", still_context)
    app = ImtuiApp(Setting(str(team.database.path), Config(), "ana", read_only=True, engine=False, rotate=33.0))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: "Second of two" in text_of(app) and app.context is not None)
        titles = set()
        for _ in range(2):
            shown = app.screen
            turns.put_nowait(None)
            await until(pilot, lambda shown=shown: app.screen is not shown and "impact" in text_of(app))  # type: ignore[misc]
            assert isinstance(app.screen, DetailsScreen)
            assert len(app.screen_stack) == 2
            titles.add(text_of(app).splitlines()[0].split("  ")[0])
        assert len(titles) == 2
        turns.put_nowait(None)
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))
        await pilot.press("question_mark")
        await until(pilot, lambda: "this stays for 60 seconds" in text_of(app))
        await app.leave()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--read-only", "--rotate"], 20.0),
        (["--rotate", "5", "--read-only"], 5.0),
        (["--read-only", "--rotate=90.5", "demo"], 90.5),
        (["--read-only", "--rotate", "demo"], 20.0),
        (["demo"], None),
    ],
)
def test_how_long_each_stands_can_be_said(words: list[str], expected: float | None) -> None:
    assert split(words)[0].rotate == expected


@pytest.mark.parametrize(
    "words", [["--rotate"], ["--rotate=", "--read-only"], ["--rotate", "0", "--read-only"], ["--rotate=x"]]
)
def test_a_rotation_that_cannot_be_meant_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        split(words)
