"""A consistent copy of the database while others write."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from imtui.domain.errors import Conflict, Unavailable
from storage import tables as t
from storage.database import BUSY_SECONDS, Database
from storage.files import uri
from storage.tables_audit import audit_head

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def copy(database: Database, target: Path) -> int:
    """Write a copy to a new file; its size in bytes. It stands complete under its name, or not at all.

    The copy of a PostgreSQL database is a SQLite file as well: `--db` opens it. Raises Conflict when the file exists,
    Unavailable when it cannot be written.
    """
    if database.path is not None:
        return await asyncio.to_thread(write_copy, database.path, target)
    if await asyncio.to_thread(target.exists):
        raise Conflict(f"{target} exists already: nothing was written, give another name")
    part = target.with_name(f".{target.name}.{os.getpid()}.rows")
    try:
        await _copy_rows(database, part)
        return await asyncio.to_thread(write_copy, part, target)
    finally:
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


async def _copy_rows(database: Database, target: Path) -> None:
    """Every row of one instant, table by table, into a new SQLite file."""
    from storage.opening import open_database

    file, _ = await open_database(str(target))
    try:
        async with database.read() as reader:
            for table in t.metadata.sorted_tables:
                await _forget_what_triggers_made(file, table)
                rows = await reader.connection.stream(sa.select(table).order_by(*table.primary_key))
                async for some in rows.partitions(1000):
                    async with file.write(EPOCH) as unit:
                        kept = [dict(row._mapping) for row in some if table is not t.settings or row.key != "schema"]
                        if kept:
                            await unit.run(sa.insert(table), kept)
    finally:
        await file.close()


async def _forget_what_triggers_made(file: Database, table: sa.Table) -> None:
    """What triggers have counted meanwhile makes way for what was counted in the original."""
    if table in (t.tallies, audit_head):
        async with file.write(EPOCH) as unit:
            await unit.run(sa.delete(table))


def write_copy(source: Path, target: Path) -> int:
    """The copy itself, in this thread; see `copy`."""
    if target.exists():
        raise Conflict(f"{target} exists already: nothing was written, give another name")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
        reading = sqlite3.connect(uri(source, "ro"), uri=True, timeout=BUSY_SECONDS)
        try:
            writing = sqlite3.connect(part)
            try:
                reading.backup(writing)
            finally:
                writing.close()
        finally:
            reading.close()
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.link(part, target)
        return target.stat().st_size
    except FileExistsError:
        raise Conflict(f"{target} exists already: nothing was written, give another name") from None
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unavailable(f"{target} cannot be written ({reason}): there is no copy") from None
    finally:
        with suppress(OSError):
            part.unlink()
