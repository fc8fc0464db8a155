"""What a program tells of whoever sits before it: at which incident they look, and which of its tabs they have seen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from imtui import services
from imtui.domain.errors import ImtuiError
from imtui.services.context import Context
from imtui.services.looks import PROGRAM
from imtui.services.presence import RENEW_SECONDS

GATHER_SECONDS = 1.0
"""Who goes from tab to tab is told of once."""


class Looking:
    """Keeps it in the database, a moment later than it happens. What cannot be written is written with the next."""

    def __init__(self, context: Context, incident: Callable[[], str | None]) -> None:
        self._context = context
        self._incident = incident
        self._places: set[str] = set()
        self._told: str | None = None
        self._woken = asyncio.Event()
        self.session = str(uuid.uuid4())
        """By which this program is known among those that look."""

    def looked(self, *places: str) -> None:
        """Somebody has looked at these places until now."""
        self._places.update(places)
        self._woken.set()

    def moved(self) -> None:
        """Somebody may look at another incident now."""
        if self._incident() != self._told:
            self._woken.set()

    async def run(self) -> None:
        """Keep it until cancelled."""
        clock = self._context.clock
        while True:
            await self.keep()
            limit = asyncio.ensure_future(clock.pause(RENEW_SECONDS))
            woken = asyncio.ensure_future(self._woken.wait())
            try:
                await asyncio.wait([limit, woken], return_when=asyncio.FIRST_COMPLETED)
            finally:
                limit.cancel()
                woken.cancel()
            if self._woken.is_set():
                self._woken.clear()
                await clock.pause(GATHER_SECONDS)

    async def keep(self) -> None:
        """Write what has not been written."""
        places, self._places = {PROGRAM, *self._places}, set()
        try:
            await services.looks.looked(self._context, places)
            incident = self._incident()
            if incident is not None:
                await services.presence.enter(self._context, self.session, incident)
            elif self._told is not None:
                await services.presence.leave(self._context, self.session)
            self._told = incident
        except ImtuiError:
            self._places |= places - {PROGRAM}  # nobody is told: it matters to no incident

    async def leave(self) -> None:
        """Nobody looks any more."""
        self._incident = lambda: None
        await self.keep()
