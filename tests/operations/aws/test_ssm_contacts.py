"""No operation of ssm-contacts is missing, and none answers to a caller without the right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.domain.errors import AccessDenied, ImtuiError, NotFound
from imtui.operations.aws import model
from imtui.operations.aws.perform import Invalid, Unknown, handler, perform
from imtui.operations.aws.registry import HANDLERS
from imtui.services.context import Context

OPERATIONS = model.service("ssm-contacts").operation_names
NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_every_operation_of_the_model_is_here_and_no_other() -> None:
    assert set(HANDLERS["ssm-contacts"]) == set(OPERATIONS)
    assert len(OPERATIONS) == 39


def example(shape: Any, name: str = "") -> Any:
    """The least that a request must have, about things that there are not."""
    kind = shape.type_name
    if kind == "structure":
        chosen = set(shape.required_members) | ({"DailySettings"} if shape.name == "RecurrenceSettings" else set())
        return {member: example(shape.members[member], member) for member in sorted(chosen)}
    if kind == "list":
        return [example(shape.member, name)]
    if kind == "timestamp":
        return datetime(2026, 3, 2 if name == "EndTime" else 1, tzinfo=UTC)
    if kind == "string":
        return shape.enum[0] if shape.enum else {"TimeZoneId": "UTC", "Name": "name"}.get(name, NOWHERE)[:36]
    return {"integer": 1, "boolean": False}[kind]


def request(operation: str) -> dict[str, Any]:
    described = model.operation("ssm-contacts", operation)
    assert described is not None
    given: dict[str, Any] = example(described.input_shape)
    codes = {name: "123456" for name in given if name.endswith("Code")}
    if "DeliveryAddress" in given:
        given["DeliveryAddress"] = {"SimpleAddress": "+4915112345678"}
    return given | codes


NOTHING_NEEDED = {"CreateContact", "ListContacts", "ListRotations", "ListEngagements", "ListPreviewRotationShifts"}
IN_A_REQUEST = {"CreateRotation", "CreateContactChannel"}
CHANGES = [name for name in OPERATIONS if not name.startswith(("Get", "List", "Describe"))]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_about_what_does_not_exist_every_operation_says_so_in_a_sentence(
    context: Context, operation: str
) -> None:
    if operation in NOTHING_NEEDED:
        await perform(context, "ssm-contacts", operation, request(operation))
        return
    with pytest.raises(ImtuiError) as told:
        await perform(context, "ssm-contacts", operation, request(operation))
    described = model.operation("ssm-contacts", operation)
    assert described is not None
    known = {shape.name for shape in described.error_shapes}
    assert told.value.code in known, "the model's own word, as far as it has one"
    assert told.value.code == ("ResourceNotFoundException" if operation not in IN_A_REQUEST else "ValidationException")
    assert "\n" not in str(told.value)
    if isinstance(told.value, NotFound):
        assert told.value.resource_id
        assert told.value.resource_type


@pytest.mark.parametrize("operation", sorted(CHANGES))
async def test_who_may_only_look_changes_nothing(make_context: Any, operation: str) -> None:
    looking: Context = make_context("wall", read_only=True)
    given = request(operation)
    if "ContactChannelId" in given:
        given["ContactChannelId"] = looking.names.channel("ana", NOWHERE)
    if "PageId" in given:
        given["PageId"] = looking.names.page("ana", NOWHERE)
    if "EngagementId" in given:
        given["EngagementId"] = looking.names.engagement("ana", NOWHERE)
    with pytest.raises(AccessDenied, match=f"ssm-contacts:{operation} on resource: arn:aws:ssm-contacts:"):
        await perform(looking, "ssm-contacts", operation, given)


async def test_an_operation_that_there_is_not_and_members_out_of_their_limits_are_refused(context: Context) -> None:
    with pytest.raises(Unknown):
        handler("ssm-contacts", "CreateEverything")
    with pytest.raises(Invalid, match="Alias must be given"):
        await perform(context, "ssm-contacts", "CreateContact", {"Type": "PERSONAL", "Plan": {}})
