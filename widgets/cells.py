"""Text whose width every terminal agrees on, so that columns stay in line."""

from __future__ import annotations

from collections.abc import Iterable

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


def span(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """From which cell to which two lines of pieces (text and style) differ; the second is not part of it. A line that
    is repainted from here to there looks like the new one, so long as both are equally wide."""
    before, after = _by_cell(old), _by_cell(new)
    if before == after:
        return 0, 0
    longest = max(len(before), len(after))
    before += [("", "")] * (longest - len(before))
    after += [("", "")] * (longest - len(after))
    start = next(x for x in range(longest) if before[x] != after[x])
    end = next(x for x in range(longest, 0, -1) if before[x - 1] != after[x - 1])
    return start, end


def _by_cell(pieces: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for text, style in pieces:
        if text.isascii():
            cells += [(character, style) for character in text]
            continue
        for character in text:
            wide = cell_len(character)
            if wide == 0 and cells:
                cells[-1] = (cells[-1][0] + character, style)
            else:
                cells += [(character, style)] * wide
    return cells
