"""Moving in whatever has the focus: the same keys go through a table and scroll a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.keys import key_to_character

from widgets.virtual_table import VirtualTable


def moves(widget: Any) -> bool:
    """Whether the moves mean anything to a widget."""
    return isinstance(widget, VirtualTable) or _scrolls(widget)


def writes(widget: Any, key: str) -> bool:
    """Whether a key means something to a field that one writes in: then it is no act."""
    if widget is None or not hasattr(widget, "cursor_blink"):
        return False
    return key in widget._bindings.key_to_bindings or widget.check_consume_key(key, key_to_character(key))


def _scrolls(widget: Any) -> bool:
    return widget is not None and hasattr(widget, "scroll_down") and not hasattr(widget, "cursor_blink")


def _table_or_scroll(table: Callable[[VirtualTable[Any]], None], scroll: str) -> Callable[[Any], None]:
    def move(widget: Any) -> None:
        if isinstance(widget, VirtualTable):
            table(widget)
        elif widget is not None:
            getattr(widget, scroll)(animate=False)

    return move


MOVES: Mapping[str, Callable[[Any], None]] = {
    "down": _table_or_scroll(lambda t: t.move(1), "scroll_down"),
    "up": _table_or_scroll(lambda t: t.move(-1), "scroll_up"),
    "top": _table_or_scroll(lambda t: t.go(0), "scroll_home"),
    "bottom": _table_or_scroll(lambda t: t.go(t.count - 1), "scroll_end"),
    "half-down": _table_or_scroll(lambda t: t.move(t.page() // 2), "scroll_page_down"),
    "half-up": _table_or_scroll(lambda t: t.move(-(t.page() // 2)), "scroll_page_up"),
    "page-down": _table_or_scroll(lambda t: t.move(t.page()), "scroll_page_down"),
    "page-up": _table_or_scroll(lambda t: t.move(-t.page()), "scroll_page_up"),
    "mark": _table_or_scroll(lambda t: t.mark(), "scroll_page_down"),
}
"""What an act does to the widget in focus, by the act's id."""
