"""AWS's own clients, as they are, must be able to drive it from the first contact to the end of an incident."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.api.test_processes import Place

PLAN = '{"Stages": []}'


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A server on an empty database, with an administrator's key in the environment."""
    made = Place(tmp_path)
    made.env |= {"IMTUI_KEY_FILE": str(tmp_path / "key"), "AWS_CONFIG_FILE": os.devnull, "AWS_PAGER": ""}
    made.env |= {"AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}
    made.run("user", "create", "ana", "--policy", "administrator")
    _, url = made.serve()
    made.env |= keys(made, "ana") | {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "zz-local-1"}
    yield made
    for server in made.servers:
        server.kill()
        server.wait()
        assert server.stderr is not None
        server.stderr.close()


def keys(place: Place, alias: str) -> dict[str, str]:
    """A new access key of a user, as clients find it in the environment."""
    made = json.loads(place.run("access-key", "create", alias))
    return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


def client(place: Place, service: str, env: dict[str, str] | None = None) -> Any:
    known = {**place.env, **(env or {})}
    return boto3.client(
        service,
        endpoint_url=place.env["AWS_ENDPOINT_URL"],
        region_name="zz-local-1",
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def aws(place: Place, *words: str, env: dict[str, str] | None = None) -> Any:
    """What the AWS command line answers."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "aws"), *words, "--output", "json"],
        env={**place.env, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else {}


@pytest.mark.timeout(180)
def test_the_aws_command_line_goes_from_a_contact_to_an_incident(place: Place) -> None:
    contact = aws(
        place, "ssm-contacts", "create-contact", "--alias", "ben", "--type", "PERSONAL", "--plan", PLAN,
        "--display-name", "Ben Ödegård", "--tags", "Key=team,Value=web",
    )["ContactArn"]  # fmt: skip
    assert contact == "arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ben"
    assert aws(place, "ssm-contacts", "get-contact", "--contact-id", contact)["DisplayName"] == "Ben Ödegård"
    tags = aws(place, "ssm-contacts", "list-tags-for-resource", "--resource-arn", contact)["Tags"]
    assert tags == [{"Key": "team", "Value": "web"}]
    plan = aws(
        place, "ssm-incidents", "create-response-plan", "--name", "web", "--incident-template",
        "title=Web,impact=2", "--engagements", contact,
    )["arn"]  # fmt: skip
    record = aws(
        place, "ssm-incidents", "start-incident", "--response-plan-arn", plan, "--title", "It burns",
    )["incidentRecordArn"]  # fmt: skip
    found = aws(place, "ssm-incidents", "get-incident-record", "--arn", record)["incidentRecord"]
    assert (found["title"], found["impact"], found["status"]) == ("It burns", 2, "OPEN")
    assert "It burns" in place.run("incident", "list")
    aws(
        place, "ssm-incidents", "create-timeline-event", "--incident-record-arn", record, "--event-type",
        "Custom Event", "--event-time", "2026-03-01T03:10:00Z", "--event-data", '"seen"',
    )  # fmt: skip
    aws(place, "ssm-incidents", "update-incident-record", "--arn", record, "--status", "RESOLVED")
    events = aws(place, "ssm-incidents", "list-timeline-events", "--incident-record-arn", record)["eventSummaries"]
    assert "Custom Event" in [event["eventType"] for event in events]
    assert [
        one["status"] for one in aws(place, "ssm-incidents", "list-incident-records")["incidentRecordSummaries"]
    ] == ["RESOLVED"]
    looked = aws(
        place,
        "cloudtrail",
        "lookup-events",
        "--lookup-attributes",
        "AttributeKey=EventName,AttributeValue=StartIncident",
    )
    assert [event["Username"] for event in looked["Events"]] == ["ana"]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_local_commands_answer_what_the_wire_answers(place: Place) -> None:
    local = json.loads(
        place.run("ssm-contacts", "create-contact", "--alias", "ben", "--type", "PERSONAL", "--plan", PLAN)
    )
    contacts = client(place, "ssm-contacts")
    assert contacts.get_contact(ContactId="ben")["ContactArn"] == local["ContactArn"]
    listed = json.loads(place.run("ssm-contacts", "list-contacts", "--query", "Contacts[].Alias"))
    assert listed == [one["Alias"] for one in contacts.list_contacts()["Contacts"]] == ["ben"]
    contacts.delete_contact(ContactId="ben")
    assert json.loads(place.run("ssm-contacts", "list-contacts"))["Contacts"] == []


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_pages_of_a_client_have_everything_once(place: Place) -> None:
    contacts = client(place, "ssm-contacts")
    for number in range(25):
        contacts.create_contact(Alias=f"c{number:02}", Type="PERSONAL", Plan={"Stages": []})
    pages = contacts.get_paginator("list_contacts").paginate(PaginationConfig={"PageSize": 7})
    assert [one["Alias"] for page in pages for one in page["Contacts"]] == [f"c{number:02}" for number in range(25)]


@pytest.mark.timeout(120)
def test_a_viewer_is_refused_with_the_reason_and_the_audit_log_tells_of_it(place: Place) -> None:
    place.run("user", "create", "vera", "--policy", "viewer")
    env = keys(place, "vera")
    contacts = client(place, "ssm-contacts", env)
    assert contacts.list_contacts()["Contacts"] == []
    with pytest.raises(ClientError) as refused:
        contacts.create_contact(Alias="ben", Type="PERSONAL", Plan={"Stages": []})
    error = refused.value.response
    assert error["Error"]["Code"] == "AccessDeniedException"
    assert "user/vera is not authorized to perform: ssm-contacts:CreateContact" in error["Error"]["Message"]
    trail = client(place, "cloudtrail")
    id_ = error["ResponseMetadata"]["RequestId"]
    found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": id_}])["Events"]
    assert [(event["Username"], event["EventName"]) for event in found] == [("vera", "CreateContact")]
    assert json.loads(found[0]["CloudTrailEvent"])["errorCode"].startswith("AccessDenied")
    place.run("user", "attach-policy", "vera", "administrator")
    assert contacts.create_contact(Alias="ben", Type="PERSONAL", Plan={"Stages": []})["ContactArn"]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_errors_are_the_models_exceptions_with_their_members(place: Place) -> None:
    contacts, incidents = client(place, "ssm-contacts"), client(place, "ssm-incidents")
    with pytest.raises(contacts.exceptions.ResourceNotFoundException) as missing:
        contacts.get_contact(ContactId="nobody")
    assert missing.value.response["ResourceId"]
    assert missing.value.response["ResourceType"]
    with pytest.raises(incidents.exceptions.ResourceNotFoundException) as gone:
        incidents.get_response_plan(arn="arn:aws:ssm-incidents::111122223333:response-plan/nothing")
    assert gone.value.response["resourceType"] == "RESPONSE_PLAN"
    with pytest.raises(contacts.exceptions.ValidationException) as wrong:
        contacts.create_contact(Alias="Not An Alias", Type="PERSONAL", Plan={"Stages": []})
    assert wrong.value.response["Reason"] == "FIELD_VALIDATION_FAILED"
    assert wrong.value.response["Fields"][0]["Name"] == "Alias"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_same_token_is_the_same_incident(place: Place) -> None:
    incidents = client(place, "ssm-incidents")
    plan = incidents.create_response_plan(name="web", incidentTemplate={"title": "Web", "impact": 2})["arn"]
    first = incidents.start_incident(responsePlanArn=plan, clientToken="t-1")["incidentRecordArn"]
    assert incidents.start_incident(responsePlanArn=plan, clientToken="t-1")["incidentRecordArn"] == first
    with pytest.raises(incidents.exceptions.ConflictException):
        incidents.start_incident(responsePlanArn=plan, clientToken="t-1", impact=1)
    assert incidents.start_incident(responsePlanArn=plan, clientToken="t-2")["incidentRecordArn"] != first


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_what_is_in_use_is_not_deleted_and_who_uses_it_is_named(place: Place) -> None:
    contacts = client(place, "ssm-contacts")
    ben = contacts.create_contact(Alias="ben", Type="PERSONAL", Plan={"Stages": []})["ContactArn"]
    target = {"ContactTargetInfo": {"ContactId": ben, "IsEssential": True}}
    plan = {"Stages": [{"DurationInMinutes": 5, "Targets": [target]}]}
    night = contacts.create_contact(Alias="night", Type="ESCALATION", Plan=plan)["ContactArn"]
    with pytest.raises(contacts.exceptions.ConflictException) as refused:
        contacts.delete_contact(ContactId=ben)
    entities = refused.value.response["DependentEntities"]
    assert [arn for entity in entities for arn in entity["DependentResourceIds"]] == [night]
    contacts.delete_contact(ContactId=night)
    contacts.delete_contact(ContactId=ben)
