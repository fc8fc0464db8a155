"""The peer of the first paint: the smallest Textual program that shows a line."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        yield Static("hello from textual")


if __name__ == "__main__":
    Hello().run()
