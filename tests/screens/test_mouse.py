"""Who has asked for the mouse goes through lists by wheel and click; who has not finds every way without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events

from imtui import services
from imtui.commands.options import split
from imtui.config import load_config
from imtui.domain.errors import ValidationFailed
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from tests.screens.conftest import Opened, text_of, until
from widgets.virtual_tiles import VirtualTiles


async def started(team: Context, count: int) -> None:
    for number in range(1, count + 1):
        await services.incidents.start(team, "web", title=f"Number {number:02}")


async def wheel(pilot: Any, kind: type[events.MouseScrollDown] | type[events.MouseScrollUp]) -> None:
    await pilot._post_mouse_events([kind], None, offset=(30, 10))


async def test_wheel_and_click_go_through_lines(team: Context, opened: Opened) -> None:
    await started(team, 60)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Open 60" in text_of(app) and "Number 60" in text_of(app))
        screen = app.screen
        assert isinstance(screen, IncidentsScreen)
        table = screen.table
        assert not isinstance(table, VirtualTiles)
        await wheel(pilot, events.MouseScrollDown)
        assert table.first == 3
        assert table.cursor == 0
        await wheel(pilot, events.MouseScrollUp)
        await wheel(pilot, events.MouseScrollUp)
        assert table.first == 0
        await pilot.click(table, offset=(30, 5))
        assert table.cursor == 4
        assert isinstance(app.screen, IncidentsScreen)
        await pilot.click(table, offset=(30, 0))
        assert table.cursor == 4
        await pilot.click(table, offset=(30, 5))
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "Number 56" in text_of(app))


async def test_a_click_chooses_a_tile_and_the_next_opens_it(team: Context, opened: Opened) -> None:
    await started(team, 4)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Number 01" in text_of(app))
        screen = app.screen
        assert isinstance(screen, IncidentsScreen)
        tiles = screen.table
        assert isinstance(tiles, VirtualTiles)
        assert tiles.across() == 2
        for place, index in (((60, 2), 1), ((5, 6), 2), ((60, 7), 3), ((5, 1), 0)):
            await pilot.click(tiles, offset=place)
            assert tiles.cursor == index, place
        await pilot.click(tiles, offset=(60, 20))
        assert tiles.cursor == 0
        await pilot.click(tiles, offset=(5, 1))
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))


def test_the_mouse_is_asked_for_by_option_or_configuration(tmp_path: Path) -> None:
    assert not split([])[0].mouse
    assert split(["--mouse"])[0].mouse
    file = tmp_path / "config.toml"
    for text, expected in (("", False), ("mouse = true", True), ("mouse = false", False)):
        file.write_text(text)
        assert load_config(str(file)).mouse is expected
    for text in ('mouse = "yes"', "ascii = 1"):
        file.write_text(text)
        with pytest.raises(ValidationFailed, match="must be true or false"):
            load_config(str(file))
