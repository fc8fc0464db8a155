"""Opening a database: made when it is not there, migrated when it is older, refused when it is newer or broken."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

import storage.tables_access
import storage.tables_audit
import storage.tables_findings
import storage.tables_oncall
import storage.tables_replication
import storage.tables_sharing  # noqa: F401  (their tables belong to the schema)
from imtui.clock import SystemClock
from imtui.domain.errors import Conflict, ImtuiError, Unavailable, ValidationFailed
from storage import tables as t
from storage.append_only import APPEND_ONLY
from storage.database import BUSY_SECONDS, Database, Unit, away, database_url, is_away
from storage.derived import DERIVED
from storage.files import prepare_file, uri
from storage.migrations import STEPS, migrate_sqlite
from storage.schema import APPLICATION_ID, SCHEMA


async def open_database(
    location: str, *, clock_speed: float | None = None, read_only: bool = False
) -> tuple[Database, SystemClock]:
    """Open the database at a path or URL; it is made, or migrated after a backup, where that is needed.

    `clock_speed` may be given only while the database holds no incident, and is kept there. Raises ImtuiError: Conflict
    for a database of a newer program or another clock speed, Unavailable for one that cannot be used.
    """
    url = database_url(location)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_prepare_sqlite, url, read_only)
    database = Database(url, read_only=read_only)
    try:
        if database.dialect == "postgresql" and not read_only:
            await _prepare_postgresql(database)
        return database, await _clock(database, clock_speed)
    except BaseException as error:
        await database.close()
        if isinstance(error, ImtuiError) or not is_away(error):
            raise
        raise away(error) from error


def _prepare_sqlite(url: URL, read_only: bool) -> None:
    path = Path(url.database or "")
    if read_only and not path.exists():
        raise Unavailable(f"there is no database {path}: nothing to read")
    try:
        if not read_only:
            prepare_file(path)
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unavailable(f"{path} is not a file: give the path of a database")
    except OSError as error:
        raise Unavailable(f"the database {path} cannot be opened ({error.strerror}): nothing was changed") from error
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(uri(path, mode), uri=True, timeout=BUSY_SECONDS)
    connection.isolation_level = None
    try:
        version = _version(connection, path)
        if version == 0 and read_only:
            raise Unavailable(f"{path} holds no incidents yet: open it once without --read-only")
        if version == 0:
            connection.execute("PRAGMA journal_mode=WAL")
            _create(connection)
        elif version < SCHEMA:
            if read_only:
                raise Unavailable(f"{path} is of an older imtui: open it once without --read-only")
            migrate_sqlite(connection, path, version, SCHEMA)
    except sqlite3.DatabaseError as error:
        raise Unavailable(_explained(path, error)) from error
    finally:
        connection.close()


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version in the file's header; 0 for an empty file. Refuses what is not ours and what is newer."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise Unavailable(_explained(path, error)) from error
    if tables and application != APPLICATION_ID:
        raise Unavailable(f"{path} is a database of another program: nothing was changed, give another path")
    if version > SCHEMA:
        raise Conflict(
            f"{path} was made by a newer imtui (schema {version}, this program knows {SCHEMA}): "
            "nothing was changed, install that version"
        )
    return version if tables else 0


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables; of two programs that start at once, the second finds them made."""
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in schema_statements("sqlite"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def schema_statements(dialect: str) -> list[str]:
    """The statements that make every table, index and trigger of the present schema."""
    from sqlalchemy.dialects import postgresql, sqlite  # only a new database needs them

    kind: type[Dialect] = sqlite.dialect if dialect == "sqlite" else postgresql.dialect
    chosen = kind()
    statements: list[str] = []
    for index in (index for table in t.metadata.tables.values() for index in table.indexes):
        if "where" in index.info:
            index.dialect_options[dialect]["where"] = index.info["where"]
    for table in t.metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=chosen)))
        statements += [
            str(CreateIndex(index).compile(dialect=chosen))
            for index in sorted(table.indexes, key=lambda i: str(i.name))
        ]
    return [*statements, *DERIVED[dialect], *APPEND_ONLY[dialect]]


async def _prepare_postgresql(database: Database) -> None:
    """Make or check the schema; of several first starters, one does it."""
    async with database.write(SystemClock().wall()) as unit:
        version = await _postgresql_version(unit)
        if version is None:
            for statement in schema_statements("postgresql"):
                await unit.run(sa.text(statement.replace(":", r"\:")))
            unit.insert(t.settings, {"key": "schema", "value": SCHEMA})
        elif version > SCHEMA:
            raise Conflict(
                f"the database was made by a newer imtui (schema {version}, this program knows {SCHEMA}): "
                "nothing was changed, install that version"
            )
        elif version < SCHEMA:
            for number in range(version + 1, SCHEMA + 1):
                for statement in STEPS[number]["postgresql"]:
                    await unit.run(sa.text(statement.replace(":", r"\:")))
            await unit.run(sa.update(t.settings).where(t.settings.c.key == "schema").values(value=SCHEMA))


async def _postgresql_version(unit: Unit) -> int | None:
    if not await unit.scalar(sa.text("SELECT to_regclass('settings') IS NOT NULL")):
        return None
    return int(await unit.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == "schema")) or 0)


async def _clock(database: Database, speed: float | None) -> SystemClock:
    """The database's clock: its stored speed and origin, or those that are set now."""
    if speed is not None and not 0.01 <= speed <= 100_000:
        raise ValidationFailed("clock speed: a number from 0.01 to 100000")
    query = sa.select(t.settings.c.value).where(t.settings.c.key == "clock")
    async with database.read() as reader:
        stored = await reader.scalar(query)
    if speed is None or (stored and stored["speed"] == speed):
        return _as_clock(stored)
    if stored is None and speed == 1.0:
        return SystemClock()
    wall = SystemClock().wall()
    async with database.write(wall) as unit:
        stored = await unit.scalar(query)
        known = stored["speed"] if stored else 1.0
        if await unit.scalar(sa.select(sa.func.count()).select_from(t.incidents)):
            raise Conflict(
                f"this database runs at clock speed {known:g}: the speed can be set only before its first incident, "
                "leave --clock-speed out or take another database"
            )
        if stored and stored["speed"] != speed:
            raise Conflict(f"this database runs at clock speed {known:g}: leave --clock-speed out, or take another one")
        value = {"speed": speed, "origin": wall.isoformat()}
        unit.insert(t.settings, {"key": "clock", "value": value})
    return _as_clock(value)


def _as_clock(stored: Any) -> SystemClock:
    if not stored:
        return SystemClock()
    return SystemClock(float(stored["speed"]), datetime.fromisoformat(stored["origin"]))


def _explained(path: Path, error: sqlite3.Error) -> str:
    text = str(error)
    if "not a database" in text:
        return f"{path} is not a database: nothing was changed, give another path"
    if "malformed" in text:
        return f"{path} is damaged ({text}): nothing was changed; restore it from a backup"
    if "readonly" in text:
        return f"{path} cannot be written ({text}): nothing was changed; check its owner, or use --read-only"
    if "full" in text:
        return f"there is no space left for {path}: nothing was changed; make room and try again"
    return f"the database {path} cannot be opened ({text}): nothing was changed"
