"""`imtui`: the full-screen program."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from imtui.commands.options import Options, usage

if TYPE_CHECKING:
    from imtui.config import Config


def run(options: Options) -> int:
    """Run the program on the default database until it is left."""
    reason = unfit()
    if reason:
        return usage(reason)
    from imtui.app import Setting, run_app
    from imtui.config import database_location, load_config, user_name

    config = load_config(options.config)
    if config.sections and not (options.no_engine or options.read_only):
        check_providers(config)
    setting = Setting(
        location=database_location(options.db),
        config=config,
        user=user_name(options.user),
        read_only=options.read_only,
        speed=options.clock_speed,
        engine=not options.no_engine,
        debug=options.debug,
    )
    return run_app(setting)


def check_providers(config: Config) -> None:
    """What the engine will send with must be usable before the screen is there; raises ValidationFailed."""
    from imtui.channels.configured import senders
    from imtui.clock import SystemClock
    from imtui.engine.heartbeat import Heartbeat

    senders(config)
    if section := config.section("heartbeat"):
        Heartbeat(section, SystemClock())


def unfit() -> str:
    """Why this terminal cannot show the program; empty when it can."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return "the full-screen program needs a terminal; scripts use commands, such as `imtui incident list`"
    if os.environ.get("TERM", "") in ("dumb", ""):
        return "this terminal cannot draw (TERM=dumb); use the commands, such as `imtui incident list`"
    return ""
