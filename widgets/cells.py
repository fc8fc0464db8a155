"""Text whose width every terminal agrees on, so that columns stay in line."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

_JOINERS = dict.fromkeys((0x200D, 0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)))
"""The zero-width joiner, variation selectors and skin tones: terminals differ in what they make of them."""


def steady(text: str) -> str:
    """The text without the signs that join or vary emoji: each part stands for itself, everywhere as wide."""
    return text if text.isascii() else text.translate(_JOINERS)


def fit(text: str, width: int, right: bool = False) -> str:
    """The text in exactly so many cells of the terminal, cut with an ellipsis."""
    text = steady(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + "…" if width else ""
    return " " * (width - length) + text if right else text + " " * (width - length)
