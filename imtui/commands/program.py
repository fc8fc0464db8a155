"""`imtui`: the full-screen program."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
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
        ascii=in_ascii(options, config),
        mouse=options.mouse or config.mouse,
        rotate=options.rotate or 0.0,
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
    kind = os.environ.get("TERM", "")
    if kind in ("dumb", "unknown", ""):
        named = f"TERM={kind}" if kind else "TERM is not set"
        return f"this terminal cannot draw ({named}); use the commands, such as `imtui incident list`"
    return ""


def in_ascii(options: Options, config: Config) -> bool:
    """Whether the screen is drawn in ASCII: as asked, or else where the locale is not one of UTF-8."""
    if options.ascii or config.ascii is not None:
        return options.ascii or bool(config.ascii)
    return not speaks_utf8(os.environ, locale.getencoding())


def speaks_utf8(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether this person's locale is one of UTF-8. `encoding` is what the interpreter took it for: it takes the plain
    C locale for UTF-8, which is right where nothing was said (over SSH), and wrong where C was asked for."""
    named = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    coerced = environment.get("LC_CTYPE", "").lower() in ("c.utf-8", "c.utf8", "utf-8") and not environment.get(
        "LC_ALL"
    )
    if named in ("C", "POSIX") or (coerced and environment.get("LANG") in ("C", "POSIX")):
        return False
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"
