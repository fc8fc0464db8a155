"""A consistent copy of the database while others write."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from imtui.domain.errors import Conflict, Unavailable, ValidationFailed
from storage.database import BUSY_SECONDS, Database


async def copy(database: Database, target: Path) -> int:
    """Write a copy to a new file; its size in bytes. It stands complete under its name, or not at all.

    Raises Conflict when the file exists, Unavailable when it cannot be written, ValidationFailed for PostgreSQL, which
    has its own tool for this.
    """
    if database.path is None:
        raise ValidationFailed("this database is on PostgreSQL: make the copy with pg_dump")
    return await asyncio.to_thread(write_copy, database.path, target)


def write_copy(source: Path, target: Path) -> int:
    """The copy itself, in this thread; see `copy`."""
    if target.exists():
        raise Conflict(f"{target} exists already: nothing was written, give another name")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
        reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_SECONDS)
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
