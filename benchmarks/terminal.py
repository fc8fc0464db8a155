"""A program on a pseudo-terminal: how long until a text is painted, and what it writes while idle."""

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

_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]"
)


class Terminal:
    """Runs a command as a login would; answers no queries, as the dumbest real terminal."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 36) -> None:
        self.started = time.perf_counter()
        self.raw = b""
        pid, self.descriptor = pty.fork()
        if pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], list(command), {**os.environ, "TERM": "xterm-256color", **env})
            finally:
                os._exit(127)
        self.pid = pid

    def read(self, seconds: float) -> bool:
        """Take in what the program writes next, or nothing when it stays silent for so long."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.raw += data
        return bool(data)

    def text(self) -> str:
        """All that was painted, without escape sequences."""
        return _SEQUENCE.sub(b"", self.raw).decode("utf-8", "replace")

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


def first_paint(command: Sequence[str], env: Mapping[str, str], text: str) -> float:
    """Seconds until the text is painted, in one fresh run."""
    terminal = Terminal(command, env)
    try:
        return terminal.until(text)
    finally:
        terminal.close()
