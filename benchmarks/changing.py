"""`python -m benchmarks.changing DATABASE`: somebody else who changes incidents, by the program's own services.

A line of JSON on standard input says what to do, a line on standard output what came of it; the end of the input ends
it. Each change is a unit of work of its own. `benchmarks/changes.py` is the other side.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.incidents import context_of
from imtui import services
from imtui.services.context import Context
from storage import tables as t

MOST_SECONDS = 900.0
"""Nobody needs it longer, whatever has become of those who started it."""


class Changing:
    """Changes one database."""

    def __init__(self, context: Context, titles: dict[int, str]) -> None:
        self._context = context
        self._titles = titles
        self._numbers = list(titles)
        self._started: deque[str] = deque()
        self._stream: asyncio.Task[None] | None = None
        self._done, self._began = 0, 0.0
        self._resting = False
        self._committed = 0.0
        context.database.listeners.add(self._commit)

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what an order says; its result."""
        if order["do"] == "stream":
            self._resting, self._done, self._began = False, 0, time.perf_counter()
            self._stream = asyncio.create_task(self._flow(float(order["rate"])))
            return {}
        if order["do"] == "rest":
            self._resting = True
            if self._stream is not None:
                await self._stream
            return {"done": self._done, "seconds": time.perf_counter() - self._began}
        await services.incidents.update(self._context, order["number"], **order["values"])
        return {"at": self._committed}

    async def _flow(self, rate: float) -> None:
        while not self._resting:
            pause = self._began + self._done / rate - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            await self._change(self._done)
            self._done += 1

    async def _change(self, turn: int) -> None:
        """Of a hundred changes about 84 are notes, 10 titles, 3 new incidents and 3 resolved ones."""
        number = self._numbers[turn * 7 % len(self._numbers)]
        if turn % 33 == 7:
            started = await services.incidents.start(self._context, "web", title=f"batch {turn} is late")
            self._started.append(started.incident.id)
        elif turn % 33 == 20 and self._started:
            await services.incidents.resolve(self._context, self._started.popleft())
        elif turn % 10 == 5:
            title = self._titles[number]
            await services.incidents.update(self._context, number, title=title + "!" * (turn // 10 % 2))
        else:
            await services.timeline.add_note(
                self._context, number, f"turn {turn}: the queue is shorter, latency better"
            )

    def _commit(self) -> None:
        self._committed = time.perf_counter()


async def _titles(context: Context) -> dict[int, str]:
    """The open incidents but the newest, which is left as it is."""
    i = t.incidents
    async with context.database.read() as reader:
        query = sa.select(i.c.number, i.c.title).where(i.c.status == "OPEN").order_by(i.c.number.desc())
        return {row.number: row.title for row in (await reader.all(query))[1:]}


async def main(path: Path) -> None:
    """Obey until the input ends."""
    context = await context_of(path, "ben")
    try:
        changing = Changing(context, await _titles(context))
        print(json.dumps({"ready": True}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await changing.obey(json.loads(line))), flush=True)
        await changing.obey({"do": "rest"})
    finally:
        await context.database.close()


if __name__ == "__main__":
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(main(Path(sys.argv[1])), MOST_SECONDS))
