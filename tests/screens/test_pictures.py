"""Pictures of the screens and dialogs, at the size of a small terminal and of a large one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imtui import services
from imtui.app import ImtuiApp, Setting
from imtui.app import program as app_module
from imtui.channels.local import Local
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage.opening import open_database
from tests.organisation import organise
from tests.screens.conftest import Still, text_of, until

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
SIZES = [(80, 24), (120, 36)]
PICTURES: dict[str, tuple[tuple[str, str], ...]] = {
    "incidents": (),
    "overview": (("enter", "cannot pay"),),
    "timeline": (("enter", "cannot pay"), ("3", "Trigger")),
    "engagements": (("enter", "cannot pay"), ("5", "Engaged  ")),
    "contacts": (("f3", "2 of 2 activated"),),
    "contact": (("f3", "2 of 2 activated"), ("enter", "Engagement plan  0: e-mail")),
    "plans": (("f4", "10: ana*"),),
    "response-plans": (("f5", "2 High"),),
    "start": (("s", "Start an incident"),),
    "resolve": (("r", "Resolve this incident?"),),
    "note": (("w", "Note to #2"),),
    "help": (("question_mark", "Help"),),
    "alarms": (("exclamation_mark", "No engine runs"),),
    "edit": (("e", "Edit #2"),),
    "edit-plan": (("f4", "10: ana*"), ("e", "Escalation plan night")),
}
"""What is pressed, and what is on the screen then."""


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A team, a resolved incident, and one whose second person has just been paged."""
    path = str(tmp_path / "imtui.db")
    asyncio.run(prepare(path))
    return path


async def prepare(path: str) -> None:
    database, _ = await open_database(path)
    clock = Still(NOW)
    clock.set(datetime(2026, 2, 28, 22, 0, tzinfo=UTC))
    config = Config()
    context = Context(database, clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)
    await organise(context)
    engine = Engine(database, clock, config, providers=dict.fromkeys(Route, Local()))
    await services.incidents.start(context, "web", title="Search answers slowly", impact=3)
    await engine.tick()
    clock.advance(1800)
    await services.incidents.resolve(context, 1)
    clock.set(datetime(2026, 3, 1, 2, 58, tzinfo=UTC))
    await services.incidents.start(context, "web", title="Checkout: payments fail", impact=1)
    await engine.tick()
    for minutes in (5, 5):
        clock.advance(minutes * 60)
        await engine.tick()
    clock.advance(60)
    await services.timeline.add_note(context, 2, "Provider answers 503 since 02:55. Calling them.")
    await services.incidents.update(context, 2, summary="Customers **cannot pay**.")
    await engine.close()
    await database.close()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(
    location: str, name: str, size: tuple[int, int], snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Still(NOW)
    real = app_module._open_context

    async def still_context(setting: Setting) -> Context:
        context = await real(setting)
        return Context(context.database, clock, context.names, context.caller, context.config)

    monkeypatch.setattr(app_module, "_open_context", still_context)
    app = ImtuiApp(Setting(location, Config(), "ana", engine=False))
    app.clock = clock

    async def settle(pilot: Any) -> None:
        await until(pilot, lambda: "no engine runs" in text_of(app) and "payments" in text_of(app))
        for key, text in PICTURES[name]:
            await pilot.press(key)
            await until(pilot, lambda text=text: text in text_of(app))  # type: ignore[misc]
        before = ""
        while before != text_of(app):
            before = text_of(app)
            await pilot.pause(0.3)

    assert snap_compare(app, terminal_size=size, run_before=settle)
