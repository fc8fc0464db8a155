"""Databases of every schema that was ever made become what a new one is, and keep what they hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from storage import tables as t
from storage.database import Database, database_url
from storage.derived import SEARCH
from storage.opening import open_database
from storage.schema import APPLICATION_ID, SCHEMA

OLDER = range(1, SCHEMA)


def statements(version: int, dialect: str) -> list[str]:
    """The schema of that version, as the program of its time made it, with a row that must be kept."""
    text = Path(__file__).with_name(f"schema_{version}.{dialect}.sql").read_text()
    kept = (
        """INSERT INTO alarms ("key", since, text) VALUES ('check:late', 1, 'kept')""",
        """INSERT INTO messages (id, kind, due_at, created_at, channel_type, code, payload)
           VALUES ('m', 'test', 1, 1, 'SMS', '123456', '{}')""",
        "INSERT INTO receipts (message_id, at, type) VALUES ('m', 1, 'ERROR')",
        """INSERT INTO incidents (id, account, plan_arn, plan_name, title, impact, status, source, created_by,
           created_at, modified_at, modified_by, chat_channel, notification_targets)
           VALUES ('i', '1', 'p', 'web', 'Kept incident', 1, 'OPEN', 'manual', 'ana', 1, 1, 'ana', '[]', '[]')""",
    )
    return [*(statement for statement in text.split(";\n") if statement.strip()), *kept]


async def make_older(location: str, version: int) -> None:
    if "://" not in location:
        with closing(sqlite3.connect(location)) as connection:
            for statement in statements(version, "sqlite"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={version}")
            connection.commit()
        return
    engine = create_async_engine(database_url(location))
    async with engine.begin() as server:
        for statement in statements(version, "postgresql"):
            await server.exec_driver_sql(statement)
        await server.execute(sa.text(f"INSERT INTO settings (key, value) VALUES ('schema', '{version}')"))
    await engine.dispose()


async def shape(database: Database) -> dict[str, Any]:
    """Columns, indexes and constraints of every table."""

    def look(connection: sa.Connection) -> dict[str, Any]:
        inspector = sa.inspect(connection)
        return {
            table: (
                sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in columns),
                sorted((str(i["name"]), i["unique"], tuple(map(str, i["column_names"]))) for i in indexes),
                sorted((str(c["name"]), c["sqltext"]) for c in inspector.get_check_constraints(table)),
                sorted((str(k["name"]), k["referred_table"]) for k in inspector.get_foreign_keys(table)),
            )
            for table in inspector.get_table_names()
            if not table.startswith("incident_search")
            for columns, indexes in [(inspector.get_columns(table), inspector.get_indexes(table))]
        }

    async with database.read() as reader:
        return await reader.connection.run_sync(look)


@pytest.mark.parametrize("version", OLDER)
async def test_an_older_database_becomes_what_a_new_one_is(empty: str, tmp_path: Path, version: int) -> None:
    fresh, _ = await open_database(str(tmp_path / "fresh.db"))
    await make_older(empty, version)
    migrated, clock = await open_database(empty)
    try:
        if migrated.dialect == "sqlite":
            assert await shape(migrated) == await shape(fresh)
        assert set(await shape(migrated)) == set(t.metadata.tables)
        async with migrated.read() as reader:
            for table in t.metadata.sorted_tables:
                await reader.all(sa.select(table).limit(1))
            assert await reader.scalar(sa.select(t.alarms.c.text)) == "kept"
            assert await reader.scalar(sa.select(t.messages.c.code)) == "123456"
            assert await reader.scalar(sa.select(t.receipts.c.message_id)) == "m"
            assert await reader.scalar(sa.select(SEARCH.c.words)) == "#1\nKept incident\nweb\n\n", "it can be found"
            assert await reader.scalar(sa.select(t.tallies.c.incidents)) == 1
        async with migrated.write(clock.now()) as unit:
            known = ("id", "kind", "due_at", "created_at", "payload")
            topic = dict(zip(known, ("t", "notification", clock.now(), clock.now(), {}), strict=True))
            unit.insert(t.messages, {**topic, "channel_type": "TOPIC"})
            await unit.run(sa.delete(t.messages).where(t.messages.c.id == "m"))
        async with migrated.read() as reader:
            assert await reader.scalar(sa.select(sa.func.count()).select_from(t.receipts)) == 0, "they go together"
    finally:
        await migrated.close()
        await fresh.close()
    again, _ = await open_database(empty)
    await again.close()
