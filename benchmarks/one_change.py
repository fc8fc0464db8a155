"""One field that somebody else changes: the bytes it takes, and how soon after the commit it is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.changes import Changes
from benchmarks.incidents import title
from benchmarks.programs import IMTUI, surroundings
from benchmarks.watched import Seen, Watched, chosen, shows, shows_no, watched

_TIMES = 7
_SILENT = 0.25


class Change(NamedTuple):
    """Seconds from the commit until it was painted, and the bytes until the program was silent again."""

    seconds: float
    bytes: int


def one_at_a_time(database: Path, count: int, other: Changes) -> dict[str, list[Change]]:
    """What each kind of change takes, in the list and in the details. `count`: how many incidents were filled in."""
    with watched([IMTUI], surroundings(database)) as program:
        program.wait(lambda glass: chosen(glass) is not None)
        program.wait(shows_no("opening …"))
        program.settle(0.5)
        found = {
            "a title's last character, in the list": _titles(program, other, count - 6, count),
            "an impact, in the list": _impacts(program, other, count - 19),
        }
        program.press("j", lambda glass: chosen(glass) == f"#{count - 1}", silent=0.3)
        program.press("\r", shows(f"#{count - 1} ", "engaged"), silent=0.5)
        found["the title's last character, in its details"] = _titles(program, other, count - 1, count)
        found["the impact, in its details"] = _impacts(program, other, count - 1, low=2)
        return found


def _titles(program: Watched, other: Changes, number: int, count: int) -> list[Change]:
    before = title(number, count)[:-1]
    changed = [before + letter for letter in "abcdefg"]
    return [_seen(program, other, shows(text), number, title=text) for text in changed]


def _impacts(program: Watched, other: Changes, number: int, low: int = 3) -> list[Change]:
    """Up and down between two impacts; the one in the list is at the border, where that moves no line."""
    names = {2: "2 High", 3: "3 Medium", 4: "4 Low"}
    found = []
    for turn in range(_TIMES):
        impact = low + 1 - turn % 2

        def seen(glass: Any, name: str = names[impact]) -> bool:
            lines = [line for line in glass.lines() if f"#{number} " in line or "  impact " in line]
            return any(name in line for line in lines)

        found.append(_seen(program, other, seen, number, impact=impact))
    return found


def _seen(program: Watched, other: Changes, seen: Seen, number: int, **values: Any) -> Change:
    before = len(program.terminal.raw)
    committed = other.edit(number, **values)
    painted = program.wait(seen)
    program.settle(_SILENT, 1.0)
    return Change(painted - committed, len(program.terminal.raw) - before)
