"""Prolonging the engine's lease on SQLite: one statement on a connection of its own, in some hundred microseconds.

It is the only thing the program writes while nothing happens, so it must cost next to nothing. It is not forced onto
the disk either: a renewal that a power cut takes with it was this machine's, and whoever starts next leads sooner.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from datetime import datetime

from storage import tables as t
from storage.database import Database, Fence
from storage.files import uri

BUSY_SECONDS = 0.25
"""Who finds the file busy for longer renews by a unit of work, which waits for its turn."""

_PROLONG = "UPDATE lease SET expires_at = ?, lateness = ? WHERE name = 'engine' AND holder = ? AND epoch = ?"


class Renewal:
    """Prolongs what a fence proves. It neither takes a lease nor tells why one is lost: a unit of work does."""

    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._connection: sqlite3.Connection | None = None

    async def prolong(self, fence: Fence, expires_at: datetime, lateness: float) -> bool:
        """Whether the lease is prolonged. Where it is not (the lease is another's, the file is busy or away, the
        database is a server), nothing was changed."""
        if self._path is None:
            return False
        instant = t.Instant().process_bind_param(expires_at, None)
        work = asyncio.ensure_future(asyncio.to_thread(self._run, (instant, lateness, fence.holder, fence.epoch)))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])  # it uses the connection, which may be closed next
            raise

    def _run(self, values: tuple[object, ...]) -> bool:
        try:
            if self._connection is None:
                self._connection = self._open()
            return self._connection.execute(_PROLONG, values).rowcount == 1
        except sqlite3.Error:
            self.close()
            return False

    def _open(self) -> sqlite3.Connection:
        assert self._path is not None
        connection = sqlite3.connect(
            uri(self._path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
