"""Related items on the wire: added once, removed by what they are, listed without gaps."""

from __future__ import annotations

from typing import Any

import pytest

from imtui import services
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from tests.operations.aws.incident_calls import MISSING, call, start, walk
from tests.organisation import organise

VALUES: list[dict[str, Any]] = [
    {"arn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
    {"url": "https://example.com/dashboard?x=%20"},
    {"metricDefinition": '{"metrics": [["AWS/EC2", "CPUUtilization"]]}'},
    {"pagerDutyIncidentDetail": {"id": "Q1", "autoResolve": True, "secretId": "pd"}},
]


async def update(context: Context, arn: str, **change: Any) -> None:
    await call(context, "UpdateRelatedItems", incidentRecordArn=arn, relatedItemsUpdate=change)


@pytest.mark.parametrize("value", VALUES)
async def test_an_item_comes_back_as_it_was_given_and_goes_by_what_it_is(
    context: Context, value: dict[str, Any]
) -> None:
    await organise(context)
    arn = await start(context)
    identifier = {"type": "OTHER", "value": value}
    await update(context, arn, itemToAdd={"identifier": identifier, "title": "\u202eTitle"})
    (item,) = (await call(context, "ListRelatedItems", incidentRecordArn=arn))["relatedItems"]
    assert (item["identifier"], item["title"]) == (identifier, "\u202eTitle")
    with pytest.raises(Conflict) as refused:
        await update(context, arn, itemToAdd={"identifier": identifier})
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "INCIDENT_RECORD")
    with pytest.raises(NotFound):
        await update(context, arn, itemToRemove={**identifier, "type": "TASK"})
    await update(context, arn, itemToRemove=identifier)
    assert (await call(context, "ListRelatedItems", incidentRecordArn=arn))["relatedItems"] == []
    with pytest.raises(NotFound):
        await update(context, arn, itemToRemove=identifier)
    said = [event.text for event in await services.timeline.events(context, 1)][1:]
    assert said == ["ana added a related item: \u202eTitle", "ana removed a related item: \u202eTitle"]


@pytest.mark.parametrize(
    "value", [{"arn": "arn:nothing"}, {"url": "javascript:alert(1)"}, {"url": "https://x\x1b"}, {"url": " "}]
)
async def test_a_value_that_is_not_what_it_says_is_refused(context: Context, value: dict[str, str]) -> None:
    await organise(context)
    arn = await start(context)
    with pytest.raises(ValidationFailed):
        await update(context, arn, itemToAdd={"identifier": {"type": "OTHER", "value": value}})
    with pytest.raises(ValidationFailed):
        await start(context, relatedItems=[{"identifier": {"type": "OTHER", "value": value}}])


async def test_what_the_model_forbids_is_refused(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    for wrong in (
        {"itemToAdd": {"identifier": {"type": "FRIEND", "value": VALUES[0]}}},
        {"itemToAdd": {"identifier": {"type": "OTHER", "value": VALUES[0] | VALUES[1]}}},
        {"itemToAdd": {"identifier": {"type": "OTHER", "value": {}}}},
        {},
    ):
        with pytest.raises(Invalid):
            await update(context, arn, **wrong)
    with pytest.raises(NotFound):
        await update(context, MISSING, itemToAdd={"identifier": {"type": "OTHER", "value": VALUES[0]}})


async def test_pages_are_whole_while_others_add_and_remove(context: Context) -> None:
    await organise(context)
    arn = await start(context)

    def identifier(number: int) -> dict[str, Any]:
        return {"type": "OTHER", "value": {"url": f"https://example.com/{number}"}}

    for number in range(7):
        await update(context, arn, itemToAdd={"identifier": identifier(number)})
    first = await call(context, "ListRelatedItems", incidentRecordArn=arn, maxResults=3)
    seen = [item["identifier"]["value"]["url"] for item in first["relatedItems"]]
    last = first["relatedItems"][-1]["identifier"]
    await update(context, arn, itemToRemove=last)
    rest = await call(context, "ListRelatedItems", incidentRecordArn=arn, maxResults=3, nextToken=first["nextToken"])
    seen += [item["identifier"]["value"]["url"] for item in rest["relatedItems"]]
    assert len(set(seen)) == len(seen) == 6
    pages = await walk(context, "ListRelatedItems", "relatedItems", 1, incidentRecordArn=arn)
    ids = [item["generatedId"] for page in pages for item in page]
    assert len(set(ids)) == 6
