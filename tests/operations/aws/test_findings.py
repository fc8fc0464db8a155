"""Findings on the wire: what was recorded, and which ids there are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imtui import services
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.services.context import Context
from tests.operations.aws.incident_calls import FOREIGN, MISSING, call, start
from tests.organisation import organise

STACK = {
    "stackArn": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
    "startTime": datetime(2026, 3, 1, 3, 0, tzinfo=UTC),
    "endTime": None,
}
DEPLOYMENT = {
    "deploymentGroupArn": "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:shop/web",
    "deploymentId": "d-1",
    "startTime": datetime(2026, 3, 1, 3, 0, tzinfo=UTC),
    "endTime": datetime(2026, 3, 1, 3, 4, 5, 678000, tzinfo=UTC),
}


async def record(context: Context, arn: str, kind: str, details: dict[str, object]) -> str:
    async with context.database.write(context.now()) as unit:
        return services.findings.record(unit, arn.rpartition("/")[2], kind, details)


async def test_findings_come_back_as_they_were_recorded(context: Context) -> None:
    await organise(context)
    arn, other = await start(context), await start(context)
    assert (await call(context, "ListIncidentFindings", incidentRecordArn=arn)) == {"findings": []}
    stack = await record(context, arn, "cloudFormationStackUpdate", STACK)
    deployment = await record(context, arn, "codeDeployDeployment", DEPLOYMENT)
    foreign = await record(context, other, "codeDeployDeployment", DEPLOYMENT)
    listed = (await call(context, "ListIncidentFindings", incidentRecordArn=arn))["findings"]
    assert {found["id"] for found in listed} == {stack, deployment}
    answer = await call(
        context,
        "BatchGetIncidentFindings",
        incidentRecordArn=arn,
        findingIds=[deployment, "nothing\x00", stack, foreign, stack],
    )
    assert [found["id"] for found in answer["findings"]] == [deployment, stack]
    assert answer["findings"][0]["details"] == {"codeDeployDeployment": DEPLOYMENT}
    assert answer["findings"][1]["details"] == {
        "cloudFormationStackUpdate": {name: value for name, value in STACK.items() if value is not None}
    }
    assert [error["findingId"] for error in answer["errors"]] == ["nothing\x00", foreign]


async def test_what_is_unknown_is_refused(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    with pytest.raises(ValidationFailed):
        await record(context, arn, "weather", {})
    for name, more in (("ListIncidentFindings", {}), ("BatchGetIncidentFindings", {"findingIds": ["x"]})):
        with pytest.raises(NotFound) as refused:
            await call(context, name, incidentRecordArn=MISSING, **more)
        assert (refused.value.resource_id, refused.value.resource_type) == (MISSING, "INCIDENT_RECORD")
        with pytest.raises(ValidationFailed):
            await call(context, name, incidentRecordArn=FOREIGN, **more)


async def test_pages_are_whole_while_others_record(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    made = {await record(context, arn, "codeDeployDeployment", DEPLOYMENT) for _ in range(5)}
    seen: list[str] = []
    token: str | None = None
    while True:
        more = {"nextToken": token} if token else {}
        answer = await call(context, "ListIncidentFindings", incidentRecordArn=arn, maxResults=2, **more)
        seen += [found["id"] for found in answer["findings"]]
        token = answer.get("nextToken")
        if token is None:
            break
        await call(context, "ListIncidentFindings", incidentRecordArn=arn)
    assert (len(seen), set(seen)) == (5, made)
    with pytest.raises(ValidationFailed, match="token"):
        await call(context, "ListIncidentFindings", incidentRecordArn=arn, nextToken="AAAA")


async def test_findings_go_with_their_incident(context: Context) -> None:
    await organise(context)
    arn = await start(context)
    await record(context, arn, "codeDeployDeployment", DEPLOYMENT)
    await call(context, "DeleteIncidentRecord", arn=arn)
    with pytest.raises(NotFound):
        await call(context, "ListIncidentFindings", incidentRecordArn=arn)
