"""A database that goes away in the middle of something: said as such, and used again when it is back."""

from __future__ import annotations

import asyncio
import secrets

import pytest
import sqlalchemy as sa

from imtui.clock import SystemClock
from imtui.domain.errors import Unavailable, ValidationFailed
from storage import tables as t
from storage.database import Database
from storage.opening import open_database
from storage.watch import Watcher
from tests.postgresql import Server


@pytest.fixture
async def cut(postgresql: Server) -> tuple[str, Server]:
    return postgresql.new_database(), postgresql


async def count(database: Database) -> int:
    async with database.read() as reader:
        return int(await reader.scalar(sa.select(sa.func.count()).select_from(t.tokens)))


def token(name: str, clock: SystemClock) -> dict[str, object]:
    return {"name": name, "hash": name, "created_at": clock.now(), "created_by": "test"}


async def test_a_server_that_is_lost_in_a_unit_of_work_is_no_defect_and_the_next_unit_works(
    cut: tuple[str, Server],
) -> None:
    url, server = cut
    database, clock = await open_database(url)
    try:

        async def write() -> None:
            async with database.write(clock.now()) as unit:
                unit.insert(t.tokens, token("lost", clock))
                await unit.flush()
                await asyncio.to_thread(server.cut, url)
                await unit.scalar(sa.select(sa.func.count()).select_from(t.tokens))

        async def read() -> None:
            async with database.read() as reader:
                await asyncio.to_thread(server.cut, url)
                await reader.scalar(sa.select(sa.func.count()).select_from(t.tokens))

        with pytest.raises(Unavailable):
            await write()
        with pytest.raises(Unavailable):
            await read()
        async with database.write(clock.now()) as unit:
            unit.insert(t.tokens, token("kept", clock))
        assert await count(database) == 1
    finally:
        await database.close()


async def test_a_server_that_is_lost_while_committing_says_that_nobody_knows(cut: tuple[str, Server]) -> None:
    url, server = cut
    database, clock = await open_database(url)
    try:

        async def write() -> None:
            async with database.write(clock.now()) as unit:
                unit.insert(t.tokens, token("lost", clock))
                await unit.flush()
                await asyncio.to_thread(server.cut, url)

        with pytest.raises(Unavailable, match="look whether it was done"):
            await write()
        assert await count(database) == 0
    finally:
        await database.close()


async def test_watching_goes_on_after_the_server_was_lost(cut: tuple[str, Server]) -> None:
    url, server = cut
    mine, clock = await open_database(url)
    theirs, _ = await open_database(url)
    try:
        async with Watcher(mine, clock) as watcher:
            await watcher.wait(0.5)
            await asyncio.to_thread(server.cut, url)
            assert await watcher.wait(10)
            while watcher.lost is not None:
                assert await watcher.wait(10)
            async with theirs.write(clock.now()) as unit:
                unit.changed("incident", "x", "x")
            assert await watcher.wait(5)
    finally:
        await mine.close()
        await theirs.close()


async def test_a_unit_of_work_that_stands_still_is_ended_for_the_others_sake(
    cut: tuple[str, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = cut
    monkeypatch.setattr("storage.database.STALLED_SECONDS", 0.3)
    stalled, clock = await open_database(url)
    other, _ = await open_database(url)
    try:
        unit_of_work = stalled.write(clock.now())
        unit = await unit_of_work.__aenter__()
        unit.insert(t.tokens, token("late", clock))
        async with other.write(clock.now()) as second:  # waits until the server has ended the first
            second.insert(t.tokens, token("kept", clock))
        with pytest.raises(Unavailable):
            await unit_of_work.__aexit__(None, None, None)
        assert await count(other) == 1
    finally:
        await stalled.close()
        await other.close()


@pytest.mark.parametrize(
    "change",
    [("imtui@", "imtui:x@127.0.0.1:1"), ("/test_", "/no_such_"), ("imtui@", "nobody-here@")],
    ids=["no server", "no database", "no role"],
)
async def test_a_server_that_refuses_is_one_clear_line(cut: tuple[str, Server], change: tuple[str, str]) -> None:
    url = cut[0].replace(*change)
    if change[1].endswith(":1"):
        url = url.partition("?")[0]
    with pytest.raises(Unavailable) as error:
        await open_database(url)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 20_000], ids=["NUL", "surrogate", "too long for a key"])
async def test_a_value_that_cannot_be_kept_is_refused_and_not_tried_for_ever(location: str, text: str) -> None:
    database, clock = await open_database(location)

    async def write() -> None:
        noise = text if len(text) < 10 else secrets.token_hex(len(text))
        async with database.write(clock.now()) as unit:
            unit.insert(t.tokens, {"name": noise, "hash": noise, "created_at": clock.now(), "created_by": "test"})

    try:
        if database.dialect == "sqlite" and text != "\ud800":
            await write()  # SQLite keeps these
        else:
            with pytest.raises(ValidationFailed, match="cannot be kept") as error:
                await write()
            assert "\n" not in str(error.value)
        async with database.read() as reader:
            assert await reader.scalar(sa.select(sa.func.count()).select_from(t.tokens)) in (0, 1)
    finally:
        await database.close()
