"""The program on a small team's database, with a clock that stands still."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imtui.app import ImtuiApp, Setting
from imtui.app import program as app_module
from imtui.clock import ManualClock, SystemClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.services.context import Context
from storage.database import Database
from storage.opening import open_database
from storage.tables_access import user_policies, users
from tests.conftest import make
from tests.organisation import organise

Opened = Callable[..., AbstractAsyncContextManager[tuple[ImtuiApp, Any]]]


class Still(ManualClock):
    """Stands still for incidents, while the network and the screens go on in real seconds."""

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)  # noqa: TID251


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture(autouse=True)
def on_a_good_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever terminal the tests are started on."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "COLORFGBG", "TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of histories: the tests' own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "imtui"


START = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def ana(database: Database) -> Context:
    """Ana's context, at an instant of its own."""
    config = Config()
    caller = Caller("ana", "ana", "test", config.names.user("ana"))
    return Context(database, Still(START), config.names, caller, config)


async def fill(database: Database) -> None:
    """The team, of which Ana is the first user: an administrator, without a record of how she became that."""
    context = ana(database)
    await organise(context)
    async with database.write(START) as unit:
        user = {"alias": "ana", "arn": context.caller.arn, "account": "111122223333", "created_at": START, "stamp": "1"}
        unit.insert(users, user)
        unit.insert(user_policies, {"alias": "ana", "name": "administrator", "document": {}})


@pytest.fixture(scope="session")
def team_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the team, to be copied."""
    path = tmp_path_factory.mktemp("team") / "imtui.db"
    make(str(path), fill)
    return path


@pytest.fixture
async def team(team_made: Path, tmp_path: Path) -> AsyncIterator[Context]:
    """Ana's context on a file with the team."""
    shutil.copyfile(team_made, tmp_path / "imtui.db")
    database, _ = await open_database(str(tmp_path / "imtui.db"))
    yield ana(database)
    await database.close()


@pytest.fixture
def opened(team: Context, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens the program on that file; it is ready when its context is, and runs no engine."""

    @asynccontextmanager
    async def open_(
        size: tuple[int, int] = (100, 30),
        user: str = "ana",
        read_only: bool = False,
        config: Config | None = None,
        engine: bool = False,
    ) -> AsyncIterator[tuple[ImtuiApp, Any]]:
        real = app_module._open_context

        async def still_context(setting: Setting) -> Context:
            context = await real(setting)
            return Context(context.database, team.clock, context.names, context.caller, context.config)

        monkeypatch.setattr(app_module, "_open_context", still_context)
        setting = Setting(str(team.database.path), config or Config(), user, read_only=read_only, engine=engine)
        program = ImtuiApp(setting)
        program.clock = team.clock
        async with program.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: program.context is not None)
            await pilot.pause()
            yield program, pilot
            await program.leave()

    return open_


async def until(pilot: Any, true: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so on the screen."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        if loop.time() > end:
            raise TimeoutError(text_of(pilot.app))
        await pilot.pause(0.02)


def text_of(app: ImtuiApp) -> str:
    """What stands on the screen, as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)[: (width + 1) * height]
