"""People act while the engine steps: nothing blocks for good, nothing is refused by accident, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import sqlalchemy as sa

from imtui import services
from imtui.channels.protocol import Accepted, Outcome, Outgoing
from imtui.clock import ManualClock
from imtui.domain.access import Caller
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
from storage.opening import open_database
from tests.organisation import organise

INCIDENTS = 40


class Answering:
    """A provider that remembers to whom it gave which code."""

    name = "fake"
    at_once = 16

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, message: Outgoing) -> Outcome:
        await asyncio.sleep(0)  # noqa: TID251
        self.sent.append(message)
        return Accepted("250 OK")

    async def close(self) -> None:
        return


async def test_acknowledging_resolving_and_noting_while_the_engine_steps(
    location: str, context: Context, manual_clock: ManualClock
) -> None:
    """The engine and the people are on connections of their own, as in different programs."""
    await organise(context)
    other, _ = await open_database(location)
    provider = Answering()
    engine = Engine(other, manual_clock, context.config, providers=dict.fromkeys(Route, provider))
    for number in range(INCIDENTS):
        await services.incidents.start(context, "web", title=f"Disk {number} is full")

    async def steps() -> None:
        for _ in range(40):
            manual_clock.advance(30)
            await engine.tick()

    async def people(alias: str) -> None:
        names = context.names
        own = context.acting_as(Caller(alias, alias, "test", names.user(alias)))
        answered: set[str] = set()
        for number in range(1, INCIDENTS + 1):
            for message in list(provider.sent):
                if message.code and message.id not in answered and hash((alias, message.id)) % 2:
                    answered.add(message.id)
                    try:
                        await services.engagements.acknowledge(own, message.code)
                    except ValidationFailed:
                        pass  # resolved meanwhile
            await services.timeline.add_note(own, number, f"{alias} looks at it")
            await services.incidents.update(own, number, impact=1 + number % 5)
            if number % 3 == 0:
                await services.incidents.resolve(own, number)

    try:
        async with asyncio.timeout(50):
            await asyncio.gather(steps(), people("ana"), people("ben"), people("chidi"))
            manual_clock.advance(7200)
            await engine.tick()
    finally:
        await engine.close()
        await other.close()
    async with context.database.read() as reader:
        messages = await reader.all(sa.select(t.messages))
        runs = await reader.all(sa.select(t.engagements))
        timers = await reader.all(sa.select(t.timers))
        notes = await reader.scalar(sa.select(sa.func.count()).where(t.timeline.c.type == "Note"))
    handed = Counter(message.id for message in provider.sent)
    assert set(handed.values()) <= {1}
    assert {m.id for m in messages if m.state == "SENT"} == set(handed)
    assert all(m.state in ("SENT", "CANCELLED") for m in messages)
    assert all(run.status != "RUNNING" for run in runs)
    assert timers == []
    assert notes == 3 * INCIDENTS
