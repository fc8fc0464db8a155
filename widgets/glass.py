"""What stands on the terminal, cell by cell, so that a cell is sent only when it becomes another.

Textual paints what may have changed: a whole line, the whole screen beneath a dialog, the same picture twice. Over a
slow line that is most of what a key costs. Who suspects that the terminal shows something else can have all of it sent
again (`forget`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

Codes = tuple[str, str, str]
"""The terminal's codes of a style: attributes, foreground, background."""

Cell = tuple[str, Codes]
"""A character with its codes; what a wide character covers besides its first cell is empty."""

DEFAULTS = ("39", "49")
"""The codes of the terminal's own foreground and background."""

_NONE: Codes = ("", "", "")
_SEEN = frozenset(("4", "7", "9", "21"))
"""Attributes that show on a space, too: underline, reverse, strike."""

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "7": "27", "9": "29"}
"""What takes an attribute away. Bold and dim go together, as do the two underlines."""

_ERASED = 6
"""So many spaces at the end of what is written are erased: to say so takes less than they do."""

_GAP = 4
"""So many equal cells between two that differ are sent with them: to move the cursor takes as much."""


@lru_cache(maxsize=4096)
def codes_of(style: Style, system: ColorSystem | None) -> Codes:
    """The codes of a style; none where the terminal shows no styles."""
    if system is None:
        return _NONE
    color, background = style.color, style.bgcolor
    return (
        style.without_color._make_ansi_codes(system),
        ";".join(color.downgrade(system).get_ansi_codes()) if color is not None else DEFAULTS[0],
        ";".join(background.downgrade(system).get_ansi_codes(foreground=False))
        if background is not None
        else DEFAULTS[1],
    )


@lru_cache(maxsize=4096)
def _of_space(codes: Codes) -> Codes:
    """The codes that show on a space: its foreground does not."""
    attributes, _, background = codes
    return codes if _SEEN & set(attributes.split(";")) else ("", "", background)


def cells_of(strip: Iterable[tuple[str, Style | None, object]], system: ColorSystem | None) -> list[Cell]:
    """A strip, cell by cell."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if control or not text:
            continue
        codes = codes_of(style or Style.null(), system)
        blank = (" ", _of_space(codes))
        if text.isascii():
            cells += [blank if character == " " else (character, codes) for character in text]
            continue
        for character in text:
            wide = 1 if character.isascii() else cell_len(character)
            if wide == 0 and cells:
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
            elif character == " ":
                cells.append(blank)
            else:
                cells.append((character, codes))
                cells += [("", codes)] * (wide - 1)
    return cells


class Glass:
    """What one terminal shows."""

    def __init__(self) -> None:
        self._lines: list[list[Cell | None]] = []
        self._width = 0

    def forget(self) -> None:
        """The terminal may show anything."""
        self._lines = []

    def fit(self, width: int, height: int) -> None:
        """The terminal has this size; one of another size may show anything."""
        if (width, height) != (self._width, len(self._lines)):
            self._width = width
            self._lines = [[None] * width for _ in range(height)]

    def paint(self, pieces: Iterable[tuple[int, int, Strip]], system: ColorSystem | None) -> str:
        """What to send so that these strips stand at their places (column, line)."""
        pen = _Pen()
        for x, y, strip in pieces:
            if 0 <= y < len(self._lines) and x < self._width:
                line = self._lines[y]
                new = cells_of(strip, system)[: self._width - x]
                old = line[x : x + len(new)]
                if new != old:
                    for start, end in _runs(line, x, new):
                        pen.write(y, start, new[start - x : end - x])
                    line[x : x + len(new)] = new
        return pen.text(system)


def _runs(line: Sequence[Cell | None], x: int, new: Sequence[Cell]) -> Iterable[tuple[int, int]]:
    """From which cell to which a line differs from what it shall be, the near ones together. Of a wide character
    neither half is sent or overwritten alone."""
    runs: list[list[int]] = []
    for index, cell in enumerate(new):
        if cell != line[x + index]:
            if runs and index - runs[-1][1] <= _GAP:
                runs[-1][1] = index + 1
            else:
                runs.append([index, index + 1])
    last = 0
    for start, end in runs:
        while start > last and (new[start][0] == "" or _half(line, x + start)):
            start -= 1
        while end < len(new) and (new[end][0] == "" or _half(line, x + end)):
            end += 1
        start = max(start, last)
        if start < end:
            yield x + start, x + end
        last = end


def _half(line: Sequence[Cell | None], at: int) -> bool:
    """Whether the second half of a wide character stands there."""
    cell = line[at] if at < len(line) else None
    return cell is not None and cell[0] == ""


def _trailing(cells: Sequence[Cell]) -> int:
    """How many equal blanks at the end are worth erasing; those on which something shows are none."""
    last = cells[-1]
    if last[0] != " " or last[1] != _of_space(last[1]) or last[1][0]:
        return 0
    count = next((index for index, cell in enumerate(reversed(cells)) if cell != last), len(cells))
    return count if count >= _ERASED and last[1][2] else 0


@lru_cache(maxsize=1024)
def _turned(before: str, after: str) -> tuple[str, ...] | None:
    """The codes that make attributes into others; None where one can only be taken away with all."""
    old, new = set(before.split(";")) - {""}, set(after.split(";")) - {""}
    if not old - new <= _OFF.keys():
        return None
    off = {_OFF[code] for code in old - new}
    on = {code for code in new if code not in old or _OFF.get(code) in off}
    return (*sorted(off), *sorted(on))


class _Pen:
    """Writes cells, and of codes and moves only what is needed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._codes: Codes | None = None
        self._at = (-1, -1)

    def write(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        """Write cells at a place."""
        line, column = self._at
        if line != y or column != x:
            near = line == y and x - column > 0
            self._parts.append(f"\x1b[{x - column}C" if near else f"\x1b[{y + 1};{x + 1}H")
        spaces = _trailing(cells)
        for character, codes in cells[: len(cells) - spaces]:
            if codes != self._codes and not (character == " " and self._blank(codes)):
                self._parts.append(self._change(codes))
                self._codes = codes
            self._parts.append(character)
        if spaces:
            codes = cells[-1][1]
            if codes != self._codes and not self._blank(codes):
                self._parts.append(self._change(codes))
                self._codes = codes
            self._parts.append(f"\x1b[{spaces}X")
        self._at = (y, x + len(cells) - spaces)

    def _blank(self, codes: Codes) -> bool:
        """Whether a space looks the same as things are."""
        return self._codes is not None and _of_space(self._codes) == codes

    def _change(self, codes: Codes) -> str:
        if codes == _NONE:
            return ""
        whole = [code for code in ("0", *codes) if code and code not in DEFAULTS]
        if self._codes is None:
            needed = whole
        else:
            colors = [code for code, old in zip(codes[1:], self._codes[1:], strict=True) if code and code != old]
            turned = _turned(self._codes[0], codes[0])
            changes = whole if turned is None else [*turned, *colors]
            needed = min(changes, whole, key=lambda each: len(";".join(each)))
        return f"\x1b[{';'.join(needed)}m" if needed else ""

    def text(self, system: ColorSystem | None) -> str:
        """All that was written, with the terminal left in its own style."""
        if self._parts and system is not None:
            self._parts.append("\x1b[0m")
        return "".join(self._parts)
