"""Where the people of the demonstration act: on a connection of their own, as on machines of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from imtui.config import Config
from imtui.demo.cast import Cast
from imtui.demo.story import Story
from imtui.demo.team import WATCHER
from imtui.demo.tour import Stage, Tour
from imtui.domain.access import Caller
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage.opening import open_database


class Performance(Tour):
    """The tour, with everybody who takes part in it."""

    def __init__(self, location: str, user: str, *, looks_only: bool = False) -> None:
        super().__init__()
        self._location = location
        self._user = user
        self._looks_only = looks_only

    async def run(self, stage: Stage) -> None:
        """Give the performance. Whoever may only look runs no engine: then one runs here, until the program ends."""
        async with backstage(self._location, engine=self._looks_only) as cast:
            story = Story(cast, stage.clock, self._user, looks_only=self._looks_only)
            await self.tell(stage, story.beats())
            if self._looks_only:
                await self.leaving.wait()


@asynccontextmanager
async def backstage(location: str, *, engine: bool) -> AsyncIterator[Cast]:
    """The people, ready to act; `engine`: with what pages them."""
    database, clock = await open_database(location)
    config = Config()
    pages = Engine(database, clock, config) if engine else None
    running = asyncio.create_task(pages.run(), name="engine of the demonstration") if pages is not None else None
    try:
        caller = Caller(WATCHER, WATCHER, "demo", config.names.user(WATCHER))
        yield Cast(Context(database, clock, config.names, caller, config))
    finally:
        if pages is not None and running is not None:
            pages.stop()
            await asyncio.wait([running], timeout=2)
        await database.close()
