"""How many calls a second are taken from one caller."""

from __future__ import annotations

from imtui.clock import Clock
from imtui.domain.errors import Throttled

RATE = 500.0
BURST = 1000.0
_MOST_KNOWN = 10_000


class Throttle:
    """A bucket of `burst` calls for each name, filled with `rate` a second."""

    def __init__(self, clock: Clock, rate: float = RATE, burst: float = BURST) -> None:
        self._clock = clock
        self._rate, self._burst = rate, burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> None:
        """Count a call; raises Throttled when there were too many."""
        now = self._clock.monotonic()
        left, at = self._buckets.get(name, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        if left < 1:
            raise Throttled(f"Rate exceeded: more than {self._rate:.0f} calls a second; try again in a second")
        if len(self._buckets) >= _MOST_KNOWN and name not in self._buckets:
            self._forget(now)
        self._buckets[name] = left - 1, now

    def _forget(self, now: float) -> None:
        """Those whose bucket is full again are as new."""
        full = self._burst / self._rate
        self._buckets = {name: bucket for name, bucket in self._buckets.items() if now - bucket[1] < full}
