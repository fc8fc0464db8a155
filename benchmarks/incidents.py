"""A database with many incidents, made in seconds: a million of them in less than a minute.

The rows are written past the services, but into a database that the program itself has made: its constraints hold
and its triggers fire.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imtui import services
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.arns import Names
from imtui.services.context import Context
from storage.opening import open_database

OPEN = 50
"""So many are open, the newest; all others are resolved."""

WORD = "printer"
"""A word that few titles hold; each of its first `LETTERS` letters leaves other rows on the screen."""
LETTERS = 6

SUMMARY = "Customers wait longer than a minute for an answer."

_TITLES = (
    "Checkout answers slowly",
    "Search returns errors",
    "Orders wait too long",
    "Stock is not counted",
    "Mail is late",
    "Payments are declined",
    "Proxy has no host left",
    "Price feed stands still",
)
_RARE = {
    **dict.fromkeys((11, 60), "Principal database is down"),
    **dict.fromkeys((13, 64), "Print queue is stuck"),
    **dict.fromkeys((17, 23, 70, 75, 300, 700), "Printer is on fire"),
}
"""Titles by how many incidents are newer."""

_IMPACTS = ((1, 1), (2, 10), (3, 20), (4, 35))
"""Of the open ones the newest are the worst, so that some stand at the border of two impacts: the first so many."""

_COLUMNS = (
    *("number", "id", "account", "plan_arn", "plan_name", "title", "impact", "summary", "status", "source"),
    *("created_by", "created_at", "modified_at", "modified_by", "resolved_at", "chat_channel", "notification_targets"),
)
_CHUNK = 50_000
_PLAN = """
Resources:
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties: {Name: web, IncidentTemplate: {Title: "Web:", Impact: 3}}
"""


def fill(path: Path, count: int) -> str:
    """Fill a fresh database with `count` incidents, the last 50 of them open; the title that stands on top."""
    asyncio.run(_make(path))
    now = _microseconds(datetime.now(UTC))
    statement = f"INSERT INTO incidents ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-262144")
        for first in range(1, count + 1, _CHUNK):
            connection.execute("BEGIN")
            connection.executemany(statement, _rows(first, min(first + _CHUNK, count + 1), count, now))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return title(count, count)


def tell(path: Path, number: int, events: int) -> None:
    """Give an incident a history of so many custom events, one a second."""
    now = _microseconds(datetime.now(UTC))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (id_,) = connection.execute("SELECT id FROM incidents WHERE number = ?", (number,)).fetchone()
        rows = (
            (str(uuid.uuid4()), id_, "Custom Event", at, at, json.dumps({"text": f"step {n} is done"}), "[]", n)
            for n in range(1, events + 1)
            for at in (now - (events - n) * 1_000_000,)
        )
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO timeline (id, incident_id, type, event_time, updated_at, data, refs, seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        connection.execute("COMMIT")


def title(number: int, count: int) -> str:
    """The title of an incident among `count`."""
    newer = count - number
    text = _RARE.get(newer) or (_TITLES[newer % len(_TITLES)] if number > 1 else "Printer is on fire")
    return f"{text} {number}"


async def context_of(path: Path, name: str) -> Context:
    """What a call of a service needs, on a database that is made where there is none; close its `database`."""
    database, clock = await open_database(str(path))
    names = Names()
    return Context(database, clock, names, Caller(name, name, "command", names.user(name)), Config())


async def _make(path: Path) -> None:
    context = await context_of(path, "bench")
    try:
        await services.configuration.apply(context, [("web.yaml", _PLAN)])
    finally:
        await context.database.close()


def _rows(first: int, end: int, count: int, now: int) -> Iterator[tuple[Any, ...]]:
    names, minute = Names(), 60_000_000
    plan, by = names.response_plan("web"), names.user("ana")
    bits = random.Random(first).getrandbits
    for number in range(first, end):
        newer = count - number
        at = now - newer * minute
        is_open = newer < OPEN
        impact = next((impact for impact, most in _IMPACTS if newer < most), 5) if is_open else 2 + number % 4
        yield (
            *(number, str(uuid.UUID(int=bits(128), version=4)), names.account, plan, "web", title(number, count)),
            *(impact, SUMMARY, "OPEN" if is_open else "RESOLVED", "manual", by, at, at, by),
            *(None if is_open else at + 30 * minute, "[]", "[]"),
        )


def _microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
