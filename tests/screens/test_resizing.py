"""A terminal that becomes smaller and larger while somebody types loses nothing, and no screen breaks at any size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input, OptionList, TextArea

from imtui.app import ImtuiApp
from tests.screens import scenes
from tests.screens.conftest import text_of, until

SMALL, LARGE, USUAL = (60, 15), (300, 100), (80, 24)


def whole(app: ImtuiApp, size: tuple[int, int]) -> bool:
    """Whether every line of the screen is as wide as the terminal, and there are as many as it has."""
    lines = app.screen._compositor.render_strips()
    width, height = size
    return len(lines) == height and all(cell_len(line.text) == width for line in lines)


async def resize(pilot: Any, size: tuple[int, int]) -> None:
    await pilot.resize_terminal(*size)
    await until(pilot, lambda: whole(pilot.app, size))


def typed_line(app: ImtuiApp) -> str:
    return app.screen.query(Input).first().value


def typed_area(app: ImtuiApp) -> str:
    return app.screen.query(TextArea).first().text


def chosen(app: ImtuiApp) -> str:
    options = app.screen.query_one(OptionList)
    return str(options.highlighted)


@pytest.mark.parametrize(
    ("steps", "typed", "kept", "expected", "shown"),
    [
        ((("w", "Note to #2"),), "half a note", typed_area, "half a note", "half a note"),
        ((("e", "Edit #2"),), " now", typed_line, "Checkout: payments fail now", "payments fail now"),
        ((("colon", ""),), "incident show 2", typed_line, "incident show 2", ":incident show 2"),
        ((("slash", ""),), "pay", typed_line, "pay", "/pay"),
        ((("question_mark", "Help"),), "note", typed_line, "note", "Write a note"),
        ((("o", "what needs you first"),), "jj", chosen, "2", "oldest first"),
    ],
    ids=["note", "form", "command", "filter", "help", "chooser"],
)
async def test_what_is_typed_stays_and_is_seen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    steps: scenes.Steps,
    typed: str,
    kept: Callable[[ImtuiApp], str],
    expected: str,
    shown: str,
) -> None:
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    async with app.run_test(size=USUAL) as pilot:
        await scenes.opened_list(pilot)
        await scenes.show(pilot, steps)
        await pilot.press(*(" " if c == " " else c for c in typed))
        await until(pilot, lambda: kept(app) == expected)
        for size in (SMALL, LARGE, USUAL):
            await resize(pilot, size)
            assert kept(app) == expected, size
            await until(pilot, lambda: shown in text_of(app))


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_every_screen_stands_at_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    async with app.run_test(size=USUAL) as pilot:
        async for _ in scenes.each(pilot, scenes.SCENES):
            for size in (LARGE, SMALL, USUAL):
                await resize(pilot, size)
    assert not app.traces


async def test_the_largest_terminal_uses_its_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    async with app.run_test(size=LARGE) as pilot:
        await scenes.opened_list(pilot)
        await scenes.show(pilot, scenes.SCENES["timeline"])
        text = text_of(app)
        assert "Page for Ben kept here (e-mail: no provider is configured)" in text
        assert "Provider answers 503 since 02:55. Calling them." in text
        assert whole(app, LARGE)
