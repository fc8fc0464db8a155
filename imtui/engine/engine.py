"""The engine: elected by its lease, it fires timers and sends messages until it is stopped.

It sleeps until the next instant something is due or anybody commits a change. One loop does all writing; sending
happens beside it, so that a slow provider holds up nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from imtui.channels.configured import senders
from imtui.channels.protocol import Outcome, Rejected, Sender, Unknown
from imtui.channels.topics import Topics
from imtui.clock import Clock
from imtui.config import Config
from imtui.domain.errors import Unavailable
from imtui.domain.lateness import grace, late_from
from imtui.domain.route import Route
from imtui.engine import checks, pruning, sealing
from imtui.engine import lease as leases
from imtui.engine.heartbeat import Heartbeat
from imtui.engine.lease import Lease, holder_name
from imtui.engine.outbox import Claim, claim_due, reclaim
from imtui.engine.recording import Result, record
from imtui.engine.standing_still import Watchman
from imtui.engine.timers import BATCH, fire_due
from storage import tables as t
from storage.alarms import NOTICE, clear_alarm, raise_alarm
from storage.database import Database, Fence, LeaseLost
from storage.integrity import DAMAGE, check_integrity
from storage.watch import Watcher

CHECK_SECONDS = 5.0
SEND_LIMIT_SECONDS = 45.0
GATHER_SECONDS = 0.003
"""After a change the next ones may follow at once: they are looked at together."""

_RETRY_SECONDS = 1.0
_FLOOD_SECONDS = 0.02
"""However fast others commit, a candidate looks at the lease no oftener than this."""

_PUT_OFF = timedelta(minutes=1)
_STOP_SECONDS = 1.5

_m = t.messages.c
_EARLIEST = sa.select(
    sa.select(sa.func.min(t.timers.c.due_at, type_=t.timers.c.due_at.type)).scalar_subquery(),
    sa.select(sa.func.min(_m.due_at, type_=_m.due_at.type))
    .where(t.waiting & (_m.state == "PENDING") & _m.channel_type.in_(sa.bindparam("free", expanding=True)))
    .scalar_subquery(),
)
"""The earliest timer, and the earliest message that this engine could send now: one whose route has a free slot."""

log = logging.getLogger(__name__)


class Engine:
    """One candidate on one database. `run` it until `stop`, or `tick` it in tests."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        config: Config,
        *,
        holder: str | None = None,
        providers: Mapping[Route, Sender] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._senders = dict(providers or senders(config))
        section = config.section("heartbeat")
        self._heartbeat = Heartbeat(section, clock) if section else None
        self._lease = Lease(database, clock, holder or holder_name())
        self._topics = topics.known if isinstance(topics := self._senders.get(Route.TOPIC), Topics) else frozenset()
        self._sending: dict[Route, set[asyncio.Task[None]]] = {route: set() for route in self._senders}
        self._results: list[Result] = []
        self._stopping = asyncio.Event()
        self._known = asyncio.Event()
        self._watcher = Watcher(database, clock)
        self._batch = BATCH
        self._checked = float("-inf")
        self._pruned = float("-inf")
        self._sealed = float("-inf")
        self._kept = timedelta(days=config.audit_days)
        self._watchman = Watchman(clock)
        self._notices: list[str] = []
        self.trouble: str | None = None
        """Why nothing can be done now (the database is away); None while all is well."""

    @property
    def is_leader(self) -> bool:
        """Whether this candidate is the engine."""
        return self._lease.fence is not None

    @property
    def holder(self) -> str:
        """The name under which it holds the lease."""
        return self._lease.holder

    async def run(self) -> None:
        """Work until `stop`: then finish what is on its way, give the lease back, and return."""
        async with self._watcher as watcher:
            beside = [asyncio.create_task(self._keep_lease(), name="keep the lease")]
            beside.append(asyncio.create_task(self._examine(), name="examine the file"))
            if self._heartbeat is not None:
                beside.append(asyncio.create_task(self._heartbeat.run(self._well), name="heartbeat"))
            try:
                while not self._stopping.is_set():
                    wait: float | None = None
                    try:
                        if self.is_leader:
                            until_check = CHECK_SECONDS * self._clock.speed
                            due = await self._work()
                            wait = until_check if due is None else min(due, until_check)
                        self.trouble = None
                    except LeaseLost:
                        self._lease.lost()
                    except Unavailable as error:
                        self.trouble, wait = str(error), 0.0
                        await self._clock.pause(_RETRY_SECONDS)
                    except Exception:
                        log.exception("the engine met a defect, and goes on")
                        wait = 0.0
                        await self._clock.pause(_RETRY_SECONDS)
                        await self._isolate()
                    if not self._stopping.is_set() and await watcher.wait(wait):
                        await self._clock.pause(GATHER_SECONDS)
            finally:
                for task in beside:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await self._leave()

    async def elected(self, timeout: float) -> bool:
        """Wait at most `timeout` real seconds until it is known who leads; whether this candidate does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._known.wait()
        return self.is_leader

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopping.set()
        self._watcher.wake()

    async def tick(self) -> None:
        """One round, in order: elect, fire what is due, send what is due, record what came of it. For tests."""
        if not await self._elect():
            return
        try:
            while True:
                wait = await self._work()
                pending = [task for tasks in self._sending.values() for task in tasks]
                if not pending and not self._results and wait != 0:
                    return
                if pending:
                    await asyncio.wait(pending)
        except LeaseLost:
            self._lease.lost()
            if pending := [task for tasks in self._sending.values() for task in tasks]:
                await asyncio.wait(pending)

    async def close(self) -> None:
        """Let go of providers; `run` does this by itself."""
        for task in [task for tasks in self._sending.values() for task in tasks]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for sender in self._senders.values():
            await sender.close()
        self._lease.close()

    async def _keep_lease(self) -> None:
        while True:
            try:
                led = self.is_leader
                leads = await self._elect()
                self._known.set()
                if leads:
                    if not led:
                        self._watchman.look(0.0)
                        self._watcher.wake()
                    await self._clock.pause(leases.RENEW_SECONDS)
                    if text := self._watchman.look(leases.RENEW_SECONDS):
                        self._notices.append(text)
                else:
                    await self._wait_for_lease()
            except LeaseLost:
                self._lease.lost()
            except Unavailable as error:
                self.trouble = str(error)
                if not self._lease.certain:
                    self._lease.lost()
                await self._clock.pause(_RETRY_SECONDS)
            except Exception:
                log.exception("the election met a defect, and goes on")
                await self._clock.pause(_RETRY_SECONDS)

    async def _wait_for_lease(self) -> None:
        """Until the holder's lease has run out, or it has given the lease back."""
        async with Watcher(self._database, self._clock) as watcher:
            while (left := await self._lease.expires_in()) > 0:
                sleep = asyncio.ensure_future(self._clock.pause(left + 0.05))
                woken = asyncio.ensure_future(watcher.wait())
                try:
                    await asyncio.wait([sleep, woken], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    sleep.cancel()
                    woken.cancel()
                await self._clock.pause(_FLOOD_SECONDS)

    async def _elect(self) -> bool:
        """Take or renew the lease. A new leader first sees to what the one before had claimed."""
        before = self._lease.fence
        if not await self._lease.take():
            return False
        fence = self._lease.fence
        assert fence is not None
        if before is None or before.epoch != fence.epoch:
            async with self._database.write(self._clock.now(), fence) as unit:
                await reclaim(unit, fence, self._clock.wall())
        return True

    async def _work(self) -> float | None:
        """Everything that is due, in batches; program seconds until there is more, None when nothing waits."""
        while True:
            fence = self._lease.fence
            if fence is None:
                return None
            await self._clock.pause(0)  # what is being sent may come back at once: then it is known what to do
            fired, claims = 0, []
            slots = self._slots()
            earliest = await self._earliest()
            now = self._clock.now()
            moved = bool(self._results) or (earliest is not None and earliest <= now)
            if moved:
                async with self._database.write(now, fence) as unit:
                    results, self._results = self._results, []
                    try:
                        if results:
                            await record(unit, results)
                        fired, late = await fire_due(unit, late_from(self._clock.speed), self._batch)
                        await unit.flush()
                        claims = await claim_due(unit, fence, self._clock.wall(), slots, self._topics)
                    except BaseException:
                        self._results = results + self._results
                        raise
                if fired:
                    self._lease.lateness = late
            for claim in claims:
                self._begin(claim)
            await self._check()
            if fired < self._batch and not claims and not self._results:
                self._batch = BATCH
                earliest = await self._earliest() if moved else earliest
                return None if earliest is None else max(0.0, (earliest - self._clock.now()).total_seconds())

    async def _isolate(self) -> None:
        """After a defect: one timer at a time, so that one that cannot be applied holds up no other. It is put off
        for a minute, and an alarm says so."""
        if self._batch > 1:
            self._batch = 1
            return
        fence = self._lease.fence
        if fence is None:
            return
        try:
            async with self._database.write(self._clock.now(), fence) as unit:
                m = t.timers.c
                row = await unit.first(sa.select(t.timers).where(m.due_at <= unit.now).order_by(m.due_at).limit(1))
                if row is not None:
                    later = unit.now + _PUT_OFF
                    await unit.run(sa.update(t.timers).where(m.id == row.id).values(due_at=later))
                    text = (
                        f"a step of engagement {row.engagement_id or row.id} failed by a defect: look at its incident"
                    )
                    await raise_alarm(unit, f"defect:{row.id}", text, row.incident_id)
        except (LeaseLost, Unavailable):
            return
        except Exception:
            log.exception("the engine could not even put a step off")

    def _slots(self) -> dict[Route, int]:
        """How many more messages of each route may be sent now."""
        return {route: self._senders[route].at_once - len(tasks) for route, tasks in self._sending.items()}

    def _begin(self, claim: Claim) -> None:
        tasks = self._sending[claim.outgoing.type]
        task = asyncio.create_task(self._send(claim), name=f"send {claim.outgoing.id}")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _send(self, claim: Claim) -> None:
        """One try. Nothing leaves on a lease that may have run out: whoever leads then sends it."""
        sender = self._senders[claim.outgoing.type]
        outcome: Outcome
        if not self._lease.certain:
            outcome = Rejected("the engine was not sure of its lease: nothing was handed over")
        else:
            try:
                async with asyncio.timeout(SEND_LIMIT_SECONDS):
                    outcome = await sender.send(claim.outgoing)
            except TimeoutError:
                outcome = Unknown("no answer in time")
            except Exception as error:
                log.exception("a provider met a defect")
                outcome = Unknown(f"{type(error).__name__}: {error}"[:300])
        self._results.append(Result(claim, outcome, sender.name))
        self._watcher.wake()

    async def _earliest(self) -> datetime | None:
        """When the earliest timer or message is due; None when nothing waits."""
        free = [route.value for route, slots in self._slots().items() if slots > 0]
        row = await self._database.row(_EARLIEST, {"free": free})
        return min((instant for instant in row or () if instant is not None), default=None)

    async def _well(self) -> bool:
        """Whether this is the engine, and nothing is wrong."""
        if not self.is_leader or self.trouble is not None:
            return False
        async with self._database.read() as reader:
            wrong = sa.not_(t.alarms.c.key.startswith(NOTICE))
            return await reader.first(sa.select(t.alarms.c.key).where(wrong).limit(1)) is None

    async def _check(self) -> None:
        fence = self._lease.fence
        if fence is None or self._clock.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = self._clock.monotonic()
        now, wall = self._clock.now(), self._clock.wall()
        if await checks.changed(self._database, fence, now - grace(self._clock.speed), wall):
            async with self._database.write(now, fence) as unit:
                await checks.check(unit, fence, now - grace(self._clock.speed), wall)
        if self._notices:
            async with self._database.write(now, fence) as unit:
                for text in self._notices:
                    await raise_alarm(unit, f"{NOTICE}{now.isoformat()}", text)
            self._notices = []
        if self._clock.monotonic() - self._pruned >= pruning.EVERY_SECONDS:
            async with self._database.write(now, fence) as unit:
                await pruning.prune(unit, self._kept)
            self._pruned = self._clock.monotonic()
        if self._clock.monotonic() - self._sealed >= sealing.EVERY_SECONDS and not await self._seal(fence):
            self._sealed = self._clock.monotonic()

    async def _seal(self, fence: Fence) -> bool:
        """Seal what the audit log has that is new, some batches of it; whether more may wait."""
        for _ in range(sealing.SEALS_AT_ONCE):
            if not await sealing.waits(self._database):
                return False
            async with self._database.write(self._clock.now(), fence) as unit:
                await sealing.seal(unit)
        return True

    async def _examine(self) -> None:
        """Look through the file once, beside everything else: damage is better found now than at the next page."""
        try:
            damage = await check_integrity(self._database)
            if not await self.elected(leases.SECONDS) or self._lease.fence is None:
                return
            async with self._database.write(self._clock.now(), self._lease.fence) as unit:
                if damage:
                    await raise_alarm(unit, DAMAGE, f"the database is damaged ({damage[0]}): restore it from a backup")
                else:
                    await clear_alarm(unit, DAMAGE)
        except (LeaseLost, Unavailable):
            return
        except Exception:
            log.exception("the file could not be looked through")

    async def _leave(self) -> None:
        """What is on its way may arrive; what came of it is recorded; then the lease goes back."""
        pending = [task for tasks in self._sending.values() for task in tasks]
        if pending:
            await asyncio.wait(pending, timeout=_STOP_SECONDS)
        with suppress(LeaseLost, Unavailable):
            if self._results and self._lease.fence is not None:
                async with self._database.write(self._clock.now(), self._lease.fence) as unit:
                    await record(unit, self._results)
                self._results = []
            await self._lease.release()
        await self.close()
