"""Incidents that many ask for at once: those of one caller, asked for while another is being started, are one unit of
work, so that a storm of calls costs no more than a few.

Who asks alone waits for nobody, and is answered after the same commit as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from imtui.domain.errors import Unavailable
from imtui.services.context import Context, change_together
from imtui.services.starting import Started, StartOrder, start_many
from storage.database import Database

MOST = 100
"""So many calls are one unit of work at most."""

_ACTION = "ssm-incidents:StartIncident"


@dataclass(slots=True, eq=False)
class _Call:
    context: Context
    order: StartOrder
    audited: Mapping[str, Any]
    answer: asyncio.Future[Started]


async def start(context: Context, order: StartOrder, audited: Mapping[str, Any]) -> Started:
    """Start the incident of an order. `audited` are the parameters for the audit log. Raises what `start_many` and
    `Context.change` raise."""
    line = _lines.get(context.database)
    if line is None:
        line = _lines[context.database] = _Line()
    if line.busy:
        return await line.wait(context, order, audited)
    line.busy = True
    try:
        return await _alone(context, order, audited)
    finally:
        line.go_on()


async def _alone(context: Context, order: StartOrder, audited: Mapping[str, Any]) -> Started:
    async with context.change(_ACTION, order.plan_arn, **audited) as unit:
        started = (await start_many(unit, context, [order]))[0]
        if context.once is not None:
            context.once.answered(started)
        return started


async def _together(calls: list[_Call]) -> list[Started]:
    wanted = [(call.context, call.order.plan_arn, dict(call.audited)) for call in calls]
    async with change_together(_ACTION, wanted) as unit:
        found = await start_many(unit, calls[0].context, [call.order for call in calls])
        for call, started in zip(calls, found, strict=True):
            if call.context.once is not None:
                call.context.once.answered(started)
        return found


class _Line:
    """The calls that wait while one is being done, of one database."""

    def __init__(self) -> None:
        self.busy = False
        self._waiting: list[_Call] = []
        self._task: asyncio.Task[None] | None = None

    async def wait(self, context: Context, order: StartOrder, audited: Mapping[str, Any]) -> Started:
        """Wait until it is done with others."""
        call = _Call(context, order, audited, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        return await call.answer

    def go_on(self) -> None:
        """The one is done: now those who wait, if there are any."""
        if self._waiting:
            self._task = asyncio.create_task(self._work(), name="start incidents together")
        else:
            self.busy = False

    async def _work(self) -> None:
        try:
            while self._waiting:
                first = self._waiting[0].context.caller
                calls = [call for call in self._waiting if call.context.caller == first][:MOST]
                self._waiting = [call for call in self._waiting if call not in calls]
                try:
                    await _answer([call for call in calls if not call.answer.done()])
                finally:
                    _cancel(calls)
        finally:
            self.busy = False
            _cancel(self._waiting)
            self._waiting, self._task = [], None


async def _answer(calls: list[_Call]) -> None:
    """Do the calls as one; when that fails each alone, so that one bad order stops no other."""
    if len(calls) > 1:
        try:
            for call, started in zip(calls, await _together(calls), strict=True):
                _settle(call, started)
            return
        except Unavailable as error:
            for call in calls:
                _settle(call, error)
            return
        except Exception:  # noqa: S110 - whose fault it was shows when each is done alone
            pass
    for call in calls:
        try:
            _settle(call, await _alone(call.context, call.order, call.audited))
        except Exception as error:
            _settle(call, error)


def _settle(call: _Call, result: Started | Exception) -> None:
    if call.answer.done():
        return
    if isinstance(result, Exception):
        call.answer.set_exception(result)
    else:
        call.answer.set_result(result)


def _cancel(calls: list[_Call]) -> None:
    """Nobody will do these any more: the loop is ending."""
    for call in calls:
        call.answer.cancel()


_lines: WeakKeyDictionary[Database, _Line] = WeakKeyDictionary()
