"""What stands on a terminal after some bytes: characters alone, without their colours."""

from __future__ import annotations

import codecs
import re

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[0-9;:]*)(?P<end>[@A-Za-z])"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[P_^X][^\x1b]*\x1b\\"
    r"|\x1b[ -/]*[0-OQ-WYZ\\a-z=>]"
    r"|(?P<control>[\r\n\b])"
    r"|(?P<text>[^\x00-\x1f]+)"
    r"|[\x00-\x1a\x1c-\x1f]"
)


class Glass:
    """Follows what a program paints. Lines are never wrapped: full-screen programs place what they write."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take in what came; a sequence that is cut off waits for its end."""
        text = self._rest + self._decoder.decode(data)
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                break
            place = found.end()
            if found["text"]:
                self._write(found["text"])
            elif found["control"]:
                self._control(found["control"])
            elif found["end"]:
                self._sequence(found["numbers"], found["end"])
        self._rest = text[place:]

    def line(self, y: int) -> str:
        """One line."""
        return "".join(self._cells[y])

    def lines(self) -> list[str]:
        """Every line."""
        return [self.line(y) for y in range(self.rows)]

    def text(self) -> str:
        """The whole picture."""
        return "\n".join(line.rstrip() for line in self.lines())

    def _write(self, text: str) -> None:
        row = self._cells[self._y]
        for character in text:
            wide = get_character_cell_size(character)
            if wide and self._x + wide <= self.columns:
                row[self._x] = character
                row[self._x + 1 : self._x + wide] = [""] * (wide - 1)
                self._x += wide

    def _control(self, sign: str) -> None:
        if sign == "\r":
            self._x = 0
        elif sign == "\n":
            self._y = min(self._y + 1, self.rows - 1)
        else:
            self._x = max(0, self._x - 1)

    def _sequence(self, numbers: str, end: str) -> None:
        values = [int(number) if number.isdigit() else 0 for number in numbers.split(";")]
        first, second = values[0], values[1] if len(values) > 1 else 0
        if end in "Hf":
            self._y, self._x = min(max(1, first), self.rows) - 1, min(max(1, second), self.columns) - 1
        elif end == "A":
            self._y = max(0, self._y - max(1, first))
        elif end == "B":
            self._y = min(self.rows - 1, self._y + max(1, first))
        elif end == "C":
            self._x = min(self.columns - 1, self._x + max(1, first))
        elif end == "D":
            self._x = max(0, self._x - max(1, first))
        elif end == "G":
            self._x = min(max(1, first), self.columns) - 1
        elif end == "d":
            self._y = min(max(1, first), self.rows) - 1
        elif end == "X":
            self._blank(self._y, self._x, min(self.columns, self._x + max(1, first)))
        elif end == "K":
            self._blank(self._y, self._x if first == 0 else 0, self._x + 1 if first == 1 else self.columns)
        elif end == "J":
            self._erase(first)

    def _erase(self, how: int) -> None:
        if how == 0:
            self._blank(self._y, self._x, self.columns)
        elif how == 1:
            self._blank(self._y, 0, self._x + 1)
        rows = range(self._y + 1, self.rows) if how == 0 else range(self._y if how == 1 else self.rows)
        for y in rows:
            self._blank(y, 0, self.columns)

    def _blank(self, y: int, start: int, end: int) -> None:
        self._cells[y][start:end] = [" "] * (end - start)
