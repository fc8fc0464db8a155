"""Notices that time did not pass as it should: the clock was set, the machine slept, this process stood still."""

from __future__ import annotations

from datetime import datetime

from imtui.clock import Clock
from imtui.domain.duration import duration

SECONDS = 5.0
"""What a pause may take longer, or the wall clock differ, before it is said."""


class Watchman:
    """Looks at both clocks whenever it is asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: tuple[datetime, float] | None = None

    def look(self, expected: float) -> str | None:
        """What has happened since the last look, in one sentence; `expected` real seconds should have passed."""
        wall, counted = self._clock.wall(), self._clock.monotonic()
        before, self._seen = self._seen, (wall, counted)
        if before is None:
            return None
        passed = counted - before[1]
        jumped = (wall - before[0]).total_seconds() - passed
        if abs(jumped) > SECONDS:
            way = "forward" if jumped > 0 else "back"
            text = "what was due meanwhile happened late" if jumped > 0 else "what is due waits that much longer"
            return f"the clock of this machine was set {way} by {duration(round(abs(jumped)))}: {text}"
        if passed - expected > SECONDS:
            stood = duration(round(passed - expected))
            return f"this machine or program stood still for {stood}: what was due meanwhile happened late"
        return None
