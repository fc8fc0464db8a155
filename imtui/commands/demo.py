"""`imtui demo`: everything as in earnest, on a database that is thrown away."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from imtui.commands.options import Options, UsageError
from imtui.commands.program import in_ascii, unfit
from imtui.config import Config
from imtui.demo.alone import alone
from imtui.demo.history import write_history
from imtui.demo.story import SPEED
from imtui.demo.team import WATCHER
from imtui.demo.week import WEEK, Past
from imtui.domain.access import Caller
from imtui.services.context import Context
from storage.opening import open_database

PATIENCE_SECONDS = 1.0
"""Whoever waits longer than this is told for what."""


def run(options: Options) -> int:
    """Show the demonstration until it is left; nothing leaves the machine, and nothing is left behind."""
    if options.db:
        raise UsageError("demo makes its own database: leave --db out")
    reason = unfit()
    if reason:
        raise UsageError(reason)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(prefix="imtui-demo-", ignore_cleanup_errors=True) as folder:
        location = str(Path(folder) / "demo.db")
        asyncio.run(prepare(location))
        from imtui.app import Setting, run_app
        from imtui.demo.backstage import Performance

        user = options.user or WATCHER
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
        return run_app(setting, Performance(location, user, looks_only=options.read_only))


async def prepare(location: str, speed: float = SPEED, week: Sequence[Past] = WEEK) -> None:
    """Make the database with its team and this history, and a clock of this speed."""
    loop = asyncio.get_running_loop()
    patience = loop.call_later(PATIENCE_SECONDS, _say, "preparing the demonstration …")
    try:
        with alone():
            database, clock = await open_database(location, clock_speed=speed)
            try:
                config = Config()
                caller = Caller(WATCHER, WATCHER, "demo", config.names.user(WATCHER))
                await write_history(Context(database, clock, config.names, caller, config), clock.now(), week)
            finally:
                await database.close()
    finally:
        patience.cancel()


def _say(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"imtui: {text}\n")
        sys.stderr.flush()


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave through every `finally`: the folder goes, too."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)
