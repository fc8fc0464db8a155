"""Database files: where they are, and whose. Light enough for the first frame."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def uri(path: Path, mode: str) -> str:
    """The file as SQLite's URI, whatever stands in its name; `mode` is ro or rw."""
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{name}?mode={mode}"


def prepare_file(path: Path) -> None:
    """Make the folder and an empty file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
