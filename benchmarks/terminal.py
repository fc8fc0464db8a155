"""A program on a pseudo-terminal: every piece of what it writes, with the instant at which it came."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]"
)


class Piece(NamedTuple):
    """What came at once. `at` is an instant of `time.perf_counter`."""

    at: float
    data: bytes


class Terminal:
    """Runs a command as a login would; answers no queries, as the dumbest real terminal."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 36) -> None:
        self.columns, self.rows = columns, rows
        self.started = time.perf_counter()
        self.raw = bytearray()
        self.ended = False
        pid, self.descriptor = pty.fork()
        if pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], list(command), {**os.environ, "TERM": "xterm-256color", **env})
            finally:
                os._exit(127)
        self.pid = pid

    def read(self, seconds: float) -> Piece | None:
        """Take in what the program writes next, or nothing when it stays silent for so long."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return None
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            data = b""
        self.ended = not data
        self.raw += data
        return Piece(time.perf_counter(), data) if data else None

    def write(self, text: str) -> float:
        """Type this; the instant at which it was handed over."""
        at = time.perf_counter()
        os.write(self.descriptor, text.encode())
        return at

    def text(self) -> str:
        """All that was painted, without escape sequences."""
        return _SEQUENCE.sub(b"", bytes(self.raw)).decode("utf-8", "replace")

    def until(self, text: str, seconds: float = 30.0) -> float:
        """Seconds from the start of the program until the text stands on the screen."""
        end = self.started + seconds
        while text not in self.text():
            if not self.read(max(0.0, end - time.perf_counter())):
                raise TimeoutError(f"{text!r} was not painted within {seconds} s:\n{self.text()[-2000:]}")
        return time.perf_counter() - self.started

    def close(self) -> None:
        """End the program that this started."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)


def first_paint(command: Sequence[str], env: Mapping[str, str], text: str, most: float = 30.0) -> float:
    """Seconds until the text is painted, in one fresh run; raises TimeoutError after `most` seconds."""
    terminal = Terminal(command, env)
    try:
        return terminal.until(text, most)
    finally:
        terminal.close()
