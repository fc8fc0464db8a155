"""An engine with strict fakes: a page that nobody expected fails the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from imtui.channels.protocol import Accepted, Outcome, Outgoing
from imtui.clock import ManualClock
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage.database import Database


@dataclass
class Provider:
    """A provider that remembers what it was handed, and answers as it is told."""

    name: str = "fake"
    at_once: int = 16
    sent: list[Outgoing] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    """What it answers to the next messages; afterwards it accepts."""

    async def send(self, message: Outgoing) -> Outcome:
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else Accepted("250 OK")

    async def close(self) -> None:
        return

    def take(self) -> list[tuple[str, str]]:
        """To whom it was handed what since the last look: address and subject."""
        taken = [(message.to, message.subject) for message in self.sent]
        self.sent.clear()
        return taken


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def make_engine(
    database: Database, manual_clock: ManualClock, context: Context, provider: Provider
) -> AsyncIterator[Callable[[str], Engine]]:
    """Candidates on one database that share the fake provider."""
    made: list[Engine] = []

    def make(holder: str) -> Engine:
        providers = dict.fromkeys(Route, provider)
        made.append(Engine(database, manual_clock, context.config, holder=holder, providers=providers))
        return made[-1]

    yield make
    for engine in made:
        await engine.close()


@pytest.fixture
def engine(make_engine: Callable[[str], Engine]) -> Engine:
    """The only candidate."""
    return make_engine("one")
