"""Events of many requests in one transaction: each is answered after the commit that holds it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from imtui.domain.access import Caller
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.services import events
from imtui.services.context import Context
from imtui.services.events import EventResult, Intake

MOST_EVENTS = 2000
"""How many events one transaction takes, unless a single request brings more."""

GATHER_SECONDS = 0.004

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Request:
    context: Context
    arrivals: Sequence[Intake]
    answer: asyncio.Future[list[list[EventResult]]]


class Batcher:
    """Takes in what waits, as one, while the next requests gather."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[_Request] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._work(), name="take in events")

    async def stop(self) -> None:
        """Finish what has been handed in, and end."""
        if self._task is not None:
            finished = asyncio.ensure_future(self._waiting.join())
            await asyncio.wait([finished, self._task], return_when=asyncio.FIRST_COMPLETED)
            finished.cancel()
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def take_in(self, context: Context, arrivals: Sequence[Intake]) -> list[list[EventResult]]:
        """The results of these events, after they are committed. Raises Unavailable when they cannot be."""
        answer: asyncio.Future[list[list[EventResult]]] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Request(context, arrivals, answer))
        return await answer

    async def _work(self) -> None:
        crowded = False
        while True:
            requests = [await self._waiting.get()]
            if crowded:  # others are answered at this moment and will ask again: one commit may hold them all
                await requests[0].context.clock.pause(GATHER_SECONDS)
            events_now = len(requests[0].arrivals)
            while not self._waiting.empty() and events_now < MOST_EVENTS:
                requests.append(self._waiting.get_nowait())
                events_now += len(requests[-1].arrivals)
            crowded = len(requests) > 1
            groups: dict[Caller, list[_Request]] = {}
            for request in requests:
                groups.setdefault(request.context.caller, []).append(request)
            try:
                for group in groups.values():
                    await self._take(group)
            finally:
                for _ in requests:
                    self._waiting.task_done()

    async def _take(self, requests: list[_Request]) -> None:
        """One transaction for the requests of one caller; when it fails, each alone, so that one bad event stops
        no other."""
        try:
            results = await events.take_in(requests[0].context, [x for r in requests for x in r.arrivals])
        except Unavailable as error:
            for request in requests:
                _fail(request, error)
            return
        except Exception as error:
            if len(requests) > 1:
                for request in requests:
                    await self._take([request])
                return
            if not isinstance(error, ImtuiError):
                log.exception("an event met a defect")
                error = Unavailable("this event could not be taken in: nothing was changed")
            _fail(requests[0], error)
            return
        start = 0
        for request in requests:
            end = start + len(request.arrivals)
            if not request.answer.done():
                request.answer.set_result(results[start:end])
            start = end


def _fail(request: _Request, error: Exception) -> None:
    if not request.answer.done():
        request.answer.set_exception(error)
