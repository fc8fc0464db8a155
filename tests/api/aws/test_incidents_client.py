"""An unmodified client must be able to call every operation of ssm-incidents and read what it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.operations.aws import model
from tests.api.aws.test_clients import client, place
from tests.api.test_processes import Place

__all__ = ["place"]

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  (what the client's own clock says)
URL = {"type": "OTHER", "value": {"url": "https://example.com/a?b=c"}}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ssm-incidents:*", "Resource": "*"}
        ],
    }
)


class Counting:
    """A client that remembers which operations were called."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(self.real.meta.method_to_api_mapping[name])
        return getattr(self.real, name)


@pytest.mark.timeout(120)
def test_every_operation_answers_what_a_client_can_read(place: Place) -> None:
    wire = Counting(client(place, "ssm-incidents"))
    plan = wire.create_response_plan(name="web", incidentTemplate={"title": "Web", "impact": 2}, tags={"a": "b"})["arn"]
    wire.update_response_plan(arn=plan, displayName="Shop", incidentTemplateImpact=1, chatChannel={"empty": {}})
    assert wire.get_response_plan(arn=plan)["incidentTemplate"]["impact"] == 1
    assert [found["arn"] for found in wire.list_response_plans()["responsePlanSummaries"]] == [plan]
    _tags(wire, plan)
    policy = wire.put_resource_policy(resourceArn=plan, policy=POLICY)["policyId"]
    assert wire.get_resource_policies(resourceArn=plan)["resourcePolicies"][0]["policyDocument"] == POLICY
    wire.delete_resource_policy(resourceArn=plan, policyId=policy)
    incident = _incident(wire, plan)
    _timeline(wire, incident)
    wire.update_related_items(incidentRecordArn=incident, relatedItemsUpdate={"itemToAdd": {"identifier": URL}})
    assert wire.list_related_items(incidentRecordArn=incident)["relatedItems"][0]["identifier"] == URL
    assert wire.list_incident_findings(incidentRecordArn=incident)["findings"] == []
    missing = wire.batch_get_incident_findings(incidentRecordArn=incident, findingIds=["x"])
    assert (missing["findings"], missing["errors"][0]["findingId"]) == ([], "x")
    _replication(wire)
    wire.delete_incident_record(arn=incident)
    wire.delete_response_plan(arn=plan)
    with pytest.raises(wire.real.exceptions.ResourceNotFoundException) as gone:
        wire.get_incident_record(arn=incident)
    assert gone.value.response["resourceIdentifier"] == incident
    assert gone.value.response["resourceType"] == "INCIDENT_RECORD"
    assert wire.called == set(model.service("ssm-incidents").operation_names)


def _tags(wire: Any, arn: str) -> None:
    wire.tag_resource(resourceArn=arn, tags={"c": "d"})
    wire.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert wire.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "d"}


def _incident(wire: Any, plan: str) -> str:
    details = {"source": "com.example", "timestamp": NOW, "rawData": '{"x": 1}'}
    incident: str = wire.start_incident(responsePlanArn=plan, triggerDetails=details)["incidentRecordArn"]
    wire.update_incident_record(arn=incident, summary="Ördnung", status="RESOLVED")
    found = wire.get_incident_record(arn=incident)["incidentRecord"]
    assert (found["summary"], found["status"], found["chatChannel"]) == ("Ördnung", "RESOLVED", {"empty": {}})
    assert found["resolvedTime"] >= found["creationTime"]
    only = [
        {"key": "status", "condition": {"equals": {"stringValues": ["RESOLVED"]}}},
        {"key": "creationTime", "condition": {"after": datetime(2020, 1, 1, tzinfo=UTC)}},
    ]
    listed = wire.list_incident_records(filters=only)["incidentRecordSummaries"]
    assert [one["arn"] for one in listed] == [incident]
    return incident


def _timeline(wire: Any, incident: str) -> None:
    event = wire.create_timeline_event(
        incidentRecordArn=incident,
        eventType="Custom Event",
        eventData='"Ördnung"',
        eventTime=NOW,
        eventReferences=[{"resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}],
    )["eventId"]
    wire.update_timeline_event(incidentRecordArn=incident, eventId=event, eventData='"Changed"')
    found = wire.get_timeline_event(incidentRecordArn=incident, eventId=event)["event"]
    assert (found["eventData"], found["eventTime"]) == ('"Changed"', NOW)
    pages = wire.real.get_paginator("list_timeline_events").paginate(
        incidentRecordArn=incident, PaginationConfig={"PageSize": 1}
    )
    ids = [one["eventId"] for page in pages for one in page["eventSummaries"]]
    assert len(ids) == len(set(ids)) == len(wire.list_timeline_events(incidentRecordArn=incident)["eventSummaries"])
    assert event in ids
    wire.delete_timeline_event(incidentRecordArn=incident, eventId=event)


def _replication(wire: Any) -> None:
    arn = wire.create_replication_set(regions={"eu-west-1": {}})["arn"]
    wire.update_replication_set(arn=arn, actions=[{"addRegionAction": {"regionName": "eu-west-2"}}])
    wire.update_deletion_protection(arn=arn, deletionProtected=True)
    found = wire.get_replication_set(arn=arn)["replicationSet"]
    assert (set(found["regionMap"]), found["deletionProtected"]) == ({"eu-west-1", "eu-west-2"}, True)
    assert wire.list_replication_sets()["replicationSetArns"] == [arn]
    with pytest.raises(wire.real.exceptions.ValidationException, match="protection off"):
        wire.delete_replication_set(arn=arn)
    with pytest.raises(wire.real.exceptions.ConflictException) as taken:
        wire.create_replication_set(regions={"eu-west-1": {}})
    assert taken.value.response["resourceType"] == "REPLICATION_SET"
