"""How an older database becomes one of this program's schema: a copy first, then all steps or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from imtui.domain.errors import Conflict, Unavailable
from storage import backup

STEPS: Mapping[int, tuple[str, ...]] = {
    2: ("ALTER TABLE alarms ADD COLUMN incident_id VARCHAR",),
}
"""The statements that turn the schema before into this one, by version; the same on SQLite and PostgreSQL."""


def migrate_sqlite(connection: sqlite3.Connection, path: Path, version: int, wanted: int) -> None:
    """Bring a file from `version` to `wanted`. The copy stands beside it under a name that tells its version.

    Raises Unavailable when the copy or a step fails; the file is then as it was.
    """
    copy = path.with_name(f"{path.name}.schema-{version}")
    try:
        backup.write_copy(path, copy)
    except Conflict:
        pass  # made before by a migration that was cut off: it holds the same schema
    connection.execute("BEGIN EXCLUSIVE")
    try:
        now = int(connection.execute("PRAGMA user_version").fetchone()[0])
        for number in range(now + 1, wanted + 1):
            for statement in STEPS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")
    except (sqlite3.Error, KeyError) as error:
        connection.execute("ROLLBACK")
        raise Unavailable(
            f"{path} could not be brought to schema {wanted} ({error}): nothing was changed, a copy is {copy}"
        ) from error
