"""Response plans on the wire: complete, changed in parts, not deleted while they are in use."""

from __future__ import annotations

from typing import Any

import pytest

from imtui import services
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from tests.domain.nasty import WORDS
from tests.operations.aws.incident_calls import FOREIGN, NO_PLAN, call, record, walk
from tests.organisation import organise

TOPIC = "arn:aws:sns:zz-local-1:111122223333:room"
RUNBOOK = {
    "ssmAutomation": {
        "documentName": "Restart",
        "documentVersion": "$LATEST",
        "roleArn": "arn:aws:iam::111122223333:role/runner",
        "targetAccount": "RESPONSE_PLAN_OWNER_ACCOUNT",
        "parameters": {"Zones": ["a", "b"]},
        "dynamicParameters": {"Incident": {"variable": "INCIDENT_RECORD_ARN"}},
    }
}
PAGERDUTY = {
    "pagerDutyConfiguration": {
        "name": "shop",
        "secretId": "pd",
        "pagerDutyIncidentConfiguration": {"serviceId": "S1"},
    }
}
TEMPLATE: dict[str, Any] = {
    "title": "Payments fail",
    "impact": 1,
    "summary": "Look at **the queue**",
    "dedupeString": "payments",
    "incidentTags": {"team": "shop"},
    "notificationTargets": [{"snsTopicArn": TOPIC}],
}


ALLOW = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"},'
    ' "Action": "ssm-incidents:GetResponsePlan", "Resource": "*"}]}'
)


async def create(context: Context, name: str = "payments", **given: Any) -> str:
    given = {"incidentTemplate": TEMPLATE, **given}
    return str((await call(context, "CreateResponsePlan", name=name, **given))["arn"])


async def test_a_plan_comes_back_as_it_was_given(context: Context) -> None:
    made = await organise(context)
    given: dict[str, Any] = {
        "displayName": "Payments",
        "chatChannel": {"chatbotSns": [TOPIC]},
        "engagements": [made.night],
        "actions": [RUNBOOK],
        "integrations": [PAGERDUTY],
    }
    arn = await create(context, **given, tags={"owner": "ana"})
    expected = {"arn": arn, "name": "payments", "incidentTemplate": TEMPLATE, **given}
    assert await call(context, "GetResponsePlan", arn=arn) == expected
    assert await call(context, "GetResponsePlan", arn="payments") == expected, "the name alone does"
    assert (await call(context, "ListTagsForResource", resourceArn=arn))["tags"] == {"owner": "ana"}
    started = (await call(context, "StartIncident", responsePlanArn=arn))["incidentRecordArn"]
    assert (await record(context, started))["notificationTargets"] == [{"snsTopicArn": TOPIC}]
    assert (await call(context, "ListTagsForResource", resourceArn=started))["tags"] == {"team": "shop"}


async def test_a_retry_with_its_token_makes_one_plan_and_a_taken_name_is_a_conflict(context: Context) -> None:
    arn = await create(context, clientToken="once")
    assert await create(context, clientToken="once") == arn
    with pytest.raises(Conflict, match="choose another name") as refused:
        await create(context)
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "RESPONSE_PLAN")
    with pytest.raises(Conflict, match="other parameters"):
        await create(context, "other", clientToken="once")


async def test_an_update_replaces_what_is_given_and_leaves_what_is_not(context: Context) -> None:
    made = await organise(context)
    arn = await create(
        context,
        displayName="Payments",
        chatChannel={"chatbotSns": [TOPIC]},
        engagements=[made.night],
        actions=[RUNBOOK],
        integrations=[PAGERDUTY],
        tags={"owner": "ana"},
    )
    before = await call(context, "GetResponsePlan", arn=arn)
    await call(context, "UpdateResponsePlan", arn=arn, incidentTemplateTitle="Changed", incidentTemplateImpact=3)
    after = await call(context, "GetResponsePlan", arn=arn)
    template = TEMPLATE | {"title": "Changed", "impact": 3}
    assert after == before | {"incidentTemplate": template}
    await call(
        context,
        "UpdateResponsePlan",
        arn=arn,
        displayName="",
        chatChannel={"empty": {}},
        engagements=["ana"],
        actions=[],
        integrations=[],
        incidentTemplateSummary="",
        incidentTemplateDedupeString="",
        incidentTemplateTags={},
        incidentTemplateNotificationTargets=[],
    )
    assert await call(context, "GetResponsePlan", arn=arn) == {
        "arn": arn,
        "name": "payments",
        "incidentTemplate": {"title": "Changed", "impact": 3, "notificationTargets": []},
        "chatChannel": {"empty": {}},
        "engagements": [made.ana],
        "actions": [],
        "integrations": [],
    }
    assert (await call(context, "ListTagsForResource", resourceArn=arn))["tags"] == {"owner": "ana"}


async def test_an_update_with_a_mistake_changes_nothing(context: Context) -> None:
    arn = await create(context)
    before = await call(context, "GetResponsePlan", arn=arn)
    for wrong in ({"engagements": ["nobody"]}, {"incidentTemplateTitle": " "}):
        with pytest.raises(ValidationFailed):
            await call(context, "UpdateResponsePlan", arn=arn, incidentTemplateSummary="changed", **wrong)
    with pytest.raises(Invalid):
        await call(context, "UpdateResponsePlan", arn=arn, incidentTemplateImpact=6)
    assert await call(context, "GetResponsePlan", arn=arn) == before


async def test_a_plan_in_use_is_not_deleted_and_its_users_are_named(context: Context) -> None:
    arn = await create(context)
    await services.rules.put(context, "alarms", {"source": ["aws.cloudwatch"]}, [{"Id": "1", "Arn": arn}])
    with pytest.raises(Conflict, match="rule alarms") as refused:
        await call(context, "DeleteResponsePlan", arn=arn)
    assert refused.value.dependents == ("rule alarms",)
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "RESPONSE_PLAN")


async def test_a_deleted_plan_leaves_its_incidents(context: Context) -> None:
    arn = await create(context)
    await call(context, "PutResourcePolicy", resourceArn=arn, policy=ALLOW)
    incident = (await call(context, "StartIncident", responsePlanArn=arn))["incidentRecordArn"]
    for _ in range(2):
        assert await call(context, "DeleteResponsePlan", arn=arn) == {}
    assert (await record(context, incident))["status"] == "OPEN"
    with pytest.raises(NotFound) as refused:
        await call(context, "GetResponsePlan", arn=arn)
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "RESPONSE_PLAN")
    await create(context)
    assert (await call(context, "GetResourcePolicies", resourceArn=arn))["resourcePolicies"] == []


async def test_what_is_no_plan_is_refused(context: Context) -> None:
    for name in ("GetResponsePlan", "UpdateResponsePlan"):
        with pytest.raises(NotFound):
            await call(context, name, arn=NO_PLAN)
    for name in ("GetResponsePlan", "UpdateResponsePlan", "DeleteResponsePlan"):
        with pytest.raises(ValidationFailed):
            await call(context, name, arn=FOREIGN)


@pytest.mark.parametrize("text", [word for word in WORDS if "\ud800" not in word])
async def test_hostile_text_comes_back_as_text(context: Context, text: str) -> None:
    given = f"x{text}"
    template = {"title": given[:200], "impact": 1, "summary": given[:8000]}
    arn = await create(context, incidentTemplate=template, displayName=given[:200])
    found = await call(context, "GetResponsePlan", arn=arn)
    kept = given.replace("\x00", "")
    assert found["incidentTemplate"]["summary"] == kept[:8000]
    assert found["displayName"] == kept[:200].strip()


async def test_pages_are_whole_while_others_make_and_delete_plans(context: Context) -> None:
    names = ["b", "B", "a-1", "a_1", "Z", "zz", "0"]
    for name in names:
        await create(context, name)
    first = await call(context, "ListResponsePlans", maxResults=3)
    seen = [plan["name"] for plan in first["responsePlanSummaries"]]
    await call(context, "DeleteResponsePlan", arn=seen[-1])
    pages = [first["responsePlanSummaries"]]
    token = first["nextToken"]
    while token:
        answer = await call(context, "ListResponsePlans", maxResults=3, nextToken=token)
        pages.append(answer["responsePlanSummaries"])
        token = answer.get("nextToken")
    assert sorted(plan["name"] for page in pages for plan in page) == sorted(names)
    assert len(await walk(context, "ListResponsePlans", "responsePlanSummaries", 3)) == 2
    with pytest.raises(ValidationFailed, match="token"):
        await call(context, "ListResponsePlans", nextToken=first["nextToken"][:-1])
