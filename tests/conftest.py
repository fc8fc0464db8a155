"""What every test may stand on: a database of each kind, a clock that moves when told, a caller."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.arns import Names
from imtui.services.context import Context
from storage.database import Database
from storage.opening import open_database
from tests.postgresql import Server, start_server


def pytest_configure(config: pytest.Config) -> None:
    """What is started in the background ignores SIGINT, and so would every program that the tests start and break
    off."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run the slow tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all") or config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real PostgreSQL server of this test run."""
    server = start_server(tmp_path_factory.mktemp("postgresql"))
    if server is None:
        text = "no PostgreSQL server programs (initdb, postgres) can be found"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables, to be copied."""
    path = tmp_path_factory.mktemp("made") / "imtui.db"
    make(str(path))
    return path


@pytest.fixture(scope="session")
def postgresql_made(postgresql: Server) -> str:
    """The URL of a database with its tables, to be copied."""
    url = postgresql.new_database()
    make(url)
    return url


async def nothing(_: Database) -> None:
    """A database without anything in it."""


def make(place: str, fill: Callable[[Database], Coroutine[Any, Any, object]] = nothing) -> None:
    """A database with its tables, and what `fill` puts into it, in a thread: it may be asked for within a running
    loop."""

    async def work() -> None:
        database, _ = await open_database(place)
        await fill(database)
        await database.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work()).result()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a database will be: a path, or the URL of a PostgreSQL database without a table."""
    if kind == "sqlite":
        yield str(tmp_path / "imtui.db")
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def location(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a fresh database is: a path, or the URL of a PostgreSQL database."""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_made"), tmp_path / "imtui.db")
        yield str(tmp_path / "imtui.db")
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.new_database(like=request.getfixturevalue("postgresql_made"))
    yield url
    server.drop(url)


@pytest.fixture
async def database(location: str) -> AsyncIterator[Database]:
    """A fresh database of each kind."""
    opened, _ = await open_database(location)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def manual_clock() -> ManualClock:
    """03:10 on the first of March 2026, in UTC, until it is moved."""
    return ManualClock(datetime(2026, 3, 1, 3, 10, tzinfo=UTC))


@pytest.fixture
def make_context(database: Database, manual_clock: ManualClock) -> Callable[..., Context]:
    """Contexts of several callers on one database."""

    def make(alias: str, read_only: bool = False) -> Context:
        names = Names()
        caller = Caller(alias, alias, "test", names.user(alias), read_only)
        return Context(database, manual_clock, names, caller, Config())

    return make


@pytest.fixture
def context(make_context: Callable[..., Context]) -> Context:
    """The administrator 'ana' on a fresh database."""
    return make_context("ana")
