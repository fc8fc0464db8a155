"""A drawing made of lines of pieces, such as a time line: as high as its lines, and drawn anew for another width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import Piece, span, steady

Lines = Sequence[Sequence[Piece]]


class Drawing(Widget):
    """Shows what a function draws for so many columns. Only the cells that changed are repainted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawing--strong",
        "drawing--dim",
        "drawing--loud",
        "drawing--warn",
        "drawing--good",
    }
    DEFAULT_CSS = """
    Drawing { height: 0; background: $background; color: $foreground; }
    Drawing .drawing--strong { text-style: bold; }
    Drawing .drawing--dim { color: $secondary; }
    Drawing .drawing--loud { color: $error; text-style: bold; }
    Drawing .drawing--warn { color: $warning; text-style: bold; }
    Drawing .drawing--good { color: $success; text-style: bold; }
    """

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(id=name)
        self._draw: Callable[[int], Lines] = lambda _: ()
        self._lines: list[list[Piece]] = []
        self._styles: dict[str, Style] = {}

    def show(self, draw: Callable[[int], Lines]) -> None:
        """Show what this draws."""
        self._draw = draw
        self._again()

    @property
    def text(self) -> str:
        """What it shows, without styles."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def on_resize(self, _: events.Resize) -> None:
        self._again()

    def _again(self) -> None:
        width = self.size.width or self.app.size.width
        before = self._lines
        self._lines = [[(steady(text), style) for text, style in line] for line in self._draw(width)]
        if len(before) != len(self._lines):
            self.styles.height = len(self._lines)
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            start, end = span(old, new)
            if end > start:
                self.refresh(Region(start, y, end - start, 1))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        pieces = self._lines[y] if y < len(self._lines) else []
        segments = [Segment(text, self._style(name)) for text, name in pieces]
        return Strip(segments).adjust_cell_length(width, self._style("")).crop(0, width)

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            own = self.get_component_rich_style(f"drawing--{name}", partial=True) if name else Style.null()
            found = self._styles[name] = self.rich_style + own
        return found

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
