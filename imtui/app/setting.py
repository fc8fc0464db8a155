"""How the program was called."""

from __future__ import annotations

from typing import NamedTuple

from imtui.config import Config


class Setting(NamedTuple):
    """What the command line says. `speed` is what was asked for, `demo` a word for the title of a demonstration,
    `debug`: show where a defect is when the program has ended, `ascii`: no other characters, `mouse`: listen to it,
    `rotate`: show another incident each so many seconds (0: do not)."""

    location: str
    config: Config
    user: str
    read_only: bool = False
    speed: float | None = None
    engine: bool = True
    demo: str = ""
    debug: bool = False
    ascii: bool = False
    mouse: bool = False
    rotate: float = 0.0
