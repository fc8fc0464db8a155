"""Whoever leans on the keyboard, or types faster than the program can follow, breaks nothing and loses nothing."""

from __future__ import annotations

import random
import string
import time
from pathlib import Path

import pytest

from imtui import services
from imtui.actions import ACTIONS
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.services.context import Context
from storage.opening import open_database
from tests.commands.test_real_terminal import Shown
from tests.organisation import organise

SECONDS, A_SECOND = 4, 200

_BYTES = {
    **dict(zip(("up", "down", "right", "left", "end", "home"), map("\x1b[{}".format, "ABCDFH"), strict=True)),
    **dict(zip(("f2", "f3", "f4"), map("\x1bO{}".format, "QRS"), strict=True)),
    **{f"f{number}": f"\x1b[{code}~" for number, code in ((5, 15), (6, 17), (7, 18), (8, 19), (9, 20), (10, 21))},
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in string.ascii_lowercase},
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "enter": "\r",
    "escape": "\x1b",
    "space": " ",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "asterisk": "*",
    "question_mark": "?",
    "exclamation_mark": "!",
    "greater_than_sign": ">",
    "number_sign": "#",
    "f11": "\x1b[23~",
}
"""What a terminal sends for a key."""

_LEFT_OUT = ("quit", "command", "filters", "help", "palette")
"""They end the program, run any act or command, and keep filters; of the others those that change nothing are
pressed."""


def reading_keys() -> list[str]:
    keys = [key for action in ACTIONS if not action.changes and action.id not in _LEFT_OUT for key in action.keys]
    return [_BYTES.get(key, key) for key in keys]


def test_it_is_known_what_a_terminal_sends_for_each_key() -> None:
    assert all(len(key) == 1 or key.startswith("\x1b") for key in reading_keys())
    assert len(set(reading_keys())) > 40


async def context(path: str) -> Context:
    database, clock = await open_database(path)
    config = Config()
    return Context(database, clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)


@pytest.fixture
async def location(tmp_path: Path) -> str:
    """A team with thirty incidents."""
    path = str(tmp_path / "imtui.db")
    made = await context(path)
    await organise(made)
    for number in range(1, 31):
        await services.incidents.start(made, "web", title=f"Incident of number {number}")
    await made.database.close()
    return path


def pressed(terminal: Shown, keys: list[str]) -> None:
    """Press so many keys a second as nobody can, and take in what is painted meanwhile."""
    begin = time.perf_counter()
    for index, key in enumerate(keys):
        terminal.write(key)
        due = begin + (index + 1) / A_SECOND
        while (left := due - time.perf_counter()) > 0:
            piece = terminal.read(left)
            if piece is not None:
                terminal._stream.feed(piece.data)
        assert not terminal.ended, terminal.text()


def come_home(terminal: Shown) -> None:
    """Out of whatever it led to, also when each is still on its way, and until all of it is done: nothing of what was
    pressed opens the line with these letters. A program that starves may say that it has not taken what was typed for a
    dialog that took too long: then one types it again, as a person would."""
    for attempt in range(6):
        for _ in range(30):
            terminal.write("\x1b")
            time.sleep(0.05)
        terminal.write("\x1bOQ:zzqq")
        try:
            terminal.see(":zzqq", 10.0)
        except TimeoutError:
            if terminal.ended or attempt == 5:
                raise
        else:
            return


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))])
async def test_two_hundred_keys_a_second_end_nothing_and_what_is_typed_then_is_kept(
    tmp_path: Path, location: str, seed: int
) -> None:
    rolls = random.Random(seed)
    env = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    terminal = Shown(["--db", location, "--as", "ana", "--no-engine", "--debug"], env, 100, 30)
    try:
        terminal.see("no engine runs")  # the database is open
        keys = reading_keys()
        pressed(terminal, rolls.choices([*keys, *["\x1b"] * (len(keys) // 5)], k=SECONDS * A_SECOND))
        come_home(terminal)
        terminal.write("\x1b")
        time.sleep(1.0)  # an escape that another key follows at once is that key with alt
        terminal.write("2")
        terminal.see("No incident has been resolved yet")
        terminal.write("1")
        terminal.see("0 of 0")
        terminal.write("w")
        terminal.see("Note to #")
        typed = "".join(rolls.choices(string.ascii_letters + string.digits, k=2 * A_SECOND))
        pressed(terminal, list(typed))
        terminal.write("\x1bOQ")
        terminal.see("note written to #")
        terminal.write("q")
        status = terminal.rest()
    except TimeoutError:
        terminal.close()
        raise
    traces = terminal.raw.rpartition(b"\x1b[?1049l")[2].decode()
    assert "Traceback" not in traces, traces
    assert status == 0
    made = await context(location)
    found = [await services.incidents.get(made, number) for number in range(1, 31)]
    written = [event.text for one in found for event in await services.timeline.events(made, one.id)]
    await made.database.close()
    assert all(one.is_open for one in found)
    assert typed in written
