"""Calling operations of `ssm-incidents` as a client does, with every answer checked against the model."""

from __future__ import annotations

from typing import Any

from imtui.operations.aws import model
from imtui.operations.aws.perform import perform
from imtui.operations.aws.values import taken
from imtui.services.context import Context
from tests.operations.aws.answers import checked

SERVICE = "ssm-incidents"
MISSING = "arn:aws:ssm-incidents::111122223333:incident-record/web/00000000-0000-4000-8000-000000000000"
NO_PLAN = "arn:aws:ssm-incidents::111122223333:response-plan/nothing"
NO_SET = "arn:aws:ssm-incidents::111122223333:replication-set/00000000-0000-4000-8000-000000000000"
FOREIGN = "arn:aws:sns:eu-west-1:111122223333:topic/room"


async def call(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    """The answer of an operation to members as JSON has them."""
    described = model.operation(SERVICE, operation)
    assert described is not None
    return checked(SERVICE, operation, await perform(context, SERVICE, operation, taken(described.input_shape, given)))


async def start(context: Context, **given: Any) -> str:
    """The ARN of an incident that was started from the plan `web`."""
    found: str = (await call(context, "StartIncident", responsePlanArn="web", **given))["incidentRecordArn"]
    return found


async def record(context: Context, arn: str) -> dict[str, Any]:
    """An incident record."""
    found: dict[str, Any] = (await call(context, "GetIncidentRecord", arn=arn))["incidentRecord"]
    return found


async def walk(context: Context, name: str, member: str, size: int, **given: Any) -> list[list[Any]]:
    """The pages of a list."""
    found, token = [], None
    while True:
        more: dict[str, Any] = {"nextToken": token} if token else {}
        answer = await call(context, name, maxResults=size, **given, **more)
        found.append(answer[member])
        token = answer.get("nextToken")
        if token is None:
            return found
