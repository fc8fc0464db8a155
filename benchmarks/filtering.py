"""The filter as one types: how soon each letter's list is on the screen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.figures import median
from benchmarks.glass import Glass
from benchmarks.incidents import LETTERS, WORD
from benchmarks.programs import IMTUI, surroundings
from benchmarks.walking import LISTS
from benchmarks.watched import Seen, Watched, asks, chosen, shows_no, titles, watched

ROUNDS = 3
_ROWS = 20
"""So many rows at the top say whether a list is the right one."""

_ORDERS = {"open": "impact, number DESC", "resolved": "number DESC"}


def letters(database: Path) -> dict[str, list[float]]:
    """Seconds until the list of each letter of the word was painted, the median of three times, by list."""
    with watched([IMTUI], surroundings(database)) as program:
        program.wait(lambda glass: chosen(glass) is not None)
        program.wait(shows_no("opening …"))
        found = {}
        for name, key in LISTS.items():
            lists = [_shows(_expected(database, name, WORD[:length])) for length in range(LETTERS + 1)]
            program.terminal.write(key)
            program.wait(lists[0])
            rounds = [_typed(program, lists) for _ in range(ROUNDS)]
            found[name] = [median(times) for times in zip(*rounds, strict=True)]
        return found


def _typed(program: Watched, lists: list[Seen]) -> list[float]:
    """The seconds of each letter; then the filter is cleared."""
    program.terminal.write("/")
    program.wait(asks)
    program.settle()
    seconds = [program.press(letter, seen).seconds for letter, seen in zip(WORD, lists[1:], strict=False)]
    program.terminal.write("\x1b")
    program.wait(lambda glass: not asks(glass))
    program.settle()
    program.terminal.write("\x1b")
    program.wait(lambda glass: "filter: " not in glass.text() and len(titles(glass)) > _ROWS)
    program.settle()
    program.terminal.write("g")
    program.wait(lists[0])
    program.settle()
    return seconds


def _expected(database: Path, name: str, text: str) -> list[str]:
    """The first titles that hold the text, in the list's order."""
    query = f"SELECT title FROM incidents WHERE status = ? AND title LIKE ? ORDER BY {_ORDERS[name]} LIMIT {_ROWS}"
    with closing(sqlite3.connect(database)) as connection:
        return [title for (title,) in connection.execute(query, (name.upper(), f"%{text}%"))]


def _shows(expected: list[str]) -> Seen:
    def seen(glass: Glass) -> bool:
        found = titles(glass)
        return found[:_ROWS] == expected if len(expected) == _ROWS else found == expected

    return seen
