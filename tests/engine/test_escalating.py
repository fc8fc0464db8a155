"""From an incident to pages: who is paged when, why, and when it ends."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.timeline import EventType
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
from tests.engine.conftest import Provider
from tests.organisation import organise


async def reasons(context: Context, incident: int = 1) -> list[str]:
    """The named reasons in the incident's timeline, in order."""
    return [str(e.data["reason"]) for e in await services.timeline.events(context, incident) if "reason" in e.data]


def code_of(provider: Provider, index: int = -1) -> str:
    found = re.search(r"\b\d{6}\b", provider.sent[index].body)
    assert found is not None
    return found.group()


async def test_nobody_answers_and_everybody_is_paged_in_turn_until_nobody_is_left(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    assert provider.take() == [("ana@example.com", "[High] #1 Web shop is down")]
    manual_clock.advance(299)
    await engine.tick()
    assert provider.take() == []
    manual_clock.advance(1)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["+4915100000001"]
    manual_clock.advance(300)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    assert not (await services.incidents.get(context, 1)).exhausted_at
    manual_clock.advance(600)
    await engine.tick()
    assert provider.take() == []
    assert (await services.incidents.get(context, 1)).exhausted_at == context.now()
    assert (await reasons(context))[-1] == "nobody-left-to-page"
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.timers)) == 0


async def test_an_acknowledgement_stops_channels_and_later_stages(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    await services.engagements.acknowledge(context, code_of(provider))
    provider.take()
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []
    assert "acknowledgement-stops-plan" in await reasons(context)


async def test_without_the_setting_the_second_stage_is_still_engaged(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context, essential=False)
    await services.incidents.start(context, "web")
    await engine.tick()
    await services.engagements.acknowledge(context, code_of(provider))
    provider.take()
    manual_clock.advance(600)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    manual_clock.advance(3600)
    await engine.tick()
    assert not (await services.incidents.get(context, 1)).exhausted_at


async def test_after_an_outage_the_due_stage_pages_late_and_has_its_full_time(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    provider.take()
    manual_clock.advance(3600)
    await engine.tick()
    assert sorted(to for to, _ in provider.take()) == ["+4915100000001", "ben@example.com"]
    late = [e for e in await services.timeline.events(context, 1) if e.data.get("reason") == "late-by"]
    assert [e.data["lateSeconds"] for e in late] == [3000.0]
    manual_clock.advance(599)
    await engine.tick()
    assert not (await services.incidents.get(context, 1)).exhausted_at
    manual_clock.advance(1)
    await engine.tick()
    assert (await services.incidents.get(context, 1)).exhausted_at


async def test_missed_channels_of_one_person_are_one_page_each(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    manual_clock.advance(3600)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]


async def test_a_channel_that_is_not_activated_is_skipped_and_said_so(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.channels).where(t.channels.c.contact_arn == made.ana).values(activated=False))
    await services.incidents.start(context, "web")
    await engine.tick()
    assert provider.take() == []
    first = (await services.engagements.for_incident(context, 1))[0]
    assert (first.label, first.paged_at) == ("Ana", None), "nobody may read that she was paged"
    assert "channel-not-activated" in await reasons(context)
    assert "no-activated-channel" in await reasons(context)
    manual_clock.advance(600)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    paged = {line.label: line.paged_at for line in await services.engagements.for_incident(context, 1)}
    assert paged == {"Ana": None, "Ben": context.now()}


async def test_the_same_person_by_two_ways_is_paged_once(context: Context, engine: Engine, provider: Provider) -> None:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.response_plans).values(engagements=[made.night, made.ana]))
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    assert "already-paged" in await reasons(context)


async def test_a_schedule_with_nobody_on_call_is_a_visible_gap_and_the_plan_goes_on_at_once(
    context: Context, engine: Engine, provider: Provider
) -> None:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(
            sa.update(t.contacts)
            .where(t.contacts.c.arn == made.ana)
            .values(type="ONCALL_SCHEDULE", plan={"Stages": []})
        )
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    assert "nobody-on-call" in await reasons(context)


async def test_a_repeating_plan_begins_again_until_someone_acknowledges(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.contacts).where(t.contacts.c.arn == made.night).values(repeat=True))
    await services.incidents.start(context, "web")
    for _ in range(4):
        await engine.tick()
        manual_clock.advance(300)
    provider.take()
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    assert "repeats" in await reasons(context)


async def test_escalating_by_hand_pages_the_next_stage_now(
    context: Context, engine: Engine, provider: Provider
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    provider.take()
    line = next(line for line in await services.engagements.for_incident(context, 1) if line.after_stage is not None)
    await services.engagements.escalate_now(context, line.id, 0)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    assert "escalated-by-hand" in await reasons(context)


async def test_a_storm_of_one_plan_is_two_messages_and_one_code_answers_all_that_waited(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    for number in range(20):
        await services.incidents.start(context, "web", title=f"Disk {number} is full")
    await engine.tick()
    assert [subject for _, subject in provider.take()] == ["[High] #1 Disk 0 is full"]
    assert (await reasons(context, 2))[0] == "bundled" or "bundled" in await reasons(context, 2)
    manual_clock.advance(59)
    await engine.tick()
    assert provider.take() == []
    manual_clock.advance(1)
    await engine.tick()
    assert [message.subject for message in provider.sent] == ["19 incidents, impact up to 2 (High)"]
    done = await services.engagements.acknowledge(context, code_of(provider))
    assert [number for number, _ in done.incidents] == list(range(2, 21))
    assert {row.acknowledged for row in (await services.incident_list.page(context)).rows} == {0, 1}


async def test_a_silent_incident_pages_whoever_acknowledged_again(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.response_plans).values(repage_minutes=15))
    await services.incidents.start(context, "web")
    await engine.tick()
    await services.engagements.acknowledge(context, code_of(provider))
    provider.take()
    manual_clock.advance(600)
    await services.timeline.add_note(context, 1, "still on it")
    manual_clock.advance(300)
    await engine.tick()
    assert provider.take() == []
    manual_clock.advance(600)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]


@pytest.mark.parametrize("act", ["resolve", "stop"])
async def test_what_has_not_been_sent_when_it_ends_is_never_sent(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock, act: str
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    provider.take()
    if act == "resolve":
        await services.incidents.resolve(context, 1)
    else:
        for line in await services.engagements.for_incident(context, 1):
            if line.status == "Due":
                await services.engagements.stop(context, line.id)
                break
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []


async def test_every_page_of_an_incident_is_in_its_timeline(
    context: Context, engine: Engine, provider: Provider
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    texts = [event.text for event in await services.timeline.events(context, 1, types={EventType.PAGE})]
    assert texts == ["Page sent to Ana by e-mail"]
