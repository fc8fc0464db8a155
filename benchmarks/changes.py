"""Somebody else who changes incidents, from another process: 100 changes a second, or one that is waited for."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RATE = 100
"""Changes a second."""

_PATIENCE = 30.0
_ROOT = Path(__file__).resolve().parents[1]


class Changes:
    """The process, which `benchmarks/changing.py` is."""

    def __init__(self, database: Path) -> None:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "benchmarks.changing", str(database)]
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answer()

    def start(self) -> None:
        """Begin to change 100 times a second."""
        self._order({"do": "stream", "rate": RATE})

    def stop(self) -> float:
        """Rest; how many changes a second there were."""
        found = self._order({"do": "rest"})
        return float(found["done"] / found["seconds"])

    def edit(self, number: int, **values: Any) -> float:
        """Change fields of an incident; the instant of the commit."""
        return float(self._order({"do": "edit", "number": number, "values": values})["at"])

    def close(self) -> None:
        """End the process that this started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        ready, _, _ = select.select([out], [], [], _PATIENCE)
        line = out.readline() if ready else b""
        if not line:
            self._process.kill()
            raise RuntimeError("the process that changes incidents does not answer")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def changes(database: Path) -> Iterator[Changes]:
    """Somebody else at work on a database."""
    other = Changes(database)
    try:
        yield other
    finally:
        other.close()
