"""A program that is watched as a person would: what each key changes on the glass, when, and by how many bytes."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.glass import Glass
from benchmarks.terminal import Piece, Terminal

Seen = Callable[[Glass], bool]
"""Whether the glass shows what one waits for."""

_ROW = re.compile(r"^(?P<sign>[▸ ]).\s*(?P<number>#\S+)\s.*?(?:\s{2,}(?P<title>\S+(?: \S+)*?))?[\s▀-▟┃]*$", re.M)
_MISSING = re.compile(r"^\s+…\s*$", re.M)
_SILENT = 0.3
_BURST = 0.002
"""A terminal hands over 4 kB at a time: what follows within so many seconds belongs to the same paint."""


class Press(NamedTuple):
    """What came of a key. `seconds` from handing it over until the piece arrived that completes the picture, `bytes` up
    to and with that piece, `all_bytes` until the program was silent again."""

    seconds: float
    bytes: int
    all_bytes: int


class Watched:
    """A program and the glass it paints on."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.terminal = Terminal(command, env)
        self.glass = Glass(self.terminal.columns, self.terminal.rows)

    def settle(self, silent: float = _SILENT, most: float = 20.0) -> int:
        """Wait until nothing has come for so long; how many bytes came."""
        return sum(len(piece.data) for piece in self._pieces(silent, most))

    def watch(self, seconds: float) -> int:
        """Watch for so long; how many bytes came."""
        end, count = time.perf_counter() + seconds, 0
        while (left := end - time.perf_counter()) > 0:
            if (piece := self.terminal.read(left)) is not None:
                self.glass.feed(piece.data)
                count += len(piece.data)
            elif self.terminal.ended:
                raise RuntimeError(f"the program has ended:\n{self.glass.text()}")
        return count

    def wait(self, seen: Seen, most: float = 30.0) -> float:
        """The instant at which the piece came after which this can be seen. Raises TimeoutError."""
        end = time.perf_counter() + most
        while not seen(self.glass):
            piece = self.terminal.read(max(0.0, end - time.perf_counter()))
            if piece is None:
                raise TimeoutError(f"not seen within {most} s:\n{self.glass.text()}")
            self.glass.feed(piece.data)
            if seen(self.glass):
                return piece.at
        return time.perf_counter()

    def press(self, keys: str, seen: Seen, *, window: float = 0.05, silent: float = 0.0, most: float = 30.0) -> Press:
        """Press keys. For `window` seconds what comes is only stored, so that reading the picture slows nobody down;
        then it is read, and more is waited for if need be. With `silent`, until the program has been silent so long."""
        while (piece := self.terminal.read(0)) is not None:
            self.glass.feed(piece.data)
        sent = self.terminal.write(keys)
        stored: deque[Piece] = deque()
        while (left := sent + window - time.perf_counter()) > 0:
            if (piece := self.terminal.read(left)) is not None:
                stored.append(piece)
        count = before = 0
        painted: float | None = None
        while True:
            left = sent + most - time.perf_counter() if painted is None else _BURST
            piece = stored.popleft() if stored else self.terminal.read(max(0.0, left))
            if piece is None or piece.at > sent + 2 * most:
                break
            self.glass.feed(piece.data)
            count += len(piece.data)
            if (painted is None and seen(self.glass)) or (painted is not None and piece.at - painted < _BURST):
                painted, before = piece.at, count
        if painted is None:
            raise TimeoutError(f"{keys!r} was not answered within {most} s:\n{self.glass.text()}")
        rest = sum(len(piece.data) for piece in self._pieces(silent, 2.0)) if silent else 0
        return Press(painted - sent, before, count + rest)

    def close(self) -> None:
        """End the program."""
        self.terminal.close()

    def _pieces(self, silent: float, most: float) -> Iterator[Piece]:
        end = time.perf_counter() + most
        while time.perf_counter() < end and (piece := self.terminal.read(silent)) is not None:
            self.glass.feed(piece.data)
            yield piece


@contextmanager
def watched(command: Sequence[str], env: Mapping[str, str]) -> Iterator[Watched]:
    """A program that is ended with the block."""
    program = Watched(command, env)
    try:
        yield program
    finally:
        program.close()


def titles(glass: Glass) -> list[str]:
    """The titles of the incidents that one sees."""
    return [found["title"].rstrip() for found in _ROW.finditer(glass.text()) if found["title"]]


def asks(glass: Glass, typed: str = "") -> bool:
    """Whether the filter's line is open and holds what was typed: it stands above a line that explains it."""
    return glass.line(glass.rows - 2).startswith(f" /{typed}")


def chosen(glass: Glass) -> str | None:
    """The incident under the cursor: its number, with its title where the number is cut off. Somebody else who edits
    titles adds or takes away an exclamation mark, which makes no other incident of it."""
    for found in _ROW.finditer(glass.text()):
        if found["sign"] == "▸":
            cut = found["number"].endswith("…")
            return f"{found['number']} {(found['title'] or '').rstrip(' !')}" if cut else str(found["number"])
    return None


def moved(glass: Glass) -> Seen:
    """That the cursor is on another incident than now, and that no line is still to be read."""
    before = chosen(glass)

    def seen(glass: Glass) -> bool:
        return chosen(glass) not in (before, None) and not _MISSING.search(glass.text())

    return seen


def shows(*texts: str) -> Seen:
    """That all of these stand on the glass."""
    return lambda glass: all(text in glass.text() for text in texts)


def shows_no(text: str) -> Seen:
    """That this does not stand on the glass."""
    return lambda glass: text not in glass.text()
