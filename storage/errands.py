"""SQLite's driver with as few errands to its thread as can be.

aiosqlite sends a cursor, its statement, its rows and its end there one after the other, and every way there and back
wakes two threads: that takes longer than most statements. Here they go together. What begins a transaction goes with
the first statement after it, rows that are only written go with whatever comes next, the commit at the latest, and
nobody waits for the end of a view.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Self, TypeVar

import aiosqlite

AT_ONCE = 500
"""So many rows come with their statement; of more than that the rest is fetched when somebody asks for it."""

_BEGINNING = ("BEGIN", "BEGIN IMMEDIATE")

T = TypeVar("T")
_Work = Callable[[sqlite3.Connection], Any]


def writing(database: str, **parameters: Any) -> Connection:
    """A connection that is not open yet: await it. What it takes is what `sqlite3.connect` takes."""
    made = Connection(partial(sqlite3.connect, database, **parameters), AT_ONCE)
    made._thread.daemon = True
    return made


def viewing(database: str, **parameters: Any) -> Connection:
    """The same for what is only looked at: there is nothing to wait for when a view ends."""
    made = writing(database, **parameters)
    made.views = True
    return made


class Connection(aiosqlite.Connection):
    """A connection whose cursors need no errands of their own."""

    views = False

    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._before: list[_Work] = []
        """What goes with the next errand, before it."""
        self._later = False
        self._ended = False
        """A view has ended or will have before the next errand."""
        self._torn = False
        """Somebody stopped waiting for an errand: what it does to the transaction cannot be seen before it is done."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, at once."""
        return Cursor(self)

    @contextmanager
    def later(self) -> Iterator[None]:
        """Statements in this block are carried out with the next one after it, or the commit: nothing is known of them
        before, and their errors are its."""
        self._later = True
        try:
            yield
        finally:
            self._later = False

    async def ask(self, work: _Work, sql: str) -> Any:
        """Carry out a statement; None where that is left for later."""
        if self._later or sql in _BEGINNING:
            self._before.append(work)
            return None
        return await self.errand(work)

    async def errand(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the connection in its thread."""
        before, self._before = self._before, []
        self._ended = False
        try:
            found: T = await self._execute(_together, self._conn, before, work)  # type: ignore[no-untyped-call]
            return found
        except asyncio.CancelledError:
            self._torn = True
            raise

    async def commit(self) -> None:
        """Commit, together with what was left for later."""
        if not self.views:
            await self.errand(_commit)
        elif self._before:
            self._before = []
        else:
            self._ended = True
            self._tx.put_nowait((None, self._conn.commit))

    async def rollback(self) -> None:
        """Roll back, where anything was begun."""
        self._before = []
        if not self._ended and (self._torn or self.in_transaction):
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
        await self._ask(sql, lambda connection: connection.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        """Execute a statement with each of these parameters."""
        await self._ask(sql, lambda connection: connection.executemany(sql, parameters))
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

    async def _ask(self, sql: str, statement: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        answer = await self._owner.ask(partial(_answer, statement), sql)
        if answer is not None:
            self._open, self._rows, self.description, self.rowcount, self.lastrowid = answer


def _together(connection: sqlite3.Connection, before: Sequence[_Work], work: Callable[[sqlite3.Connection], T]) -> T:
    for first in before:
        first(connection)
    return work(connection)


def _commit(connection: sqlite3.Connection) -> None:
    connection.commit()


def _answer(
    statement: Callable[[sqlite3.Connection], sqlite3.Cursor], connection: sqlite3.Connection
) -> tuple[sqlite3.Cursor | None, list[Any], Any, int, int | None]:
    """The cursor while it has more rows, its first rows, and what is known of it."""
    cursor = statement(connection)
    rows = cursor.fetchmany(AT_ONCE) if cursor.description else []
    description, count, last = cursor.description, cursor.rowcount, cursor.lastrowid
    if len(rows) == AT_ONCE:
        return cursor, rows, description, count, last
    cursor.close()
    return None, rows, description, count, last
