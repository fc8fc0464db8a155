"""Painting only the cells that changed, whatever Textual thinks must be painted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from weakref import WeakKeyDictionary

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from widgets.glass import Glass

_glasses: WeakKeyDictionary[Console, Glass] = WeakKeyDictionary()


def glass_of(console: Console) -> Glass:
    """What the terminal of a console shows."""
    return _glasses.setdefault(console, Glass())


class Painting(CompositorUpdate):
    """Strips at their places, of which the terminal is told what it does not show yet."""

    def __init__(self, pieces: list[tuple[int, int, Strip]], size: Size) -> None:
        self._pieces = pieces
        self._size = size

    def render_segments(self, console: Console) -> str:
        glass = glass_of(console)
        glass.fit(*self._size)
        return glass.paint(self._pieces, console._color_system)


class SpanCompositor(Compositor):
    """Textual's compositor with such updates; it asks widgets for the changed lines only, not for all they have."""

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders(crop)
            return
        rows = Region(0, crop.y, self.size.width, crop.height)
        for widget, (region, clip) in self.visible_widgets.items():
            part = region.intersection(clip).intersection(rows)
            if part.width and part.height:
                yield region, part, widget.render_lines(part.translate((-region.x, -region.y)))

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        update = super().render_full_update(simplify)
        if simplify:
            return update
        pieces: list[tuple[int, int, Strip]] = []
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                pieces.append((x, y, strip))
                x += strip.cell_length
        return Painting(pieces, self.size)  # type: ignore[return-value]

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        if update is None:
            return None
        pieces: list[tuple[int, int, Strip]] = []
        for y, start, stop in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                left, right = max(x, start), min(end, stop)
                if strip is not None and left < right:
                    whole = (left, right) == (x, end)
                    pieces.append((left, y, strip if whole else strip.crop(left - x, right - x)))
        return Painting(pieces, self.size)  # type: ignore[return-value]


class Beneath:
    """A screen that a dialog stands over: all of it in one quiet style, which says that it waits and can still be read.
    Colours that are blended towards the background say the first and not the second."""

    def __init__(self, screen: Screen[object], style: Style) -> None:
        self._screen = screen
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._screen._compositor, options):
            yield segment if segment.control else Segment(segment.text, self._style)


class WholeCells(ScrollBarRender):
    """Scrollbars of whole cells: parts of cells are signs that not every terminal has."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


ScrollBar.renderer = WholeCells
