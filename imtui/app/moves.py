"""Moving in whatever has the focus: the same keys go through a list and scroll a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from textual.keys import key_to_character


@runtime_checkable
class Steps(Protocol):
    """What one goes through item by item."""

    count: int

    def move(self, by: int) -> None:
        """Go so many items down, or up when negative."""
        ...

    def go(self, index: int) -> None:
        """Go to an item."""
        ...

    def page(self) -> int:
        """How many items fit."""
        ...

    def mark(self) -> None:
        """Mark the item one is at."""
        ...


def moves(widget: Any) -> bool:
    """Whether the moves mean anything to a widget."""
    return isinstance(widget, Steps) or _scrolls(widget)


def writes(widget: Any, key: str) -> bool:
    """Whether a key means something to a field that one writes in: then it is no act."""
    if widget is None or not hasattr(widget, "cursor_blink"):
        return False
    return (
        key == "enter"
        or key in widget._bindings.key_to_bindings
        or widget.check_consume_key(key, key_to_character(key))
    )


def _scrolls(widget: Any) -> bool:
    return widget is not None and hasattr(widget, "scroll_down") and not hasattr(widget, "cursor_blink")


def _steps_or_scroll(step: Callable[[Steps], None], scroll: str) -> Callable[[Any], None]:
    def move(widget: Any) -> None:
        if isinstance(widget, Steps):
            step(widget)
        elif widget is not None:
            getattr(widget, scroll)(animate=False)

    return move


def _aside(steps: Steps, by: int) -> None:
    """Where items stand side by side."""
    aside = getattr(steps, "aside", None)
    if aside is not None:
        aside(by)


MOVES: Mapping[str, Callable[[Any], None]] = {
    "down": _steps_or_scroll(lambda t: t.move(1), "scroll_down"),
    "up": _steps_or_scroll(lambda t: t.move(-1), "scroll_up"),
    "left": _steps_or_scroll(lambda t: _aside(t, -1), "scroll_left"),
    "right": _steps_or_scroll(lambda t: _aside(t, 1), "scroll_right"),
    "top": _steps_or_scroll(lambda t: t.go(0), "scroll_home"),
    "bottom": _steps_or_scroll(lambda t: t.go(t.count - 1), "scroll_end"),
    "half-down": _steps_or_scroll(lambda t: t.move(t.page() // 2), "scroll_page_down"),
    "half-up": _steps_or_scroll(lambda t: t.move(-(t.page() // 2)), "scroll_page_up"),
    "page-down": _steps_or_scroll(lambda t: t.move(t.page()), "scroll_page_down"),
    "page-up": _steps_or_scroll(lambda t: t.move(-t.page()), "scroll_page_up"),
    "mark": _steps_or_scroll(lambda t: t.mark(), "scroll_page_down"),
}
"""What an act does to the widget in focus, by the act's id."""
