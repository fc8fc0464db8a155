"""How the program and its bare peers are started, and what the system says of a process."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

IMTUI = str(Path(sys.executable).with_name("imtui"))
HELLO = [sys.executable, str(Path(__file__).with_name("hello.py"))]
HELLO_TEXT = "hello from textual"

_TICKS = os.sysconf("SC_CLK_TCK")


def bare_list(count: int) -> list[str]:
    """The bare list of so many strings."""
    return [sys.executable, str(Path(__file__).with_name("bare_list.py")), str(count)]


def surroundings(database: Path, config: str = "") -> Mapping[str, str]:
    """The environment of the program on this database, with this configuration beside it."""
    file = database.with_suffix(".toml")
    file.write_text(config, encoding="utf-8")
    return {
        "IMTUI_DB": str(database),
        "IMTUI_CONFIG": str(file),
        "IMTUI_USER": "ana",
        "XDG_STATE_HOME": str(database.parent / "state"),
    }


def cpu_seconds(pid: int) -> float:
    """The processor time that a process and its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> tuple[float, float]:
    """What a process holds in memory, and its share of it (RSS and PSS), in MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    rss, pss = (re.search(rf"^{name}:\s+(\d+) kB", text, re.M) for name in ("Rss", "Pss"))
    assert rss is not None
    assert pss is not None
    return int(rss[1]) / 1024, int(pss[1]) / 1024
