"""One engine at a time: election, take-over, and a leader that was stopped and wakes up."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
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
