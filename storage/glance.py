"""One value at a glance. Light: every command looks up who it acts for."""

from __future__ import annotations

import sqlite3
from typing import Any

from storage.database import Database
from storage.files import uri


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
