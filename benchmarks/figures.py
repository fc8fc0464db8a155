"""What a benchmark reports, and how it is written down."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Figure:
    """One measurement: `text` as people read it, `ratio` to its peer or limit, `limit` that it should keep."""

    name: str
    text: str
    limit: str
    kept: bool
    command: str


@dataclass(frozen=True)
class Sheet:
    """Measurements without a limit of their own, as a table; `note` says how they came about."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def machine() -> str:
    """Where the figures were taken: processors, Python, libraries."""
    names = ("textual", "sqlalchemy", "aiosqlite", "starlette", "uvicorn")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{os.cpu_count()} × {_processor()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    )


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | measured | asked for | kept |", "|---|---|---|---|"]
    lines += [f"| {f.name} | {f.text} | {f.limit} | {'yes' if f.kept else '**no**'} |" for f in figures]
    return "\n".join(lines)


def sheet_table(sheet: Sheet) -> str:
    """The sheet as Markdown."""
    lines = [f"### {sheet.title}", "", sheet.note, ""]
    lines += [f"| {' | '.join(sheet.head)} |", "|---" * len(sheet.head) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in sheet.rows]
    return "\n".join(lines)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
