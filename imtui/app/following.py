"""Following the database: every change, whoever made it, reaches the screens within half a second.

The first change after a silence is shown at once. Those that follow in a flood are gathered, so that however many
there are the screens are read a few times a second, and hands at the keyboard notice nothing of it.

Nothing ends it: a database that is away or locked, or a defect, is told and tried again until all is well. Who
missed changes (they were too many, or have been pruned meanwhile) reads everything anew.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import sqlalchemy as sa

from imtui import services
from imtui.domain.errors import Unavailable
from imtui.services.context import Context
from imtui.services.health import Health
from storage import tables as t
from storage.database import Reader
from storage.glance import Glance
from storage.watch import Watcher, changes_since, latest_seq

LOOK_SECONDS = 5.0
"""Health is read anew after so many seconds in any case: a lease may have run out without any change."""

HEALTH_SECONDS = 1.0
"""However much changes, health is not read oftener than this."""

GATHER_SECONDS = 0.25
"""However much changes, the screens are not read oftener than this; what is committed meanwhile is read together."""

HEALTHY = frozenset({"alarm", "lease", "incident", "engagement", "message"})
"""What health tells of."""

RETRY_SECONDS = 1.0

BATCH = 500
"""So many changes are taken in at a time: between two batches keys are answered."""

MOST = 50_000
"""More changes than this at once are not looked at one by one."""

BELLS = 50
"""So many of the newest messages are looked at for the bell where it is not known which are new."""

_RUNG = 10_000


class News(NamedTuple):
    """What changed. `anew`: not all of it is known, so everything must be read again."""

    topics: frozenset[str] = frozenset()
    incidents: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    anew: bool = False


class Picture(Protocol):
    """Who shows it."""

    async def news(self, news: News) -> None:
        """Show what changed. Raises Unavailable when it could not be read."""
        ...

    def health(self, health: Health) -> None:
        """Show what is wrong."""
        ...

    def lost(self, reason: str) -> None:
        """The picture is not live for this reason; it is again when the reason is empty."""
        ...

    def ring(self) -> None:
        """A page that goes nowhere else has become due."""
        ...

    def defect(self, error: Exception) -> None:
        """Say that something is wrong with the program."""
        ...


class Following:
    """Keeps a picture at what the database says."""

    def __init__(self, context: Context, picture: Picture) -> None:
        self._context = context
        self._picture = picture
        self._seq: int | None = None
        """The newest change that is shown; None when everything must be read anew."""
        self._began = context.now()
        self._looked = float("-inf")
        self._unhealthy = False
        """Whether something has changed that health tells of since it was read."""
        self._rung: dict[str, None] = {}
        self._glance = Glance(context.database, "SELECT max(seq) FROM changes WHERE seq > ?")

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                try:
                    async with Watcher(self._context.database, self._context.clock) as watcher:
                        await self._watch(watcher)
                except Exception as error:
                    await self._trouble(error)
        finally:
            self._glance.close()

    async def _watch(self, watcher: Watcher) -> None:
        """Follow as long as the watcher tells of every change."""
        clock = self._context.clock
        woken = True
        while True:
            try:
                if watcher.lost is not None:
                    raise Unavailable(f"the database is away ({watcher.lost}); the last picture stays")
                changed = await self.step()
            except Exception as error:
                await self._trouble(error)
                woken = True
                continue
            self._picture.lost("")
            if changed:
                await clock.pause(GATHER_SECONDS)
                if not woken and not await watcher.wait(0.0):
                    return  # it should have told of this by now: begin with a new one
                if not woken:
                    woken = True
                    continue
            woken = await watcher.wait(max(0.0, self._health_due()), real=True)

    async def step(self) -> bool:
        """Show what changed since the last step, and whether all is well; whether anything changed."""
        news = await self._news()
        if news is not None:
            self._unhealthy |= news.anew or bool(news.topics & HEALTHY)
            await self._ring(news)
        if self._health_due() <= 0:
            began = self._context.clock.monotonic()
            self._picture.health(await services.health.report(self._context))
            self._looked, self._unhealthy = began, False
        if news is not None:
            await self._picture.news(news)
        return news is not None

    def _health_due(self) -> float:
        """Real seconds until health should be read."""
        rest = HEALTH_SECONDS if self._unhealthy else LOOK_SECONDS
        return self._looked + rest - self._context.clock.monotonic()

    async def _trouble(self, error: Exception) -> None:
        self._seq = None
        self._glance.close()
        if isinstance(error, Unavailable):
            self._picture.lost(str(error))
        else:
            self._picture.defect(error)
            self._picture.lost("the last picture stays: what is new cannot be shown now")
        await self._context.clock.pause(RETRY_SECONDS)

    async def _news(self) -> News | None:
        """What changed since the last time; None when nothing did: the engine's renewals commit, too."""
        if self._seq is not None:
            known, newest = self._glance.at(str(self._seq))
            if known and newest is None:
                return None
        async with self._context.database.read() as reader:
            return await self._read(reader)

    async def _read(self, reader: Reader) -> News | None:
        latest = await latest_seq(reader)
        seen = self._seq
        if seen is None or latest < seen or latest - seen > MOST or await self._pruned(reader, seen):
            self._seq = latest
            return News(anew=True)
        topics: set[str] = set()
        incidents: set[str] = set()
        messages: set[str] = set()
        while seen < latest:
            changes = await changes_since(reader, seen, BATCH)
            if not changes:
                break
            seen = changes[-1].seq
            topics.update(change.topic for change in changes)
            incidents.update(change.incident_id for change in changes if change.incident_id)
            messages.update(change.ref for change in changes if change.topic == "message")
        if seen == self._seq:
            return None
        self._seq = seen
        return News(frozenset(topics), frozenset(incidents), frozenset(messages))

    async def _pruned(self, reader: Reader, seen: int) -> bool:
        """Whether changes after that one are gone already."""
        oldest = await reader.scalar(sa.select(sa.func.min(t.changes.c.seq)))
        return oldest is not None and int(oldest) > seen + 1

    async def _ring(self, news: News) -> None:
        """Where no provider takes a message, the terminal's bell is the page: once for each. Users of another account
        are paged by nobody here."""
        if self._context.foreign:
            return
        messages = news.messages
        if news.anew or "*" in messages:
            messages = await services.messages.newest(self._context, BELLS)
        fresh = messages - self._rung.keys()
        due = await services.messages.kept_here(self._context, fresh, self._began) if fresh else []
        if due:
            self._rung.update(dict.fromkeys(due))
            self._picture.ring()
        while len(self._rung) > _RUNG:
            del self._rung[next(iter(self._rung))]
