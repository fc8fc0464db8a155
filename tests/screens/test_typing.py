"""Whoever types faster than the program loses nothing and does nothing they did not mean."""

from __future__ import annotations

import random
from typing import Any

import pytest
from textual.widgets import Input, TextArea

from imtui import services
from imtui.actions import ACTIONS
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from screens.prompt import Prompt
from tests.screens.conftest import Opened, text_of, until


def burst(app: Any, *keys: str) -> None:
    """Keys that arrive all at once, as over a line that hung for a moment."""
    from textual import events

    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_what_is_typed_for_a_note_is_not_taken_as_acts(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        burst(app, "w", *"rsTaE")
        await until(pilot, lambda: "rsTaE" in text_of(app))
        assert app.screen.query_one("#f-text", TextArea).text == "rsTaE"
        assert len(app.screen_stack) == 2


async def test_the_whole_command_line_may_come_at_once(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        burst(app, "colon", *"resolve")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        await until(pilot, lambda: app.screen.query_one(Input).value == "resolve")
        assert (await services.incidents.get(team, 1)).is_open


async def test_keys_typed_ahead_reach_the_screen_they_were_meant_for(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        burst(app, "enter", "3", "w", *"seen")
        await until(pilot, lambda: "seen" in text_of(app))
        burst(app, "f2")
        await until(pilot, lambda: "note written" in text_of(app))
        screen = app.screen
        assert isinstance(screen, DetailsScreen)
        assert screen.tab == 2


async def test_what_could_not_be_given_to_anybody_is_said(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    from imtui.app import keyboard

    monkeypatch.setattr(keyboard, "HOLD_SECONDS", 0.1)
    never = asyncio.Event()

    async def hangs(*_: Any, **__: Any) -> None:
        await never.wait()

    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        monkeypatch.setattr(services.incidents, "get", hangs)
        burst(app, "w", *"rr")
        await until(pilot, lambda: "was not taken" in " ".join(text_of(app).split()))
        assert isinstance(app.screen, IncidentsScreen)
        never.set()


@pytest.mark.parametrize("size", [(80, 24)])
@pytest.mark.parametrize("first", [(), ("enter",), ("f3",), ("f4",), ("f5",), ("f6",), ("f7",), ("exclamation_mark",)])
async def test_any_key_on_any_screen_breaks_nothing(
    team: Context, opened: Opened, first: tuple[str, ...], size: tuple[int, int]
) -> None:
    await services.incidents.start(team, "web")
    rolls = random.Random(len(first) + sum(map(ord, "".join(first))) + size[0])
    keys = [key for action in ACTIONS for key in action.keys if action.id not in ("quit",)]
    keys += ["tab", "escape", "enter", "left", "backspace", *"ab1 ", "escape", "escape"]
    async with opened(size=size) as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press(*first)
        for _ in range(6):
            burst(app, *rolls.choices(keys, k=25))
            await pilot.pause()
        for _ in range(60):
            if isinstance(app.screen, IncidentsScreen):
                break
            await pilot.press("escape")
        assert "defect" not in text_of(app)
        assert not app.traces
        assert app.return_code is None
