"""An engagement by the wire really pages, for an incident or without one; its pages tell the truth about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, Throttled, ValidationFailed
from imtui.domain.timeline import EventType
from imtui.engine.engine import Engine
from imtui.services.context import Context
from tests.engine.conftest import Provider
from tests.operations.aws.answers import call
from tests.organisation import organise

WORDS = {"Sender": "cli", "Subject": "secret S", "Content": "secret C"}
PUBLIC = {"PublicSubject": "open S", "PublicContent": "open C"}
NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


async def do(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    return await call(context, "ssm-contacts", operation, given)


async def start(context: Context, contact: str = "ana", **more: Any) -> str:
    return str((await do(context, "StartEngagement", ContactId=contact, **WORDS, **more))["EngagementArn"])


async def pages(context: Context, engagement: str) -> list[dict[str, Any]]:
    return list((await do(context, "ListPagesByEngagement", EngagementId=engagement))["Pages"])


async def receipts(context: Context, page: str) -> list[str]:
    return [each["ReceiptType"] for each in (await do(context, "ListPageReceipts", PageId=page))["Receipts"]]


def code_of(provider: Provider, to: str = "") -> str:
    body = next(message.body for message in reversed(provider.sent) if to in message.to)
    found = re.search(r"\b\d{6}\b", body)
    assert found is not None
    return found[0]


async def test_without_an_incident_it_pages_and_an_accepted_page_ends_it(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    arn = await start(context, **PUBLIC)
    assert arn.startswith(context.names.engagement("ana", ""))
    await engine.tick()
    [mail] = provider.sent
    assert (mail.to, "secret S" in mail.subject, "secret C" in mail.body) == ("ana@example.com", True, True)
    [page] = await pages(context, arn)
    assert (page["ContactArn"], page["EngagementArn"], page["Sender"]) == (made.ana, arn, "cli")
    assert page["SentTime"] == NOW
    assert "IncidentId" not in page
    found = await do(context, "DescribePage", PageId=page["PageArn"])
    assert {name: found[name] for name in PUBLIC} == PUBLIC
    assert (found["Subject"], found["Content"]) == ("secret S", "secret C")
    manual_clock.advance(20)
    code = code_of(provider)
    await do(context, "AcceptPage", PageId=page["PageArn"], AcceptType="READ", AcceptCode=code, Note="on it")
    assert (await do(context, "DescribePage", PageId=page["PageArn"]))["ReadTime"] == NOW + timedelta(seconds=20)
    ended = await do(context, "DescribeEngagement", EngagementId=arn)
    assert ended["StopTime"] == NOW + timedelta(seconds=20)
    listed = (await do(context, "ListPageReceipts", PageId=page["PageArn"]))["Receipts"]
    assert [(each["ReceiptType"], each.get("ReceiptInfo")) for each in listed] == [
        ("SENT", "250 OK"),
        ("READ", "on it"),
    ]
    assert {each["ContactChannelArn"] for each in listed} == {made.ana_email}
    manual_clock.advance(3600)
    await engine.tick()
    assert len(provider.sent) == 1, "her other channels are not paged"
    await do(context, "AcceptPage", PageId=page["PageArn"], AcceptType="READ", AcceptCode=code)
    assert await receipts(context, page["PageArn"]) == ["SENT", "READ"], "again changes nothing"


async def test_a_delivered_page_is_a_receipt_and_acknowledges_nothing(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    arn = await start(context)
    await engine.tick()
    [page] = await pages(context, arn)
    given = {"PageId": page["PageArn"], "AcceptCode": code_of(provider)}
    await do(context, "AcceptPage", AcceptType="DELIVERED", **given)
    found = await do(context, "DescribePage", PageId=page["PageArn"])
    assert found["DeliveryTime"] == NOW
    assert "ReadTime" not in found
    assert await receipts(context, page["PageArn"]) == ["SENT", "DELIVERED"]
    provider.take()
    manual_clock.advance(300)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["+4915100000001"], "she is paged on"


async def test_a_code_of_another_page_or_of_nobody_accepts_nothing_and_five_are_throttled(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    hers, his = await start(context), await start(context, "ben")
    await engine.tick()
    [page] = await pages(context, hers)
    given = {"PageId": page["PageArn"], "AcceptType": "READ"}
    with pytest.raises(ValidationFailed, match="not the code of this page"):
        await do(context, "AcceptPage", AcceptCode=code_of(provider, "ben@"), **given)
    right = code_of(provider, "ana@")
    with pytest.raises(ValidationFailed, match="another contact channel"):
        await do(context, "AcceptPage", AcceptCode=right, ContactChannelId=made.ana_sms, **given)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        with pytest.raises(ValidationFailed):
            await do(context, "AcceptPage", AcceptCode=wrong, AcceptCodeValidation="ENFORCE", **given)
    with pytest.raises(Throttled):
        await do(context, "AcceptPage", AcceptCode=right, **given)
    assert "ReadTime" not in await do(context, "DescribePage", PageId=page["PageArn"])
    manual_clock.advance(61)
    await do(context, "AcceptPage", AcceptCode=wrong, AcceptCodeValidation="IGNORE", **given)
    assert "ReadTime" in await do(context, "DescribePage", PageId=page["PageArn"])
    assert "ReadTime" not in (await pages(context, his))[0]


async def test_for_an_incident_it_stands_in_the_timeline_and_the_code_counts_there(
    context: Context, engine: Engine, provider: Provider
) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    arn = await start(context, "ben", IncidentId=incident.arn)
    await engine.tick()
    found = await do(context, "DescribeEngagement", EngagementId=arn)
    assert (found["IncidentId"], found["Subject"], found["Sender"]) == (incident.arn, "secret S", "cli")
    [page] = await pages(context, arn)
    code = code_of(provider, "ben@")
    await do(context, "AcceptPage", PageId=page["PageArn"], AcceptType="READ", AcceptCode=code, Note="looking")
    said = (await services.timeline.events(context, 1, types={EventType.ACKNOWLEDGEMENT}))[0]
    assert said.data["text"].startswith("Ben acknowledged by the code sent to e-mail")
    assert said.data["text"].endswith(": looking")
    await services.incidents.resolve(context, 1)
    with pytest.raises(ValidationFailed, match="resolved"):
        await start(context, IncidentId=incident.arn)
    with pytest.raises(NotFound):
        await start(context, IncidentId=context.names.incident("web", "no"))


async def test_what_a_plan_pages_belongs_to_the_engagement_that_was_begun(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    for _ in range(3):
        await engine.tick()
        manual_clock.advance(300)
    [engagement] = (await do(context, "ListEngagements", IncidentId=incident.arn))["Engagements"]
    assert (engagement["ContactArn"], engagement["IncidentId"]) == (made.night, incident.arn)
    whole = await do(context, "DescribeEngagement", EngagementId=engagement["EngagementArn"])
    assert whole["Subject"] == "Web shop is down"
    found = await pages(context, engagement["EngagementArn"])
    by_time = [each["ContactArn"] for each in reversed(found)]
    assert by_time == [made.ana, made.ana, made.ben]
    assert {each["EngagementArn"] for each in found} == {engagement["EngagementArn"]}
    path = (await do(context, "ListPageResolutions", PageId=found[0]["PageArn"]))["PageResolutions"]
    assert [(each["ContactArn"], each["Type"]) for each in path] == [(made.night, "ESCALATION"), (made.ben, "PERSONAL")]
    assert path[-1]["StageIndex"] == 1, "the second stage reached him"
    mine = (await do(context, "ListPagesByContact", ContactId="ben"))["Pages"]
    assert [each["PageArn"] for each in mine] == [found[0]["PageArn"]]


async def test_the_path_of_a_page_goes_through_the_schedule(context: Context, engine: Engine) -> None:
    made = await organise(context)
    recurrence = {
        "DailySettings": [{"HourOfDay": 8, "MinuteOfHour": 0}],
        "NumberOfOnCalls": 1,
        "RecurrenceMultiplier": 1,
    }
    turn = await do(context, "CreateRotation", Name="r", ContactIds=["ben"], TimeZoneId="UTC", Recurrence=recurrence)
    await do(
        context, "CreateContact", Alias="primary", Type="ONCALL_SCHEDULE", Plan={"RotationIds": [turn["RotationArn"]]}
    )
    stage = {"DurationInMinutes": 5, "Targets": [{"ContactTargetInfo": {"ContactId": "primary", "IsEssential": True}}]}
    await do(context, "CreateContact", Alias="day", Type="ESCALATION", Plan={"Stages": [stage]})
    for contact, wanted in (
        ("day", [("day", "ESCALATION"), ("primary", "ONCALL_SCHEDULE"), ("ben", "PERSONAL")]),
        ("primary", [("primary", "ONCALL_SCHEDULE"), ("ben", "PERSONAL")]),
        (made.ben, [("ben", "PERSONAL")]),
    ):
        arn = await start(context, contact)
        await engine.tick()
        [page] = await pages(context, arn)
        path = (await do(context, "ListPageResolutions", PageId=page["PageArn"]))["PageResolutions"]
        assert [(each["ContactArn"].rpartition("/")[2], each["Type"]) for each in path] == wanted


async def test_a_stopped_engagement_pages_nobody_and_its_pages_say_so(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    arn = await start(context, "night")
    await engine.tick()
    [page] = await pages(context, arn)
    await do(context, "StopEngagement", EngagementId=arn, Reason="not needed")
    assert await receipts(context, page["PageArn"]) == ["SENT", "STOP"]
    late = {"PageId": page["PageArn"], "AcceptType": "READ", "AcceptCode": code_of(provider)}
    with pytest.raises(ValidationFailed, match="needs no acknowledgement any more"):
        await do(context, "AcceptPage", **late)
    assert await receipts(context, page["PageArn"]) == ["SENT", "STOP"]
    provider.take()
    manual_clock.advance(3600)
    await engine.tick()
    assert provider.take() == []
    with pytest.raises(ValidationFailed, match="not running any more"):
        await do(context, "StopEngagement", EngagementId=arn)
    other = arn.replace("engagement/night/", "engagement/ana/")
    with pytest.raises(NotFound):
        await do(context, "StopEngagement", EngagementId=other)


async def test_a_stopped_engagement_of_an_incident_says_why(context: Context) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    arn = await start(context, IncidentId=incident.arn)
    await do(context, "StopEngagement", EngagementId=arn, Reason="not needed")
    said = [event.data["text"] for event in await services.timeline.events(context, 1)]
    assert "ana stopped the engagement of Ana: not needed" in said


async def test_a_retried_call_engages_once(context: Context, engine: Engine, provider: Provider) -> None:
    await organise(context)
    first = await start(context, IdempotencyToken="once")
    assert await start(context, IdempotencyToken="once") == first
    with pytest.raises(Conflict, match="token"):
        await start(context, "ben", IdempotencyToken="once")
    await engine.tick()
    assert len(provider.sent) == 1
    assert len((await do(context, "ListEngagements"))["Engagements"]) == 1


async def test_pages_of_engagements_are_the_newest_first_and_new_ones_move_nothing(
    context: Context, manual_clock: ManualClock
) -> None:
    await organise(context)
    made = []
    for _ in range(5):
        made.append(await start(context))
        made.append(await start(context))
        manual_clock.advance(1)
    page = await do(context, "ListEngagements", MaxResults=3)
    seen = [each["EngagementArn"] for each in page["Engagements"]]
    while "NextToken" in page:
        await start(context, "ben")
        page = await do(context, "ListEngagements", MaxResults=3, NextToken=page["NextToken"])
        seen += [each["EngagementArn"] for each in page["Engagements"]]
    assert len(seen) == 10
    assert set(seen) == set(made)
    times = {"StartTime": NOW + timedelta(seconds=1), "EndTime": NOW + timedelta(seconds=2)}
    some = (await do(context, "ListEngagements", TimeRangeValue=times))["Engagements"]
    assert {each["EngagementArn"] for each in some} == set(made[2:6])
    assert (await do(context, "ListEngagements", IncidentId=context.names.incident("web", "no")))["Engagements"] == []


async def test_pages_and_receipts_come_in_pages_of_their_own(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    arns = [await start(context) for _ in range(3)]
    await engine.tick()
    page = await do(context, "ListPagesByContact", ContactId="ana", MaxResults=2)
    seen = [each["EngagementArn"] for each in page["Pages"]]
    manual_clock.advance(1)
    await start(context)
    await engine.tick()
    rest = await do(context, "ListPagesByContact", ContactId="ana", MaxResults=2, NextToken=page["NextToken"])
    assert sorted(seen + [each["EngagementArn"] for each in rest["Pages"]]) == sorted(arns)
    one = page["Pages"][0]["PageArn"]
    with pytest.raises(ValidationFailed, match="token"):
        await do(context, "ListPagesByContact", ContactId="ben", NextToken=page["NextToken"])
    await do(
        context, "AcceptPage", PageId=one, AcceptType="DELIVERED", AcceptCode="000000", AcceptCodeValidation="IGNORE"
    )
    first = await do(context, "ListPageReceipts", PageId=one, MaxResults=1)
    second = await do(context, "ListPageReceipts", PageId=one, MaxResults=1, NextToken=first["NextToken"])
    types = [each["ReceiptType"] for each in first["Receipts"] + second["Receipts"]]
    assert types == ["SENT", "DELIVERED"]
    assert "NextToken" not in second


async def test_a_title_longer_than_the_wire_allows_is_stored_whole_and_shown_shortened(
    context: Context, engine: Engine
) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web", title="x" * 3000)).incident
    await engine.tick()
    [engagement] = (await do(context, "ListEngagements", IncidentId=incident.arn))["Engagements"]
    found = await do(context, "DescribeEngagement", EngagementId=engagement["EngagementArn"])
    assert (len(found["Subject"]), found["Subject"][-1]) == (2048, "…")
    assert len((await services.incidents.get(context, 1)).title) == 3000


async def test_hostile_words_reach_a_message_as_text(context: Context, engine: Engine, provider: Provider) -> None:
    await organise(context)
    hostile = "\x1b[2J\u202e\r\nBcc: eve@example.com"
    words = {"Sender": "cli\r\nBcc: eve@example.com", "Subject": hostile, "Content": hostile}
    arn = (await do(context, "StartEngagement", ContactId="ana", **words))["EngagementArn"]
    await engine.tick()
    [mail] = provider.sent
    assert "\n" not in mail.subject
    assert "\x1b" not in mail.subject + mail.body
    found = await do(context, "DescribeEngagement", EngagementId=arn)
    assert (found["Subject"], found["Content"]) == (hostile, hostile)
