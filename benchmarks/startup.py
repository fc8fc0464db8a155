"""First paint of the incident list beside a bare Textual program, and commands beside bare imports.

Every time is a ratio to its peer, run in turn in the same run: A B A B …
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, median
from benchmarks.incidents import fill
from benchmarks.terminal import first_paint

COMMAND = "python -m benchmarks startup"
RUNS = 9
IMTUI = str(Path(sys.executable).with_name("imtui"))


def run() -> list[Figure]:
    """All figures of starting up."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [_first_paint(Path(folder), incidents) for incidents in (200, 100_000)]
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


def _first_paint(folder: Path, incidents: int) -> Figure:
    database = folder / f"{incidents}.db"
    title = fill(database, incidents)
    env = {"IMTUI_DB": str(database), "IMTUI_CONFIG": str(_empty(folder))}
    hello = [sys.executable, str(Path(__file__).with_name("hello.py"))]
    ours, peer = _in_turn(
        lambda: first_paint([IMTUI], env, title),
        lambda: first_paint(hello, {}, "hello from textual"),
    )
    ratio = median(ours) / median(peer)
    return Figure(
        f"first paint with {incidents:,} incidents",
        f"{median(ours) * 1000:.0f} ms, bare Textual {median(peer) * 1000:.0f} ms: {ratio:.2f} ×",
        "≤ 1.25 × bare Textual",
        ratio <= 1.25,
        COMMAND,
    )


def _ratio(name: str, command: list[str], peer_name: str, peer: list[str], limit: float) -> Figure:
    ours, theirs = _in_turn(lambda: _whole(command), lambda: _whole(peer))
    ratio = median(ours) / median(theirs)
    return Figure(
        name,
        f"{median(ours) * 1000:.0f} ms, {peer_name} {median(theirs) * 1000:.0f} ms: {ratio:.2f} ×",
        f"≤ {limit:g} × {peer_name}",
        ratio <= limit,
        COMMAND,
    )


def _in_turn(first: Callable[[], float], second: Callable[[], float]) -> tuple[list[float], list[float]]:
    first(), second()
    pairs = [(first(), second()) for _ in range(RUNS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _whole(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _empty(folder: Path) -> Path:
    path = folder / "config.toml"
    path.touch()
    return path
