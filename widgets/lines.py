"""Single lines: the title at the top, tabs, what is wrong, and the keys at the bottom. Each repaints only itself, and
only when its text changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import fit, span, steady

Pieces = tuple[tuple[str, str], ...]

MOST_UPDATES = 99
"""Of more updates than this a tab tells no number that would push the others out."""


def _steady(pieces: Sequence[tuple[str, str]]) -> Pieces:
    return tuple((steady(text), name) for text, name in pieces)


class Line(Widget):
    """One line made of pieces, each a text with the name of its style; what does not fit is cut."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--strong",
        "line--dim",
        "line--loud",
        "line--warn",
        "line--good",
        "line--on",
        "line--alert",
    }
    DEFAULT_CSS = """
    Line { height: 1; background: $background; color: $foreground; }
    Line .line--strong { color: $primary; text-style: bold; }
    Line .line--dim { color: $secondary; }
    Line .line--loud { color: $error; text-style: bold; }
    Line .line--warn { color: $warning; text-style: bold; }
    Line .line--good { color: $success; text-style: bold; }
    Line .line--on { color: $foreground; background: $panel; text-style: bold; }
    Line .line--alert { color: $error; text-style: bold reverse; }
    """

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(id=name)
        self._left: tuple[tuple[str, str], ...] = ()
        self._right: tuple[tuple[str, str], ...] = ()
        self._fill = ""
        self._styles: dict[str, Style] = {}

    def say(self, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]] = (), *, fill: str = "") -> None:
        """Show these pieces, at the left and at the right; `fill` is the style of what is free between them."""
        if (_steady(left), _steady(right), fill) != (self._left, self._right, self._fill):
            before = self._pieces()
            self._left, self._right, self._fill = _steady(left), _steady(right), fill
            start, end = span(before, self._pieces())
            self.refresh(Region(start, 0, max(1, end - start), 1))

    def _pieces(self) -> list[tuple[str, str]]:
        """What is drawn: the right end is never cut, the left is where it must."""
        room = max(0, self.size.width - sum(cell_len(text) for text, _ in self._right))
        pieces = []
        for text, name in self._left:
            if room <= 0:
                break
            shown = text if cell_len(text) <= room else fit(text, room)
            pieces.append((shown, name))
            room -= cell_len(shown)
        return [*pieces, (" " * max(0, room), self._fill), *self._right]

    @property
    def text(self) -> str:
        """What it says, without styles."""
        return "".join(text for text, _ in (*self._left, *self._right))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        segments = [Segment(text, self._style(name)) for text, name in self._pieces()]
        return Strip(segments).adjust_cell_length(width, self._style("")).crop(0, width)

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            own = self.get_component_rich_style(f"line--{name}", partial=True) if name else Style.null()
            found = self._styles[name] = self.rich_style + own
        return found

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()


class TabLine(Line):
    """The tabs of a screen: number, name, and how many updates there were since one last looked."""

    def show(self, names: Sequence[str], active: int, updates: Sequence[int] = ()) -> None:
        """Show the tabs, closer together where they have little room; `active` counts from 0."""
        roomy = self._tabs(names, active, updates, " ")
        self.say(
            roomy
            if sum(cell_len(text) for text, _ in roomy) <= self.size.width
            else self._tabs(names, active, updates, "")
        )

    def _tabs(self, names: Sequence[str], active: int, updates: Sequence[int], gap: str) -> Pieces:
        pieces: list[tuple[str, str]] = [(" ", "")]
        for index, name in enumerate(names):
            more = min(updates[index], MOST_UPDATES) if index < len(updates) and index != active else 0
            text = f" {index + 1} {name}" + (f"{gap}+{more} " if more else " ")
            pieces.append((text, "on" if index == active else "warn" if more else "dim"))
            pieces.append((gap, ""))
        return tuple(pieces)


class AlarmLine(Line):
    """What is wrong, as loud as it must be; it takes no room while all is well."""

    DEFAULT_CSS = """
    AlarmLine { display: none; background: $alarm; }
    AlarmLine.-shown { display: block; }
    """

    def warn(self, text: str, hint: str = "") -> None:
        """Show a text, with a hint at the right that is never cut; or nothing."""
        self.set_class(bool(text), "-shown")
        self.say([(f" ! {text}", "loud")] if text else [], [(hint, "strong")] if text and hint else [])
