"""Incident records on the wire: begun once, complete, edited as a whole, deleted without loss, listed without gaps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import AccessDenied, Conflict, NotFound, ValidationFailed
from imtui.services.context import Context
from imtui.services.events import Intake
from imtui.sources.documents import signals
from storage import tables as t
from tests.documents import alarm
from tests.domain.nasty import WORDS
from tests.operations.aws.incident_calls import FOREIGN, MISSING, NO_PLAN, call, record, start, walk
from tests.organisation import hand_out, organise

TOPIC = "arn:aws:sns:zz-local-1:111122223333:room"


async def test_a_started_incident_has_all_that_the_caller_said(context: Context) -> None:
    made = await organise(context)
    raw = '{"detail": {"state":  "ALARM"}}'
    answer = await call(
        context,
        "StartIncident",
        responsePlanArn=made.web,
        title="Payments fail",
        impact=1,
        triggerDetails={
            "source": "com.example.monitor",
            "timestamp": "2026-03-01T03:05:00Z",
            "triggerArn": "arn:aws:cloudwatch:zz-local-1:111122223333:alarm:payments",
            "rawData": raw,
        },
        relatedItems=[
            {"identifier": {"type": "OTHER", "value": {"url": "https://example.com/runbook"}}, "title": "Runbook"},
            {"identifier": {"type": "METRIC", "value": {"metricDefinition": '{"metrics":[]}'}}},
        ],
    )
    arn = answer["incidentRecordArn"]
    found = await record(context, arn)
    assert found["arn"] == arn
    assert (found["title"], found["impact"], found["status"]) == ("Payments fail", 1, "OPEN")
    assert found["incidentRecordSource"] == {
        "createdBy": context.caller.arn,
        "source": "com.example.monitor",
        "resourceArn": "arn:aws:cloudwatch:zz-local-1:111122223333:alarm:payments",
    }
    assert found["chatChannel"] == {"empty": {}}
    events = (await call(context, "ListTimelineEvents", incidentRecordArn=arn))["eventSummaries"]
    first = (await call(context, "GetTimelineEvent", incidentRecordArn=arn, eventId=events[0]["eventId"]))["event"]
    assert first["eventType"] == "SSM Incident Trigger"
    assert first["eventTime"].isoformat() == "2026-03-01T03:05:00+00:00"
    assert json.loads(first["eventData"])["rawData"] == raw, "to the letter"
    items = (await call(context, "ListRelatedItems", incidentRecordArn=arn))["relatedItems"]
    assert {item.get("title") for item in items} == {"Runbook", None}


async def test_a_retry_with_its_token_starts_nothing_and_other_parameters_are_refused(context: Context) -> None:
    await organise(context)
    first = await start(context, clientToken="retry-1")
    assert await start(context, clientToken="retry-1") == first
    with pytest.raises(Conflict, match="other parameters"):
        await start(context, clientToken="retry-1", title="Another")
    assert sum(await services.incident_list.counts(context)) == 1


async def test_a_duplicate_is_answered_with_the_incident_that_is_open(context: Context) -> None:
    await organise(context, dedupe_string="shop")
    first = await start(context)
    assert await start(context, title="Again") == first
    assert (await record(context, first))["dedupeString"] == "shop"


async def test_an_empty_title_is_none(context: Context) -> None:
    await organise(context)
    assert (await record(context, await start(context, title="")))["title"] == "Web shop is down"


async def test_an_unknown_plan_starts_nothing_and_the_error_names_it(context: Context) -> None:
    with pytest.raises(NotFound) as refused:
        await call(context, "StartIncident", responsePlanArn=NO_PLAN)
    assert (refused.value.resource_id, refused.value.resource_type) == (NO_PLAN, "RESPONSE_PLAN")
    assert sum(await services.incident_list.counts(context)) == 0


@pytest.mark.parametrize("text", [word for word in WORDS if "\ud800" not in word])
async def test_hostile_text_comes_back_as_text(context: Context, text: str) -> None:
    await organise(context)
    details = {"source": f"x{text}"[:50], "timestamp": 0, "rawData": text}
    arn = await start(context, title=f"x{text}"[:200], triggerDetails=details)
    kept = text.replace("\x00", "")
    assert (await record(context, arn))["title"] == f"x{text}"[:200].replace("\x00", "").strip()
    (first,) = (await call(context, "ListTimelineEvents", incidentRecordArn=arn))["eventSummaries"]
    shown = await call(context, "GetTimelineEvent", incidentRecordArn=arn, eventId=first["eventId"])
    assert json.loads(shown["event"]["eventData"])["rawData"] == kept


async def test_what_is_too_long_for_the_wire_is_shown_shorter_and_stays_whole(context: Context) -> None:
    await organise(context)
    event = {"items": ["x" * 300] * 100, "quoted": '"' * 9000}
    started = await services.incidents.start(
        context,
        "web",
        title="t" * 500,
        trigger=services.starting.Trigger("s" * 80, raw=event),
        related_items=[("OTHER", "n" * 300, {"url": "https://example.com/" + "p" * 2000})],
    )
    found = await record(context, started.incident.arn)
    assert (len(found["title"]), found["title"][-1]) == (200, "…")
    assert (await services.incidents.get(context, 1)).title == "t" * 500
    assert len(found["incidentRecordSource"]["source"]) == 50
    (first,) = (await call(context, "ListTimelineEvents", incidentRecordArn=started.incident.arn))["eventSummaries"]
    shown = await call(context, "GetTimelineEvent", incidentRecordArn=started.incident.arn, eventId=first["eventId"])
    data = json.loads(shown["event"]["eventData"])
    raw = json.loads(data["rawData"])
    assert data["shortened"] is raw["shortened"] is True
    assert raw["items"][0].startswith("xxx")
    await call(context, "ListRelatedItems", incidentRecordArn=started.incident.arn)
    await call(context, "ListIncidentRecords")
    (kept,) = await services.timeline.events(context, 1)
    assert json.loads(kept.data["rawData"]) == event


async def test_an_update_changes_what_it_says_and_resolves_in_the_same_step(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    before = await record(context, arn)
    assert (
        await call(
            context,
            "UpdateIncidentRecord",
            arn=arn,
            title="Known now",
            impact=4,
            summary="It was the **disk**",
            status="RESOLVED",
            chatChannel={"chatbotSns": [TOPIC]},
            notificationTargets=[{"snsTopicArn": TOPIC}],
        )
        == {}
    )
    after = await record(context, arn)
    assert (after["title"], after["impact"], after["summary"]) == ("Known now", 4, "It was the **disk**")
    assert (after["status"], after["resolvedTime"]) == ("RESOLVED", context.now())
    assert after["chatChannel"] == {"chatbotSns": [TOPIC]}
    assert after["notificationTargets"] == [{"snsTopicArn": TOPIC}]
    assert after["lastModifiedBy"] == context.caller.arn
    assert after["creationTime"] == before["creationTime"]
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.timers)) == 0, "nobody is paged any more"
    await call(context, "UpdateIncidentRecord", arn=arn, status="OPEN", chatChannel={"empty": {}})
    again = await record(context, arn)
    assert (again["status"], again["chatChannel"], again["title"]) == ("OPEN", {"empty": {}}, "Known now")
    assert "resolvedTime" not in again


async def test_an_update_that_is_refused_changes_nothing_of_what_it_says(context: Context) -> None:
    await organise(context, dedupe_string="shop")
    first = await start(context)
    await call(context, "UpdateIncidentRecord", arn=first, status="RESOLVED")
    await start(context)
    with pytest.raises(Conflict, match="incident #2 is open") as refused:
        await call(context, "UpdateIncidentRecord", arn=first, title="Half done", status="OPEN")
    assert (refused.value.resource_id, refused.value.resource_type) == (first, "INCIDENT_RECORD")
    assert (await record(context, first))["title"] == "Web shop is down"


@pytest.mark.parametrize("name", ["GetIncidentRecord", "UpdateIncidentRecord"])
async def test_an_incident_that_does_not_exist_is_named(context: Context, name: str) -> None:
    await organise(context)
    arn = await start(context)
    for wrong in (MISSING, arn.replace("/web/", "/other/"), arn.replace("111122223333", "444455556666")):
        with pytest.raises(NotFound) as refused:
            await call(context, name, arn=wrong)
        assert (refused.value.resource_id, refused.value.resource_type) == (wrong, "INCIDENT_RECORD")
    for wrong in (FOREIGN, "arn:of:nothing", arn.replace("incident-record", "response-plan")):
        with pytest.raises(ValidationFailed):
            await call(context, name, arn=wrong)


async def test_a_number_or_an_id_does_as_well_as_an_arn(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    for ref in ("1", "#1", arn.rpartition("/")[2]):
        assert (await record(context, ref))["arn"] == arn


async def test_a_reader_is_refused_with_the_action_and_the_arn(
    context: Context, make_context: Callable[..., Context]
) -> None:
    await organise(context)
    arn = await start(context)
    wall = make_context("wall", read_only=True)
    with pytest.raises(AccessDenied, match="ssm-incidents:DeleteIncidentRecord on resource: arn:aws:ssm-incidents::"):
        await call(wall, "DeleteIncidentRecord", arn="1")
    assert (await record(wall, arn))["status"] == "OPEN"


async def test_a_deleted_incident_is_gone_with_all_that_belongs_to_it(context: Context) -> None:
    made = await organise(context)
    arn = await start(context)
    other = await start(context)
    await call(context, "CreateTimelineEvent", incidentRecordArn=arn, eventType="Note", eventData="x", eventTime=1)
    async with context.database.read() as reader:
        id_ = await reader.scalar(sa.select(t.incidents.c.id).where(t.incidents.c.number == 1))
    message = await hand_out(context, str(id_), made.ana, made.ana_email, "123456")
    assert await call(context, "DeleteIncidentRecord", arn=arn) == {}
    with pytest.raises(NotFound):
        await record(context, arn)
    assert (await record(context, other))["status"] == "OPEN"
    async with context.database.read() as reader:
        for table in (t.timeline, t.engagements, t.timers, t.pages):
            left = await reader.all(sa.select(table.c.incident_id).distinct())
            assert str(id_) not in [row.incident_id for row in left], table.name
        assert await reader.scalar(sa.select(t.tags.c.arn).where(t.tags.c.arn == arn)) is None
        sent = await reader.first(sa.select(t.messages).where(t.messages.c.id == message))
        assert sent is not None
        assert (sent.code, sent.state) == (None, "SENT"), "that somebody was paged is not forgotten"
        query = sa.select(t.audit.c.resource).where(t.audit.c.action == "ssm-incidents:DeleteIncidentRecord")
        assert await reader.scalar(query) == arn
    assert await services.incident_list.counts(context) == (1, 0)
    assert await call(context, "DeleteIncidentRecord", arn=arn) == {}, "a retry changes nothing"
    with pytest.raises(ValidationFailed):
        await call(context, "DeleteIncidentRecord", arn=FOREIGN)


async def test_a_program_that_still_shows_a_deleted_incident_goes_on(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    id_ = arn.rpartition("/")[2]
    await services.presence.enter(context, "session", id_)
    await call(context, "DeleteIncidentRecord", arn=arn)
    await services.presence.enter(context, "session", id_)
    await services.presence.leave(context, "session")


async def test_an_alarm_that_goes_on_after_its_incident_was_deleted_pages_nobody_until_it_was_quiet(
    context: Context,
) -> None:
    await organise(context)

    async def take(id_: str, state: str, previous: str = "OK") -> tuple[str, str | None]:
        arrivals = [Intake(signal, "web") for signal in signals(alarm(id_=id_, state=state, previous=previous))]
        ((found,),) = await services.events.take_in(context, arrivals)
        return found.action, found.incident_arn

    first = await take("a", "ALARM")
    assert first[0] == "started"
    await call(context, "DeleteIncidentRecord", arn=first[1])
    assert await take("a", "ALARM") == ("deduplicated", None), "a redelivery changes nothing"
    assert await take("b", "ALARM", "ALARM") == ("recorded", None)
    assert (await take("c", "OK", "ALARM"))[0] == "recorded"
    assert (await take("d", "ALARM"))[0] == "started"
    assert sum(await services.incident_list.counts(context)) == 1


# ------------------------------------------------------------ lists


async def test_pages_are_whole_while_others_start_and_delete_incidents(
    context: Context, manual_clock: ManualClock
) -> None:
    await organise(context)
    made = []
    for number in range(7):
        made.append(await start(context))
        if number % 2:
            manual_clock.advance(1)
    given: dict[str, Any] = {"maxResults": 3}
    answer = await call(context, "ListIncidentRecords", **given)
    seen = [row["arn"] for row in answer["incidentRecordSummaries"]]
    manual_clock.advance(1)
    new = await start(context)
    await call(context, "DeleteIncidentRecord", arn=seen[-1])
    while "nextToken" in answer:
        answer = await call(context, "ListIncidentRecords", nextToken=answer["nextToken"], **given)
        seen += [row["arn"] for row in answer["incidentRecordSummaries"]]
    assert sorted(seen) == sorted(made)
    assert new not in seen
    times = [
        row["creationTime"]
        for page in await walk(context, "ListIncidentRecords", "incidentRecordSummaries", 2)
        for row in page
    ]
    assert times == sorted(times, reverse=True)


async def test_a_token_that_was_altered_or_belongs_to_another_question_is_refused(context: Context) -> None:
    await organise(context)
    for _ in range(3):
        await start(context)
    token = (await call(context, "ListIncidentRecords", maxResults=1))["nextToken"]
    swapped = ("A" if token[5] != "A" else "B").join((token[:5], token[6:]))
    status = {"key": "status", "condition": {"equals": {"stringValues": ["OPEN"]}}}
    for given in (
        {"nextToken": swapped},
        {"nextToken": "nonsense"},
        {"nextToken": token, "filters": [status]},
    ):
        with pytest.raises(ValidationFailed, match="token"):
            await call(context, "ListIncidentRecords", **given)


def _equals(key: str, *values: object) -> dict[str, Any]:
    kind = "integerValues" if isinstance(values[0], int) else "stringValues"
    return {"key": key, "condition": {"equals": {kind: list(values)}}}


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ([], [3, 2, 1]),
        ([_equals("status", "RESOLVED")], [2]),
        ([_equals("status", "OPEN", "RESOLVED")], [3, 2, 1]),
        ([_equals("impact", 1, 3)], [3, 1]),
        ([_equals("impact", "3")], [3]),
        ([_equals("impact", 1), _equals("status", "RESOLVED")], []),
        ([_equals("createdBy", "ben")], [2]),
        ([_equals("createdBy", "arn:aws:iam::111122223333:user/ana")], [3, 1]),
        ([_equals("createdBy", "%")], []),
        ([{"key": "creationTime", "condition": {"after": "2026-03-01T03:10:00Z"}}], [3, 2]),
        ([{"key": "creationTime", "condition": {"before": "2026-03-01T03:11:00Z"}}], [1]),
    ],
)
async def test_a_filter_lets_through_what_it_says(
    context: Context,
    make_context: Callable[..., Context],
    manual_clock: ManualClock,
    filters: list[dict[str, Any]],
    numbers: list[int],
) -> None:
    await organise(context)
    arns = [await start(context, impact=1)]
    manual_clock.advance(60)
    arns.append(await start(make_context("ben")))
    manual_clock.advance(60)
    arns.append(await start(context, impact=3))
    await call(context, "UpdateIncidentRecord", arn=arns[1], status="RESOLVED")
    found = (await call(context, "ListIncidentRecords", filters=filters))["incidentRecordSummaries"]
    assert [arns.index(row["arn"]) + 1 for row in found] == numbers


@pytest.mark.parametrize(
    "wrong",
    [
        _equals("title", "x"),
        _equals("status", "BROKEN"),
        _equals("status", 1),
        _equals("impact", "high"),
        {"key": "creationTime", "condition": {"equals": {"stringValues": ["now"]}}},
        {"key": "status", "condition": {"before": 5}},
    ],
)
async def test_a_filter_that_is_none_is_refused(context: Context, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed, match="filters"):
        await call(context, "ListIncidentRecords", filters=[wrong])
