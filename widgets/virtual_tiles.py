"""A list as tiles, as many side by side as there is room for: each a few lines about one thing that is going on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len

from widgets.cells import fit, steady
from widgets.virtual import Cell, Pieces, T, VirtualList

LINES = 3
LEAST = 38
"""Cells that a tile needs."""

BAR, MARK = "▌", "▪"


class TileLine(NamedTuple):
    """A line of a tile: what stands at the left is cut where it must, what stands at the right is not; what could be
    spared stands before that where there is room for all of it."""

    left: Sequence[Cell]
    right: Sequence[Cell] = ()
    spare: Sequence[Cell] = ()


class VirtualTiles(VirtualList[T]):
    """A list of tiles. `draw` gives the three lines of an item. The tile under the cursor has a bar at its left."""

    TALL: ClassVar[int] = LINES + 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--bar", "list--bar-blurred", "list--title"}
    DEFAULT_CSS = """
    VirtualTiles .list--bar { color: $primary; text-style: bold; }
    VirtualTiles .list--bar-blurred { color: $secondary; }
    VirtualTiles .list--title { background: $panel; text-style: bold; }
    """

    def __init__(
        self,
        key: Callable[[T], str],
        draw: Callable[[T, datetime], Sequence[TileLine]],
        *,
        empty: str = "",
        name: str | None = None,
    ) -> None:
        super().__init__(empty=empty, name=name)
        self.key = key
        self.draw = draw

    def known_by(self, item: T) -> str:
        return self.key(item)

    def above(self) -> int:
        return 1

    def across(self) -> int:
        return max(1, (self.size.width - 1) // (LEAST + 1))

    def wide(self) -> int:
        return (self.size.width - 1) // self.across()

    def cells(self, item: T) -> Any:
        assert self.now is not None
        here = item is self._items.get(self.cursor)
        marked = self.known_by(item) in self.marked
        bar = ("bar" if self.has_focus else "bar-blurred") if here else ""
        return bar, marked, tuple(self.draw(item, self.now))

    def lines(self, cells: Any, width: int) -> list[Pieces]:
        bar, marked, drawn = cells
        side = (BAR if bar else " ", bar)
        found: list[Pieces] = []
        for number, line in enumerate(drawn):
            sign = f"{MARK} " if marked and number == 0 else ""
            title = "title" if bar and number == 1 else ""
            found.append([side, *_fitted(line, width - 3, sign, title), ("  ", "")])
        return [*found, [(" " * width, "")]]

    def moved(self, before: int) -> None:
        """Only the bar and the title show the cursor."""
        for index in (before, self.cursor):
            item = self._items.get(index)
            old = self._drawn.get(index)
            if item is None or old is None:
                self._line(index)
                continue
            self._drawn[index] = new = self.cells(item)
            self._differences(index, old, new)


def _fitted(line: TileLine, width: int, sign: str, title: str) -> Pieces:
    """A line in exactly so many cells, with a space before what it says."""
    right = [(steady(text), name) for text, name in line.right]
    if line.spare and _wide(line.left) + _wide(line.spare) + _wide(right) + len(sign) + 3 <= width:
        right = [*((steady(text), name) for text, name in line.spare), *([("  ", "")] if right else []), *right]
    taken = min(_wide(right), width // 2 + 4)
    if taken < _wide(right):
        right = [(fit("".join(text for text, _ in right), taken), right[0][1])]
    room = max(0, width - taken - 1 - len(sign))
    pieces: Pieces = [(f" {sign}", title)]
    for said, name in line.left:
        text = steady(said)
        shown = text if cell_len(text) <= room else fit(text, max(0, room))
        pieces.append((shown, title or name))
        room -= cell_len(shown)
    return [*pieces, (" " * max(0, room), title), *right]


def _wide(cells: Sequence[Cell]) -> int:
    return sum(cell_len(steady(text)) for text, _ in cells)
