"""Text whose width every terminal agrees on, so that columns stay in line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

Piece = tuple[str, str]
"""A text with the name of its style."""

_WORDS = re.compile(r" +|[^ ]+")

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


def wrapped(pieces: Sequence[Piece], width: int | None) -> list[list[Piece]]:
    """A line of pieces in as many as it needs, each of at most so many cells: broken between words, and within those
    that are longer than a line. There is always one."""
    if width is None or sum(_wide(text) for text, _ in pieces) <= width:
        return [list(pieces)]
    lines: list[list[Piece]] = []
    line: list[Piece] = []
    used = 0
    for before, word in _words(pieces):
        wide = sum(_wide(text) for text, _ in word)
        if used + _wide(before[0]) + wide <= width:
            line += [before, *word] if before[0] else word
            used += _wide(before[0]) + wide
            continue
        if line:
            lines.append(line)
        line, used = [], 0
        for piece in word if wide <= width else _chopped(word, width):
            if used + _wide(piece[0]) > width:
                lines.append(line)
                line, used = [], 0
            line.append(piece)
            used += _wide(piece[0])
    return [*lines, line]


def _words(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    """The words of a line, each with the spaces before it; a word may consist of several pieces."""
    before: Piece = ("", "")
    word: list[Piece] = []
    for text, style in pieces:
        for part in _WORDS.findall(text):
            if part[0] != " ":
                word.append((part, style))
                continue
            if word:
                yield before, word
                before, word = ("", ""), []
            before = (before[0] + part, style)
    if word:
        yield before, word


def _chopped(word: Sequence[Piece], width: int) -> Iterator[Piece]:
    """A word that is longer than a line, in parts of which each line takes as many as it can."""
    used = 0
    for text, style in word:
        part = ""
        for character in text:
            wide = _wide(character)
            if used + wide > width:
                if part:
                    yield part, style
                part, used = "", 0
            part += character
            used += wide
        if part:
            yield part, style


def _wide(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


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
