"""A backup holds the audit log as it was: the copy proves what the original proves, also when it was on PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.engine import sealing
from imtui.services.audit_proof import prove
from imtui.services.context import Context
from storage import tables as t
from storage.backup import copy
from storage.opening import open_database
from tests.organisation import organise


async def sealed(context: Context, count: int) -> None:
    for number in range(count):
        await services.filters.save(context, "incidents", f"f{number}", "title:x")
    async with context.database.write(context.now()) as unit:
        await sealing.seal(unit)


async def test_a_copy_proves_what_the_original_proves(
    context: Context, tmp_path: Path, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await sealed(context, 3)
    manual_clock.advance(86400)
    async with context.database.write(context.now()) as unit:
        assert await sealing.prune(unit, context.now() - timedelta(hours=1)) == 4
    await sealed(context, 3)
    await services.filters.delete(context, "incidents", "f0")
    before = await prove(context)
    assert (before.wrong, before.records, before.unsealed) == ([], 3, 1)
    await copy(context.database, tmp_path / "copy.db")
    database, _ = await open_database(str(tmp_path / "copy.db"))
    try:
        there = replace(context, database=database)
        assert await prove(there) == before
        assert await services.audit.lookup(there) == await services.audit.lookup(context)
        async with database.read() as reader:
            assert await reader.scalar(sa.select(t.tallies.c.incidents)) == 1
        await services.filters.delete(there, "incidents", "f1")
        assert (await prove(there)).wrong == []
    finally:
        await database.close()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE audit SET caller = 'x'")
