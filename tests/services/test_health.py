"""What degrades the program's health is said before it hurts."""

from __future__ import annotations

from pathlib import Path

import pytest

from imtui import services
from imtui.clock import SystemClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.engine.lease import Lease
from imtui.services.context import Context
from storage import integrity
from storage.opening import open_database


async def test_a_disk_that_is_nearly_full_degrades_health_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, clock = await open_database(str(tmp_path / "imtui.db"))
    config = Config()
    context = Context(database, clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)
    try:
        await Lease(database, SystemClock(), "engine").take()
        monkeypatch.setattr(integrity, "LEAST_FREE", 0)
        assert (await services.health.report(context)).ok
        monkeypatch.setattr(integrity, "LEAST_FREE", 1 << 60)
        health = await services.health.report(context)
        assert not health.ok
        assert "make room before it is full" in health.problems[0]
    finally:
        await database.close()
