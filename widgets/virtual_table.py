"""One table for every list: it draws only the lines one sees, and repaints only those that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.cells import fit, span

T = TypeVar("T")

Cell = tuple[str, str]
"""A text and the name of its style: empty, dim, loud, warn, good, strong."""

_NARROW = 100
_LEAST = 8

CURSOR, MARK = "▸", "▪"

STYLES = ("dim", "loud", "warn", "good", "strong")


class Column(NamedTuple):
    """A column; one of a table may have width 0 and takes what is left. `right` aligns to the right, `narrow` is the
    width in a table of less than 100 cells, 0 where it is the same."""

    title: str
    width: int
    right: bool = False
    narrow: int = 0


class VirtualTable(ScrollView, Generic[T], can_focus=True):
    """Shows items of which it may hold only some: `wanted` is posted when one looks at those it lacks.

    The cursor stays on its item when items come and go. A change repaints the lines whose text differs.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head",
        "table--cursor",
        "table--cursor-blurred",
        "table--dim",
        "table--loud",
        "table--warn",
        "table--good",
        "table--strong",
    }
    DEFAULT_CSS = """
    VirtualTable { background: $background; color: $foreground; scrollbar-size: 1 1; overflow-x: hidden; }
    VirtualTable .table--head { color: $secondary; background: $background; text-style: bold; }
    VirtualTable .table--cursor { background: $panel; text-style: bold; }
    VirtualTable .table--cursor-blurred { background: $surface; }
    VirtualTable .table--dim { color: $secondary; }
    VirtualTable .table--loud { color: $error; text-style: bold; }
    VirtualTable .table--warn { color: $warning; }
    VirtualTable .table--good { color: $success; }
    VirtualTable .table--strong { text-style: bold; }
    """

    class Picked(Message):
        """Somebody opened the item under the cursor."""

        def __init__(self, table: VirtualTable[Any], item: Any) -> None:
            super().__init__()
            self.table = table
            self.item = item

        @property
        def control(self) -> VirtualTable[Any]:
            return self.table

    class Wanted(Message):
        """Items from `start` on are looked at and missing."""

        def __init__(self, table: VirtualTable[Any], start: int, count: int) -> None:
            super().__init__()
            self.table = table
            self.start = start
            self.count = count

        @property
        def control(self) -> VirtualTable[Any]:
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, VirtualTable.Wanted) and message.table is self.table

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
        super().__init__(id=name)
        self.columns = list(columns)
        self.key = key
        self.draw = draw
        self.empty = empty
        self.head = head
        self.count = 0
        self.cursor = 0
        self.marked: set[str] = set()
        self.now: datetime | None = None
        self._items: dict[int, T] = {}
        self._drawn: dict[int, tuple[Cell, ...]] = {}
        self._asked: int | None = None

    # ------------------------------------------------------------ what it shows

    def show(self, items: Sequence[T], count: int | None = None, *, start: int = 0, now: datetime) -> None:
        """Replace what is known by these items, the first of which is number `start` of `count` in all."""
        self.put({start + index: item for index, item in enumerate(items)}, len(items) if count is None else count, now)

    def put(self, items: Mapping[int, T], count: int, now: datetime) -> None:
        """Replace what is known. The cursor follows its item; lines that look the same are not repainted."""
        selected = self.selected
        chosen = self.key(selected) if selected is not None else None
        self.now = now
        self._asked = None
        self._items = dict(items)
        old_count, self.count = self.count, count
        before = self.cursor
        if chosen is not None:
            self.cursor = next((index for index, item in items.items() if self.key(item) == chosen), before)
        self.cursor = max(0, min(self.cursor, count - 1))
        if old_count != count:
            self._resize()
        elif not count:
            self.refresh()
        if self.cursor != before:
            self._follow(moved_by=self.cursor - before)
        self._repaint_changed(force=(before, self.cursor) if before != self.cursor else ())

    def tick(self, now: datetime, *, chosen_only: bool = False) -> None:
        """Time has passed: repaint the visible lines that show it; with `chosen_only` the one under the cursor."""
        self.now = now
        item = self.selected
        if not chosen_only:
            self._repaint_changed()
        elif item is not None and self.cursor in self._drawn:
            old, new = self._drawn[self.cursor], self._cells(item)
            if new != old:
                self._drawn[self.cursor] = new
                self._line(self.cursor, *span(self._pieces(old), self._pieces(new)))

    @property
    def selected(self) -> T | None:
        """The item under the cursor."""
        return self._items.get(self.cursor)

    @property
    def items(self) -> list[T]:
        """The items that are known, in their order."""
        return [self._items[index] for index in sorted(self._items)]

    # ------------------------------------------------------------ moving

    def move(self, by: int) -> None:
        """Move the cursor down, or up when negative."""
        self.go(self.cursor + by)

    def go(self, index: int) -> None:
        """Put the cursor on an item."""
        index = max(0, min(index, self.count - 1))
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        if not self._follow(step=index - before):
            wide = self._highlight()
            self._line(before, 0, wide)
            self._line(index, 0, wide)
        self._want_ahead()

    def page(self) -> int:
        """How many items fit."""
        return max(1, self.size.height - self._top)

    def pick(self) -> None:
        """Open the item under the cursor."""
        if self.selected is not None:
            self.post_message(self.Picked(self, self.selected))

    def mark(self) -> None:
        """Mark or unmark the item under the cursor, and go on to the next."""
        if self.selected is None:
            return
        self.marked ^= {self.key(self.selected)}
        self._line(self.cursor)
        self.move(1)

    # ------------------------------------------------------------ drawing

    @property
    def _top(self) -> int:
        return 1 if self.head else 0

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.head and y == 0:
            return self._head(width)
        index = self.scroll_offset.y + y - self._top
        if index >= self.count:
            if self.count == 0 and y == self._top + 1 and self.empty:
                return self._text(f"  {self.empty}", "dim", width)
            return Strip.blank(width, self.rich_style)
        item = self._items.get(index)
        if item is None:
            self._want(index)
            return self._text("  …", "dim", width)
        cells = self._cells(item)
        self._drawn[index] = cells
        return self._row(cells, width, index)

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self.count + self._top)

    def on_focus(self) -> None:
        self._line(self.cursor)

    def on_blur(self) -> None:
        self._line(self.cursor)

    def on_click(self, event: Any) -> None:
        index = self.scroll_offset.y + event.y - self._top
        if 0 <= index < self.count and event.y >= self._top:
            again = index == self.cursor
            self.go(index)
            if again:
                self.pick()

    def _cells(self, item: T) -> tuple[Cell, ...]:
        assert self.now is not None
        marked = self.key(item) in self.marked
        here = item is self._items.get(self.cursor)
        sign = CURSOR if here else " "
        return ((f"{sign}{MARK if marked else ' '}", "strong"), *self.draw(item, self.now))

    def _widths(self, width: int) -> list[int]:
        small = width < _NARROW
        widths = [(column.narrow if small else 0) or column.width for column in self.columns]
        fixed = sum(wide + 2 for wide in widths if wide)
        return [wide or max(_LEAST, width - 2 - fixed - 1) for wide in widths]

    def _head(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--head")
        segments = [Segment("  ", style)]
        for column, wide in zip(self.columns, self._widths(width), strict=True):
            segments.append(Segment(fit(column.title, wide, column.right) + "  ", style))
        return Strip(segments).adjust_cell_length(width, style)

    def _row(self, cells: Sequence[Cell], width: int, index: int) -> Strip:
        base = self.rich_style
        chosen = base
        if index == self.cursor:
            name = "table--cursor" if self.has_focus else "table--cursor-blurred"
            chosen = base + self.get_component_rich_style(name, partial=True)
        segments = []
        for place, (text, name) in enumerate(self._pieces(cells, width)):
            under = chosen if place == 0 or self.columns[place - 1].width else base
            segments.append(Segment(text, self._style(under, name)))
        return Strip(segments).adjust_cell_length(width, base)

    def _pieces(self, cells: Sequence[Cell], width: int | None = None) -> list[tuple[str, str]]:
        """A line as it is drawn, in as many cells as each column has."""
        widths = self._widths(self.size.width if width is None else width)
        pieces = [cells[0]]
        for column, wide, (text, name) in zip(self.columns, widths, cells[1:], strict=True):
            pieces.append((fit(text, wide, column.right) + "  ", name))
        return pieces

    def _style(self, base: Style, name: str) -> Style:
        if not name:
            return base
        own = self.get_component_rich_style(f"table--{name}", partial=True)
        return base + (own.without_color if base.reverse else own)  # one colour, reversed: a cursor of one piece

    def _text(self, text: str, name: str, width: int) -> Strip:
        style = self._style(self.rich_style, name)
        return Strip([Segment(fit(text, width, False), style)]).adjust_cell_length(width, style)

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, self.count + self._top)
        self.refresh()

    def _follow(self, moved_by: int = 0, step: int = 0) -> bool:
        """Scroll so that the cursor can be seen; whether that repaints everything. `moved_by`: the item under the
        cursor moved by so many lines, and the picture should stay where it is. `step`: somebody moved the cursor; one
        line at a time turns the page at its end, because a page that moves by one line is painted anew each time."""
        first, page = self.scroll_offset.y, self.page()
        wanted = first + moved_by
        turn = page - 3 if abs(step) == 1 and page > 4 else 0
        if self.cursor < wanted:
            wanted = self.cursor - turn
        elif self.cursor >= wanted + page:
            wanted = self.cursor - page + 1 + turn
        wanted = max(0, min(wanted, max(0, self.count - page)))
        if wanted == first:
            return False
        self.scroll_to(y=wanted, animate=False, force=True)
        return True

    def _highlight(self) -> int:
        """How many cells of a line show that the cursor is there."""
        widths = self._widths(self.size.width)
        return 2 + sum(wide + 2 for column, wide in zip(self.columns, widths, strict=True) if column.width)

    def _want_ahead(self) -> None:
        """Ask for what is next before one gets there."""
        first, page = self.scroll_offset.y, self.page()
        for index in (min(first + 2 * page, self.count) - 1, max(0, first - page)):
            if self.count and index not in self._items:
                self._want(min(max(first, index), self.count - 1))
                return

    def _line(self, index: int, start: int = 0, end: int | None = None) -> None:
        """Repaint a line, or the cells from `start` to `end` of it."""
        y = index - self.scroll_offset.y + self._top
        if 0 <= y < self.size.height:
            end = self.size.width if end is None else end
            self.refresh(Region(start, y, max(1, end - start), 1))

    def _visible(self) -> Iterable[int]:
        first = self.scroll_offset.y
        return range(first, min(self.count, first + self.page()))

    def _repaint_changed(self, force: Iterable[int] = ()) -> None:
        """Repaint the visible lines whose cells are not those that were drawn."""
        drawn, self._drawn = self._drawn, {}
        forced = set(force)
        for index in self._visible():
            item = self._items.get(index)
            cells = self._cells(item) if item is not None else None
            if cells is not None and cells == drawn.get(index) and index not in forced:
                self._drawn[index] = cells
            elif cells is not None and index in drawn and index not in forced:
                self._line(index, *span(self._pieces(drawn[index]), self._pieces(cells)))
            elif cells is not None or index in drawn or index in forced:
                self._line(index)

    def _want(self, index: int) -> None:
        first = max(0, index - index % self.page())
        if self._asked != first:
            self._asked = first
            self.post_message(self.Wanted(self, max(0, first - self.page()), 4 * self.page()))
