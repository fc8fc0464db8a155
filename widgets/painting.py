"""Painting only the cells that changed. Textual crops a partial update at its right end alone, and paints each changed
line from its first cell on; over a slow line that is most of what a ticking second costs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

_DEFAULTS = ("39", "49")
"""The codes of the terminal's own foreground and background."""


@lru_cache(maxsize=4096)
def _codes(style: Style, system: ColorSystem) -> tuple[str, str, str]:
    """The terminal's codes of a style: attributes, foreground, background."""
    attributes = style.without_color._make_ansi_codes(system)
    color, background = style.color, style.bgcolor
    return (
        attributes,
        ";".join(color.downgrade(system).get_ansi_codes()) if color is not None else _DEFAULTS[0],
        ";".join(background.downgrade(system).get_ansi_codes(foreground=False))
        if background is not None
        else _DEFAULTS[1],
    )


def painted(strip: Strip, system: ColorSystem | None) -> str:
    """A strip as the terminal is told it; of each style only what differs from the one before."""
    parts: list[str] = []
    before: tuple[str, str, str] | None = None
    for text, style, control in strip:
        if control or not text:
            continue
        codes = _codes(style or Style.null(), system) if system is not None else ("", "", "")
        if before is None or codes[0] != before[0]:
            needed = (code for code in ("0", *codes) if code and code not in _DEFAULTS)
            parts.append(f"\x1b[{';'.join(needed)}m" if system is not None else "")
        else:
            changed = [code for code, old in zip(codes[1:], before[1:], strict=True) if code != old]
            if changed:
                parts.append(f"\x1b[{';'.join(changed)}m")
        parts.append(text)
        before = codes
    if system is not None and before is not None:
        parts.append("\x1b[0m")
    return "".join(parts)


class Spans(ChopsUpdate):
    """A partial update that begins where the change begins."""

    def render_segments(self, console: Console) -> str:
        parts: list[str] = []
        system = console._color_system
        for y, start, stop in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(x, start), min(end, stop)
                if strip is None or left >= right:
                    continue
                parts.append(Control.move_to(left, y).segment.text)
                parts.append(painted(strip if (left, right) == (x, end) else strip.crop(left - x, right - x), system))
        return "".join(parts)


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

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return Spans(update.chops, update.spans, update.chop_ends) if update is not None else None


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
