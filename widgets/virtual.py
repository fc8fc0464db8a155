"""What every list stands on: it holds only items that one may see soon, draws only those one sees, and repaints only
the cells that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import fit, span

T = TypeVar("T")

Cell = tuple[str, str]
"""A text and the name of its style: empty, dim, loud, warn, good, strong."""

Pieces = list[Cell]
"""A line as it is drawn."""


THUMB = "┃"
"""At the right border, how far down one is: beside the part of the list that one sees."""

_WHEEL = 3


class VirtualList(Widget, Generic[T], can_focus=True):
    """Shows items of which it may hold only some: `Wanted` is posted when one looks at those it lacks.

    The cursor stays on its item when items come and go. A change repaints the cells whose text differs. Each item takes
    `TALL` lines, and `across()` of them stand side by side.
    """

    TALL: ClassVar[int] = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--dim",
        "list--loud",
        "list--warn",
        "list--good",
        "list--strong",
    }
    DEFAULT_CSS = """
    VirtualList { background: $background; color: $foreground; height: 1fr; }
    VirtualList .list--dim { color: $secondary; }
    VirtualList .list--loud { color: $error; text-style: bold; }
    VirtualList .list--warn { color: $warning; }
    VirtualList .list--good { color: $success; }
    VirtualList .list--strong { text-style: bold; }
    """

    class Picked(Message):
        """Somebody opened the item under the cursor."""

        def __init__(self, table: VirtualList[Any], item: Any) -> None:
            super().__init__()
            self.table = table
            self.item = item

        @property
        def control(self) -> VirtualList[Any]:
            return self.table

    class Wanted(Message):
        """Items from `start` on are looked at and missing."""

        def __init__(self, table: VirtualList[Any], start: int, count: int) -> None:
            super().__init__()
            self.table = table
            self.start = start
            self.count = count

        @property
        def control(self) -> VirtualList[Any]:
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, VirtualList.Wanted) and message.table is self.table

    def __init__(self, *, empty: str = "", name: str | None = None) -> None:
        super().__init__(id=name)
        self.empty = empty
        self.count = 0
        self.cursor = 0
        self.first = 0
        """The row at the top of what one sees."""
        self.marked: set[str] = set()
        self.now: datetime | None = None
        self._items: dict[int, T] = {}
        self._drawn: dict[int, Any] = {}
        self._asked: int | None = None
        self._styles: dict[tuple[str, str], Style] = {}

    # ------------------------------------------------------------ what kinds of lists differ in

    def known_by(self, item: T) -> str:
        """What an item is known by."""
        raise NotImplementedError

    def cells(self, item: T) -> Any:
        """What is shown of an item: equal when it looks the same."""
        raise NotImplementedError

    def lines(self, cells: Any, width: int) -> list[Pieces]:
        """Those as lines of exactly so many cells in all, `TALL` of them."""
        raise NotImplementedError

    def across(self) -> int:
        """How many items stand side by side."""
        return 1

    def wide(self) -> int:
        """How many cells an item takes, with the gap to the next."""
        return self.size.width

    def above(self) -> int:
        """How many lines stand above the items."""
        return 0

    def render_above(self, y: int, width: int) -> Strip:
        """One of these."""
        return Strip.blank(width, self.style())

    def under(self, index: int, piece: int) -> str:
        """The component class whose style lies under a piece of an item's lines; empty where none does."""
        return ""

    def moved(self, before: int) -> None:
        """The cursor has moved from an item to another, both of which stay where they are: repaint what shows it."""
        for index in (before, self.cursor):
            self._line(index)

    # ------------------------------------------------------------ what it shows

    def show(self, items: Sequence[T], count: int | None = None, *, start: int = 0, now: datetime) -> None:
        """Replace what is known by these items, the first of which is number `start` of `count` in all."""
        self.put({start + index: item for index, item in enumerate(items)}, len(items) if count is None else count, now)

    def put(self, items: Mapping[int, T], count: int, now: datetime) -> None:
        """Replace what is known. The cursor follows its item; lines that look the same are not repainted."""
        selected = self.selected
        chosen = self.known_by(selected) if selected is not None else None
        self.now = now
        self._asked = None
        self._items = dict(items)
        old_count, self.count = self.count, count
        before = self.cursor
        if chosen is not None:
            self.cursor = next((index for index, item in items.items() if self.known_by(item) == chosen), before)
        self.cursor = max(0, min(self.cursor, count - 1))
        self.first = max(0, min(self.first, self._rows() - self.page()))
        if old_count != count:
            self._resized()
        if not count or not old_count:
            self.refresh()
        if self.cursor != before:
            self._follow(moved_by=self.row(self.cursor) - self.row(before))
        self._repaint_changed(force=(before, self.cursor) if before != self.cursor else ())

    def tick(self, now: datetime, *, chosen_only: bool = False) -> None:
        """Time has passed: repaint the visible lines that show it; with `chosen_only` the one under the cursor."""
        self.now = now
        item = self.selected
        if not chosen_only:
            self._repaint_changed()
        elif item is not None and self.cursor in self._drawn:
            old, new = self._drawn[self.cursor], self.cells(item)
            if new != old:
                self._drawn[self.cursor] = new
                self._differences(self.cursor, old, new)

    @property
    def selected(self) -> T | None:
        """The item under the cursor."""
        return self._items.get(self.cursor)

    @property
    def items(self) -> list[T]:
        """The items that are known, in their order."""
        return [self._items[index] for index in sorted(self._items)]

    @property
    def known(self) -> Mapping[int, T]:
        """The items that are known, by their numbers."""
        return self._items

    @property
    def seen(self) -> range:
        """The numbers of the items that fit on the screen now."""
        first = self.first * self.across()
        return range(first, min(self.count, first + (self.page() + 1) * self.across()))

    # ------------------------------------------------------------ moving

    def move(self, by: int) -> None:
        """Move the cursor so many rows down, or up when negative."""
        self.go(self.cursor + by * self.across())

    def aside(self, by: int) -> None:
        """Move the cursor so many items to the right, or to the left when negative."""
        if self.across() > 1:
            self.go(self.cursor + by)

    def go(self, index: int) -> None:
        """Put the cursor on an item."""
        index = max(0, min(index, self.count - 1))
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        if not self._follow(step=self.row(index) - self.row(before)):
            self.moved(before)
        self._want_ahead()

    def row(self, index: int) -> int:
        """In which row an item stands."""
        return index // self.across()

    def page(self) -> int:
        """How many rows fit."""
        return max(1, (self.size.height - self.above()) // self.TALL)

    def pick(self) -> None:
        """Open the item under the cursor."""
        if self.selected is not None:
            self.post_message(self.Picked(self, self.selected))

    def mark(self) -> None:
        """Mark or unmark the item under the cursor, and go on to the next."""
        if self.selected is None:
            return
        self.marked ^= {self.known_by(self.selected)}
        self._line(self.cursor)
        self.go(self.cursor + 1)

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        top = self.above()
        if y < top:
            return self.render_above(y, width)
        row, part = divmod(self.first * self.TALL + y - top, self.TALL)
        first = row * self.across()
        if first >= self.count:
            if self.count == 0 and y == top + 1 and self.empty:
                return self._text(f"  {self.empty}", "dim", width)
            return Strip.blank(width, self.style())
        segments: list[Segment] = []
        for index in range(first, min(first + self.across(), self.count)):
            segments += self._item_segments(index, part)
        strip = Strip(segments)
        if not self._thumb_at(y - top):
            return strip.adjust_cell_length(width, self.style())
        thumb = Segment(THUMB, self.style("dim"))
        return Strip([*strip.adjust_cell_length(width - 1, self.style()), thumb])

    def _thumb_at(self, line: int) -> bool:
        """Whether the part one sees stands beside this line of the list."""
        rows, height = self._rows(), self.size.height - self.above()
        if rows <= self.page() or not height:
            return False
        long = max(1, height * self.page() // rows)
        start = (height - long) * self.first // max(1, rows - self.page())
        return start <= line < start + long

    def _item_segments(self, index: int, part: int) -> list[Segment]:
        item = self._items.get(index)
        if item is None:
            self._want(index)
            return [Segment(fit("  …" if part == 0 else "", self.wide()), self.style("dim"))]
        cells = self.cells(item)
        self._drawn[index] = cells
        pieces = self.lines(cells, self.wide())[part]
        return [Segment(text, self.style(name, self.under(index, place))) for place, (text, name) in enumerate(pieces)]

    def on_resize(self) -> None:
        self._follow()

    def on_mouse_scroll_down(self) -> None:
        self._show_from(self.first + _WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._show_from(self.first - _WHEEL)

    def on_focus(self) -> None:
        self._line(self.cursor)

    def on_blur(self) -> None:
        self._line(self.cursor)

    def on_click(self, event: Any) -> None:
        row = self.first + (event.y - self.above()) // self.TALL
        index = row * self.across() + min(event.x // max(1, self.wide()), self.across() - 1)
        if 0 <= index < self.count and event.y >= self.above():
            again = index == self.cursor
            self.go(index)
            if again:
                self.pick()

    def style(self, name: str = "", under: str = "") -> Style:
        """The style of that name, over what a component class says. They are many on a page, and few are different."""
        found = self._styles.get((name, under))
        if found is None:
            found = self.rich_style
            for part in (under, f"list--{name}" if name else ""):
                if part:
                    own = self.get_component_rich_style(part, partial=True)
                    found += own.without_color if found.reverse else own  # a reversed cursor is of one piece
            self._styles[name, under] = found
        return found

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _text(self, text: str, name: str, width: int) -> Strip:
        style = self.style(name)
        return Strip([Segment(fit(text, width, False), style)]).adjust_cell_length(width, style)

    def _rows(self) -> int:
        return -(-self.count // self.across())

    def _show_from(self, first: int) -> bool:
        """Show the list from a row on; whether that repaints it."""
        first = max(0, min(first, self._rows() - self.page()))
        if first == self.first:
            return False
        self.first = first
        self.refresh()
        self._want_ahead()
        return True

    def _resized(self) -> None:
        """There are more or fewer items: what was drawn is compared anyway, what stood behind the end is not."""
        top = self.above()
        end = (self._rows() - self.first) * self.TALL + top
        if end < self.size.height:
            rest = max(top, end - self.TALL)
            self.refresh(Region(0, rest, self.size.width, self.size.height - rest))
        self.refresh(Region(max(0, self.size.width - 1), 0, 1, max(1, self.size.height)))

    def _follow(self, moved_by: int = 0, step: int = 0) -> bool:
        """Scroll so that the cursor can be seen; whether that repaints everything. `moved_by`: the item under the
        cursor moved by so many rows, and the picture should stay where it is. `step`: somebody moved the cursor; one
        row at a time turns the page at its end, because a page that moves by one line is painted anew each time."""
        first, page = self.first, self.page()
        wanted, here = first + moved_by, self.row(self.cursor)
        turn = max(0, page - 3 // self.TALL) if abs(step) == 1 and page > 4 else 0
        if here < wanted:
            wanted = here - turn
        elif here >= wanted + page:
            wanted = here - page + 1 + turn
        return self._show_from(wanted)

    def _want_ahead(self) -> None:
        """Ask for what is next before one gets there."""
        across = self.across()
        first, page = self.first * across, self.page() * across
        for index in (min(first + 2 * page, self.count) - 1, max(0, first - page)):
            if self.count and index not in self._items:
                self._want(min(max(first, index), self.count - 1))
                return

    def _place(self, index: int) -> Region:
        """Where an item stands."""
        row, column = divmod(index, self.across())
        y = (row - self.first) * self.TALL + self.above()
        return Region(column * self.wide(), y, self.wide(), self.TALL)

    def _line(self, index: int, start: int = 0, end: int | None = None, part: int | None = None) -> None:
        """Repaint an item, or of one of its lines the cells from `start` to `end`."""
        x, y, wide, tall = self._place(index)
        for line in range(tall) if part is None else (part,):
            if self.above() <= y + line < self.size.height:
                self.refresh(Region(x + start, y + line, max(1, (wide if end is None else end) - start), 1))

    def _differences(self, index: int, old: Any, new: Any) -> None:
        """Repaint the cells of an item that differ."""
        wide = self.wide()
        for part, (before, after) in enumerate(zip(self.lines(old, wide), self.lines(new, wide), strict=True)):
            if before != after:
                self._line(index, *span(before, after), part)

    def _repaint_changed(self, force: Iterable[int] = ()) -> None:
        """Repaint the visible items whose cells are not those that were drawn."""
        drawn, self._drawn = self._drawn, {}
        forced = set(force)
        for index in self.seen:
            item = self._items.get(index)
            cells = self.cells(item) if item is not None else None
            if cells is not None and index in drawn and index not in forced:
                self._drawn[index] = cells
                if cells != drawn[index]:
                    self._differences(index, drawn[index], cells)
            elif cells is not None or index in drawn or index in forced:
                self._line(index)

    def _want(self, index: int) -> None:
        page = self.page() * self.across()
        first = max(0, index - index % page)
        if self._asked != first:
            self._asked = first
            self.post_message(self.Wanted(self, max(0, first - page), 4 * page))
