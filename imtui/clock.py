"""The one source of time: system, scaled or manual.

Everything that happens to incidents is measured in *program time* (`now`), which may run faster than the
wall clock in drills. What guards processes against each other (the lease, network time-outs) is measured in
real seconds (`monotonic`, `pause`), whatever the speed.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


def _since_boot() -> float:
    """Linux's monotonic clock stands still in a suspended machine, whose lease runs out all the same: this one does
    not. Elsewhere the monotonic clock counts sleep by itself, or nothing does."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Clock(Protocol):
    """What all code takes the time from."""

    @property
    def speed(self) -> float:
        """Program seconds per real second."""
        ...

    def now(self) -> datetime:
        """The program's present instant, in UTC."""
        ...

    def wall(self) -> datetime:
        """The real present instant, in UTC; for leases and signatures, never for what people see."""
        ...

    def monotonic(self) -> float:
        """Real seconds from an arbitrary origin; never runs backwards, and counts while the machine sleeps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep for program seconds."""
        ...

    async def pause(self, seconds: float) -> None:
        """Sleep for real seconds."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock, optionally scaled: program time is `origin + (wall - origin) * speed`.

    The origin is stored with the database, so that every program on it agrees and a restart continues.
    """

    speed: float = 1.0
    origin: datetime | None = None

    def now(self) -> datetime:
        wall = datetime.now(UTC)
        if self.speed == 1.0 or self.origin is None:
            return wall
        return self.origin + (wall - self.origin) * self.speed

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return _since_boot()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """Time that moves only when told to; hours of escalation pass in milliseconds."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + timedelta(seconds=seconds), future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    async def pause(self, seconds: float) -> None:
        await self.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move time forward and wake every sleeper that is due."""
        self.set(self._now + timedelta(seconds=seconds))

    def set(self, when: datetime) -> None:
        """Move time to an instant, which may also lie in the past: a clock that jumped."""
        self._elapsed += max(0.0, (when - self._now).total_seconds())
        self._now = when
        for due, future in list(self._sleepers):
            if due <= when and not future.done():
                future.set_result(None)
