"""Timeline events on the wire: people's own to the letter, the program's as JSON, and pages without gaps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from tests.domain.nasty import WORDS
from tests.operations.aws.incident_calls import FOREIGN, MISSING, call, start, walk
from tests.organisation import organise

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
ITEM = "related-item/METRIC/0123456789ABCDEF0123456789ABCDEF"


async def add(context: Context, arn: str, data: str, at: object = 1_772_334_000, **given: Any) -> str:
    given = {"eventType": "Custom Event", **given}
    answer = await call(context, "CreateTimelineEvent", incidentRecordArn=arn, eventData=data, eventTime=at, **given)
    assert answer["incidentRecordArn"] == arn
    return str(answer["eventId"])


async def get(context: Context, arn: str, event_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await call(context, "GetTimelineEvent", incidentRecordArn=arn, eventId=event_id)
    return dict(found["event"])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('"Restarted it"', "Restarted it"),
        ('{"note":  "Restarted it", "by": "x"}', "Restarted it"),
        ("Restarted it", "Restarted it"),
        ('{"a": 1}', '{"a": 1}'),
        ("[" * 4000, "[" * 4000),
        ("7", "7"),
    ],
)
async def test_what_a_caller_writes_comes_back_to_the_letter_and_is_read_as_text(
    context: Context, data: str, text: str
) -> None:
    await organise(context)
    arn = await start(context)
    event_id = await add(context, arn, data, eventType="Note")
    assert (await get(context, arn, event_id))["eventData"] == data
    assert (await services.timeline.get(context, 1, event_id)).text == text


@pytest.mark.parametrize("text", [word for word in WORDS if "\ud800" not in word and word.strip("\x00 ")])
async def test_hostile_text_is_kept(context: Context, text: str) -> None:
    await organise(context)
    arn = await start(context)
    data = json.dumps(f"x{text}")[:12_000]
    assert (await get(context, arn, await add(context, arn, data)))["eventData"] == data
    raw = f"x{text}"[:12_000]
    assert (await get(context, arn, await add(context, arn, raw)))["eventData"] == raw.replace("\x00", "")


async def test_references_are_kept_and_replaced_as_a_whole(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    event_id = await add(context, arn, "x", eventReferences=[{"resource": TABLE}, {"relatedItemId": ITEM}])
    assert (await get(context, arn, event_id))["eventReferences"] == [{"resource": TABLE}, {"relatedItemId": ITEM}]
    (listed,) = (
        await call(
            context,
            "ListTimelineEvents",
            incidentRecordArn=arn,
            filters=[{"key": "eventReference", "condition": {"equals": {"stringValues": [TABLE, "else"]}}}],
        )
    )["eventSummaries"]
    assert listed["eventId"] == event_id
    given = {"incidentRecordArn": arn, "eventId": event_id}
    await call(context, "UpdateTimelineEvent", **given, eventReferences=[])
    assert (await get(context, arn, event_id))["eventReferences"] == []
    assert (await get(context, arn, event_id))["eventData"] == "x", "what was not said stays"
    with pytest.raises(ValidationFailed, match="not an ARN"):
        await call(context, "UpdateTimelineEvent", **given, eventReferences=[{"resource": "arn:oh"}])


async def test_an_update_changes_what_it_says_and_a_retry_does_it_once(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    event_id = await add(context, arn, '"first"')
    given: dict[str, Any] = {
        "incidentRecordArn": arn,
        "eventId": event_id,
        "eventData": '{"text": "second"}',
        "eventTime": 1_772_330_000,
        "eventType": "Note",
        "clientToken": "once",
    }
    await call(context, "UpdateTimelineEvent", **given)
    found = await get(context, arn, event_id)
    assert (found["eventType"], found["eventData"]) == ("Note", '{"text": "second"}')
    assert found["eventTime"].timestamp() == 1_772_330_000
    await services.timeline.edit(context, 1, event_id, text="by hand")
    assert json.loads((await get(context, arn, event_id))["eventData"])["text"] == "by hand"
    await call(context, "UpdateTimelineEvent", **given)
    assert (await services.timeline.get(context, 1, event_id)).text == "by hand", "the retry did not do it again"
    with pytest.raises(Conflict, match="other parameters"):
        await call(context, "UpdateTimelineEvent", **(given | {"eventData": "third"}))


async def test_what_the_program_recorded_is_json_and_nobody_can_write_edit_or_delete_it(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    await services.timeline.add_note(context, 1, 'a "note"\nof the program')
    events = (await call(context, "ListTimelineEvents", incidentRecordArn=arn))["eventSummaries"]
    assert [event["eventType"] for event in events] == ["SSM Incident Trigger", "Note"]
    first, note = [await get(context, arn, event["eventId"]) for event in events]
    assert json.loads(first["eventData"])["text"] == "Incident started: Web shop is down"
    assert json.loads(note["eventData"])["text"] == 'a "note"\nof the program'
    given = {"incidentRecordArn": arn, "eventId": first["eventId"]}
    with pytest.raises(ValidationFailed, match="recorded by the program"):
        await call(context, "UpdateTimelineEvent", **given, eventData="it was not us")
    with pytest.raises(ValidationFailed, match="recorded by the program"):
        await call(context, "DeleteTimelineEvent", **given)
    for wrong in ("SSM Incident Trigger", "SSM Contacts Page for Incident", "Mine"):
        with pytest.raises(ValidationFailed, match="'Custom Event' or 'Note'"):
            await add(context, arn, "x", eventType=wrong)
    with pytest.raises(ValidationFailed, match="'Custom Event' or 'Note'"):
        await call(context, "UpdateTimelineEvent", **(given | {"eventType": "SSM Incident Trigger"}))


async def test_a_long_note_is_shown_as_a_shorter_document_and_stays_whole(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    text = '"\\' * 6000
    note = await services.timeline.add_note(context, 1, text)
    data = json.loads((await get(context, arn, note.id))["eventData"])
    assert data["shortened"] is True
    assert text.startswith(data["text"].rstrip("…"))
    assert (await services.timeline.get(context, 1, note.id)).text == text


async def test_what_does_not_exist_is_named(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    event_id = await add(context, arn, "x")
    other = await start(context)
    for name, given in (("GetTimelineEvent", {}), ("UpdateTimelineEvent", {"eventData": "y"})):
        with pytest.raises(NotFound) as refused:
            await call(context, name, incidentRecordArn=other, eventId=event_id, **given)
        assert (refused.value.resource_id, refused.value.resource_type) == (event_id, "TIMELINE_EVENT")
        with pytest.raises(NotFound) as refused:
            await call(context, name, incidentRecordArn=MISSING, eventId=event_id, **given)
        assert refused.value.resource_type == "INCIDENT_RECORD"
    for name in ("ListTimelineEvents", "ListRelatedItems"):
        for wrong in (MISSING, FOREIGN):
            with pytest.raises(ValidationFailed):
                await call(context, name, incidentRecordArn=wrong)
    with pytest.raises(ValidationFailed):
        await call(context, "DeleteTimelineEvent", incidentRecordArn=MISSING, eventId=event_id)
    for _ in range(2):
        assert await call(context, "DeleteTimelineEvent", incidentRecordArn=arn, eventId=event_id) == {}
    with pytest.raises(NotFound):
        await get(context, arn, event_id)
    with pytest.raises(Invalid):
        await add(context, arn, "x" * 12_001)


@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
async def test_pages_are_whole_while_others_add_events(context: Context, manual_clock: ManualClock, order: str) -> None:
    await organise(context)
    arn = await start(context)
    made = [await add(context, arn, "x", at=1_772_334_000 + number // 3) for number in range(8)]
    given = {"incidentRecordArn": arn, "sortBy": "EVENT_TIME", "sortOrder": order, "maxResults": 2}
    types = {"key": "eventType", "condition": {"equals": {"stringValues": ["Custom Event"]}}}
    given["filters"] = [types]
    seen: list[str] = []
    answer = await call(context, "ListTimelineEvents", **given)
    while True:
        seen += [event["eventId"] for event in answer["eventSummaries"]]
        await add(context, arn, "late", at=1_772_333_000 if order == "ASCENDING" else 1_772_335_000)
        if "nextToken" not in answer:
            break
        answer = await call(context, "ListTimelineEvents", nextToken=answer["nextToken"], **given)
    assert seen == (made if order == "ASCENDING" else made[::-1])
    with pytest.raises(ValidationFailed, match="token"):
        await call(context, "ListTimelineEvents", incidentRecordArn=arn, nextToken="AAAA")


async def test_filters_hold_together(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    early = await add(context, arn, "x", at=1_000)
    late = await add(context, arn, "x", at=3_000, eventType="Note")

    async def found(*filters: dict[str, Any]) -> list[str]:
        pages = await walk(
            context, "ListTimelineEvents", "eventSummaries", 1, incidentRecordArn=arn, filters=list(filters)
        )
        return [event["eventId"] for page in pages for event in page]

    before = {"key": "eventTime", "condition": {"before": 2_000}}
    after = {"key": "eventTime", "condition": {"after": 1_000}}
    own = {"key": "eventType", "condition": {"equals": {"stringValues": ["Note", "Custom Event"]}}}
    assert await found(before) == [early]
    assert await found(after, own) == [late]
    assert await found(before, after) == []
    with pytest.raises(ValidationFailed, match="filters"):
        await found({"key": "eventData", "condition": {"equals": {"stringValues": ["x"]}}})
