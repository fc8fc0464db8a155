"""Whoever may not come in must be told why in AWS's own words; nothing that is sent may make the server fall over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from imtui import services
from imtui.operations.aws import model
from imtui.operations.aws.registry import HANDLERS
from imtui.services.context import Context
from tests.api.aws.client import Answer, Client
from tests.api.aws.shapes import cases

Signing = Callable[..., Awaitable[Client]]
OPERATIONS = [(service, name) for service, handlers in HANDLERS.items() for name in handlers]


async def test_what_is_not_signed_or_by_nobody_is_refused(http: httpx.AsyncClient, signing: Signing) -> None:
    unsigned = await http.post("/listIncidentRecords", json={})
    assert (unsigned.status_code, unsigned.headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    client = await signing()
    client.key = "AKIAAAAAAAAAAAAAAAAA"
    found = await client.call("ssm-incidents", "ListIncidentRecords")
    assert (found.status, found.error) == (403, "UnrecognizedClientException")


async def test_a_wrong_secret_is_refused_on_both_ways_of_writing(signing: Signing) -> None:
    client = await signing()
    client.secret = "another"
    for service, name in (("ssm-incidents", "ListIncidentRecords"), ("ssm-contacts", "ListContacts")):
        found = await client.call(service, name)
        assert (found.status, found.error) == (403, "InvalidSignatureException")
        assert found.document["__type"] == "InvalidSignatureException"
        assert "does not match" in found.document["message"]


async def test_a_deleted_key_is_refused_at_once(signing: Signing, server_context: Context) -> None:
    client = await signing()
    assert (await client.call("ssm-contacts", "ListContacts")).status == 200
    await services.access_keys.delete(server_context, client.key)
    assert (await client.call("ssm-contacts", "ListContacts")).error == "UnrecognizedClientException"


async def test_a_viewer_looks_and_is_told_why_not_more(signing: Signing) -> None:
    client = await signing("vera", "viewer")
    assert (await client.call("ssm-contacts", "ListContacts")).status == 200
    refused = await client.call("ssm-contacts", "DeleteContact", {"ContactId": "ana"})
    assert refused.error == "AccessDeniedException"
    assert refused.document["Message"].startswith(
        "User: arn:aws:iam::111122223333:user/vera is not authorized to perform: ssm-contacts:DeleteContact on "
        "resource: arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ana"
    )


@pytest.mark.parametrize("target", ["SSMContacts.Nothing", "Nobody.ListContacts", "SSMContacts", ".", "x" * 5000])
async def test_an_unknown_operation_is_told_apart(signing: Signing, target: str) -> None:
    client = await signing()
    found = await client.send("ssm-contacts", "POST", "/", {"X-Amz-Target": target}, b"{}")
    assert (found.status, found.error) == (404, "UnknownOperationException")
    path = await client.send("ssm-incidents", "POST", "/nothing", {}, b"{}")
    assert (path.status, path.error) == (404, "UnknownOperationException")


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"Type": 1}'])
async def test_what_is_no_document_is_told_apart(signing: Signing, body: bytes) -> None:
    client = await signing()
    found = await client.send("ssm-contacts", "POST", "/", {"X-Amz-Target": "SSMContacts.ListContacts"}, body)
    assert (found.status, found.error) == (400, "SerializationException")


async def test_a_body_that_is_too_large_is_refused(signing: Signing) -> None:
    client = await signing()
    large = json.dumps({"AliasPrefix": "x" * 1024 * 1024}).encode()
    found = await client.send("ssm-contacts", "POST", "/", {"X-Amz-Target": "SSMContacts.ListContacts"}, large)
    assert found.status == 413


async def test_every_answer_has_an_id_by_which_it_can_be_found(signing: Signing) -> None:
    client = await signing()
    ids = {(await client.call("ssm-contacts", "ListContacts")).headers["x-amzn-requestid"] for _ in range(3)}
    assert len(ids) == 3


def in_address(operation: Any) -> list[str]:
    """The members that stand in the path or the query: there, everything is a text."""
    return [name for name, shape in model.members(operation.input_shape) if shape.serialization.get("location")]


@pytest.mark.slow
@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
async def test_no_request_makes_a_500(signing: Signing, service: str, operation: str) -> None:
    """Valid, least, each member missing, of another type, at and past its limit: an answer, or a refusal."""
    client = await signing()
    described = model.operation(service, operation)
    assert described is not None
    known = {shape.name for shape in described.service_model.error_shapes}
    known |= {"SerializationException", "ValidationException"}
    for case in cases(described.input_shape):
        typeless = any(
            case.label.startswith((f"{name}: wrong type", f"without {name}")) for name in in_address(described)
        )
        found: Answer = await client.call(service, operation, case.document)
        assert found.status < 500, (case, found.body)
        if found.status >= 400:
            assert found.error in known, (case, found.error)
            if not case.valid and not typeless:
                assert found.error in ("ValidationException", "SerializationException"), (case, found.body)
        else:
            assert case.valid or typeless, (case, found.body)


async def test_two_hundred_at_once_are_all_answered(signing: Signing) -> None:
    client = await signing()
    found = await asyncio.gather(*(client.call("ssm-contacts", "ListContacts") for _ in range(200)))
    assert {answer.status for answer in found} == {200}


async def test_a_defect_of_ours_is_told_as_one_and_says_nothing_of_its_inside(
    signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("inside")

    client = await signing()
    monkeypatch.setattr("imtui.api.aws.door.perform", broken)
    found = await client.call("ssm-contacts", "ListContacts")
    assert (found.status, found.error) == (500, "InternalServerException")
    assert "inside" not in str(found.body)
    assert found.headers["x-amzn-requestid"]
