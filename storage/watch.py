"""Waiting for changes, and reading what changed.

Another process's commit is seen by SQLite's `data_version`, looked at on a plain connection (some microseconds each)
when the file was written to, and ten times a second where the system does not tell of that; or by PostgreSQL's
`LISTEN`. A commit of this process wakes its watchers at once. A commit that changed nothing people see, such as the
renewal of the lease, wakes nobody.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.clock import Clock
from storage import tables as t
from storage.database import NOTIFY_CHANNEL, Database, Reader, Unit
from storage.files import uri
from storage.stirring import Stirring

LOOK_SECONDS = 0.1
REST_SECONDS = 0.4
"""Where the system tells of writes it is looked so often all the same: something committed is seen within 0.5 s."""

_SOON = (0.08, 0.04, 0.02, 0.01, 0.003)
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

    def at(self, *parameters: str) -> tuple[bool, Any]:
        """Whether it could be looked up here (on PostgreSQL only a query can tell), and the value or None."""
        if self._path is None:
            return False, None
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(uri(self._path, "ro"), uri=True, timeout=0.05)
            row = self._connection.execute(self._sql, parameters).fetchone()
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
        sight: _Sight | None = None
        try:
            while True:
                try:
                    if sight is None:
                        sight = _Sight(path)
                    await self._follow(sight)
                except sqlite3.Error as error:
                    if sight is not None:
                        sight.close()
                    sight = None
                    if "locked" not in str(error):
                        self._lose(str(error))
                await self._clock.pause(LOOK_SECONDS if self.lost is None else _RECONNECT_SECONDS)
        finally:
            if sight is not None:
                sight.close()

    async def _follow(self, sight: _Sight) -> None:
        """Look again and again. After a write one looks soon: a commit can be seen some milliseconds after it."""
        while True:
            seen, told = sight.look()
            if told or self.lost is not None:
                self.lost = None
                self._wake()
                await self._clock.pause(LOOK_SECONDS)
            elif not seen and sight.soon:
                await self._clock.pause(sight.soon.pop())
            else:
                await self._rest(sight)

    async def _rest(self, sight: _Sight) -> None:
        """Until the file is written to, but not for too long."""
        stirring = sight.stirring
        if stirring is None or stirring.over:
            await self._clock.pause(LOOK_SECONDS)
            return
        stirring.listen()
        stirred = asyncio.ensure_future(stirring.stirred.wait())
        rest = asyncio.ensure_future(self._clock.pause(REST_SECONDS))
        try:
            await asyncio.wait([stirred, rest], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stirred.cancel()
            rest.cancel()
        sight.soon = list(_SOON) if stirring.stirred.is_set() else []

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


class _Sight:
    """A plain connection to the file that shows what has been committed; raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(uri(path, "ro"), uri=True, timeout=0.05)
        self._cursor = self._connection.cursor()
        self._version = self._newest = -1
        self.soon: list[float] = []
        """The pauses before the next looks, the last first: the file has just been written to."""
        try:
            self.look()
            self.stirring = _stirring(path)
        except BaseException:
            self._connection.close()
            raise

    def look(self) -> tuple[bool, bool]:
        """Whether anything was committed since the last look, and whether it changed what people see."""
        version = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return False, False
        row = self._cursor.execute(_NEWEST).fetchone()
        newest = row[0] if row else 0
        told = newest != self._newest
        self._version, self._newest = version, newest
        return True, told

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        if self.stirring is not None:
            self.stirring.close()


def _stirring(path: Path) -> Stirring | None:
    try:
        return Stirring(path.with_name(f"{path.name}-wal"))
    except OSError:
        return None


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
