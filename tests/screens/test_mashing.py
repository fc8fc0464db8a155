"""A cat on the keyboard: whatever is pressed, in whatever order and without waiting, the program goes on, and what
somebody was typing is still there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from textual.widgets import TextArea

from imtui import services
from imtui.actions import ACTIONS
from tests.screens import scenes
from tests.screens.conftest import text_of, until

QUIET = frozenset({"quit", "tour-end", "tour-next"})
"""What would end the program, or is not there."""

LOOKING = sorted(key for action in ACTIONS if not action.changes and action.id not in QUIET for key in action.keys)
ASKING = ["s", "e", "E", "r", "t", "w", "H", "X", "S", "A", "number_sign", "plus", "D"]
"""Acts that ask first: nothing is done before enter or f2, which are not pressed."""


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
@pytest.mark.timeout(120)
async def test_any_keys_in_any_order_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    chance = random.Random(seed)
    looking = [key for key in LOOKING if key != "enter"]
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await scenes.opened_list(pilot)
        keys = []
        for _ in range(200):
            kind = chance.random()
            keys += ["escape", "escape"] if kind < 0.2 else [chance.choice(ASKING if kind < 0.3 else looking)]
        for key in keys:
            app.simulate_key(key)
        await pilot.pause()
        await scenes.leave(pilot)
        assert not app.traces, (keys, app.traces[0])
        assert app.failed is None
        context = scenes.here(app)
        assert (await services.incidents.get(context, 2)).is_open
        assert (await services.incidents.get(context, 2)).title == "Checkout: payments fail"


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 3))])
@pytest.mark.timeout(120)
async def test_nothing_typed_in_a_note_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Left by esc at any moment and opened again, it goes on where it was."""
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    chance = random.Random(seed)
    text = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(60))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await scenes.opened_list(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "Note to #2" in text_of(app))
        for place, character in enumerate(text):
            if chance.random() < 0.1:
                await pilot.press("escape")
                await until(pilot, lambda: "Note to #2" not in text_of(app))
                for key in chance.choices([key for key in LOOKING if key not in ("enter", "L", "J")], k=5):
                    app.simulate_key(key)
                await pilot.pause()
                await scenes.leave(pilot)
                await pilot.press("w")
                await until(pilot, lambda: "Note to #2" in text_of(app))
                area = app.screen.query_one(TextArea)
                assert area.text == text[:place]
                area.move_cursor(area.document.end)
            await pilot.press(character)
        assert app.screen.query_one(TextArea).text == text
        assert not app.traces
