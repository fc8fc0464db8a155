"""A time line drawn with characters: a line for each person or plan, minutes to the right.

It gives pieces, each a text with the name of its style, for the screen and for a shell alike; what is said by colour is
said by signs, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from imtui.domain.text import padded, shown, width

Piece = tuple[str, str]
"""A text and the name of its style."""

SEVERAL = "*"
"""Stands where different signs fall on one cell."""

BAR = "─"
_LEAST_TICK = 6
"""So many cells at least from one number of the ruler to the next."""

_PER_MINUTE = (6, 4, 3, 2)
"""How many cells a minute may take."""

_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200)
"""How many minutes a cell may stand for, and how many may lie between two numbers of the ruler."""

_WIDEST_LABEL = 20


class Bar(NamedTuple):
    """From when to when something lasts, in minutes; None: to the end."""

    start: float
    end: float | None = None
    style: str = "dim"


class Mark(NamedTuple):
    """Something that happens at a minute. `sign` is one ASCII character; of several on one cell the one with the
    greatest `weight` is kept, and different ones of the same weight become `*`. `after`: it comes after what stands at
    its minute, and is drawn in the next free cell."""

    minute: float
    sign: str
    style: str = ""
    weight: int = 0
    after: bool = False


class Row(NamedTuple):
    """A line: what it is about, what lasts, and what happens."""

    label: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()


class Scale(NamedTuple):
    """How minutes become cells: `cells` for each `minutes`, `columns` in all."""

    cells: int
    minutes: int
    columns: int

    def column(self, minute: float) -> int:
        """In which column a minute stands."""
        return min(self.columns - 1, max(0, int(minute * self.cells / self.minutes)))


def scaled(minutes: float, columns: int) -> Scale:
    """The largest scale by which so many minutes fit into so many columns."""
    for cells in _PER_MINUTE:
        if minutes * cells + 1 <= columns:
            return Scale(cells, 1, int(minutes * cells) + 1)
    for each in _MINUTES:
        if minutes / each + 1 <= columns:
            return Scale(1, each, int(minutes / each) + 1)
    return Scale(1, max(1, int(minutes / max(1, columns - 1)) + 1), columns)


def drawn(rows: Sequence[Row], minutes: float, columns: int) -> list[list[Piece]]:
    """The rows below a ruler, in lines of at most so many columns; nothing where there is nothing to draw."""
    if not rows:
        return []
    labels = [shown(row.label) for row in rows]
    label = min(_WIDEST_LABEL, max(8, columns // 3), max(map(width, labels)))
    scale = scaled(minutes, max(8, columns - label - 2))
    lines = [[(" " * (label + 2), ""), (_ruler(scale, minutes), "dim")]]
    for row, text in zip(rows, labels, strict=True):
        lines.append([(f"{_fitted(text, label)}  ", "strong"), *_row(row, scale, minutes)])
    return lines


def _ruler(scale: Scale, minutes: float) -> str:
    """The minutes, so many apart that each can be read."""
    apart = next((step for step in _MINUTES if step * scale.cells / scale.minutes >= _LEAST_TICK), _MINUTES[-1])
    cells = [" "] * (scale.columns + _LEAST_TICK)
    for minute in range(0, int(minutes) + 1, apart):
        text = str(minute)
        start = scale.column(minute)
        if start + len(text) <= len(cells):
            cells[start : start + len(text)] = text
    return "".join(cells[: scale.columns + len(str(int(minutes)))]).rstrip()


def _row(row: Row, scale: Scale, minutes: float) -> list[Piece]:
    cells: list[Piece] = [(" ", "")] * scale.columns
    for bar in row.bars:
        end = scale.column(minutes if bar.end is None else bar.end)
        for column in range(scale.column(bar.start), end + 1):
            cells[column] = (BAR, bar.style)
    placed: dict[int, Mark] = {}
    for mark in sorted(row.marks, key=lambda one: one.after):
        column = scale.column(mark.minute)
        if mark.after:
            column = next((free for free in range(column, scale.columns) if free not in placed), column)
        known = placed.get(column)
        if known is not None and known.weight > mark.weight:
            continue
        several = known is not None and known.weight == mark.weight and known.sign != mark.sign
        placed[column] = mark._replace(sign=SEVERAL) if several else mark
    for column, mark in placed.items():
        cells[column] = (mark.sign, mark.style)
    return _joined(cells)


def _joined(cells: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one style as one piece."""
    pieces: list[Piece] = []
    for text, style in cells:
        if pieces and pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + text, style)
        else:
            pieces.append((text, style))
    return pieces


def _fitted(text: str, columns: int) -> str:
    """The text in exactly so many columns."""
    if width(text) <= columns:
        return padded(text, columns)
    kept, used = "", 0
    for character in text:
        used += width(character)
        if used >= columns:
            break
        kept += character
    return padded(kept + "…", columns)
