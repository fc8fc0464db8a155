"""Everyday acts over a slow line: the bytes each takes, and the time that makes with a far and narrow connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Sheet
from benchmarks.programs import IMTUI, surroundings
from benchmarks.team import TITLE, codes, gateway, prepare
from benchmarks.walking import DOWN
from benchmarks.watched import Seen, Watched, chosen, moved, shows, shows_no, watched

ROUND_SECONDS = 0.3
BYTES_A_SECOND = 20_000

_TOAST_SECONDS = 4.6
"""What an act says stands for four seconds; that it goes away again is paid for, too."""
_NOTE = "restarted the payment workers, watching"
_KEY_SECONDS = 0.03


class Act(NamedTuple):
    """Something that one does: the bytes the program sent, and how often one waits for an answer to go on."""

    name: str
    bytes: int
    rounds: int

    @property
    def seconds(self) -> float:
        """The time it takes: all bytes through the line, and each wait once there and back."""
        return self.bytes / BYTES_A_SECOND + self.rounds * ROUND_SECONDS


def sheet(folder: Path) -> Sheet:
    """All acts as a table."""
    database = folder / "line.db"
    prepare(database)
    acts = list(_acts(database))
    return Sheet(
        "Over a slow line",
        "Bytes that the program sends for an act, from its first key until the screen is at rest, with what it says "
        "and takes away again; a countdown ticks meanwhile. The time is computed: "
        f"bytes / {BYTES_A_SECOND // 1000} kB/s + waits × {ROUND_SECONDS:g} s; a wait is an answer that one must see "
        "before the next key, keys that are typed in one go wait once.",
        ("act", "bytes", "waits", "seconds"),
        [(act.name, f"{act.bytes:,}", str(act.rounds), f"{act.seconds:.1f}") for act in acts],
    )


def _acts(database: Path) -> Iterator[Act]:
    with gateway() as config, watched([IMTUI], surroundings(database, config)) as program:
        program.wait(lambda glass: chosen(glass) is not None)
        program.wait(shows_no("opening …"))
        program.settle(0.5)
        yield Act("start the program", len(program.terminal.raw), 1)
        program.watch(2.0)  # the page goes out
        yield _once(program, "next line", "j", moved(program.glass))
        yield _once(program, "next page", DOWN, moved(program.glass))
        program.press("g", shows(TITLE), silent=0.3)
        yield _typed(program, "filter: / and 5 letters", ("/print\r", shows("filter: print")))
        program.press("\x1b", shows_no("filter: "), silent=0.3)
        program.press("g", shows(TITLE), silent=0.3)
        yield _once(program, "show help", "?", shows("type to filter"))
        yield _once(program, "close help", "\x1b", shows_no("type to filter"))
        yield _once(program, "show resolved incidents", "2", shows("Took"))
        yield _once(program, "show open incidents", "1", shows(" For ", TITLE))
        yield _once(program, "open an incident", "\r", shows(TITLE, "engaged", "Customers cannot pay."))
        yield _once(program, "show its timeline", "3", shows("Trigger"))
        yield _once(program, "show its overview", "1", shows("Customers cannot pay."))
        yield _typed(
            program,
            "write a note of 40 characters",
            ("w", shows("Note to #")),
            (f"{_NOTE}.", shows(f"{_NOTE}.")),
            ("\x1bOQ", shows_no("Note to #")),
            free=1,
        )
        code = codes(database)[0]
        yield _typed(program, "acknowledge by code", ("a", shows("Code")), (f"{code}\r", shows("acknowledged")))
        yield _typed(
            program, "resolve, asked first", ("r", shows("Resolve this incident?")), ("\x1b[C\r", shows("RESOLVED"))
        )
        yield _once(program, "back to the list", "\x1b", lambda glass: chosen(glass) is not None)


def _once(program: Watched, name: str, key: str, seen: Seen) -> Act:
    return Act(name, program.press(key, seen, silent=0.3).all_bytes, 1)


def _typed(program: Watched, name: str, *parts: tuple[str, Seen], free: int = 0) -> Act:
    """Keys in parts, each seen before the next; `free` of them are typed on without looking."""
    before = len(program.terminal.raw)
    for keys, seen in parts:
        for key in [keys] if keys.startswith("\x1b") else keys[:-1]:
            program.press(key, lambda glass: True, window=_KEY_SECONDS)
        program.press("" if keys.startswith("\x1b") else keys[-1], seen, silent=0.2)
    program.watch(_TOAST_SECONDS)
    return Act(name, len(program.terminal.raw) - before, len(parts) - free)
