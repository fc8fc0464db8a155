"""One engine at a time: a lease row elects it, and its epoch fences whoever held it before.

The lease counts in real seconds, whatever the speed of the program's clock. A holder that dies is followed within
`SECONDS`; one that leaves in order gives the lease back, and the next takes over at once.
"""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa

from imtui.clock import Clock
from storage import tables as t
from storage.database import Database, Fence, LeaseLost
from storage.glance import Glance
from storage.renewal import Renewal

SECONDS = 4.0
RENEW_SECONDS = 2.0
MARGIN_SECONDS = 0.7
"""What must be left of the lease before a message is handed to a provider."""

_NAME = "engine"


def holder_name() -> str:
    """A name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Lease:
    """This process's claim to be the engine."""

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self._database = database
        self._clock = clock
        self.holder = holder
        self.fence: Fence | None = None
        """Proof of leadership; None while somebody else leads, or nobody."""
        self.lateness = 0.0
        """By how many program seconds the latest timer was late; written with each renewal."""
        self._renewed = float("-inf")
        self._renewal = Renewal(database)
        self._glance = Glance(database, "SELECT expires_at FROM lease WHERE name = ?")

    @property
    def certain(self) -> bool:
        """Whether the lease cannot have run out, by this process's own clock."""
        return self.fence is not None and self._clock.monotonic() < self._renewed + SECONDS - MARGIN_SECONDS

    async def take(self) -> bool:
        """Take or renew the lease; True when this process leads now. `expires_in` is for those who wait."""
        now, started = self._clock.wall(), self._clock.monotonic()
        if self.fence is None and await self._held_by_another(now):
            return False
        expires = now + timedelta(seconds=SECONDS)
        if self.fence is not None and await self._renewal.prolong(self.fence, expires, self.lateness):
            self._renewed = started
            return True
        lease = t.lease
        async with self._database.write(self._clock.now()) as unit:
            row = await unit.first(sa.select(lease).where(lease.c.name == _NAME).with_for_update())
            if row is not None and row.holder != self.holder and row.expires_at > now:
                self.fence = None
                return False
            renewal = row is not None and row.holder == self.holder
            epoch = 1 if row is None else row.epoch + (0 if renewal and self.fence else 1)
            values = {"holder": self.holder, "epoch": epoch, "expires_at": expires, "lateness": self.lateness}
            if row is None:
                unit.insert(lease, {"name": _NAME, **values})
            else:
                await unit.run(sa.update(lease).where(lease.c.name == _NAME).values(values))
            if not renewal:
                unit.changed("lease", self.holder)
        self._renewed = started
        self.fence = Fence(self.holder, epoch)
        return True

    async def expires_in(self) -> float:
        """Real seconds until the present holder's lease runs out; 0 when it has."""
        expires: datetime | None
        known, instant = self._glance.at(_NAME)
        if known:
            expires = t.Instant().process_result_value(instant, None)
        else:
            async with self._database.read() as reader:
                expires = await reader.scalar(sa.select(t.lease.c.expires_at).where(t.lease.c.name == _NAME))
        return max(0.0, (expires - self._clock.wall()).total_seconds()) if expires else 0.0

    def lost(self) -> None:
        """Somebody else leads: nothing of ours may be committed or sent any more."""
        self.fence = None
        self._renewed = float("-inf")

    async def release(self) -> None:
        """Give the lease back, so that another takes over at once."""
        fence = self.fence
        if fence is None:
            return
        self.lost()
        try:
            async with self._database.write(self._clock.now(), fence) as unit:
                past = self._clock.wall() - timedelta(seconds=1)
                await unit.run(sa.update(t.lease).where(t.lease.c.name == _NAME).values(expires_at=past))
                unit.changed("lease", fence.holder)
        except LeaseLost:
            return

    def close(self) -> None:
        """Let go of the file."""
        self._renewal.close()
        self._glance.close()

    async def _held_by_another(self, now: datetime) -> bool:
        async with self._database.read() as reader:
            row = await reader.first(sa.select(t.lease).where(t.lease.c.name == _NAME))
        return row is not None and row.holder != self.holder and row.expires_at > now
