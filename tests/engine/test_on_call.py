"""A schedule pages whoever is on call at the instant of engagement, and a gap is said and skipped at once."""

from __future__ import annotations

from datetime import UTC, datetime

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.plan import ContactTarget, Stage
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.rotations import RotationSpec
from tests.engine.conftest import Provider
from tests.organisation import organise

START = datetime(2026, 2, 1, 8, tzinfo=UTC)
DAILY_AT_8 = Recurrence(Kind.DAILY, ((0, 480),))


async def plan_with_schedule(context: Context, coverage: Coverage | None = None) -> str:
    """The plan engages the schedule of Ana and Ben, 10 minutes later Ana; at 03:10 it is Ben's turn. The rotation's
    ARN."""
    await organise(context)
    spec = RotationSpec("turns", ("ana", "ben"), "UTC", DAILY_AT_8, coverage, start=START)
    schedule = await services.schedules.create(context, "primary", [spec], display_name="Primary")
    names = context.names
    first, second = ContactTarget(names.contact("primary"), True), ContactTarget(names.contact("ana"))
    stages = [Stage(10, (first,)), Stage(10, (second,))]
    await services.plans.update(context, "night", stages=stages)
    return schedule.rotations[0].arn


async def test_whoever_is_on_call_is_paged(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await plan_with_schedule(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
    texts = [event.text for event in await services.timeline.events(context, 1)]
    assert any("Ben is engaged, on call for Primary" in text for text in texts)


async def test_the_instant_of_engagement_decides_not_that_of_the_incident(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await plan_with_schedule(context)
    manual_clock.advance(4 * 3600 + 49 * 60)  # 07:59
    await services.incidents.start(context, "web")
    manual_clock.advance(60)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]


async def test_an_override_decides_who_is_paged(context: Context, engine: Engine, provider: Provider) -> None:
    await plan_with_schedule(context)
    await services.oncall.take(context, "primary")
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]


async def test_an_acknowledgement_by_whoever_is_on_call_stops_the_plan(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock, make_context: type[Context]
) -> None:
    await plan_with_schedule(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    code = next(word for word in provider.sent[0].body.split() if word.isdigit() and len(word) == 6)
    await services.engagements.acknowledge(context, code)
    provider.take()
    manual_clock.advance(3600)
    await engine.tick()
    assert provider.take() == []


async def test_a_gap_is_said_and_the_plan_goes_on_at_once(context: Context, engine: Engine, provider: Provider) -> None:
    await plan_with_schedule(context, Coverage.of([[(480, 1200)]] * 7))
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    texts = [event.text for event in await services.timeline.events(context, 1)]
    assert "Nobody is on call for Primary: the plan goes on" in texts


async def test_a_schedule_can_be_engaged_by_hand(context: Context, engine: Engine, provider: Provider) -> None:
    await plan_with_schedule(context)
    await services.plans.update(context, "night", stages=[Stage(10, (ContactTarget(context.names.contact("ana")),))])
    await services.incidents.start(context, "web")
    await engine.tick()
    provider.take()
    assert await services.engagements.people(context, ["primary"]) == ["Ben"]
    await services.engagements.engage(context, 1, "primary")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]


async def test_the_same_person_by_two_ways_is_paged_once(context: Context, engine: Engine, provider: Provider) -> None:
    await plan_with_schedule(context)
    names = context.names
    both = Stage(10, (ContactTarget(names.contact("primary")), ContactTarget(names.contact("ben"))))
    await services.plans.update(context, "night", stages=[both])
    await services.incidents.start(context, "web")
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ben@example.com"]
