"""`imtui demo`: everything as in earnest, on a database that is thrown away."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from imtui.commands.options import Options, UsageError
from imtui.commands.program import in_ascii, unfit
from imtui.config import Config
from imtui.demo.history import write_history
from imtui.demo.story import SPEED, play
from imtui.domain.access import Caller
from imtui.services.context import Context
from storage.opening import open_database


def run(options: Options) -> int:
    """Show the demonstration until it is left; nothing leaves the machine, and nothing is left behind."""
    if options.db:
        raise UsageError("demo makes its own database: leave --db out")
    reason = unfit()
    if reason:
        raise UsageError(reason)
    with tempfile.TemporaryDirectory(prefix="imtui-demo-") as folder:
        location = str(Path(folder) / "demo.db")
        asyncio.run(prepare(location))
        from imtui.app import Setting, run_app

        user = options.user or "dana"
        setting = Setting(
            location,
            Config(),
            user,
            options.read_only,
            demo="DEMO",
            debug=options.debug,
            ascii=in_ascii(options, Config()),
            mouse=options.mouse,
            rotate=options.rotate or 0.0,
        )
        return run_app(setting, play)


async def prepare(location: str) -> None:
    """Make the database with its team and history."""
    database, clock = await open_database(location, clock_speed=SPEED)
    try:
        config = Config()
        caller = Caller("dana", "dana", "demo", config.names.user("dana"))
        await write_history(Context(database, clock, config.names, caller, config), clock.now())
    finally:
        await database.close()
