"""Incidents begin once, are edited without loss, and end everywhere at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.errors import AccessDenied, Conflict, NotFound, ValidationFailed
from imtui.domain.incident import Impact, Status
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from storage import tables as t
from tests.organisation import organise


async def test_a_started_incident_has_its_engagement_and_a_timer_due_at_once(context: Context) -> None:
    made = await organise(context)
    started = await services.incidents.start(context, "web")
    assert started.created
    assert (started.incident.number, started.incident.impact) == (1, Impact.HIGH)
    async with context.database.read() as reader:
        engagement = await reader.first(sa.select(t.engagements))
        timer = await reader.first(sa.select(t.timers))
        tags = await reader.all(sa.select(t.tags.c.key, t.tags.c.value))
    assert engagement is not None
    assert timer is not None
    assert (engagement.target_arn, engagement.status) == (made.night, "RUNNING")
    assert (timer.engagement_id, timer.due_at) == (engagement.id, context.now())
    assert [tuple(tag) for tag in tags] == [("team", "shop")]


async def test_a_second_start_with_the_same_dedupe_string_answers_the_open_incident(context: Context) -> None:
    await organise(context, dedupe_string="shop")
    first = await services.incidents.start(context, "web")
    again = await services.incidents.start(context, "web")
    assert (again.created, again.incident.id) == (False, first.incident.id)
    assert sum(await services.incident_list.counts(context)) == 1


async def test_after_resolution_the_same_cause_starts_a_new_incident(context: Context) -> None:
    await organise(context, dedupe_string="shop")
    await services.incidents.start(context, "web")
    await services.incidents.resolve(context, 1)
    second = await services.incidents.start(context, "web")
    assert (second.created, second.incident.number) == (True, 2)
    with pytest.raises(Conflict, match="incident #2 is open for the same cause"):
        await services.incidents.reopen(context, 1)


async def test_a_repeated_client_token_answers_the_same_incident_and_a_misused_one_is_refused(context: Context) -> None:
    await organise(context)
    first = await services.incidents.start(context, "web", client_token="retry-1")
    again = await services.incidents.start(context, "web", client_token="retry-1")
    assert (again.created, again.incident.id) == (False, first.incident.id)
    with pytest.raises(Conflict, match="other parameters"):
        await services.incidents.start(context, "web", title="Something else", client_token="retry-1")
    assert sum(await services.incident_list.counts(context)) == 1


async def test_an_unknown_plan_starts_nothing_and_is_recorded_as_refused(context: Context) -> None:
    with pytest.raises(NotFound, match="no incident was started"):
        await services.incidents.start(context, "nothing")
    async with context.database.read() as reader:
        audit = (await reader.all(sa.select(t.audit.c.action, t.audit.c.error)))[0]
    assert tuple(audit) == ("ssm-incidents:StartIncident", "ResourceNotFoundException")


async def test_resolving_stops_engagements_and_cancels_timers(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    resolved = await services.incidents.resolve(context, "#1")
    assert (resolved.status, resolved.resolved_at) == (Status.RESOLVED, context.now())
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(t.engagements.c.status)) == "STOPPED"
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.timers)) == 0
    assert (await services.incidents.resolve(context, 1)).revision == resolved.revision


async def test_reopening_pages_nobody(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await services.incidents.resolve(context, 1)
    assert (await services.incidents.reopen(context, 1)).is_open
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.timers)) == 0


async def test_two_editors_do_not_overwrite_each_other(context: Context, make_context: Callable[..., Context]) -> None:
    await organise(context)
    seen = (await services.incidents.start(context, "web")).incident.revision
    await services.incidents.update(make_context("ben"), 1, summary="Ben was first", revision=seen)
    with pytest.raises(Conflict, match="somebody else"):
        await services.incidents.update(context, 1, summary="Ana was late", revision=seen)
    assert (await services.incidents.get(context, 1)).summary == "Ben was first"


async def test_an_edit_that_changes_nothing_leaves_no_trace_in_the_timeline(context: Context) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    await services.incidents.update(context, 1, title=incident.title, impact=2)
    events = await services.timeline.events(context, 1)
    assert [event.type for event in events] == [EventType.TRIGGER]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"impact": 6}, "impact"),
        ({"impact": "dreadful"}, "impact"),
        ({"summary": "x" * 8001}, "summary"),
        ({"notification_targets": ["t"] * 11}, "notification_targets"),
    ],
)
async def test_a_value_out_of_its_limits_is_refused_at_its_field(
    context: Context, values: dict[str, object], field: str
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    with pytest.raises(ValidationFailed) as refused:
        await services.incidents.update(context, 1, **values)  # type: ignore[arg-type]
    assert refused.value.field == field


async def test_a_read_only_caller_looks_and_changes_nothing(
    context: Context, make_context: Callable[..., Context]
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    wall = make_context("wall", read_only=True)
    assert (await services.incidents.get(wall, 1)).is_open
    with pytest.raises(AccessDenied, match="is not authorized to perform: ssm-incidents:UpdateIncidentRecord"):
        await services.incidents.resolve(wall, 1)
    assert (await services.incidents.get(wall, 1)).is_open


async def test_the_list_puts_what_nobody_is_paged_for_first_then_impact_then_the_newest(context: Context) -> None:
    await organise(context)
    for impact in (3, 1, 1, 5):
        await services.incidents.start(context, "web", impact=impact)
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.incidents).where(t.incidents.c.number == 4).values(exhausted_at=unit.now))
    await services.incidents.resolve(context, 3)
    rows = (await services.incident_list.page(context)).rows
    assert [row.number for row in rows] == [4, 2, 1, 3]
    assert [
        row.number for row in (await services.incident_list.page(context, status="OPEN", start=1, limit=1)).rows
    ] == [2]


@pytest.mark.parametrize(
    ("text", "numbers"), [("disk", [2]), ("#1", [1]), ("100%", [3]), ("_", []), ("shop down", [1])]
)
async def test_the_filter_takes_text_as_text(context: Context, text: str, numbers: list[int]) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await services.incidents.start(context, "web", title="Disk full")
    await services.incidents.start(context, "web", title="CPU at 100%")
    assert [row.number for row in (await services.incident_list.page(context, text=text)).rows] == numbers
    assert (await services.incident_list.page(context, text=text)).total == len(numbers)


async def test_text_with_nul_and_lone_surrogates_is_stored_without_them(context: Context) -> None:
    await organise(context)
    started = await services.incidents.start(context, "web", title="a\x00b\ud800c")
    assert started.incident.title == "abc"
