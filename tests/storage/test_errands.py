"""That statements go together must not be seen: not in what is read, not in errors, not by who stops waiting."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from imtui.clock import ManualClock
from imtui.domain.errors import Unavailable
from storage import errands
from storage import tables as t
from storage.database import Database

ROWS = errands.AT_ONCE * 2 + 7


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[errands.Connection]:
    """A connection to a file with a table of numbers."""
    path = tmp_path / "numbers.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
        made.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(ROWS)])
    made.close()
    opened = errands.writing(str(path), isolation_level=None)
    await opened
    yield opened
    await opened.close()


async def count(connection: errands.Connection) -> int:
    found = await (await connection.cursor().execute("SELECT count(*) FROM numbers")).fetchone()
    return int(found[0])


@pytest.mark.parametrize("rows", [0, 1, errands.AT_ONCE - 1, errands.AT_ONCE, errands.AT_ONCE + 1, ROWS])
async def test_all_rows_come_however_many_they_are(connection: errands.Connection, rows: int) -> None:
    sql = "SELECT n FROM numbers ORDER BY n LIMIT ?"
    everything = [(n,) for n in range(rows)]
    assert await (await connection.cursor().execute(sql, (rows,))).fetchall() == everything
    assert [row async for row in await connection.cursor().execute(sql, (rows,))] == everything
    cursor = await connection.cursor().execute(sql, (rows,))
    parts: list[Any] = []
    while part := await cursor.fetchmany(7):
        parts += part
    assert parts == everything


async def test_what_is_left_for_later_is_there_for_the_next_statement(connection: errands.Connection) -> None:
    with connection.later():
        await connection.cursor().execute("INSERT INTO numbers VALUES (-1)")
        await connection.cursor().executemany("INSERT INTO numbers VALUES (?)", [(-2,), (-3,)])
    assert await count(connection) == ROWS + 3


async def test_what_was_left_for_later_is_undone_with_the_rest(connection: errands.Connection) -> None:
    await connection.cursor().execute("BEGIN IMMEDIATE")
    await connection.cursor().execute("INSERT INTO numbers VALUES (-1)")
    with connection.later():
        await connection.cursor().execute("INSERT INTO numbers VALUES (-2)")
    await connection.rollback()
    await connection.commit()
    assert await count(connection) == ROWS


async def test_a_statement_that_nobody_waits_for_any_more_is_undone(connection: errands.Connection) -> None:
    begun, go_on = Event(), Event()

    def slow(_: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait(30)

    before = asyncio.create_task(connection.errand(slow))
    await asyncio.to_thread(begun.wait, 30)
    await connection.cursor().execute("BEGIN IMMEDIATE")
    given_up = asyncio.create_task(connection.errand(lambda made: made.execute("INSERT INTO numbers VALUES (-1)")))
    asyncio.get_running_loop().call_soon(given_up.cancel)
    await asyncio.wait([given_up])
    asyncio.get_running_loop().call_soon(go_on.set)
    await connection.rollback()
    await before
    await connection.errand(lambda _: None)
    assert not connection.in_transaction
    assert await count(connection) == ROWS


async def test_a_view_that_ended_sees_later_what_was_written_meanwhile(
    database: Database, manual_clock: ManualClock
) -> None:
    seen = []
    for n in range(5):
        async with database.read() as reader:
            seen.append(await reader.scalar(sa.select(sa.func.count()).select_from(t.changes)))
        async with database.write(manual_clock.now()) as unit:
            unit.changed("audit", str(n))
    assert [value - seen[0] for value in seen] == [0, 1, 2, 3, 4]


async def test_a_row_that_cannot_be_is_an_error_of_the_unit_and_undoes_it(
    database: Database, manual_clock: ManualClock
) -> None:
    def row(key: str) -> dict[str, Any]:
        return {"key": key, "value": "1"}

    async def write_twice() -> None:
        async with database.write(manual_clock.now()) as unit:
            unit.insert(t.settings, row("once"))
            unit.insert(t.settings, row("once"))
            unit.changed("audit", "*")

    with pytest.raises(sa.exc.IntegrityError):
        await write_twice()
    async with database.write(manual_clock.now()) as unit:
        unit.insert(t.settings, row("once"))
    async with database.read() as reader:
        query = sa.select(sa.func.count()).select_from(t.settings).where(t.settings.c.key == "once")
        assert await reader.scalar(query) == 1


async def test_a_file_that_another_program_writes_for_too_long_is_away_and_comes_back(
    sqlite_made: Path, tmp_path: Path, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import database as module
    from storage.opening import open_database

    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    path = tmp_path / "imtui.db"
    path.write_bytes(sqlite_made.read_bytes())
    opened, _ = await open_database(str(path))
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            async with opened.write(manual_clock.now()) as unit:
                unit.changed("audit", "*")
        other.execute("COMMIT")
        async with opened.write(manual_clock.now()) as unit:
            unit.changed("audit", "*")
    finally:
        other.close()
        await opened.close()
