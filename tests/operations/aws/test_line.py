"""A line that works in the AWS command line must work here."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.operations.aws.line import operations, parse
from imtui.operations.aws.written import written


@pytest.mark.parametrize(
    ("line", "operation", "given"),
    [
        ("ssm-incidents list-incident-records", "ListIncidentRecords", {}),
        ("ssm-contacts delete-contact --contact-id ana", "DeleteContact", {"ContactId": "ana"}),
        ("ssm-contacts delete-contact --contact-id=ana", "DeleteContact", {"ContactId": "ana"}),
        (
            "ssm-incidents start-incident --response-plan-arn web --title 'It burns' --impact 1 --region eu-west-1",
            "StartIncident",
            {"responsePlanArn": "web", "title": "It burns", "impact": 1},
        ),
        (
            "ssm-contacts create-contact --alias ana --type PERSONAL --plan Stages=[] "
            "--tags Key=a,Value=b Key=c,Value=d",
            "CreateContact",
            {
                "Alias": "ana",
                "Type": "PERSONAL",
                "Plan": {"Stages": []},
                "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}],
            },
        ),
        (
            "ssm-contacts create-contact-channel --no-defer-activation --contact-id a --type SMS --name n "
            "--delivery-address SimpleAddress=+491",
            "CreateContactChannel",
            {
                "DeferActivation": False,
                "ContactId": "a",
                "Type": "SMS",
                "Name": "n",
                "DeliveryAddress": {"SimpleAddress": "+491"},
            },
        ),
        (
            "ssm-incidents create-response-plan --name w --incident-template title=x,impact=3 --tags a=b,c=d",
            "CreateResponsePlan",
            {"name": "w", "incidentTemplate": {"title": "x", "impact": 3}, "tags": {"a": "b", "c": "d"}},
        ),
        (
            "ssm-incidents start-incident --response-plan-arn arn:aws:ssm-\n"
            "incidents::111122223333:response-plan/test-response-plan-chat --region us-east-2",
            "StartIncident",
            {"responsePlanArn": "arn:aws:ssm-incidents::111122223333:response-plan/test-response-plan-chat"},
        ),
        (
            r"""ssm-incidents create-timeline-event --event-data "\"example timeline event"\" -- event-time """
            "2023-03-31 T20:30:00.000 --event-type Custom Event --incident-record-arn arn:aws:ssm-incidents::"
            "111122223333:incident-record/MyResponsePlanChat/98c397e6-7c10-aa10-9b86-f199aEXAMPLE",
            "CreateTimelineEvent",
            {
                "eventData": '"example timeline event"',
                "eventTime": datetime(2023, 3, 31, 20, 30, tzinfo=UTC),
                "eventType": "Custom Event",
                "incidentRecordArn": "arn:aws:ssm-incidents::111122223333:incident-record/MyResponsePlanChat/"
                "98c397e6-7c10-aa10-9b86-f199aEXAMPLE",
            },
        ),
        (
            """ssm-incidents create-timeline-event --event-type 'Custom Event' --event-data '{"a": [1, "b"]}'
            --incident-record-arn x --event-time 2026-03-01T03:10:00Z""",
            "CreateTimelineEvent",
            None,
        ),
        (
            "ssm-incidents untag-resource --resource-arn x "
            """--cli-input-json '{"tagKeys": ["a"], "resourceArn": "y"}'""",
            "UntagResource",
            {"resourceArn": "x", "tagKeys": ["a"]},
        ),
    ],
)
def test_a_line_of_the_aws_command_line_means_the_same(line: str, operation: str, given: dict[str, Any] | None) -> None:
    found = parse(shlex.split(line))
    assert found.operation == operation
    if given is not None:
        assert found.given == given
    else:
        assert json.loads(found.given["eventData"]) == {"a": [1, "b"]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ssm-incidents", "which operation"),
        ("ssm-incidents start-incidents", "do you mean start-incident?"),
        ("ssm-incidents start-incident --titel x", "do you mean title?"),
        ("ssm-incidents start-incident x", "an option"),
        ("ssm-incidents start-incident --title", "a value is missing"),
        ("ssm-incidents start-incident --impact high", "a whole number"),
        ("ssm-incidents start-incident --related-items [", "no JSON"),
        ("ssm-incidents list-incident-records --output xml", "one of json, text, table"),
        ("ssm-incidents start-incident --cli-input-json x", "a JSON object"),
        ("ssm-incidents start-incident --cli-input-json file:///etc/passwd", "for a shell"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(line: str, said: str) -> None:
    with pytest.raises(ValidationFailed, match=said.replace("?", r"\?")):
        parse(shlex.split(line))


def test_every_operation_can_be_named_and_asked_without_a_member() -> None:
    assert len(operations("ssm-incidents")) == 31
    assert len(operations("ssm-contacts")) == 39
    for service in ("ssm-incidents", "ssm-contacts"):
        for word in operations(service):
            assert parse([service, word]).given == {}


def test_members_of_another_type_are_refused() -> None:
    with pytest.raises(ImtuiError):
        parse(["ssm-incidents", "start-incident", "--cli-input-json", '{"impact": "x"}'])


def test_an_answer_is_written_as_json_text_and_table() -> None:
    document = {"Contacts": [{"Alias": "ana", "Type": "PERSONAL"}, {"Alias": "ben", "Type": "PERSONAL"}]}
    assert json.loads(written(document)) == document
    assert written(document, "text").splitlines() == ["CONTACTS\tana\tPERSONAL", "CONTACTS\tben\tPERSONAL"]
    assert "│ ana   │ PERSONAL │" in written(document, "table")
    assert written(document, "text", "Contacts[].Alias") == "ana\tben"
    assert json.loads(written(document, "json", "Contacts[0].Alias")) == "ana"
    assert written({}) == ""
    with pytest.raises(ValidationFailed, match="--query"):
        written(document, "json", "[[[")
