"""A database that is open for one command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from imtui import services
from imtui.commands.options import Options
from imtui.commands.output import say
from imtui.config import Config, database_location, here, load_config, login_name, user_name
from imtui.domain.access import Caller
from imtui.services.context import Context
from imtui.services.reads import written
from storage.opening import open_database

T = TypeVar("T")


@asynccontextmanager
async def opened(options: Options, origin: str = "command") -> AsyncIterator[Context]:
    """The context of a command; the database is closed afterwards."""
    config = load_config(options.config)
    location = database_location(options.db)
    database, clock = await open_database(location, clock_speed=options.clock_speed, read_only=options.read_only)
    try:
        context = Context(database, clock, config.names, caller(options, config, origin), config)
        yield await services.here.acting_here(context)
    finally:
        await written(database)
        await database.close()


def caller(options: Options, config: Config, origin: str) -> Caller:
    """Who acts: the alias that was given, with the login name beside it."""
    alias = user_name(options.user)
    return Caller(alias, login_name(), origin, config.names.user(alias), options.read_only, here())


def run_with_context(options: Options, work: Callable[[Context], Awaitable[T]]) -> T:
    """Run asynchronous work on the open database."""

    async def whole() -> T:
        async with opened(options) as context:
            return await work(context)

    return asyncio.run(whole())


async def warn_when_nobody_pages(context: Context) -> None:
    """One-shot commands page nobody themselves: say so when no engine runs that will."""
    if context.caller.read_only:
        return
    health = await services.health.report(context)
    if not health.leader and (health.running or health.outbox_pending):
        say("no engine runs, so nobody is paged yet: start `imtui` or `imtui serve` on this database")
