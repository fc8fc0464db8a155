"""The process is killed at every commit of a scenario and started again: nothing is lost, the state is exact, and a
page is repeated only where it is written that its outcome was unknown."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import tables as t
from storage.opening import open_database
from tests.engine.victim import sent
from tests.postgresql import Server

EXPECTED = ["+4915100000001", "ana@example.com", "ben@example.com"]


def run(location: str, log: Path, number: int, when: str) -> int:
    """One life of the program; its exit status, with the number of commits printed when it lived."""
    command = [sys.executable, "-m", "tests.engine.victim", location, str(log), str(number), when]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    if done.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(done.stderr)
    return done.returncode if done.returncode else int(done.stdout)


async def examine(location: str, log: Path) -> None:
    """What must be true at the end, however often the program died."""
    database, _ = await open_database(location)
    try:
        async with database.read() as reader:
            incidents = await reader.all(sa.select(t.incidents))
            messages = await reader.all(sa.select(t.messages))
            runs = await reader.all(sa.select(t.engagements))
            timers = await reader.scalar(sa.select(sa.func.count()).select_from(t.timers))
            said = [row.data["text"] for row in await reader.all(sa.select(t.timeline))]
    finally:
        await database.close()
    handed = Counter(line["id"] for line in sent(log))
    to = {line["id"]: line["to"] for line in sent(log)}
    assert len(incidents) == 1
    assert incidents[0].exhausted_at is None
    assert sorted(to.values()) == EXPECTED, "every page went out, and no other"
    assert {message.id for message in messages} == set(handed)
    assert all(message.state == "SENT" for message in messages)
    for message in messages:
        assert handed[message.id] == 1 or message.unknown, "a repeat without an unknown outcome"
        assert handed[message.id] <= 2
    assert timers == 0
    assert Counter(run.status for run in runs)["RUNNING"] == 0
    assert sum(run.acknowledged_at is not None for run in runs if run.target_arn.endswith("/ben")) == 1
    assert sum("acknowledged by the code" in text for text in said) == 1
    assert sum(text.startswith("Page sent") for text in said) == 3


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Gives the place of a new database, by a name."""
    if request.param == "sqlite":
        return lambda name: str(tmp_path / f"{name}.db")
    server: Server = request.getfixturevalue("postgresql")
    return lambda _: server.new_database()


async def test_the_scenario_without_a_kill(fresh: Callable[[str], str], tmp_path: Path) -> None:
    location, log = fresh("whole"), tmp_path / "log"
    assert await asyncio.to_thread(run, location, log, 0, "after") > 5
    await examine(location, log)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_every_commit_nothing_is_lost_and_nothing_doubled(
    fresh: Callable[[str], str], tmp_path: Path, when: str
) -> None:
    total = await asyncio.to_thread(run, fresh("whole"), tmp_path / "whole", 0, when)
    for number in range(1, total + 1):
        location, log = fresh(str(number)), tmp_path / f"{number}.log"
        assert await asyncio.to_thread(run, location, log, number, when) == -signal.SIGKILL, number
        assert await asyncio.to_thread(run, location, log, 0, when) > 0
        await examine(location, log)
