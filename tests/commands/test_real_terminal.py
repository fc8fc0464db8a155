"""What really reaches a terminal: the program as a process of its own, on a pseudo-terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyte
import pytest

from benchmarks.terminal import Terminal
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.services.context import Context
from storage.opening import open_database
from tests.organisation import organise
from tests.screens.test_hostile import ESCAPES, WIDE, poison

HOSTILE = f"Kasse ▌ 日本 {WIDE} {ESCAPES}"


class Shown(Terminal):
    """A terminal that one can look at."""

    def __init__(self, words: list[str], env: Mapping[str, str], columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__([sys.executable, "-m", "imtui", *words], env, columns, rows)

    def text(self) -> str:
        lines = (self._screen.buffer[y] for y in range(self.rows))
        return "\n".join("".join(line[x].data for x in range(self.columns)) for line in lines)

    def see(self, text: str, seconds: float = 30.0) -> None:
        """Wait until a text stands on the screen."""
        end = time.perf_counter() + seconds
        while text not in self.text():
            piece = self.read(max(0.0, end - time.perf_counter()))
            if piece is None:
                ended = f"the program has ended: {self.raw[-4000:].decode(errors='replace')!r}" if self.ended else ""
                raise TimeoutError(f"{text!r} is not on the screen:\n{self.text()}\n{ended}")
            self._stream.feed(piece.data)

    def rest(self) -> int:
        """Read until the program has ended; its exit status."""
        while not self.ended and self.read(20.0) is not None:
            pass
        assert self.ended, self.text()
        _, status = os.waitpid(self.pid, 0)
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A login of its own, without a configuration."""
    return {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@pytest.fixture
async def location(tmp_path: Path) -> str:
    """A team that others have written hostile texts to."""
    path = str(tmp_path / "imtui.db")
    database, clock = await open_database(path)
    config = Config()
    context = Context(database, clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)
    await organise(context)
    await poison(context, HOSTILE)
    await database.close()
    return path


@pytest.fixture
def opened(location: str, env: dict[str, str]) -> Iterator[list[Shown]]:
    """The terminals of a test; they are closed at its end."""
    terminals: list[Shown] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


@pytest.mark.parametrize(
    ("words", "more"),
    [(["--ascii"], {}), ([], {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})],
    ids=["asked", "C-locale"],
)
def test_no_byte_above_127_reaches_the_terminal(
    location: str, env: dict[str, str], opened: list[Shown], words: list[str], more: dict[str, str]
) -> None:
    """From the start over an incident and the help to a note that is typed, with letters that are none of ASCII's."""
    terminal = Shown(["--db", location, "--as", "ana", "--no-engine", *words], {**env, **more})
    opened.append(terminal)
    terminal.see("Kasse | ????")
    terminal.write("\r")
    terminal.see("1 Over")
    terminal.see("impact")
    terminal.write("?")
    terminal.see("Help: every act")
    terminal.write("\x1b")
    terminal.see("3 Time")
    terminal.write("w")
    terminal.see("Note to #1")
    if words:
        os.write(terminal.descriptor, "Größe 日 ▌ done".encode())
        terminal.see("Grose")
    else:
        terminal.write("plain")
        terminal.see("plain")
    above = {byte for byte in terminal.raw if byte >= 0x80}
    assert not above, bytes(terminal.raw)


def test_without_it_the_signs_are_there(location: str, env: dict[str, str], opened: list[Shown]) -> None:
    terminal = Shown(["--db", location, "--as", "ana", "--no-engine"], env)
    opened.append(terminal)
    terminal.see("▌")


@pytest.mark.parametrize(("words", "listens"), [([], False), (["--mouse"], True)])
def test_the_mouse_is_the_terminals_own_unless_it_is_asked_for(
    location: str, env: dict[str, str], opened: list[Shown], words: list[str], listens: bool
) -> None:
    terminal = Shown(["--db", location, "--as", "ana", "--no-engine", *words], env)
    opened.append(terminal)
    terminal.see("Open 1")
    assert (b"\x1b[?1000h" in terminal.raw) is listens


def test_no_colour_is_told_where_none_is_wanted(location: str, env: dict[str, str], opened: list[Shown]) -> None:
    terminal = Shown(["--db", location, "--as", "ana", "--no-engine"], {**env, "NO_COLOR": "1"})
    opened.append(terminal)
    terminal.see("Open 1")
    terminal.write("\r")
    terminal.see("impact")
    for code in (b"38;5;", b"48;5;", b"38;2;", b"48;2;", b"[0;3", b"[0;4;3"):
        assert code not in terminal.raw, code


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
@pytest.mark.parametrize("command", [[], ["demo"]])
def test_a_terminal_that_cannot_draw_is_refused_in_one_line(
    location: str, env: dict[str, str], kind: str, command: list[str]
) -> None:
    words = command or ["--db", location]
    terminal = Shown(words, {**env, "TERM": kind})
    assert terminal.rest() == 2
    told = terminal.raw.decode().splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"imtui: this terminal cannot draw (TERM={kind})")
    assert b"\x1b" not in terminal.raw
