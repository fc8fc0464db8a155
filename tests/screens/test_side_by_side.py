"""Two programs on one database, each with an engine: what one does the other shows, and pages when that one leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from statistics import median
from typing import Any

import pytest

from imtui import services
from imtui.app import ImtuiApp
from imtui.app.frame import handed_over
from imtui.services.context import Context
from screens.incidents import IncidentsScreen
from tests.screens.conftest import Opened, text_of, until

Program = tuple[ImtuiApp, Any]


@asynccontextmanager
async def both(opened: Opened) -> AsyncIterator[tuple[Program, Program]]:
    """Ana's program, whose engine leads, and Ben's, whose engine waits."""
    async with opened(engine=True) as first:
        await until(first[1], lambda: leads(first[0]) and first[0]._leads is True)
        async with opened(user="ben", engine=True) as second:
            await until(second[1], lambda: second[0]._leads is False)
            yield first, second


def leads(program: ImtuiApp) -> bool:
    return program._engine is not None and program._engine.is_leader


def shows(program: ImtuiApp, text: str) -> bool:
    return text in text_of(program)


def place(program: ImtuiApp) -> tuple[str, int]:
    """The incident under the cursor, and the line of the screen on which it stands."""
    screen = program.screen_stack[0]
    assert isinstance(screen, IncidentsScreen)
    assert screen.table.selected is not None
    return screen.table.selected.id, screen.table.cursor - screen.table.first


async def shown_after(pilot: Any, text: str, change: Callable[[], Awaitable[object]]) -> float:
    """Seconds from a change's commit until a program shows its text."""
    loop = asyncio.get_running_loop()
    await change()
    committed = loop.time()
    await until(pilot, partial(shows, pilot.app, text))
    return loop.time() - committed


@pytest.mark.parametrize(
    ("before", "mine", "said"),
    [
        (None, True, ""),
        (None, False, ""),
        (True, True, ""),
        (False, False, ""),
        (False, True, "this program is the engine now"),
        (True, False, "another program is the engine now"),
    ],
)
def test_only_a_change_of_hands_is_said(before: bool | None, mine: bool, said: str) -> None:
    found = handed_over(before, mine)
    assert found.startswith(said) if said else not found


async def test_each_shows_within_half_a_second_what_the_other_does(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with both(opened) as (one, two):
        took: dict[str, list[float]] = {"own": [], "other": []}
        for number in range(6):
            doer, other = (one, two) if number % 2 else (two, one)
            assert doer[0].context is not None
            context, title = doer[0].context, f"Title {number}"

            async def change(context: Context = context, title: str = title) -> None:
                await services.incidents.update(context, 1, title=title)

            took["other"].append(await shown_after(other[1], title, change))
            await until(doer[1], partial(shows, doer[0], title))
        assert median(took["other"]) < 0.5


async def test_when_the_leader_leaves_the_other_takes_over_and_says_so_and_pages(team: Context, opened: Opened) -> None:
    async with both(opened) as (one, two):
        assert not leads(two[0])
        assert "engine" not in text_of(two[0])
        await one[0].leave()
        await until(two[1], lambda: leads(two[0]), 3.0)
        await until(two[1], lambda: "this program is the engine now: it pages people" in text_of(two[0]))
        assert two[0].context is not None
        await services.incidents.start(two[0].context, "web")
        async with asyncio.timeout(10):
            while [message.state for message in await services.messages.recent(team)] != ["Kept here"]:
                await two[1].pause(0.02)


async def test_a_leader_whose_lease_another_has_taken_says_so(team: Context, opened: Opened) -> None:
    """As after the machine stood still: the other leads, and this one stays on screen."""
    async with both(opened) as (one, two):
        engine, other = one[0]._engine, two[0]._engine
        assert engine is not None
        assert other is not None
        take = engine._lease.take

        async def stands_still() -> bool:
            return False

        engine._lease.take = stands_still  # type: ignore[method-assign]
        await engine._lease.release()
        await until(two[1], lambda: leads(two[0]))
        engine._lease.take = take  # type: ignore[method-assign]
        await until(one[1], lambda: "another program is the engine now" in text_of(one[0]))
        assert not leads(one[0])


async def test_nothing_that_happens_elsewhere_moves_what_somebody_looks_at_or_types(
    team: Context, opened: Opened
) -> None:
    for number in range(60):
        await services.incidents.start(team, "web", title=f"Disk {number} is full")
    async with both(opened) as (one, two):
        program, pilot = two
        await pilot.press(*["j"] * 35)
        await until(pilot, lambda: place(program)[1] > 0 and program.screen.table.first > 0)  # type: ignore[attr-defined]
        before = place(program)
        await pilot.press("w")
        await until(pilot, lambda: len(program.screen_stack) > 1 and program.focused is not None)
        await pilot.press(*"half a")
        field: Any = program.focused
        assert field.text == "half a"
        focused = program.focused
        assert one[0].context is not None
        for number in range(1, 20):
            await services.incidents.update(one[0].context, number, title=f"Disk {number} is better")
        await services.incidents.resolve(one[0].context, 2)
        await services.incidents.start(one[0].context, "web", title="The newest", impact=1)
        await one[0].leave()
        await until(pilot, lambda: leads(program))
        await until(pilot, lambda: "this program is the engine now" in text_of(program))
        assert program.focused is focused
        await pilot.press(*" word")
        assert field.text == "half a word"
        assert place(program) == before
