"""One engine at a time: election, take-over, and a leader that was stopped and wakes up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.engine.engine import Engine
from imtui.engine.lease import SECONDS, Lease
from imtui.services.context import Context
from storage import renewal as renewal_module
from storage import tables as t
from storage.database import Database, Fence
from storage.opening import open_database
from storage.renewal import Renewal
from storage.watch import latest_seq
from tests.engine.conftest import Provider
from tests.organisation import organise

MakeEngine = Callable[[str], Engine]


async def test_of_two_candidates_one_pages(context: Context, make_engine: MakeEngine, provider: Provider) -> None:
    await organise(context)
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    await two.tick()
    assert (one.is_leader, two.is_leader) == (True, False)
    await services.incidents.start(context, "web")
    await two.tick()
    assert provider.take() == []
    await one.tick()
    assert len(provider.take()) == 1


async def test_the_next_takes_over_when_the_leader_has_died(
    context: Context, make_engine: MakeEngine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    await services.incidents.start(context, "web")
    manual_clock.advance(3)
    await two.tick()
    assert provider.take() == []
    manual_clock.advance(2)
    await two.tick()
    assert two.is_leader
    assert len(provider.take()) == 1


async def test_a_leader_that_leaves_in_order_is_followed_at_once(context: Context, make_engine: MakeEngine) -> None:
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    await one._lease.release()
    await two.tick()
    assert two.is_leader


async def test_a_leader_that_was_stopped_and_wakes_up_can_move_nothing(
    context: Context, make_engine: MakeEngine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    manual_clock.advance(10)
    await two.tick()
    await services.incidents.start(context, "web")
    fence = one._lease.fence
    assert fence is not None
    await one.tick()
    assert not one.is_leader
    assert provider.take() == []
    await two.tick()
    assert len(provider.take()) == 1


async def test_a_message_that_a_stopped_leader_had_claimed_is_sent_once_by_the_next(
    context: Context, make_engine: MakeEngine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    await services.incidents.start(context, "web")
    begin = one._begin

    def stalled(claim: object) -> None:
        manual_clock.advance(5)  # the machine slept between the claim and the sending
        begin(claim)  # type: ignore[arg-type]

    one._begin = stalled  # type: ignore[method-assign]
    await one.tick()
    assert provider.take() == [], "nothing may be handed over on a lease that may have run out"
    manual_clock.advance(10)
    await two.tick()
    assert len(provider.take()) == 1
    async with context.database.read() as reader:
        states = [row.state for row in await reader.all(sa.select(t.messages.c.state))]
    assert states == ["SENT"]


async def held_until(database: Database) -> datetime:
    async with database.read() as reader:
        instant = await reader.scalar(sa.select(t.lease.c.expires_at))
    assert isinstance(instant, datetime)
    return instant


async def test_a_renewal_prolongs_the_lease_and_tells_nobody(database: Database, manual_clock: ManualClock) -> None:
    lease = Lease(database, manual_clock, "one")
    assert await lease.take()
    async with database.read() as reader:
        seq = await latest_seq(reader)
    for _ in range(3):
        manual_clock.advance(1.3)
        assert await lease.take()
        assert lease.certain
    assert await held_until(database) == manual_clock.wall() + timedelta(seconds=SECONDS)
    async with database.read() as reader:
        assert await latest_seq(reader) == seq
    assert await lease.expires_in() == SECONDS
    lease.close()


@pytest.mark.parametrize("change", [{"holder": "two"}, {"epoch": 7}])
async def test_what_another_holds_is_never_prolonged(
    database: Database, manual_clock: ManualClock, change: dict[str, object]
) -> None:
    lease = Lease(database, manual_clock, "one")
    assert await lease.take()
    fence = lease.fence
    assert fence is not None
    async with database.write(manual_clock.now()) as unit:
        await unit.run(sa.update(t.lease).values(change))
    renewal = Renewal(database)
    assert not await renewal.prolong(fence, manual_clock.wall() + timedelta(seconds=60), 0.0)
    assert await held_until(database) == manual_clock.wall() + timedelta(seconds=SECONDS)
    if "holder" in change:
        assert not await lease.take()
        assert lease.fence is None
    renewal.close()
    lease.close()


async def test_who_finds_the_file_busy_renews_when_it_is_free_again(
    tmp_path: Path, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal_module, "BUSY_SECONDS", 0.02)
    path = tmp_path / "imtui.db"
    database, _ = await open_database(str(path))
    lease = Lease(database, manual_clock, "one")
    try:
        assert await lease.take()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert not await Renewal(database).prolong(Fence("one", 1), manual_clock.wall(), 0.0)
            manual_clock.advance(1.3)
            taking = asyncio.create_task(lease.take())
            await asyncio.sleep(0.1)  # noqa: TID251
            assert not taking.done()
            other.execute("ROLLBACK")
        assert await taking
        assert await held_until(database) == manual_clock.wall() + timedelta(seconds=SECONDS)
    finally:
        lease.close()
        await database.close()
