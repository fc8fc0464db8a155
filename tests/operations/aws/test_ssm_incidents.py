"""No operation of ssm-incidents is missing, and none answers to a caller without the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imtui import services
from imtui.domain.errors import AccessDenied, ImtuiError, NotFound
from imtui.operations.aws import model
from imtui.operations.aws.perform import Unknown, handler, perform
from imtui.operations.aws.registry import HANDLERS
from imtui.operations.aws.values import taken
from imtui.services.context import Context
from tests.operations.aws.incident_calls import MISSING, NO_PLAN, NO_SET, SERVICE
from tests.organisation import organise

OPERATIONS = model.service(SERVICE).operation_names
CHANGES = [name for name in OPERATIONS if not name.startswith(("Get", "List", "BatchGet"))]
DONE_ALREADY = {"DeleteIncidentRecord", "DeleteResponsePlan"}
"""What is gone needs no deletion; the model has no error for it either."""


def request(operation: str) -> Any:
    """The least that a request must have, about things that there are not."""
    described = model.operation(SERVICE, operation)
    assert described is not None
    arn = NO_PLAN if "ResponsePlan" in operation else NO_SET if "Replication" in operation else MISSING
    item = {"type": "OTHER", "value": {"url": "https://example.com"}}
    known: dict[str, Any] = {
        "arn": NO_SET if operation == "UpdateDeletionProtection" else arn,
        "resourceArn": NO_PLAN,
        "responsePlanArn": NO_PLAN,
        "incidentRecordArn": MISSING,
        "regions": {"eu-west-1": {}},
        "name": "nothing",
        "incidentTemplate": {"title": "x", "impact": 1},
        "eventData": "x",
        "eventTime": 0,
        "eventType": "Note",
        "eventId": "nothing",
        "findingIds": ["nothing"],
        "policyId": "nothing",
        "policy": '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}',
        "tags": {"a": "b"},
        "tagKeys": ["a"],
        "deletionProtected": False,
        "relatedItemsUpdate": {"itemToAdd": {"identifier": item}},
        "actions": [{"addRegionAction": {"regionName": "eu-west-1"}}],
    }
    return taken(described.input_shape, {name: known[name] for name in described.input_shape.required_members})


def test_every_operation_of_the_model_is_here_and_no_other() -> None:
    assert set(HANDLERS[SERVICE]) == set(OPERATIONS)
    assert len(OPERATIONS) == 31
    with pytest.raises(Unknown):
        handler(SERVICE, "StartEverything")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_about_what_does_not_exist_every_operation_says_what_its_model_can_say(
    context: Context, operation: str
) -> None:
    described = model.operation(SERVICE, operation)
    assert described is not None
    names = set(described.input_shape.required_members)
    if not names & {"arn", "resourceArn", "responsePlanArn", "incidentRecordArn"} or operation in DONE_ALREADY:
        await perform(context, SERVICE, operation, request(operation))
        return
    with pytest.raises(ImtuiError) as told:
        await perform(context, SERVICE, operation, request(operation))
    assert told.value.code in {shape.name for shape in described.error_shapes}
    assert "\n" not in str(told.value)
    if isinstance(told.value, NotFound):
        assert told.value.resource_id.startswith("arn:")
        assert told.value.resource_type in model.service(SERVICE).shape_for("ResourceType").enum


@pytest.mark.parametrize("operation", sorted(CHANGES))
async def test_who_may_only_look_changes_nothing(
    context: Context, make_context: Callable[..., Context], operation: str
) -> None:
    await organise(context)
    looking = make_context("wall", read_only=True)
    with pytest.raises(AccessDenied, match=f"ssm-incidents:{operation} on resource: arn:aws:ssm-incidents::"):
        await perform(looking, SERVICE, operation, request(operation))
    assert sum(await services.incident_list.counts(context)) == 0
