"""What is painted over a slow line: the cells that changed, with the codes that changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.strip import Strip

from widgets.glass import Glass
from widgets.lines import Line
from widgets.painting import SpanCompositor
from widgets.virtual_table import Cell, Column, VirtualTable

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
RED, BOLD = Style.parse("red on black"), Style.parse("bold red on black")


COLOURS = ColorSystem.TRUECOLOR


def shows(written: str, width: int = 20, height: int = 4) -> list[str]:
    """What a terminal shows after it was sent this."""
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(written)
    return [line.rstrip() for line in screen.display]


def strip(*parts: tuple[str, Style]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def glass(width: int = 20, height: int = 4) -> Glass:
    made = Glass()
    made.fit(width, height)
    return made


def test_a_style_that_goes_on_is_not_said_again() -> None:
    line = strip(("a", RED), ("b", RED), ("c", Style.parse("blue on black")))
    assert glass().paint([(0, 0, line)], ColorSystem.STANDARD) == "\x1b[1;1H\x1b[0;31;40mab\x1b[34mc\x1b[0m"


def test_an_attribute_that_ends_is_taken_back() -> None:
    line = strip(("a", BOLD), ("b", RED))
    assert glass().paint([(0, 0, line)], ColorSystem.STANDARD) == "\x1b[1;1H\x1b[0;1;31;40ma\x1b[22mb\x1b[0m"


def test_without_colours_there_are_no_codes() -> None:
    assert glass().paint([(0, 0, strip(("a", BOLD)))], None) == "\x1b[1;1Ha"


def test_a_space_needs_no_colour_of_its_own_but_its_background_and_underline() -> None:
    under, green = Style.parse("underline red on black"), Style.parse("red on green")
    line = strip(("a", RED), (" ", BOLD), ("b", RED), (" ", under), (" ", green))
    written = glass().paint([(0, 0, line)], ColorSystem.STANDARD)
    assert written == "\x1b[1;1H\x1b[0;31;40ma b\x1b[4m \x1b[0;42m \x1b[0m"


def test_many_spaces_at_the_end_are_erased() -> None:
    one = glass()
    one.paint([(0, 0, strip(("much was said here", RED)))], ColorSystem.STANDARD)
    written = one.paint([(0, 0, strip(("less              ", RED)))], ColorSystem.STANDARD)
    assert written == "\x1b[1;1H\x1b[0;31;40mless\x1b[14X\x1b[0m"


STYLES = [
    Style.parse(each)
    for each in (
        "red on black",
        "bold red on black",
        "dim bold blue on green",
        "underline on black",
        "reverse red on blue",
        "italic strike on black",
        "on black",
        "on green",
        "bold dim reverse on black",
        "none",
    )
]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 9), st.sampled_from("a b"), st.sampled_from(STYLES)), min_size=1, max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_after_any_paintings_each_cell_has_the_style_of_the_last(paintings: list[list[tuple[int, str, Style]]]) -> None:
    """Beside a terminal that is sent all of a line, each cell with all of its style."""
    saving, wanted, screen = glass(), pyte.Screen(20, 4), pyte.Screen(20, 4)
    for painting in paintings:
        cells = [(character, style) for count, character, style in painting for _ in range(count)][:20]
        pyte.Stream(screen).feed(saving.paint([(0, 1, strip(*cells))], COLOURS))
        pyte.Stream(wanted).feed(
            "\x1b[2;1H" + "".join(style.render(text, color_system=COLOURS) for text, style in cells)
        )
        assert _looks(screen) == _looks(wanted)


def _looks(screen: pyte.Screen) -> list[tuple[object, ...]]:
    """What can be seen of each cell of a line: a space has no colour of its own, nor is it bold."""
    return [
        (cell.bg, cell.underscore, cell.strikethrough, cell.reverse, cell.fg if cell.reverse else "")
        if cell.data == " "
        else tuple(cell)
        for cell in (screen.buffer[1][x] for x in range(20))
    ]


def test_what_stands_there_already_is_not_sent() -> None:
    one = glass()
    picture = [(0, y, strip((f"line {y}", RED))) for y in range(4)]
    assert one.paint(picture, COLOURS)
    assert one.paint(picture, COLOURS) == ""
    one.forget()
    one.fit(20, 4)
    assert shows(one.paint(picture, COLOURS)) == ["line 0", "line 1", "line 2", "line 3"]


def test_a_terminal_of_another_size_is_painted_anew() -> None:
    one = glass()
    one.paint([(0, 0, strip(("same", RED)))], COLOURS)
    one.fit(30, 4)
    assert "same" in one.paint([(0, 0, strip(("same", RED)))], COLOURS)


def test_another_style_of_the_same_text_is_sent() -> None:
    one = glass()
    one.paint([(0, 0, strip(("same", RED)))], COLOURS)
    assert "same" in one.paint([(0, 0, strip(("same", BOLD)))], COLOURS)


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 19), st.integers(0, 3), st.text("ab 漢é\u0301─", min_size=1, max_size=12)),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_after_any_paintings_the_terminal_shows_the_last_of_each_cell(
    paintings: list[list[tuple[int, int, str]]],
) -> None:
    """Against a glass that sends everything each time: wide and combining characters, overlaps, what is cut off."""
    saving, wanted = glass(), [[" "] * 20 for _ in range(4)]
    screen = pyte.Screen(22, 4)  # at its border the emulator loses marks, too
    stream = pyte.Stream(screen)
    stream.feed(saving.paint([(0, y, strip((" " * 20, RED))) for y in range(4)], COLOURS))
    for painting in paintings:
        pieces = []
        for x, y, text in painting:
            whole = "".join(wanted[y])
            cells = _cells(text)[: 20 - x]
            if cells and cells[-1] != "" and cell_len(cells[-1]) == 2:
                cells[-1] = " "
            line = wanted[y]
            if line[x] == "":
                line[x - 1] = " "
            end = x + len(cells)
            if end < 20 and line[end] == "":
                line[end] = " "
            line[x:end] = cells
            assert len(_cells("".join(line))) == 20, whole
            pieces.append((0, y, strip(("".join(line), RED))))
        stream.feed(saving.paint(pieces, COLOURS))
        assert [unicodedata.normalize("NFC", line.removesuffix("  ")) for line in screen.display] == [
            unicodedata.normalize("NFC", "".join(line)) for line in wanted
        ]


def _cells(text: str) -> list[str]:
    cells: list[str] = []
    for character in text:
        wide = cell_len(character)
        if wide == 0:
            if cells and cells[-1] != "":  # the emulator loses marks of wide characters
                cells[-1] += character
            continue
        cells += [character, *[""] * (wide - 1)]
    return cells


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
            seen.add(table.first)
            assert table.first <= table.cursor < table.first + table.page()
        assert len(seen) < 20
        for _ in range(99):
            table.move(-1)
            assert table.first <= table.cursor < table.first + table.page()
        assert table.cursor == 0
