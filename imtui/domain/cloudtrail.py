"""Audit records in the shape of CloudTrail's events, and CloudTrail's questions as ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from imtui.domain.arns import Names, is_arn, parse
from imtui.domain.audit import Record, Wanted
from imtui.domain.errors import ValidationFailed

VERSION = "1.09"
"""Of the events' format."""

OWN = "imtui"
"""The source of what is no service of AWS: tokens, filters, configuration as code."""

_SOURCE = ".amazonaws.com"

TYPES: Mapping[str, str] = {
    "incident-record": "AWS::SSMIncidents::IncidentRecord",
    "response-plan": "AWS::SSMIncidents::ResponsePlan",
    "replication-set": "AWS::SSMIncidents::ReplicationSet",
    "contact": "AWS::SSMContacts::Contact",
    "contact-channel": "AWS::SSMContacts::ContactChannel",
    "rotation": "AWS::SSMContacts::Rotation",
    "engagement": "AWS::SSMContacts::Engagement",
    "page": "AWS::SSMContacts::Page",
    "document": "AWS::SSM::Document",
    "automation-execution": "AWS::SSM::AutomationExecution",
    "opsitem": "AWS::SSM::OpsItem",
    "rule": "AWS::Events::Rule",
    "user": "AWS::IAM::User",
}
"""What CloudTrail calls the resource that an ARN of ours names, by its kind."""


def event(record: Record, names: Names) -> dict[str, Any]:
    """A record as `LookupEvents` answers it. EventTime is a datetime; what is not known is left out."""
    found = {
        "EventId": record.request_id,
        "EventName": record.event_name,
        "ReadOnly": "true" if record.read_only else "false",
        "AccessKeyId": record.access_key,
        "EventTime": record.at,
        "EventSource": source_of(record.service),
        "Username": record.caller,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in _resources(record)],
        "CloudTrailEvent": json.dumps(_whole(record, names), separators=(",", ":")),
    }
    return {name: value for name, value in found.items() if value is not None}


def wanted(
    attributes: Sequence[Mapping[str, str]] = (), start: datetime | None = None, end: datetime | None = None
) -> Wanted:
    """What `LookupEvents` asks for: `LookupAttributes` (one at most), from `start` to `end`, both inclusive. Raises
    ValidationFailed."""
    if start is not None and end is not None and start > end:
        raise ValidationFailed("StartTime lies after EndTime", "StartTime")
    if len(attributes) > 1:
        raise ValidationFailed("LookupAttributes takes one attribute at most", "LookupAttributes")
    until = None if end is None else _after(end)
    asked = attributes[0] if attributes else {}
    key, value = asked.get("AttributeKey"), asked.get("AttributeValue", "")
    match key:
        case None:
            return Wanted(since=start, until=until)
        case "EventId":
            return Wanted(since=start, until=until, request_id=value)
        case "EventName":
            return Wanted(since=start, until=until, event=value)
        case "Username":
            return Wanted(since=start, until=until, caller=value)
        case "ResourceName":
            return Wanted(since=start, until=until, resource=value)
        case "AccessKeyId":
            return Wanted(since=start, until=until, access_key=value)
        case "EventSource":
            return Wanted(since=start, until=until, service=value.removesuffix(_SOURCE))
        case "ReadOnly":
            if value not in ("true", "false"):
                raise ValidationFailed("ReadOnly is true or false", "LookupAttributes")
            return Wanted(since=start, until=until, read_only=value == "true")
        case "ResourceType":
            kinds = [kind for kind, type_ in TYPES.items() if type_ == value]
            return Wanted(since=start, until=until, kind=kinds[0] if kinds else value)
    raise ValidationFailed(f"AttributeKey: {str(key)[:40]!r} is none that LookupEvents knows", "LookupAttributes")


def source_of(service: str) -> str:
    """The EventSource of a service, such as `ssm-incidents.amazonaws.com`."""
    return service if service in (OWN, "") else service + _SOURCE


def _resources(record: Record) -> list[tuple[str, str]]:
    """The type and name of what the call was about; nothing where it was about everything."""
    if record.resource in ("", "*"):
        return []
    try:
        kind = parse(record.resource).kind if is_arn(record.resource) else ""
    except ValidationFailed:
        kind = ""
    return [(TYPES.get(kind, kind or "Resource"), record.resource)]


def _whole(record: Record, names: Names) -> dict[str, Any]:
    """The event as CloudTrail itself keeps it."""
    identity = {
        "type": "IAMUser",
        "principalId": record.caller,
        "arn": names.user(record.caller),
        "accountId": names.account,
        "accessKeyId": record.access_key,
        "userName": record.caller,
    }
    found: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": {name: value for name, value in identity.items() if value is not None},
        "eventTime": record.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source_of(record.service),
        "eventName": record.event_name,
        "awsRegion": names.region,
        "sourceIPAddress": record.address or record.origin,
        "userAgent": record.user_agent or f"imtui/{record.origin}",
        "requestParameters": record.values or None,
        "responseElements": None,
        "additionalEventData": {"login": record.login, "origin": record.origin},
        "requestID": record.request_id,
        "eventID": record.request_id,
        "readOnly": record.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": names.account,
        "eventCategory": "Management",
    }
    if record.error is not None:
        found |= {"errorCode": record.error, "errorMessage": record.message or ""}
    return found


def _after(end: datetime) -> datetime:
    """The first instant after the second in which `end` lies: the wire knows whole seconds."""
    return datetime.fromtimestamp(int(end.timestamp()) + 1, UTC)
