"""A program that pages two people in turn and is killed at a chosen commit; run again, it goes on.

`python -m tests.engine.victim DATABASE LOG COMMIT before|after`: kills itself with SIGKILL before or after that commit;
0 never. What is handed to the provider is appended to the log, line by line, on disk before the provider answers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from imtui import services
from imtui.channels.protocol import Accepted, Outcome, Outgoing
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
from storage.opening import open_database
from tests.organisation import organise

START = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
MINUTES = (0, 5, 10, 12, 13, 30, 40)
ACKNOWLEDGED_FROM = 12


class Logging:
    """A provider that accepts everything."""

    name = "log"
    at_once = 16

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: Outgoing) -> Outcome:
        with self._path.open("a") as file:
            file.write(json.dumps({"id": message.id, "to": message.to, "code": message.code}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return Accepted("250 OK")

    async def close(self) -> None:
        return


def sent(path: Path) -> list[dict[str, str]]:
    """What the provider was handed so far."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def die_at(number: int, when: str) -> list[int]:
    """Arrange the end; the list counts the commits."""
    count = [0]
    real = AsyncConnection.commit

    async def commit(self: AsyncConnection) -> None:
        count[0] += 1
        if count[0] == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await real(self)
        if count[0] == number and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    AsyncConnection.commit = commit  # type: ignore[method-assign]
    return count


async def scenario(location: str, log: Path, number: int, when: str) -> int:
    """Go on from whatever the database holds, to the end; how many commits that took."""
    database, _ = await open_database(location)
    config = Config()
    async with database.read() as reader:
        latest = await reader.scalar(sa.select(sa.func.max(t.changes.c.at, type_=t.changes.c.at.type)))
        lease = await reader.scalar(sa.select(sa.func.max(t.lease.c.expires_at, type_=t.lease.c.expires_at.type)))
        prepared = await reader.scalar(sa.select(sa.func.count()).select_from(t.contacts))
    known = [instant + timedelta(seconds=1) for instant in (latest, lease) if instant]
    clock = ManualClock(max([START, *known]))
    names = config.names
    context = Context(database, clock, names, Caller("ana", "ana", "test", names.user("ana")), config)
    if not prepared:
        await organise(context)
    commits = die_at(number, when)
    engine = Engine(database, clock, config, providers=dict.fromkeys(Route, Logging(log)))
    await services.incidents.start(context, "web", client_token="once")
    for minute in MINUTES:
        clock.set(max(clock.now(), START + timedelta(minutes=minute)))
        if minute >= ACKNOWLEDGED_FROM:
            codes = [line["code"] for line in sent(log) if line["to"] == "ben@example.com"]
            if codes:
                await services.engagements.acknowledge(context, codes[-1])
        await engine.tick()
    await engine.close()
    await database.close()
    return commits[0]


if __name__ == "__main__":
    commits = asyncio.run(scenario(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
    sys.stdout.write(f"{commits}\n")
