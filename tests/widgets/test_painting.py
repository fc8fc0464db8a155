"""What is painted over a slow line: the cells that changed, with the codes that changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.strip import Strip

from widgets.lines import Line
from widgets.painting import SpanCompositor, painted
from widgets.virtual_table import Cell, Column, VirtualTable

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
RED, BOLD = Style.parse("red on black"), Style.parse("bold red on black")


def test_a_style_that_goes_on_is_not_said_again() -> None:
    strip = Strip([Segment("a", RED), Segment("b", RED), Segment("c", Style.parse("blue on black"))])
    assert painted(strip, ColorSystem.STANDARD) == "\x1b[0;31;40mab\x1b[34mc\x1b[0m"


def test_an_attribute_that_ends_is_taken_back() -> None:
    strip = Strip([Segment("a", BOLD), Segment("b", RED)])
    assert painted(strip, ColorSystem.STANDARD) == "\x1b[0;1;31;40ma\x1b[0;31;40mb\x1b[0m"


def test_without_colours_there_are_no_codes() -> None:
    assert painted(Strip([Segment("a", BOLD)]), None) == "a"


def draw(item: object, now: datetime) -> Sequence[Cell]:
    return ((str(item), ""), ("title", ""))


class Plain(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = SpanCompositor()

    def compose(self) -> ComposeResult:
        yield Line(name="line")
        yield VirtualTable((Column("A", 10), Column("B", 0)), str, draw, name="t")


class Bare(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Plain()


@pytest.fixture
def painted_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What partial updates write."""
    written: list[str] = []
    console = Console(force_terminal=True, color_system="truecolor")
    real = SpanCompositor.render_partial_update

    def record(self: SpanCompositor) -> ChopsUpdate | None:
        update = real(self)
        if update is not None:
            written.append(update.render_segments(console))
        return update

    monkeypatch.setattr(SpanCompositor, "render_partial_update", record)
    return written


async def test_a_tick_repaints_one_cell(painted_by: list[str]) -> None:
    app = Bare()
    async with app.run_test(size=(80, 10)) as pilot:
        line = app.screen.query_one("#line", Line)
        line.say([("left", "")], [("2:59", "warn")])
        await pilot.pause()
        painted_by.clear()
        line.say([("left", "")], [("2:58", "warn")])
        await pilot.pause()
        assert len(painted_by) == 1
        assert painted_by[0].startswith("\x1b[1;80H")
        assert "8" in painted_by[0]
        assert "left" not in painted_by[0]


async def test_the_cursor_repaints_two_lines_and_not_their_last_column(painted_by: list[str]) -> None:
    app = Bare()
    async with app.run_test(size=(80, 10)) as pilot:
        table = app.screen.query_one("#t", VirtualTable)
        table.show([str(n) for n in range(6)], now=NOW)
        table.focus()
        await pilot.pause()
        painted_by.clear()
        table.move(1)
        await pilot.pause()
        text = "".join(painted_by)
        assert "▸" in text
        assert "title" not in text
        assert len(text) < 200


async def test_going_down_line_by_line_turns_pages(painted_by: list[str]) -> None:
    app = Bare()
    async with app.run_test(size=(80, 12)) as pilot:
        table = app.screen.query_one("#t", VirtualTable)
        table.show([str(n) for n in range(100)], now=NOW)
        await pilot.pause()
        seen = set()
        for _ in range(99):
            table.move(1)
            seen.add(table.scroll_target_y)
            assert table.scroll_target_y <= table.cursor < table.scroll_target_y + table.page()
        assert len(seen) < 20
        for _ in range(99):
            table.move(-1)
            assert table.scroll_target_y <= table.cursor < table.scroll_target_y + table.page()
        assert table.cursor == 0
