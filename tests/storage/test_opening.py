"""Databases that are damaged, foreign, newer, read-only or full: one clear line, and nothing half done."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui.clock import SystemClock
from imtui.domain.errors import Conflict, ImtuiError, Unavailable, ValidationFailed
from storage import tables as t
from storage.backup import copy
from storage.first_page import first_page
from storage.integrity import check_integrity
from storage.opening import open_database
from storage.schema import SCHEMA
from storage.stirring import Stirring
from storage.watch import Watcher, changes_since, latest_seq


async def make(path: Path) -> None:
    database, _ = await open_database(str(path))
    await database.close()


async def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "imtui.db"
    await make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [b"hello", b"SQLite format 3\x00" + b"\xff" * 5000, bytes(range(256)) * 40, b"\x00" * 4096],
    ids=["text", "header", "noise", "zeros"],
)
async def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(ImtuiError) as error:
        await open_database(str(path))
    assert "\n" not in str(error.value)
    assert path.read_bytes() == content
    assert first_page(str(path), 10, "") is None


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(Unavailable, match="another program"):
        await open_database(str(path))


async def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    await make(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    before = path.read_bytes()
    with pytest.raises(Conflict, match="newer imtui"):
        await open_database(str(path))
    assert path.read_bytes() == before


async def test_a_damaged_file_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    await make(path)
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xde\xad" * 4096)
    database, _ = await open_database(str(path))
    try:
        assert await check_integrity(database)
    finally:
        await database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
async def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    await make(path)
    path.chmod(0o400)
    with pytest.raises(ImtuiError):
        await open_database(str(path))


async def test_reading_only_changes_nothing_and_needs_a_database(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    with pytest.raises(Unavailable, match="nothing to read"):
        await open_database(str(path), read_only=True)
    assert not path.exists()
    await make(path)
    database, _ = await open_database(str(path), read_only=True)
    try:
        with pytest.raises(Unavailable, match="for reading only"):
            async with database.write(SystemClock().now()):
                pass
    finally:
        await database.close()


async def test_a_full_disk_refuses_the_change_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    database, clock = await open_database(str(path))
    try:
        async with database.write(clock.now()) as unit:
            pages = await unit.scalar(sa.text("PRAGMA page_count"))
            await unit.run(sa.text(f"PRAGMA max_page_count={pages + 2}"))

        async def fill() -> None:
            async with database.write(clock.now()) as unit:
                for number in range(2000):
                    unit.insert(t.settings, {"key": f"k{number}", "value": "x" * 200})

        with pytest.raises(Unavailable, match="full"):
            await fill()
        async with database.read() as reader:
            assert await reader.scalar(sa.select(sa.func.count()).select_from(t.settings)) == 0
    finally:
        await database.close()


async def test_the_clock_speed_is_set_once_and_shared(tmp_path: Path) -> None:
    path = str(tmp_path / "imtui.db")
    database, clock = await open_database(path, clock_speed=60)
    await database.close()
    assert clock.speed == 60
    again, same = await open_database(path)
    await again.close()
    assert (same.speed, same.origin) == (clock.speed, clock.origin)
    with pytest.raises(Conflict):
        await open_database(path, clock_speed=2)
    with pytest.raises(ValidationFailed):
        await open_database(path, clock_speed=0)


async def test_a_copy_made_while_others_write_is_whole(tmp_path: Path) -> None:
    path, target = tmp_path / "imtui.db", tmp_path / "copy.db"
    database, clock = await open_database(str(path))
    try:
        async with database.write(clock.now()) as unit:
            unit.insert(t.settings, {"key": "a", "value": 1})
        assert await copy(database, target) > 0
        with pytest.raises(Conflict):
            await copy(database, target)
        with pytest.raises(Unavailable):
            await copy(database, tmp_path / "no" / "folder" / "copy.db")
    finally:
        await database.close()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    second, _ = await open_database(str(target))
    try:
        assert await check_integrity(second) == []
        async with second.read() as reader:
            assert await reader.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == "a")) == 1
    finally:
        await second.close()


async def test_what_another_connection_commits_is_seen_within_half_a_second(location: str) -> None:
    mine, clock = await open_database(location)
    theirs, _ = await open_database(location)
    try:
        async with Watcher(mine, clock) as watcher:
            await watcher.wait(0.3)
            async with mine.read() as reader:
                seq = await latest_seq(reader)
            async with theirs.write(clock.now()) as unit:
                unit.changed("incident", "x", "x")
            started = clock.monotonic()
            assert await watcher.wait(5)
            assert clock.monotonic() - started < 0.5
            async with mine.read() as reader:
                assert [change.topic for change in await changes_since(reader, seq)] == ["incident"]
    finally:
        await mine.close()
        await theirs.close()


async def test_all_who_watch_a_database_share_one_look_out_and_each_is_told(location: str) -> None:
    mine, clock = await open_database(location)
    theirs, _ = await open_database(location)

    def looks() -> list[str]:
        return [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "watch the database"]

    try:
        async with Watcher(mine, clock) as first:
            async with Watcher(mine, clock) as second:
                assert len(looks()) == 1
                await first.wait(0.3)
                await second.wait(0.0)
                async with theirs.write(clock.now()) as unit:
                    unit.changed("incident", "x", "x")
                assert await first.wait(5)
                assert await second.wait(0)
            async with theirs.write(clock.now()) as unit:
                unit.changed("incident", "y", "y")
            assert await first.wait(5), "the one that stays is told on"
        assert looks() == []
    finally:
        await mine.close()
        await theirs.close()


async def test_an_older_database_is_copied_and_then_migrated_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "imtui.db"
    await make(path)
    monkeypatch.setattr("storage.opening.SCHEMA", SCHEMA + 1)
    steps = ("ALTER TABLE tokens ADD COLUMN note TEXT", "ALTER TABLE nothing ADD COLUMN note TEXT")
    monkeypatch.setattr("storage.migrations.STEPS", {SCHEMA + 1: {"sqlite": steps}})
    with pytest.raises(Unavailable, match="nothing was changed"):
        await open_database(str(path))
    copy_of = tmp_path / f"imtui.db.schema-{SCHEMA}"
    assert copy_of.exists()
    monkeypatch.setattr("storage.migrations.STEPS", {SCHEMA + 1: {"sqlite": steps[:1]}})
    await make(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA + 1
        assert "note" in [row[1] for row in connection.execute("PRAGMA table_info(tokens)")]
    with closing(sqlite3.connect(copy_of)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA


async def test_a_copy_of_either_kind_is_a_database_one_can_open(location: str, tmp_path: Path) -> None:
    database, clock = await open_database(location)
    try:
        async with database.write(clock.now()) as unit:
            unit.insert(t.settings, {"key": "a", "value": {"b": [1, None]}})
            unit.insert(t.wrong_codes, {"caller": "x", "at": clock.now()})
        await copy(database, tmp_path / "copy.db")
    finally:
        await database.close()
    second, _ = await open_database(str(tmp_path / "copy.db"))
    try:
        async with second.read() as reader:
            assert await reader.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == "a")) == {"b": [1, None]}
            assert await reader.scalar(sa.select(t.wrong_codes.c.caller)) == "x"
    finally:
        await second.close()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


async def test_a_flood_of_changes_is_told_as_one_in_each_incident(location: str) -> None:
    database, clock = await open_database(location)
    try:
        async with database.write(clock.now()) as unit:
            for number in range(1000):
                unit.changed("timeline", f"event-{number}", f"incident-{number % 3}")
            unit.changed("incident", "one", "one")
        async with database.read() as reader:
            told = [(change.topic, change.ref, change.incident_id) for change in await changes_since(reader, 0)]
        flood = [("timeline", "*", f"incident-{number}") for number in range(3)]
        assert sorted(told, key=str) == sorted([("incident", "one", "one"), *flood], key=str)
    finally:
        await database.close()


async def test_who_watches_is_told_of_writes_once_and_again_only_when_it_listens_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    try:
        stirring = Stirring(path)
    except OSError:
        pytest.skip("this system does not tell of writes")
    try:
        for _ in range(2):
            stirring.listen()
            with path.open("ab") as file:
                for _ in range(10):
                    file.write(b"x")
                    file.flush()
            async with asyncio.timeout(5):
                await stirring.stirred.wait()
        path.unlink()
        async with asyncio.timeout(5):
            while not stirring.over:
                stirring.listen()
                await stirring.stirred.wait()
    finally:
        stirring.close()
    with pytest.raises(OSError, match="inotify_add_watch"):
        Stirring(tmp_path / "nothing here")
