"""An engagement outside any incident pages until somebody acknowledges, and says when nobody does."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from imtui import services
from imtui.app.ending import question
from imtui.channels.protocol import Rejected
from imtui.clock import ManualClock
from imtui.engine.engine import Engine
from imtui.engine.pruning import prune
from imtui.operations.acknowledging import lines
from imtui.services.context import Context
from imtui.services.engaging import Words
from storage import tables as t
from tests.engine.conftest import Provider
from tests.organisation import organise

WORDS = Words("Disk is full", "On host seven")


async def start(context: Context, contact: str = "night") -> str:
    return await services.engaging.start(context, contact, "cron", WORDS)


def code_of(provider: Provider) -> str:
    found = re.search(r"\b\d{6}\b", provider.sent[-1].body)
    assert found is not None
    return found[0]


async def alarms(context: Context) -> list[str]:
    async with context.database.read() as reader:
        return [row.text for row in await reader.all(sa.select(t.alarms.c.text))]


async def states(context: Context) -> list[tuple[str, str]]:
    e = t.engagements.c
    async with context.database.read() as reader:
        rows = await reader.all(sa.select(e.target_arn, e.status).order_by(e.started_at, e.parent_id.is_not(None)))
    return [(row.target_arn.rpartition("/")[2], row.status) for row in rows]


async def test_a_code_stops_the_plan_where_that_is_set_and_says_what_it_was_about(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await start(context)
    await engine.tick()
    done = await services.engagements.acknowledge(context, code_of(provider))
    assert lines(done) == ["Ana acknowledged: Disk is full"]
    assert await states(context) == [("night", "ACKNOWLEDGED"), ("ana", "ACKNOWLEDGED")]
    assert (await services.engagements.acknowledge(context, code_of(provider))).already
    provider.take()
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []
    assert await alarms(context) == []


async def test_who_has_acknowledged_is_not_paged_by_a_later_stage_and_the_next_one_is(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context, essential=False)
    async with context.database.write(context.now()) as unit:
        night = t.contacts.c.arn == made.night
        plan = await unit.scalar(sa.select(t.contacts.c.plan).where(night))
        stages = [*plan["Stages"][:1], *plan["Stages"]]
        await unit.run(sa.update(t.contacts).where(night).values(plan={"Stages": stages}))
    await start(context)
    await engine.tick()
    await services.engagements.acknowledge(context, code_of(provider))
    provider.take()
    manual_clock.advance(600)
    await engine.tick()
    assert provider.take() == []
    manual_clock.advance(600)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]


async def test_an_acknowledgement_counts_for_one_engagement_and_not_for_another(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await start(context, "ana")
    await engine.tick()
    code = code_of(provider)
    await start(context, "ana")
    await engine.tick()
    assert len(provider.take()) == 2
    await services.engagements.acknowledge(context, code)
    manual_clock.advance(300)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["+4915100000001"], "the other one goes on"


async def test_when_nobody_answers_that_is_shown_until_somebody_does(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await start(context)
    await engine.tick()
    code = code_of(provider)
    for _ in range(6):
        manual_clock.advance(300)
        await engine.tick()
    assert await alarms(context) == [
        "Nobody has acknowledged the page 'Disk is full' of Night shift, and nobody is left to page"
    ]
    assert (await services.health.report(context)).ok, "it is no fault of this program"
    async with context.database.write(context.now() + timedelta(days=2)) as unit:
        await prune(unit, timedelta(days=90))
    assert await alarms(context), "it stands until somebody acts"
    await services.engagements.acknowledge(context, code)
    assert await alarms(context) == []


async def test_whoever_ends_the_engine_is_told_what_stops_with_it(context: Context, engine: Engine) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await start(context)
    await engine.tick()
    paged = await services.engagements.under_way(context)
    assert paged == [(1, "Web shop is down"), (0, "Disk is full")]
    asked = question(await services.health.report(context), paged)
    assert "  #1 Web shop is down\n  page: Disk is full\n" in asked


async def test_a_stop_ends_it_without_a_word_of_nobody(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    arn = await start(context)
    await engine.tick()
    await services.engagements.stop(context, arn)
    assert await states(context) == [("night", "STOPPED"), ("ana", "STOPPED")]
    provider.take()
    manual_clock.advance(3600)
    await engine.tick()
    assert provider.take() == []
    assert await alarms(context) == []


async def test_who_has_no_channel_is_not_silently_paged_by_nothing(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.contacts.create(context, "cem", display_name="Cem")
    await start(context, "cem")
    await engine.tick()
    assert await alarms(context) == [
        "Nobody has acknowledged the page 'Disk is full' of Cem, and nobody is left to page"
    ]


async def test_a_page_that_fails_for_good_is_shown_and_breaks_nothing(
    context: Context, engine: Engine, provider: Provider
) -> None:
    await organise(context)
    provider.answers.append(Rejected("550 no such mailbox", permanent=True))
    await start(context, "ben")
    await engine.tick()
    assert await alarms(context) == ["Page to Ben by e-mail failed for good: 550 no such mailbox"]
    assert (await services.health.report(context)).ok


async def test_the_notifications_show_its_words(context: Context, engine: Engine, provider: Provider) -> None:
    await organise(context)
    await start(context)
    await engine.tick()
    [message] = await services.messages.recent(context)
    assert (message.subject, message.incidents) == ("Page from cron: Disk is full", ())
    assert "On host seven" in message.body
