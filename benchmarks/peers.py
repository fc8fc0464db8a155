"""Programs of other people on the same library, where they can be installed. Nothing of this project needs them: each
has an environment of its own, which is kept for the next run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.terminal import first_paint

NAMES = ("posting", "harlequin")
_TEXTS = {"posting": "Collection", "harlequin": "Data Catalog"}
_INSTALL_SECONDS = 180
_BEGIN_SECONDS = 20.0


class Peer(NamedTuple):
    """A program that runs here. `text` stands on its first screen."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    text: str


def found(folder: Path) -> tuple[list[Peer], list[str]]:
    """The peers that run here, at home in this folder, and a sentence for each that does not."""
    looked = [_peer(name, folder) for name in NAMES]
    return [one for one in looked if isinstance(one, Peer)], [one for one in looked if isinstance(one, str)]


def _peer(name: str, folder: Path) -> Peer | str:
    """A peer, at home in this folder; or why there is none."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "imtui-benchmarks" / name
    program = place / "bin" / name
    if not program.exists() and (reason := _install(name, place)):
        return reason
    home = folder / name
    home.mkdir(exist_ok=True)
    options = {"posting": ["--collection", str(home)], "harlequin": ["-a", "sqlite", str(home / "some.db")]}[name]
    env = {"HOME": str(home), "PYTHONPATH": "", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}
    one = Peer(name, [str(program), *options], env, _TEXTS[name])
    try:
        first_paint(one.command, one.env, one.text, _BEGIN_SECONDS)
    except TimeoutError:
        return f"{name} is installed, but ends or hangs before it paints its first screen here."
    return one


def _install(name: str, place: Path) -> str:
    """Make an environment with this program; why that cannot be done, else empty."""
    commands = (
        [sys.executable, "-m", "venv", str(place)],
        [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", name],
    )
    try:
        for command in commands:
            subprocess.run(command, check=True, timeout=_INSTALL_SECONDS, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return f"{name} cannot be installed here."
    return "" if (place / "bin" / name).exists() else f"{name} cannot be installed here."
