"""First paint of the incident list beside a bare Textual program, and commands beside bare imports.

Every time is a ratio to its peer, run in turn in the same run: A B A B …
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, median
from benchmarks.incidents import fill
from benchmarks.programs import HELLO, HELLO_TEXT, IMTUI, bare_list, surroundings
from benchmarks.terminal import first_paint
from benchmarks.turns import in_turn

COMMAND = "python -m benchmarks startup"
RUNS = 9


def run() -> list[Figure]:
    """All figures of starting up."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [_filled(Path(folder), incidents) for incidents in (200, 100_000)]
        database = str(Path(folder) / "200.db")
        python = [sys.executable, "-c"]
        light, heavy = [*python, "import sqlite3"], [*python, "import sqlalchemy.ext.asyncio, aiosqlite"]
        figures += [
            _ratio("`imtui --help`", [IMTUI, "--help"], "`import sqlite3`", light, 4.0),
            _ratio("`imtui --version`", [IMTUI, "--version"], "`import sqlite3`", light, 4.0),
            _ratio(
                "`imtui incident list`",
                [IMTUI, "--db", database, "incident", "list"],
                "`import sqlalchemy.ext.asyncio, aiosqlite`",
                heavy,
                1.5,
            ),
            _ratio(
                "`imtui incident note`",
                [IMTUI, "--db", database, "incident", "note", "1", "looking"],
                "`import sqlalchemy.ext.asyncio, aiosqlite`",
                heavy,
                1.5,
            ),
        ]
        return figures


def first_paint_figure(
    database: Path, incidents: int, title: str, command: str, *, with_bare_list: bool = False
) -> Figure:
    """First paint of the list of a database, on top of which this title stands, beside a bare Textual program, and a
    bare list of as many strings."""
    env = surroundings(database)
    runs = [lambda: first_paint([IMTUI], env, title), lambda: first_paint(HELLO, {}, HELLO_TEXT)]
    if with_bare_list:
        runs.append(lambda: first_paint(bare_list(incidents), {}, f"Checkout answers slowly {incidents}"))
    ours, peer, *bare = (median(times) for times in in_turn(runs, RUNS))
    ratio = ours / peer
    text = f"{ours * 1000:.0f} ms, bare Textual {peer * 1000:.0f} ms: {ratio:.2f} ×"
    text += "".join(f"; a bare list of as many strings {seconds * 1000:.0f} ms" for seconds in bare)
    return Figure(f"first paint with {incidents:,} incidents", text, "≤ 1.25 × bare Textual", ratio <= 1.25, command)


def _filled(folder: Path, incidents: int) -> Figure:
    database = folder / f"{incidents}.db"
    return first_paint_figure(database, incidents, fill(database, incidents), COMMAND)


def _ratio(name: str, command: list[str], peer_name: str, peer: list[str], limit: float) -> Figure:
    ours, theirs = in_turn([lambda: _whole(command), lambda: _whole(peer)], RUNS)
    ratio = median(ours) / median(theirs)
    return Figure(
        name,
        f"{median(ours) * 1000:.0f} ms, {peer_name} {median(theirs) * 1000:.0f} ms: {ratio:.2f} ×",
        f"≤ {limit:g} × {peer_name}",
        ratio <= limit,
        COMMAND,
    )


def _whole(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
