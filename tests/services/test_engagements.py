"""An acknowledgement counts once, for the right person and everywhere in the incident; a wrong code does nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, Throttled, ValidationFailed
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from storage import tables as t
from tests.organisation import hand_out, organise


async def states(context: Context) -> dict[str, str]:
    """The status of each engagement by the last part of its target's name."""
    async with context.database.read() as reader:
        rows = await reader.all(sa.select(t.engagements.c.target_arn, t.engagements.c.status))
    return {row.target_arn.rpartition("/")[2]: row.status for row in rows}


async def test_a_code_acknowledges_for_its_person_and_stops_the_plan_where_that_is_set(context: Context) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    await hand_out(context, incident.id, made.ana, made.ana_email, "123456")
    async with context.database.write(context.now()) as unit:
        plan = t.engagements.c.target_arn == made.night
        await unit.run(sa.update(t.engagements).where(plan).values(reached=[[made.ana, True]], next_stage=1))
    done = await services.engagements.acknowledge(context, " 123 456 ")
    assert (done.label, done.incidents, done.already) == ("Ana", ((1, "Web shop is down"),), False)
    assert await states(context) == {"night": "ACKNOWLEDGED", "ana": "ACKNOWLEDGED"}
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.timers)) == 0
    said = (await services.timeline.events(context, 1, types={EventType.ACKNOWLEDGEMENT}))[0]
    assert said.data["reason"] == "acknowledgement-stops-plan"


async def test_without_that_setting_the_plan_goes_on(context: Context) -> None:
    made = await organise(context, essential=False)
    incident = (await services.incidents.start(context, "web")).incident
    await hand_out(context, incident.id, made.ana, made.ana_email, "123456")
    await services.engagements.acknowledge(context, "123456")
    assert await states(context) == {"night": "RUNNING", "ana": "ACKNOWLEDGED"}


async def test_a_code_typed_twice_says_so_and_changes_nothing(context: Context) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    await hand_out(context, incident.id, made.ana, made.ana_email, "123456")
    await services.engagements.acknowledge(context, "123456")
    again = await services.engagements.acknowledge(context, "123456")
    assert again.already
    assert len(await services.timeline.events(context, 1, types={EventType.ACKNOWLEDGEMENT})) == 1


async def test_a_code_typed_after_the_end_does_not_pretend_that_somebody_had_acknowledged(context: Context) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    await hand_out(context, incident.id, made.ana, made.ana_email, "123456")
    await services.incidents.resolve(context, 1)
    for _ in range(6):  # it is no wrong code, so nobody is throttled by it
        with pytest.raises(Conflict, match="#1 needs no acknowledgement any more"):
            await services.engagements.acknowledge(context, "123456")
    assert (await states(context))["ana"] == "STOPPED"


async def test_five_wrong_codes_a_minute_are_throttled_and_a_minute_later_the_right_one_counts(
    context: Context, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    await hand_out(context, incident.id, made.ana, made.ana_email, "123456")
    for guess in range(5):
        with pytest.raises(ValidationFailed, match="no unanswered page has this code"):
            await services.engagements.acknowledge(context, f"00000{guess}")
    with pytest.raises(Throttled):
        await services.engagements.acknowledge(context, "123456")
    manual_clock.advance(61)
    assert not (await services.engagements.acknowledge(context, "123456")).already


async def test_taking_an_incident_acknowledges_for_the_caller_although_nobody_paged_them(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    done = await services.engagements.take(context, 1)
    assert (done.label, done.already) == ("Ana", False)
    assert (await services.engagements.take(context, 1)).already


async def test_who_is_due_stands_below_who_was_engaged(context: Context) -> None:
    made = await organise(context)
    await services.incidents.start(context, "web")
    lines = await services.engagements.for_incident(context, 1)
    assert [(line.label, line.status, line.plan_label) for line in lines] == [
        ("Ana", "Due", "Night shift"),
        ("Ben", "Due", "Night shift"),
    ]
    assert await services.engagements.people(context, [made.night]) == ["Ana"]


async def test_escalating_by_hand_acts_only_on_the_stage_that_was_seen(context: Context) -> None:
    made = await organise(context)
    await services.incidents.start(context, "web")
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.engagements).where(t.engagements.c.target_arn == made.night).values(next_stage=1))
    line = next(line for line in await services.engagements.for_incident(context, 1) if line.after_stage is not None)
    assert line.after_stage == 0
    with pytest.raises(Conflict, match="moved on"):
        await services.engagements.escalate_now(context, line.id, 1)
    await services.engagements.escalate_now(context, line.id, 0)
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(t.timers.c.due_at)) == context.now()


async def test_stopping_an_engagement_ends_its_timer_and_a_second_stop_is_refused(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    line = (await services.engagements.for_incident(context, 1))[0]
    await services.engagements.stop(context, line.id)
    assert await states(context) == {"night": "STOPPED"}
    with pytest.raises(Conflict, match="not running any more"):
        await services.engagements.stop(context, line.id)


async def test_nobody_is_engaged_in_a_resolved_incident(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await services.incidents.resolve(context, 1)
    with pytest.raises(Conflict, match="is resolved"):
        await services.engagements.engage(context, 1, "ben")
