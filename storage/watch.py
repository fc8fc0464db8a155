"""Waiting for changes, and reading what changed.

Another process's commit is seen by SQLite's `data_version`, looked at ten times a second on a plain connection
(some microseconds each), or by PostgreSQL's `LISTEN`. A commit of this process wakes its watchers at once. A commit
that changed nothing people see, such as the renewal of the lease, wakes nobody.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.clock import Clock
from storage import tables as t
from storage.database import NOTIFY_CHANNEL, Database, Reader, Unit
from storage.files import uri

LOOK_SECONDS = 0.1
_RECONNECT_SECONDS = 1.0
_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'changes'"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was committed: its subject, which one (`*`: many), and in which incident."""

    seq: int
    at: datetime
    topic: str
    ref: str
    incident_id: str | None


async def changes_since(reader: Reader, seq: int, limit: int = 5000) -> list[Change]:
    """What changed after that change, oldest first."""
    c = t.changes.c
    query = sa.select(c.seq, c.at, c.topic, c.ref, c.incident_id).where(c.seq > seq).order_by(c.seq).limit(limit)
    return [Change(r.seq, r.at, r.topic, r.ref, r.incident_id) for r in await reader.all(query)]


async def latest_seq(reader: Reader) -> int:
    """The number of the newest change; 0 before the first."""
    return int(await reader.scalar(sa.select(sa.func.max(t.changes.c.seq))) or 0)


async def prune_changes(unit: Unit, keep: int) -> None:
    """Forget all changes but the newest `keep`: who was away longer reads everything anew."""
    newest = int(await unit.scalar(sa.select(sa.func.max(t.changes.c.seq))) or 0)
    await unit.run(sa.delete(t.changes).where(t.changes.c.seq <= newest - keep))


class Glance:
    """Looks up one value beside all pools, in some microseconds: for what every request must know at once."""

    def __init__(self, database: Database, sql: str) -> None:
        self._connection: sqlite3.Connection | None = None
        self._path = database.path
        self._sql = sql

    def at(self, parameter: str) -> tuple[bool, Any]:
        """Whether it could be looked up here (on PostgreSQL only a query can tell), and the value or None."""
        if self._path is None:
            return False, None
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(uri(self._path, "ro"), uri=True, timeout=0.05)
            row = self._connection.execute(self._sql, (parameter,)).fetchone()
            return True, row[0] if row else None
        except sqlite3.Error:
            self.close()
            return False, None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Watcher:
    """Tells that something was committed, here or elsewhere. Use it as a context manager. All watchers of one database
    share one look-out."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._woken = asyncio.Event()
        self._lookout: _Lookout | None = None

    @property
    def lost(self) -> str | None:
        """Why the database cannot be watched now; None while all is well."""
        return self._lookout.lost if self._lookout is not None else None

    async def __aenter__(self) -> Self:
        self._database.listeners.add(self._woken.set)
        lookout = _lookouts.get(self._database)
        if lookout is None:
            lookout = _lookouts[self._database] = _Lookout(self._database, self._clock)
        self._lookout = lookout
        lookout.watchers.add(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._database.listeners.discard(self._woken.set)
        lookout = self._lookout
        if lookout is not None:
            lookout.watchers.discard(self)
            if not lookout.watchers:
                _lookouts.pop(self._database, None)
                await lookout.end()

    def wake(self) -> None:
        """End the present or the next wait."""
        self._woken.set()

    async def wait(self, timeout: float | None = None, *, real: bool = False) -> bool:
        """Wait until something was committed since the last call, at most `timeout` program seconds, or `real` ones;
        False when the time ran out."""
        if not self._woken.is_set():
            waiting = asyncio.ensure_future(self._woken.wait())
            sleep = self._clock.pause if real else self._clock.sleep
            limit = asyncio.ensure_future(sleep(timeout)) if timeout is not None else None
            try:
                await asyncio.wait([waiting, limit] if limit else [waiting], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (waiting, limit):
                    if task is not None and not task.done():
                        task.cancel()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken


class _Lookout:
    """Looks for what others commit, for every watcher of one database, as long as there is one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.watchers: set[Watcher] = set()
        self.lost: str | None = None
        look = self._listen if database.dialect == "postgresql" else self._look
        self._task = asyncio.create_task(look(), name="watch the database")

    async def end(self) -> None:
        """Look no more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _wake(self, *_: object) -> None:
        for watcher in self.watchers:
            watcher.wake()

    async def _look(self) -> None:
        path = self._database.path
        assert path is not None
        connection: sqlite3.Connection | None = None
        seen: tuple[int, int] | None = None
        try:
            while True:
                try:
                    if connection is None:
                        connection = sqlite3.connect(uri(path, "ro"), uri=True, timeout=0.05)
                        look = connection.cursor()
                    version = look.execute("PRAGMA data_version").fetchone()[0]
                    if self.lost is not None or seen is None or version != seen[0]:
                        newest = look.execute(_NEWEST).fetchone()
                        state = (version, newest[0] if newest else 0)
                        if self.lost is not None or (seen is not None and state[1] != seen[1]):
                            self._wake()
                        seen = state
                    self.lost = None
                except sqlite3.Error as error:
                    if connection is not None:
                        connection.close()
                    connection = None
                    if "locked" not in str(error):
                        self._lose(str(error))
                await self._clock.pause(LOOK_SECONDS if self.lost is None else _RECONNECT_SECONDS)
        finally:
            if connection is not None:
                connection.close()

    async def _listen(self) -> None:
        import asyncpg

        while True:
            connection: Any = None
            try:
                connection = await asyncpg.connect(**_asyncpg_arguments(self._database))
                await connection.add_listener(NOTIFY_CHANNEL, self._wake)
                if self.lost is not None:
                    self.lost = None
                    self._wake()
                while not connection.is_closed():
                    await self._clock.pause(_RECONNECT_SECONDS)
                self._lose("the connection to the server was lost")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self._lose(str(error) or type(error).__name__)
                await self._clock.pause(_RECONNECT_SECONDS)
            finally:
                if connection is not None and not connection.is_closed():
                    connection.terminate()

    def _lose(self, reason: str) -> None:
        if self.lost is None:
            self.lost = reason
            self._wake()


_lookouts: WeakKeyDictionary[Database, _Lookout] = WeakKeyDictionary()


def _asyncpg_arguments(database: Database) -> dict[str, Any]:
    url = database.url
    query: dict[str, str | Sequence[str]] = dict(url.query)
    return {
        "host": query.get("host", url.host),
        "port": url.port or query.get("port"),
        "user": url.username,
        "password": url.password,
        "database": url.database,
    }
