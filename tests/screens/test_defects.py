"""Nothing fails silently, and nothing shows a traceback."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from textual.widgets._toast import Toast, ToastHolder

from imtui import services
from imtui.app import ImtuiApp, Setting, run_app
from imtui.app import program as program_module
from imtui.config import Config
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.details_body import Body
from screens.incidents import IncidentsScreen
from tests.screens.conftest import Opened, text_of, until
from widgets.toast import Said


def flat(app: ImtuiApp) -> str:
    return " ".join(text_of(app).split())


async def test_an_act_that_meets_a_defect_is_said_and_the_program_goes_on(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: IncidentsScreen) -> None:
        raise KeyError("no such thing")

    await services.incidents.start(team, "web")
    monkeypatch.setattr(IncidentsScreen, "act_copy", broken)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("y")
        await until(pilot, lambda: "this is a defect of imtui (KeyError" in flat(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Latest events" in text_of(app))


async def test_a_save_that_meets_a_defect_keeps_what_was_typed(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("w", *"the disk")
        await until(pilot, lambda: "the disk" in text_of(app))
        monkeypatch.setattr(services.timeline, "add_note", broken)
        await pilot.press("f2")
        await until(pilot, lambda: "what you typed stays" in flat(app) and "RuntimeError: boom" in flat(app))
        assert "the disk" in text_of(app)


async def test_an_opening_that_meets_a_defect_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(setting: Setting) -> Context:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(program_module, "_open_context", broken)
    app = ImtuiApp(Setting(str(tmp_path / "x.db"), Config(), "ana", engine=False))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failed is not None)
    assert app.failed == "this is a defect of imtui (RuntimeError: nobody expected this)"
    assert app.return_code == 1


@pytest.mark.parametrize("debug", [False, True])
def test_a_defect_of_a_widget_ends_with_one_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    def broken(self: IncidentsScreen, *_: Any) -> None:
        raise ValueError("cannot be drawn")

    def headless(self: ImtuiApp, **_: Any) -> None:
        import asyncio

        asyncio.run(self.run_async(headless=True, size=(80, 24)))

    monkeypatch.setattr(IncidentsScreen, "on_mount", broken)
    monkeypatch.setattr(ImtuiApp, "run", headless)
    monkeypatch.setattr("imtui.app.ending.LastResort.begin", lambda *_: None)
    wrote = io.StringIO()
    monkeypatch.setattr("sys.stderr", wrote)
    status = run_app(Setting(str(tmp_path / "x.db"), Config(), "ana", engine=False, debug=debug))
    assert status == 1
    lines = wrote.getvalue().splitlines()
    assert "this is a defect of imtui (ValueError: cannot be drawn)" in lines[-1]
    assert ("Traceback" in wrote.getvalue()) is debug
    if not debug:
        assert lines == ["imtui: this is a defect of imtui (ValueError: cannot be drawn); --debug shows where"]


async def test_an_engine_that_a_defect_ends_is_followed_by_another(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []

    class Engine:
        is_leader = False
        holder = "me"

        def __init__(self) -> None:
            begun.append(self)

        async def run(self) -> None:
            if len(begun) == 1:
                raise RuntimeError("the first one breaks")

        def stop(self) -> None:
            pass

    monkeypatch.setattr(program_module, "_new_engine", lambda context: Engine())
    async with opened(engine=True) as (app, pilot):
        await until(pilot, lambda: "the first one breaks" in flat(app))
        await until(pilot, lambda: len(begun) == 2)


async def test_a_screen_left_while_it_is_still_being_made_does_not_end_the_program(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual waits for its parts, one of which is cancelled, in the program's own loop."""
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "impact" in text_of(app))
        real = app.screen.remove

        async def cancelled() -> None:
            await real()
            raise asyncio.CancelledError

        monkeypatch.setattr(app.screen, "remove", cancelled)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))
        await pilot.press("f3")
        await until(pilot, lambda: "Contacts" in text_of(app) and "ben" in text_of(app))
        assert app.is_running


async def test_a_screen_outlasts_what_it_waits_for(team: Context, opened: Opened) -> None:
    """A part that is cancelled takes neither the screen's ears nor what was to be done next."""
    await services.incidents.start(team, "web")
    done: list[str] = []

    async def cancelled() -> None:
        raise asyncio.CancelledError

    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        for waiting in (app, app.screen):
            waiting.call_next(cancelled)
            waiting.call_next(done.append, "next")
        await until(pilot, lambda: len(done) == 2)
        await pilot.press("w")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        app.screen.call_next(cancelled)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))


async def test_a_note_in_passing_that_is_drawn_too_late_does_not_hang_the_program(opened: Opened) -> None:
    """A timer of less than nothing would never let go."""
    notification = Said("late", timeout=-1)
    assert notification.has_expired
    assert notification.time_left > 0
    async with opened() as (app, pilot):
        app.screen.mount(ToastHolder(Toast(notification)))
        await pilot.pause()
        await until(pilot, lambda: not app.screen.query(Toast))
        app.said("in time")
        await until(pilot, lambda: "in time" in text_of(app))
        assert all(isinstance(one, Said) for one in app._notifications)


async def test_a_screen_whose_parts_are_gone_paints_nothing(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        app.open_incident(started.incident.id)
        await until(pilot, lambda: "impact" in text_of(app))
        screen = app.screen
        assert isinstance(screen, DetailsScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not screen.query(Body))
        screen._paint()
        assert app.failed is None
