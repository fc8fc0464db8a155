"""SQLite's driver with one errand to its thread for each statement.

aiosqlite sends a cursor, its statement, its rows and its end there one after the other, and every way there and back
wakes two threads: that takes longer than most statements. Here they go together, and the BEGIN of a view goes with the
first statement after it, since it locks nothing before that.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self, TypeVar

import aiosqlite

AT_ONCE = 500
"""So many rows come with their statement; of more than that the rest is fetched when somebody asks for it."""

_BEGIN = "BEGIN"

T = TypeVar("T")


def connection(database: str, **parameters: Any) -> Connection:
    """A connection that is not open yet: await it. What it takes is what `sqlite3.connect` takes."""
    made = Connection(partial(sqlite3.connect, database, **parameters), AT_ONCE)
    made._thread.daemon = True
    return made


class Connection(aiosqlite.Connection):
    """A connection whose cursors need no errands of their own."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._begins = False
        self._torn = False
        """Somebody stopped waiting for an errand: what it does to the transaction cannot be seen before it is done."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, at once."""
        return Cursor(self)

    def begin(self) -> None:
        """Begin a transaction together with the next errand."""
        self._begins = True

    async def errand(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the connection in its thread."""
        begins, self._begins = self._begins, False
        try:
            found: T = await self._execute(_together, self._conn, begins, work)  # type: ignore[no-untyped-call]
            return found
        except asyncio.CancelledError:
            self._torn = True
            raise

    async def commit(self) -> None:
        """Commit, where anything was begun."""
        if self._begins:
            self._begins = False
            return
        await super().commit()

    async def rollback(self) -> None:
        """Roll back, where anything was begun."""
        self._begins = False
        if self._torn or self.in_transaction:
            await super().rollback()
            self._torn = False


class Cursor:
    """A statement with its rows, as the database toolkit asks for them."""

    arraysize = 1

    def __init__(self, owner: Connection) -> None:
        self._owner = owner
        self._open: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Execute a statement."""
        if sql == _BEGIN:
            self._owner.begin()
        else:
            await self._ask(lambda connection: connection.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement with each of these parameters."""
        await self._ask(lambda connection: connection.executemany(sql, parameters))
        return self

    async def fetchall(self) -> Sequence[Any]:
        """All rows that are left."""
        rows, self._rows = self._rows, []
        if self._open is not None:
            cursor, self._open = self._open, None
            rows += await self._owner.errand(lambda _: cursor.fetchall())
        return rows

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows, at most so many."""
        count = size or self.arraysize
        if self._open is not None and len(self._rows) < count:
            cursor, missing = self._open, max(count - len(self._rows), AT_ONCE)
            more = await self._owner.errand(lambda _: cursor.fetchmany(missing))
            self._rows += more
            if len(more) < missing:
                self._open = None
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany(AT_ONCE):
            for row in rows:
                yield row

    async def close(self) -> None:
        """Let go of rows that nobody has asked for."""
        if self._open is not None:
            cursor, self._open = self._open, None
            await self._owner.errand(lambda _: cursor.close())

    async def _ask(self, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        self._open, self._rows, known = await self._owner.errand(partial(_answer, statement))
        self.description, self.rowcount, self.lastrowid = known


def _together(connection: sqlite3.Connection, begins: bool, work: Callable[[sqlite3.Connection], T]) -> T:
    if begins:
        connection.execute(_BEGIN)
    return work(connection)


def _answer(
    statement: Callable[[sqlite3.Connection], sqlite3.Cursor], connection: sqlite3.Connection
) -> tuple[sqlite3.Cursor | None, list[Any], tuple[Any, int, int | None]]:
    """The cursor while it has more rows, its first rows, and what is known of it."""
    cursor = statement(connection)
    rows = cursor.fetchmany(AT_ONCE) if cursor.description else []
    known = cursor.description, cursor.rowcount, cursor.lastrowid
    if len(rows) == AT_ONCE:
        return cursor, rows, known
    cursor.close()
    return None, rows, known
