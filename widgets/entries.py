"""A column of texts with a head each, such as notes: wrapped, gone through by keyboard, drawn only where one looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.cells import Piece, fit, steady, wrapped
from widgets.virtual_table import CURSOR

_INDENT = 2
_NEAR = 10
"""More entries are asked for when so few of the known ones are still to come."""


class Entry(NamedTuple):
    """A text with its head: who and when. `key` is what it is known by."""

    key: str
    head: str
    text: str


class Entries(ScrollView, can_focus=True):
    """Shows entries, of which it may hold only the first ones: `More` is posted when one gets near their end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"entries--title", "entries--dim", "entries--chosen"}
    DEFAULT_CSS = """
    Entries { background: $background; color: $foreground; scrollbar-size: 1 1; overflow-x: hidden; }
    Entries .entries--title { text-style: bold; }
    Entries .entries--dim { color: $secondary; }
    Entries .entries--chosen { background: $panel; }
    """

    class More(Message):
        """One gets near the end of what is known."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Entries.More)

    class Picked(Message):
        """Somebody opened an entry."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, title: str, hint: str, empty: str, *, name: str | None = None) -> None:
        super().__init__(id=name)
        self._title, self._hint, self._empty = title, hint, empty
        self._entries: list[Entry] = []
        self._total = 0
        self._lines: list[tuple[int, list[Piece]]] = []
        self._starts: list[int] = []
        self._wrapped: dict[tuple[Entry, int], list[list[Piece]]] = {}
        self.cursor = 0

    # ------------------------------------------------------------ what it shows

    def show(self, entries: Sequence[Entry], total: int) -> None:
        """Replace what is known by the first entries of so many. The cursor stays on its entry, and the picture where
        it is."""
        if (list(entries), total) == (self._entries, self._total):
            return
        chosen, top = self.chosen, self.scroll_offset.y
        before = self._starts[self.cursor] if chosen else 0
        self._entries, self._total = list(entries), total
        keys = [entry.key for entry in entries]
        self.cursor = keys.index(chosen) if chosen in keys else max(0, min(self.cursor, len(keys) - 1))
        self._lay_out()
        if top and self._starts:  # one has scrolled: what one reads stays
            self.scroll_to(y=max(0, top + self._starts[self.cursor] - before), animate=False, force=True)

    @property
    def chosen(self) -> str | None:
        """The key of the entry under the cursor."""
        return self._entries[self.cursor].key if self.cursor < len(self._entries) else None

    @property
    def count(self) -> int:
        """How many entries are known."""
        return len(self._entries)

    # ------------------------------------------------------------ moving

    def move(self, by: int) -> None:
        """Go to another entry; one step at a time goes through one that is longer than the page first."""
        if by == 1 and self._bottom() > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=self.scroll_offset.y + max(1, self.size.height - 2), animate=False, force=True)
        elif by == -1 and self.count and self._starts[self.cursor] < self.scroll_offset.y:
            self.scroll_to(y=self.scroll_offset.y - max(1, self.size.height - 2), animate=False, force=True)
        else:
            self.go(self.cursor + by)

    def go(self, index: int) -> None:
        """Put the cursor on an entry."""
        if not self.count:
            return
        self.cursor = max(0, min(index, self.count - 1))
        first, page = self.scroll_offset.y, self.size.height
        start, bottom = self._starts[self.cursor], self._bottom()
        start = 0 if self.cursor == 0 else start
        if start < first or bottom > first + page:
            self.scroll_to(y=start if start < first else min(start, bottom - page), animate=False, force=True)
        self.refresh()
        if self.cursor + _NEAR >= self.count and self.count < self._total:
            self.post_message(self.More())

    def page(self) -> int:
        """About how many entries fit."""
        return max(2, self.size.height // 4)

    def mark(self) -> None:
        """Nothing is marked here: it goes on to the next."""
        self.move(1)

    def pick(self) -> None:
        """Open the entry under the cursor."""
        if self.chosen is not None:
            self.post_message(self.Picked(self.chosen))

    # ------------------------------------------------------------ drawing

    def on_resize(self) -> None:
        self._lay_out()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: Any) -> None:
        line = self.scroll_offset.y + event.y
        if 0 <= line < len(self._lines) and self._lines[line][0] >= 0:
            self.go(self._lines[line][0])

    def render_line(self, y: int) -> Strip:
        width, place = self.size.width, self.scroll_offset.y + y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        index, pieces = self._lines[place]
        here = self.has_focus and index == self.cursor
        base = self.rich_style
        if here:
            base += self.get_component_rich_style("entries--chosen", partial=True)
        sign = CURSOR if here and place == self._starts[index] else ""
        segments = [Segment(fit(sign, _INDENT) if index >= 0 else "", base)]
        for text, name in pieces:
            own = self.get_component_rich_style(f"entries--{name}", partial=True) if name else None
            segments.append(Segment(text, base + own if own else base))
        return Strip(segments).adjust_cell_length(width, base).crop(0, width)

    def _bottom(self) -> int:
        """The line after the entry under the cursor."""
        following = self.cursor + 1
        return self._starts[following] - 1 if following < len(self._starts) else len(self._lines)

    def _lay_out(self) -> None:
        width = max(8, self.size.width - _INDENT)
        lines: list[tuple[int, list[Piece]]] = [(-1, [(self._title, "title"), (f"  {self._hint}", "dim")]), (-1, [])]
        starts: list[int] = []
        kept: dict[tuple[Entry, int], list[list[Piece]]] = {}
        for index, entry in enumerate(self._entries):
            if index:
                lines.append((-1, []))
            starts.append(len(lines))
            known = self._wrapped.get((entry, width)) or _wrap(entry, width)
            kept[entry, width] = known
            lines += [(index, line) for line in known]
        if not self._entries:
            lines += [(-1, line) for line in wrapped([(self._empty, "dim")], width)]
        self._lines, self._starts, self._wrapped = lines, starts, kept
        self.virtual_size = Size(self.size.width, len(lines))
        self.refresh()


def _wrap(entry: Entry, width: int) -> list[list[Piece]]:
    lines = wrapped([(steady(entry.head), "dim")], width)
    for line in entry.text.split("\n"):
        lines += wrapped([(steady(line), "")], width)
    return lines
