"""A drill pages as an incident does, says that it is one, measures the answers, and ends by itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.channels.protocol import Rejected
from imtui.clock import ManualClock
from imtui.domain.drill import Outcome
from imtui.domain.errors import ValidationFailed
from imtui.domain.incident import Status
from imtui.domain.plan import ContactTarget, Stage, stages_to_wire
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.drills import Drill
from storage import tables as t
from tests.engine.conftest import Provider
from tests.organisation import Organisation, organise


def code_of(provider: Provider, index: int = -1) -> str:
    found = re.search(r"\b\d{6}\b", provider.sent[index].body)
    assert found is not None
    return found.group()


async def end_of(context: Context, number: int = 1) -> str:
    """The last sentence of the timeline."""
    return (await services.timeline.events(context, number))[-1].text


async def nothing_waits(context: Context) -> bool:
    async with context.database.read() as reader:
        timers = await reader.scalar(sa.select(sa.func.count()).select_from(t.timers))
        running = await reader.scalar(sa.select(sa.func.count()).select_from(t.engagements).where(t.running))
        return not timers and not running


async def together(context: Context, made: Organisation) -> None:
    """The plan engages Ana and Ben at once."""
    stages = (Stage(10, (ContactTarget(made.ana, False), ContactTarget(made.ben, False))),)
    async with context.database.write(context.now()) as unit:
        night = t.contacts.c.arn == made.night
        await unit.run(sa.update(t.contacts).where(night).values(plan=stages_to_wire(stages)))


def outcomes(drill: Drill) -> dict[str, tuple[Outcome, float | None]]:
    return {one.asked.label: (one.outcome, one.seconds) for one in drill.report.people}


async def test_it_is_over_when_everybody_who_was_asked_has_answered_and_the_answers_are_measured(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await together(context, await organise(context))
    drill = await services.drills.begin(context, "web")
    assert drill.incident.drill
    await engine.tick()
    assert sorted(provider.sent, key=lambda m: m.to)[0].subject == "DRILL: [High] #1 Web shop is down"
    codes = {message.to: re.findall(r"\b\d{6}\b", message.body)[0] for message in provider.sent}
    manual_clock.advance(12)
    await services.engagements.acknowledge(context, codes["ana@example.com"])
    await engine.tick()
    going_on = await services.drills.of(context, 1)
    assert outcomes(going_on) == {"Ana": (Outcome.ANSWERED, 12.0), "Ben": (Outcome.WAITING, None)}
    manual_clock.advance(30)
    await services.engagements.acknowledge(context, codes["ben@example.com"])
    await engine.tick()
    over = await services.drills.of(context, 1)
    assert over.incident.status is Status.RESOLVED
    assert (await end_of(context)).startswith("The drill is over: everybody")
    assert outcomes(over) == {"Ana": (Outcome.ANSWERED, 12.0), "Ben": (Outcome.ANSWERED, 42.0)}
    assert over.report.median == 27.0
    ana = next(one for one in over.report.people if one.asked.label == "Ana")
    assert (ana.asked.plan, ana.asked.stage) == ("Night shift", 1)
    assert ana.asked.answered_via == "by the code sent to e-mail"
    assert await nothing_waits(context)
    provider.sent.clear()
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []


async def test_nobody_is_paged_after_its_time_is_up(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.drills.begin(context, "web", 4)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    manual_clock.advance(239)
    await engine.tick()
    assert (await services.incidents.get(context, 1)).is_open
    manual_clock.advance(1)
    await engine.tick()
    over = await services.drills.of(context, 1)
    assert not over.incident.is_open
    assert await end_of(context) == "The drill is over: its time is up"
    people = {one.asked.label: (one.outcome, one.why) for one in over.report.people}
    assert people == {"Ana": (Outcome.SILENT, ""), "Ben": (Outcome.UNPAGED, "their stage was not begun")}
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []
    assert await nothing_waits(context)


async def test_one_whose_time_was_up_while_no_engine_ran_pages_nobody(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.drills.begin(context, "web")
    manual_clock.advance(15 * 60)
    await engine.tick()
    assert provider.take() == []
    assert not (await services.incidents.get(context, 1)).is_open


async def test_it_is_over_when_nobody_is_left_to_page(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.channels).where(t.channels.c.contact_arn == made.ben).values(activated=False))
    await services.drills.begin(context, "web", 60)
    await engine.tick()
    for _ in range(30):
        manual_clock.advance(60)
        await engine.tick()
    over = await services.drills.of(context, 1)
    assert not over.incident.is_open
    assert await end_of(context) == "The drill is over: the plans have ended"
    assert over.incident.exhausted_at is None
    people = {one.asked.label: (one.outcome, one.why) for one in over.report.people}
    no_channel = "no channel of the engagement plan is activated"
    assert people == {"Ana": (Outcome.SILENT, ""), "Ben": (Outcome.UNPAGED, no_channel)}


async def test_of_a_plan_that_engages_nobody_it_is_over_at_once(context: Context, engine: Engine) -> None:
    await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.response_plans).values(engagements=[]))
    await services.drills.begin(context, "web")
    await engine.tick()
    over = await services.drills.of(context, 1)
    assert not over.incident.is_open
    assert over.report.people == ()


async def test_a_page_that_fails_for_good_is_told(context: Context, engine: Engine, provider: Provider) -> None:
    await organise(context)
    provider.answers = [Rejected("550 no such user", permanent=True)]
    await services.drills.begin(context, "web")
    await engine.tick()
    ana = (await services.drills.of(context, 1)).report.people[0]
    assert (ana.outcome, ana.why) == (Outcome.UNPAGED, "e-mail: 550 no such user")


async def test_a_receipt_of_delivery_is_measured(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.drills.begin(context, "web")
    await engine.tick()
    manual_clock.advance(3)
    async with context.database.write(context.now()) as unit:
        receipt = {"message_id": provider.sent[0].id, "at": unit.now, "type": "DELIVERED", "info": ""}
        unit.insert(t.receipts, receipt)
    assert (await services.drills.of(context, 1)).report.people[0].delivered_at == context.now()


async def test_a_drill_neither_swallows_nor_delays_what_really_happens(
    context: Context, engine: Engine, provider: Provider
) -> None:
    await organise(context, dedupe_string="web-shop")
    await services.drills.begin(context, "web")
    await engine.tick()
    provider.take()
    real = await services.incidents.start(context, "web")
    assert real.created
    assert not real.incident.drill
    await engine.tick()
    assert provider.take() == [("ana@example.com", "[High] #2 Web shop is down")], "at once, and not as a drill"
    again = await services.drills.begin(context, "web")
    assert again.incident.number == 3, "a drill is an incident of its own while a real one is open"


async def test_an_incident_is_no_drill(context: Context, engine: Engine) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    with pytest.raises(ValidationFailed, match="#1 is no drill"):
        await services.drills.of(context, 1)
    await engine.tick()
    await services.engagements.take(context, 1)
    await engine.tick()
    assert (await services.incidents.get(context, 1)).is_open, "only a drill ends by itself"


async def test_following_tells_what_happens_and_ends_with_the_drill(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.drills.begin(context, "web")
    told: asyncio.Queue[str] = asyncio.Queue()
    following = asyncio.create_task(services.drills.follow(context, 1, told.put_nowait))
    await engine.tick()
    async with asyncio.timeout(10):
        assert await told.get() == "Ana is paged by e-mail"
    manual_clock.advance(20)
    await services.engagements.acknowledge(context, code_of(provider))
    async with asyncio.timeout(10):
        assert await told.get() == "Ana: answered after 20 s, by the code sent to e-mail"
    await engine.tick()
    async with asyncio.timeout(10):
        over = await following
    assert not over.incident.is_open
    assert over.report.median == 20.0


async def test_where_no_engine_runs_whoever_waits_ends_it_and_nobody_is_paged_later(
    context: Context, make_engine: Callable[[str], Engine], provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.drills.begin(context, "web", 2)
    following = asyncio.create_task(services.drills.follow(context, 1, lambda _: None))
    manual_clock.advance(120)
    async with asyncio.timeout(10):
        over = await following
    assert not over.incident.is_open
    assert await end_of(context) == "The drill is over: its time is up"
    await make_engine("late").tick()
    assert provider.take() == []


async def test_broken_off_the_drill_goes_on(context: Context, engine: Engine, provider: Provider) -> None:
    await organise(context)
    await services.drills.begin(context, "web")
    told: asyncio.Queue[str] = asyncio.Queue()
    following = asyncio.create_task(services.drills.follow(context, 1, told.put_nowait))
    await engine.tick()
    async with asyncio.timeout(10):
        await told.get()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert (await services.incidents.get(context, 1)).is_open
    await services.engagements.acknowledge(context, code_of(provider))
    await engine.tick()
    assert not (await services.incidents.get(context, 1)).is_open
