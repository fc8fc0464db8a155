"""A context on a new SQLite file, for tests that hypothesis calls many times."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.arns import Names
from imtui.services.context import Context
from storage.opening import open_database


@asynccontextmanager
async def fresh() -> AsyncIterator[Context]:
    """The administrator 'ana' on a database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        database, _ = await open_database(str(Path(folder) / "imtui.db"))
        names, clock = Names(), ManualClock(datetime(2026, 3, 1, 3, 10, tzinfo=UTC))
        try:
            yield Context(database, clock, names, Caller("ana", "ana", "test", names.user("ana")), Config())
        finally:
            await database.close()
