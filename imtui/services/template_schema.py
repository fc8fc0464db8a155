"""What templates may hold: the types of resources, their properties, and which property an error is about."""

from __future__ import annotations

from collections.abc import Mapping

from imtui.services import template_rotations
from imtui.services.template_rotations import ROTATION

CONTACT = "AWS::SSMContacts::Contact"
CHANNEL = "AWS::SSMContacts::ContactChannel"
PLAN = "AWS::SSMContacts::Plan"
RESPONSE_PLAN = "AWS::SSMIncidents::ResponsePlan"
RULE = "AWS::Events::Rule"

KNOWN: Mapping[str, tuple[str, ...]] = {
    CONTACT: ("Alias", "DisplayName", "Type", "Plan", "Tags"),
    CHANNEL: ("ContactId", "ChannelName", "ChannelType", "ChannelAddress", "DeferActivation"),
    PLAN: ("ContactId", "Stages", "RotationIds"),
    ROTATION: template_rotations.PROPERTIES,
    RESPONSE_PLAN: (
        "Name",
        "DisplayName",
        "IncidentTemplate",
        "ChatChannel",
        "Engagements",
        "Actions",
        "Integrations",
        "Tags",
    ),
    RULE: ("Name", "Description", "EventBusName", "EventPattern", "State", "Targets"),
}
REQUIRED = {
    CONTACT: ("Alias", "Type"),
    CHANNEL: ("ContactId", "ChannelName", "ChannelType", "ChannelAddress"),
    PLAN: ("ContactId",),
    ROTATION: template_rotations.REQUIRED,
    RESPONSE_PLAN: ("Name", "IncidentTemplate"),
    RULE: ("Name", "EventPattern", "Targets"),
}
OWN = {CONTACT: ("Repeat",), PLAN: ("Repeat",), RESPONSE_PLAN: ("RepageMinutes",), RULE: ("Resolve",)}
"""What `Metadata: {imtui: …}` of a resource may hold."""
KINDS = {"PERSONAL": "contact", "ESCALATION": "escalation plan", "ONCALL_SCHEDULE": "on-call schedule"}
PROPERTY_OF = {
    "alias": "Alias",
    "display_name": "DisplayName",
    "address": "ChannelAddress",
    "name": "ChannelName",
    "contact": "ContactId",
    "contacts": "ContactIds",
    "on_calls": "Recurrence",
    "time_zone": "TimeZoneId",
    "start": "StartTime",
    "stages": "Stages",
    "Plan": "Stages",
    "DurationInMinutes": "Stages",
    "RetryIntervalInMinutes": "Stages",
    "title": "IncidentTemplate.Title",
    "impact": "IncidentTemplate.Impact",
    "summary": "IncidentTemplate.Summary",
    "dedupe_string": "IncidentTemplate.DedupeString",
    "notification_targets": "IncidentTemplate.NotificationTargets",
    "engagements": "Engagements",
    "tags": "Tags",
}
