"""The demonstration leaves nothing behind, however it is left."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(60)


class Terminal:
    """`imtui demo` in a terminal of its own, with a folder for what is temporary."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.seen = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "imtui", "demo", *words],
            env={**os.environ, "TMPDIR": str(folder), "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, text: bytes) -> None:
        """Wait until the program has written this."""
        end = time.perf_counter() + 30
        while text not in self.seen:
            assert time.perf_counter() < end, self.seen[-2000:]
            if select.select([self._master], [], [], 0.1)[0]:
                self.seen += os.read(self._master, 65536)

    def hang_up(self) -> None:
        """The line drops."""
        os.close(self._master)
        self._master = -1

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def ends(self) -> int:
        """Wait until it has ended; its status."""
        end = time.perf_counter() + 20
        while self.process.poll() is None:
            assert time.perf_counter() < end
            if self._master >= 0 and select.select([self._master], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self._master, 65536)
                except OSError:
                    break
            elif self._master < 0:
                time.sleep(0.05)
        return self.process.wait(20)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            self.hang_up()


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    made = Terminal(tmp_path, *getattr(request, "param", ()))
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ended_while_it_prepares_it_leaves_nothing(terminal: Terminal, number: signal.Signals) -> None:
    end = time.perf_counter() + 20
    while not list(terminal.folder.glob("*/demo.db")):
        assert time.perf_counter() < end
    terminal.process.send_signal(number)
    assert terminal.ends() == 128 + number
    assert not list(terminal.folder.iterdir())
    assert b"Traceback" not in terminal.seen, terminal.seen.decode()[-6000:]


@pytest.mark.parametrize("terminal", [(), ("--read-only",)], indirect=True)
def test_left_by_its_key_it_leaves_nothing(terminal: Terminal) -> None:
    terminal.until(b"1/16")
    assert len(list(terminal.folder.iterdir())) == 1
    terminal.press(b"q")
    assert terminal.ends() == 0
    assert not list(terminal.folder.iterdir())
    assert b"Traceback" not in terminal.seen, terminal.seen.decode()[-6000:]


def test_ended_in_the_middle_it_leaves_nothing(terminal: Terminal) -> None:
    terminal.until(b"1/16")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.ends() == 0
    assert not list(terminal.folder.iterdir())


def test_a_line_that_drops_leaves_nothing(terminal: Terminal) -> None:
    terminal.until(b"1/16")
    terminal.hang_up()
    terminal.process.send_signal(signal.SIGHUP)
    terminal.ends()
    assert not list(terminal.folder.iterdir())
