"""The peer of the lists: Textual's own scrolling view over N strings, with a cursor and nothing else."""

import sys

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Bare(ScrollView, can_focus=True):
    """N lines, of which one is chosen."""

    BINDINGS = [  # noqa: RUF012
        *(("j", "move(1)"), ("k", "move(-1)"), ("pagedown", "page(1)"), ("pageup", "page(-1)")),
        *(("G", "move(1000000000)"), ("g", "move(-1000000000)")),
    ]

    def __init__(self, count: int) -> None:
        super().__init__()
        self.rows = [f"#{number:<9} Checkout answers slowly {number}" for number in range(count, 0, -1)]
        self.cursor = 0

    def on_mount(self) -> None:
        self.virtual_size = Size(80, len(self.rows))
        self.focus()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(self.size.width)
        here = index == self.cursor
        text = f"{'▸' if here else ' '} {self.rows[index]}".ljust(self.size.width)
        return Strip([Segment(text, Style(reverse=True) if here else Style())])

    def action_page(self, by: int) -> None:
        self.action_move(by * self.size.height)

    def action_move(self, by: int) -> None:
        before, self.cursor = self.cursor, max(0, min(self.cursor + by, len(self.rows) - 1))
        top, height = self.scroll_offset.y, self.size.height
        if not top <= self.cursor < top + height:
            self.scroll_to(y=self.cursor if by < 0 else self.cursor - height + 1, animate=False, force=True)
        else:
            for index in (before, self.cursor):
                self.refresh(Region(0, index - top, self.size.width, 1))


class BareList(App[None]):
    """A list and nothing else."""

    def compose(self) -> ComposeResult:
        yield Bare(int(sys.argv[1]))


if __name__ == "__main__":
    BareList().run()
