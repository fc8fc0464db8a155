"""What the engine does all the time takes no longer when there is a long history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.route import Route
from imtui.engine.engine import CHECK_SECONDS, Engine
from imtui.services.context import Context
from storage.database import Database
from storage.opening import open_database
from tests.engine.conftest import Provider
from tests.organisation import organise

GROWING = (
    "messages",
    "pages",
    "timeline",
    "incidents",
    "events",
    "engagements",
    "receipts",
    "audit",
    "audit_seals",
    "changes",
    "alerts",
)


class Listened:
    """The statements that were executed, each with its plan."""

    def __init__(self, database: Database) -> None:
        self.statements: dict[str, Any] = {}
        for engine in (database._writer, database._readers):
            sa.event.listen(engine.sync_engine, "before_cursor_execute", self._heard)

    def _heard(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            self.statements[statement] = parameters[0] if many else parameters

    async def scans(self, database: Database) -> list[str]:
        """The statements that look at every row of a table that grows."""
        found = []
        async with database.read() as reader:
            for statement, parameters in self.statements.items():
                plan = await reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps = [str(row._mapping["detail"]) for row in plan]
                if any(
                    step.split()[:2] == ["SCAN", table] and "INDEX" not in step for step in steps for table in GROWING
                ):
                    found.append(f"{' '.join(statement.split())[:160]} → {steps}")
        return found


@pytest.fixture
async def context(tmp_path: Path, manual_clock: ManualClock) -> Any:
    database, _ = await open_database(str(tmp_path / "imtui.db"))
    config = Config()
    yield Context(database, manual_clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)
    await database.close()


async def test_no_statement_of_an_incidents_life_looks_at_all_there_ever_was(
    context: Context, manual_clock: ManualClock
) -> None:
    await organise(context)
    provider = Provider()
    engine = Engine(context.database, manual_clock, context.config, providers=dict.fromkeys(Route, provider))
    listened = Listened(context.database)
    for number in range(3):
        await services.incidents.start(context, "web", title=f"Disk {number} is full")
        await engine.tick()
        manual_clock.advance(400)
        await engine.tick()
    await services.engagements.take(context, 1)
    await services.engagements.acknowledge(context, provider.sent[-1].code)
    await services.incidents.resolve(context, 2)
    await services.health.report(context)
    manual_clock.advance(CHECK_SECONDS)
    await engine.tick()
    await engine.close()
    assert len(listened.statements) > 40
    assert await listened.scans(context.database) == []
