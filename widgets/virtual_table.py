"""One table for every list: an item is a line, in columns that stay aligned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from widgets.cells import fit
from widgets.virtual import Cell, Pieces, T, VirtualList

__all__ = ["Cell", "Column", "VirtualTable"]

_NARROW = 100
_LEAST = 8

CURSOR, MARK = "▸", "▪"


class Column(NamedTuple):
    """A column; one of a table may have width 0 and takes what is left. `right` aligns to the right, `narrow` is the
    width in a table of less than 100 cells, 0 where it is the same."""

    title: str
    width: int
    right: bool = False
    narrow: int = 0


class VirtualTable(VirtualList[T]):
    """A list in columns. `draw` gives the cells of an item, one for each."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--cursor", "table--cursor-blurred"}
    DEFAULT_CSS = """
    VirtualTable .table--head { color: $secondary; background: $background; text-style: bold; }
    VirtualTable .table--cursor { background: $panel; text-style: bold; }
    VirtualTable .table--cursor-blurred { background: $surface; }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[T], str],
        draw: Callable[[T, datetime], Sequence[Cell]],
        *,
        empty: str = "",
        head: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(empty=empty, name=name)
        self.columns = list(columns)
        self.key = key
        self.draw = draw
        self.head = head

    def known_by(self, item: T) -> str:
        return self.key(item)

    def above(self) -> int:
        return 1 if self.head else 0

    def render_above(self, y: int, width: int) -> Strip:
        style = self.get_component_rich_style("table--head")
        segments = [Segment("  ", style)]
        for column, wide in zip(self.columns, self._widths(width), strict=True):
            segments.append(Segment(fit(column.title, wide, column.right) + "  ", style))
        return Strip(segments).adjust_cell_length(width, style)

    def cells(self, item: T) -> tuple[Cell, ...]:
        assert self.now is not None
        marked = self.known_by(item) in self.marked
        sign = CURSOR if item is self._items.get(self.cursor) else " "
        return ((f"{sign}{MARK if marked else ' '}", "strong"), *self.draw(item, self.now))

    def lines(self, cells: Any, width: int) -> list[Pieces]:
        pieces = [cells[0]]
        for column, wide, (text, name) in zip(self.columns, self._widths(width), cells[1:], strict=True):
            pieces.append((fit(text, wide, column.right) + "  ", name))
        return [pieces]

    def under(self, index: int, piece: int) -> str:
        if index != self.cursor or (piece and not self.columns[piece - 1].width):
            return ""
        return "table--cursor" if self.has_focus else "table--cursor-blurred"

    def moved(self, before: int) -> None:
        """The widest column shows no cursor: it would be most of what one key costs over a slow line."""
        widths = self._widths(self.size.width)
        wide = 2 + sum(w + 2 for column, w in zip(self.columns, widths, strict=True) if column.width)
        for index in (before, self.cursor):
            self._line(index, 0, wide)

    def _widths(self, width: int) -> list[int]:
        small = width < _NARROW
        widths = [(column.narrow if small else 0) or column.width for column in self.columns]
        fixed = sum(wide + 2 for wide in widths if wide)
        return [wide or max(_LEAST, width - 2 - fixed - 1) for wide in widths]
