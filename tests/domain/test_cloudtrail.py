"""Audit records read as CloudTrail's events, so that its tools can be used on them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.domain.arns import Names
from imtui.domain.audit import Record, Wanted
from imtui.domain.cloudtrail import event, wanted
from imtui.domain.errors import ValidationFailed

NAMES = Names()
WHEN = datetime(2026, 3, 1, 3, 10, 0, 500_000, tzinfo=UTC)
DONE = Record(
    id=7,
    request_id="11111111-1111-4111-8111-111111111111",
    at=WHEN,
    caller="ana",
    login="ana",
    origin="api",
    action="ssm-incidents:StartIncident",
    resource=NAMES.response_plan("web"),
    parameters='{"title":"Web is down"}',
    error=None,
    message=None,
    address="192.0.2.7",
    access_key="AKIAEXAMPLE",
    user_agent="Boto3/1.40",
    read_only=False,
)


def changed(**values: Any) -> Record:
    return Record(**{name: values.get(name, getattr(DONE, name)) for name in Record.__slots__})


def test_what_was_done_is_told_as_cloudtrail_tells_it() -> None:
    found = event(DONE, NAMES)
    whole = json.loads(found.pop("CloudTrailEvent"))
    assert found == {
        "EventId": DONE.request_id,
        "EventName": "StartIncident",
        "ReadOnly": "false",
        "AccessKeyId": "AKIAEXAMPLE",
        "EventTime": WHEN,
        "EventSource": "ssm-incidents.amazonaws.com",
        "Username": "ana",
        "Resources": [{"ResourceType": "AWS::SSMIncidents::ResponsePlan", "ResourceName": NAMES.response_plan("web")}],
    }
    assert whole["userIdentity"]["arn"] == "arn:aws:iam::111122223333:user/ana"
    assert (whole["sourceIPAddress"], whole["userAgent"]) == ("192.0.2.7", "Boto3/1.40")
    assert whole["requestParameters"] == {"title": "Web is down"}
    assert (whole["requestID"], whole["eventID"]) == (DONE.request_id, DONE.request_id)
    assert (whole["eventTime"], whole["readOnly"]) == ("2026-03-01T03:10:00Z", False)
    assert "responseElements" in whole
    assert not {"errorCode", "errorMessage"} & whole.keys()


def test_a_refusal_carries_its_error() -> None:
    whole = json.loads(event(changed(error="AccessDeniedException", message="no"), NAMES)["CloudTrailEvent"])
    assert (whole["errorCode"], whole["errorMessage"]) == ("AccessDeniedException", "no")


def test_what_is_not_known_is_left_out_and_our_own_acts_pose_as_no_service() -> None:
    own = changed(action="imtui:CreateToken", resource="*", access_key=None, address=None, parameters="not json")
    found = event(own, NAMES)
    assert "AccessKeyId" not in found
    assert (found["EventSource"], found["Resources"]) == ("imtui", [])
    assert json.loads(found["CloudTrailEvent"])["requestParameters"] == {"text": "not json"}


@pytest.mark.parametrize("resource", ["12", "arn:", "arn:aws:x", "arn:aws:sns:zz-local-1:111122223333:topic"])
def test_any_resource_has_a_name_and_a_type(resource: str) -> None:
    found = event(changed(resource=resource), NAMES)["Resources"]
    assert found[0]["ResourceName"] == resource
    assert found[0]["ResourceType"]


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("EventId", "x", Wanted(request_id="x")),
        ("EventName", "StartIncident", Wanted(event="StartIncident")),
        ("Username", "ana", Wanted(caller="ana")),
        ("ResourceName", "arn:x", Wanted(resource="arn:x")),
        ("ResourceType", "AWS::SSMContacts::Contact", Wanted(kind="contact")),
        ("ResourceType", "AWS::S3::Bucket", Wanted(kind="AWS::S3::Bucket")),
        ("EventSource", "ssm-incidents.amazonaws.com", Wanted(service="ssm-incidents")),
        ("AccessKeyId", "AKIA", Wanted(access_key="AKIA")),
        ("ReadOnly", "true", Wanted(read_only=True)),
        ("ReadOnly", "false", Wanted(read_only=False)),
    ],
)
def test_every_attribute_of_lookup_events_is_understood(key: str, value: str, meant: Wanted) -> None:
    assert wanted([{"AttributeKey": key, "AttributeValue": value}]) == meant


def test_both_ends_of_the_time_belong_to_it() -> None:
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    found = wanted((), start, end)
    assert found.since == start
    assert found.until == datetime(2026, 3, 2, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attributes", "start", "end"),
    [
        ([{"AttributeKey": "Colour", "AttributeValue": "red"}], None, None),
        ([{"AttributeKey": "ReadOnly", "AttributeValue": "maybe"}], None, None),
        ([{"AttributeKey": "EventId", "AttributeValue": "x"}] * 2, None, None),
        ([], datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_question_that_means_nothing_is_refused(attributes: Any, start: Any, end: Any) -> None:
    with pytest.raises(ValidationFailed):
        wanted(attributes, start, end)


def test_what_wants_the_model_of_the_service_to_know() -> None:
    """Every attribute key that the service's own model lists is among those tested above."""
    botocore = pytest.importorskip("botocore.session")
    shape = botocore.get_session().get_service_model("cloudtrail").shape_for("LookupAttributeKey")
    for key in shape.enum:
        wanted([{"AttributeKey": key, "AttributeValue": "true"}])
