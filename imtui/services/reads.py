"""What was read over the wire and by commands, for the audit log: written in batches, so that to read costs no write.

Records wait in this process for at most `SECONDS`, or until `MOST` of them wait; with nothing waiting nothing runs.
What a process that is killed had not written yet is lost. What screens read all the time to stay live is no call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from imtui.clock import Clock
from imtui.domain.errors import Unavailable
from storage import tables as t
from storage.database import Database

SECONDS = 2.0
MOST = 500
KEPT = 10_000
"""While the database is away, so many are kept; of more the newest are lost."""

RECORDED = frozenset({"api", "command"})
"""By which ways a call must have come for its reads to be recorded."""


log = logging.getLogger(__name__)


class Request(Protocol):
    """The call that a read belongs to."""

    def take(self) -> str | None:
        """Its id; None when a record has it already."""
        ...


def note(database: Database, clock: Clock, record: Mapping[str, Any], request: Request | None = None) -> None:
    """Have a read recorded soon. What reads the same again and again in one command has read it once; a call with an id
    has one record, that of its change or else of what it read first."""
    if record["origin"] not in RECORDED or database.read_only:
        return
    waiting = _waiting.get(database)
    if waiting is None:
        waiting = _waiting[database] = _Waiting(database, clock)
    waiting.add(dict(record), request)


async def written(database: Database) -> None:
    """Write what waits now: before a database is closed. What cannot be written is lost."""
    waiting = _waiting.pop(database, None)
    if waiting is not None:
        await waiting.end()


class _Waiting:
    """The records that wait, of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._records: list[tuple[dict[str, Any], Request | None]] = []
        self._known: set[tuple[str, ...]] = set()
        self._many = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    def add(self, record: dict[str, Any], request: Request | None) -> None:
        if len(self._records) >= KEPT:
            return
        if record["origin"] == "command":
            same = (record["caller"], record["action"], record["resource"], record["error"] or "")
            if same in self._known:
                return
            self._known.add(same)
        self._records.append((record, request))
        if len(self._records) >= MOST:
            self._many.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="write what was read")

    async def end(self) -> None:
        """Write once more, and no more."""
        self._ending = True
        self._many.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        """Until nothing waits any more."""
        while self._records:
            await self._rest()
            records, self._records = _named(self._records), []
            self._many.clear()
            try:
                await self._write(records)
            except Unavailable:
                self._records = [] if self._ending else [(record, None) for record in records] + self._records
            except Exception:
                log.exception("what was read could not be recorded")
        self._known.clear()
        self._task = None

    async def _rest(self) -> None:
        """Until it is time, or many wait."""
        sleep = asyncio.ensure_future(self._clock.pause(SECONDS))
        many = asyncio.ensure_future(self._many.wait())
        try:
            await asyncio.wait([sleep, many], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            many.cancel()

    async def _write(self, records: list[dict[str, Any]]) -> None:
        if not records:
            return
        async with self._database.write(self._clock.now()) as unit:
            for record in records:
                unit.insert(t.audit, record)
            unit.changed("audit", "*")


def _named(records: Sequence[tuple[dict[str, Any], Request | None]]) -> list[dict[str, Any]]:
    """The records with the ids of their calls, without those of calls that have a record."""
    found: list[dict[str, Any]] = []
    for record, request in records:
        if request is None:
            found.append(record)
        elif (taken := request.take()) is not None:
            found.append({**record, "request_id": taken})
    return found


_waiting: WeakKeyDictionary[Database, _Waiting] = WeakKeyDictionary()
