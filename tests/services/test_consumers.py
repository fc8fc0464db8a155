"""At the terminal, too, a user of another account gets what is shared, and screens that show more say no."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.errors import AccessDenied, Conflict
from imtui.domain.incident import IncidentTemplate, parse_impact
from imtui.operations import contacts as contact_operations
from imtui.operations import incidents as incident_operations
from imtui.services.context import Context
from imtui.services.users import PolicyText
from storage import tables as t
from storage.alarms import raise_alarm
from tests.organisation import Organisation, organise

CONSUMER = "999988887777"
MORE = f"this shows more than what is shared with account {CONSUMER}"


@pytest.fixture
async def made(context: Context) -> Organisation:
    """Contacts, and the plans `web` and `db`, each with an open incident; `web` is shared, and so is `night`."""
    found = await organise(context)
    template = IncidentTemplate(title="Database", impact=parse_impact(2), tags={"secret": "yes"})
    await services.response_plans.create(context, "db", template=template, tags={"secret": "yes"})
    for plan in ("db", "web"):
        await services.incidents.start(context, plan)
    await services.sharing.put(context, found.web, policy())
    await services.contact_policies.put(context, found.night, policy())
    return found


@pytest.fixture
async def eve(context: Context, made: Organisation) -> Context:
    """A user of another account who may do anything, as far as it is for that account to say."""
    user = await services.users.create(context, "eve", policies=[PolicyText("administrator")], account=CONSUMER)
    return context.acting_as(replace(context.caller, name="eve", arn=user.arn, bound=True))


def policy(**changed: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement | changed})


async def test_lists_hold_what_is_shared(eve: Context) -> None:
    page = await services.incident_list.page(eve)
    assert ([row.title for row in page.rows], page.total, page.counts) == (["Web shop is down"], 1, (1, 0))
    assert [plan.name for plan in await services.response_plans.list_plans(eve)] == ["web"]
    listed = await services.contacts.list_contacts(eve, "ESCALATION")
    assert [contact.alias for contact in listed] == ["night"]
    assert await services.contacts.list_contacts(eve) == []
    assert await contact_operations.list_(eve) == []


async def test_an_incident_is_shown_with_the_engagements_that_are_shared_and_without_its_tags(
    context: Context, eve: Context, made: Organisation
) -> None:
    await services.engagements.engage(context, "#2", "ben")
    await services.tags.set_tags(context, (await services.incidents.get(context, "2")).arn, {"secret": "yes"})
    shown = await incident_operations.show(eve, "2")
    assert shown.tags == {}
    assert {line.plan_arn for line in shown.engagements} == {made.night}
    told = await incident_operations.show(context, "2")
    assert (told.tags, len(told.engagements)) == ({"secret": "yes"}, len(shown.engagements) + 1)
    with pytest.raises(AccessDenied, match="is not shared"):
        await incident_operations.show(eve, "1")


async def test_a_number_that_is_not_shared_tells_nothing_of_its_incident(context: Context, eve: Context) -> None:
    arn = (await services.incidents.get(context, "1")).arn
    with pytest.raises(AccessDenied, match="on resource: 1 ") as told:
        await services.incidents.get(eve, "1")
    assert "/db" not in str(told.value)
    assert told.value.resource == arn, "the owner's audit log has the whole name"


@pytest.mark.parametrize(
    "read",
    [
        lambda eve: services.incident_list.page(eve, text="tag:secret=yes"),
        lambda eve: services.incident_list.counts(eve),
        lambda eve: services.rehearsals.of(eve, "web"),
        lambda eve: services.engagements.under_way(eve),
        lambda eve: services.schedules.get(eve, "night"),
    ],
)
async def test_what_shows_more_than_is_shared_is_refused(
    eve: Context, read: Callable[[Context], Awaitable[object]]
) -> None:
    with pytest.raises(AccessDenied, match=MORE):
        await read(eve)


async def test_a_program_begins_and_tells_nothing_of_the_rest(eve: Context) -> None:
    assert await services.looks.away(eve) is None
    assert not await services.preparation.first_time(eve)
    assert await services.response_plans.warnings(eve, "web") == []
    assert await services.channels.of_everybody(eve) == {}
    assert await services.engagements.people(eve, [eve.names.contact("night")]) == ["night"]


async def test_an_incident_for_the_same_cause_is_not_told_of_unless_it_is_shared(
    eve: Context, context: Context
) -> None:
    template = IncidentTemplate(title="Same", impact=parse_impact(2), dedupe_string="same")
    for name in ("one", "other"):
        await services.response_plans.create(context, name, template=template)
    await services.sharing.put(context, context.names.response_plan("other"), policy())
    known = (await services.incidents.start(context, "one")).incident
    with pytest.raises(Conflict, match="not shared") as told:
        await services.incidents.start(eve, "other")
    assert known.id not in f"{told.value} {told.value.resource_id}"
    await services.sharing.put(context, context.names.response_plan("one"), policy())
    assert (await services.incidents.start(eve, "other")).incident.id == known.id


async def test_health_tells_of_what_is_shared_only(eve: Context, context: Context) -> None:
    async with context.database.write(context.now()) as unit:
        await raise_alarm(unit, "channel", "mails to Ana come back")
        await unit.run(sa.update(t.incidents).values(exhausted_at=unit.now))
    seen, known = await services.health.report(eve), await services.health.report(context)
    assert ([each.number for each in seen.exhausted], [each.number for each in known.exhausted]) == ([2], [1, 2])
    assert (seen.alarms, len(known.alarms)) == ((), 1)
    assert seen.leader is known.leader


async def test_tags_are_not_shown(eve: Context, context: Context) -> None:
    db = context.names.response_plan("db")
    await services.sharing.put(context, db, policy())
    plan = await services.response_plans.get(eve, db)
    assert (plan.tags, plan.template.tags) == ({}, {})
    plan = await services.response_plans.get(context, db)
    assert (plan.tags, plan.template.tags) == ({"secret": "yes"}, {"secret": "yes"})


async def test_a_condition_on_a_tag_of_the_incident_counts_for_each_and_lists_none(
    eve: Context, context: Context
) -> None:
    db = context.names.response_plan("db")
    await services.sharing.put(context, db, policy(Condition={"StringEquals": {"aws:ResourceTag/secret": "yes"}}))
    await services.incidents.get(eve, "1")
    assert [row.number for row in (await services.incident_list.page(eve)).rows] == [2]
    assert [plan.name for plan in await services.response_plans.list_plans(eve)] == ["db", "web"]
    await services.tags.set_tags(context, (await services.incidents.get(context, "1")).arn, {"secret": "no"})
    with pytest.raises(AccessDenied, match="does not include this"):
        await services.incidents.get(eve, "1")
