"""Moving in lists by keys: how soon a key is answered and how many bytes that takes, at any number of incidents.

A key is pressed twice over: while nothing changes, where all that comes until silence is the key's; and while somebody
else makes 100 changes a second, which gives the time that counts and the bytes up to the paint.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.changes import Changes
from benchmarks.programs import IMTUI, bare_list, memory, surroundings
from benchmarks.watched import Press, Watched, chosen, moved, shows_no, titles, watched

DOWN, UP = "\x1b[6~", "\x1b[5~"
LISTS = {"open": "1", "resolved": "2"}
"""The lists and the keys that show them."""

_SILENT = 0.1
_ALONE_SECONDS = 3.0
_SPARE = 5
"""One goes up by so many lines less than down on either side: lines above that are resolved bring the top nearer."""
_PAGES = (DOWN, UP)
_ENDS = ("G", "g")


class Presses(NamedTuple):
    """All presses of one kind: while nothing changes, and while changes arrive."""

    quiet: list[Press]
    busy: list[Press]


class Walk(NamedTuple):
    """What came of walking through the lists of one database. `presses` by list and act (row, page, ends); `alone`:
    bytes a second that the changes alone cause, by list; `rate`: how many changes a second there were; `memory`: RSS
    and PSS afterwards, in MiB; `bare`: the same acts in the bare list."""

    presses: dict[tuple[str, str], Presses]
    alone: dict[str, float]
    rate: float
    memory: tuple[float, float]
    bare: dict[str, Presses]


def walk(database: Path, count: int, other: Changes) -> Walk:
    """Walk through both lists of a database, and beside it through the bare list, which nobody changes but which shares
    the machine with the same work."""
    with watched([IMTUI], surroundings(database)) as program, watched(bare_list(count), {}) as bare:
        program.wait(lambda glass: chosen(glass) is not None)
        program.wait(shows_no("opening …"))
        bare.wait(lambda glass: chosen(glass) is not None)
        quiet = {(name, act): presses for name in LISTS for act, presses in _calmly(program, name).items()}
        bare_quiet = _in_order(bare, "resolved", calm=True)
        other.start()
        busy: dict[tuple[str, str], list[Press]] = {}
        alone: dict[str, float] = {}
        for name in LISTS:
            _look_at(program, name)
            alone[name] = program.watch(_ALONE_SECONDS) / _ALONE_SECONDS
            busy |= {(name, act): presses for act, presses in _in_order(program, name, calm=False).items()}
        bare_busy = _in_order(bare, "resolved", calm=False)
        rate = other.stop()
        return Walk(
            {key: Presses(quiet[key], busy[key]) for key in busy},
            alone,
            rate,
            memory(program.terminal.pid),
            {act: Presses(bare_quiet[act], bare_busy[act]) for act in bare_busy},
        )


def _calmly(program: Watched, name: str) -> dict[str, list[Press]]:
    _look_at(program, name)
    program.settle(0.5)
    return _in_order(program, name, calm=True)


def _look_at(program: Watched, name: str) -> None:
    """Show a list, its first line chosen."""
    program.terminal.write(LISTS[name])
    program.watch(0.3)
    program.wait(lambda glass: chosen(glass) is not None)
    program.terminal.write("g")
    program.watch(0.3)
    program.wait(lambda glass: chosen(glass) is not None and len(titles(glass)) > 1)


def _in_order(program: Watched, name: str, *, calm: bool) -> dict[str, list[Press]]:
    """The keys of each act in the order in which they are pressed. The open list has two pages: one goes to and fro."""
    rows, pages, ends = (10, 4, 2) if calm else (25, 12, 3)
    orders: dict[str, Sequence[str]] = {"row": ["j"] * (rows + _SPARE) + ["k"] * (rows - _SPARE)}
    if name == "open":
        orders["page"] = [*_PAGES] * pages
    else:
        orders["page"] = [key for key in _PAGES for _ in range(pages)]
        orders["ends"] = [*_ENDS] * ends
    return {act: [_press(program, key, calm) for key in keys] for act, keys in orders.items()}


def _press(program: Watched, key: str, calm: bool) -> Press:
    """One key; at no fixed distance from the changes, which come like clockwork."""
    time.sleep(random.uniform(0, 0.02))
    return program.press(key, moved(program.glass), silent=_SILENT if calm else 0.0)
