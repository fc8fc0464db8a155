"""Incident records: begun, looked at, edited, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.domain import shortening
from imtui.domain.arns import Names
from imtui.domain.errors import NotFound
from imtui.domain.incident import Incident, Status
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import INCIDENT_RECORD, incident_arn
from imtui.services.starting import Started, Trigger

_SERVICE = "ssm-incidents"
_MOST_DEDUPE = 1000
_MOST_SOURCE = 50
_MOST_SUMMARY = 8000


async def _start_incident(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    shapes.expect(given["responsePlanArn"], "response-plan", "responsePlanArn")
    details = given.get("triggerDetails")
    if context.once is not None:
        context.once.answering = _started
    started = await services.incidents.start(
        context,
        given["responsePlanArn"],
        title=given.get("title") or None,
        impact=given.get("impact"),
        trigger=_trigger(details) if details else None,
        related_items=[_related(item) for item in given.get("relatedItems", ())],
    )
    return _started(started)


def _started(started: Started) -> dict[str, Any]:
    return {"incidentRecordArn": started.incident.arn}


async def _get_incident_record(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    shapes.expect(given["arn"], "incident-record", "arn")
    found = await services.incidents.get(context, await incident_arn(context, given["arn"]))
    return {"incidentRecord": _record(found, context.names)}


async def _update_incident_record(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    shapes.expect(given["arn"], "incident-record", "arn")
    status = given.get("status")
    await services.incidents.update(
        context,
        await incident_arn(context, given["arn"]),
        title=given.get("title"),
        impact=given.get("impact"),
        summary=given.get("summary"),
        chat_channel=shapes.topics_of_rooms(given.get("chatChannel")),
        notification_targets=shapes.topics_of_targets(given.get("notificationTargets")),
        status=Status(status) if status else None,
    )
    return {}


async def _delete_incident_record(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """One that is gone already needs no deletion: the service says nothing about it either."""
    shapes.expect(given["arn"], "incident-record", "arn")
    try:
        await services.incidents.delete(context, await incident_arn(context, given["arn"]))
    except NotFound as error:
        if error.resource_type != INCIDENT_RECORD:
            raise
    return {}


async def _list_incident_records(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, _SERVICE, "ListIncidentRecords", given, 100)
    only = services.conditions.of_incidents(given.get("filters", ()), context.names)
    read = await services.incidents.page(context, only, where.after, where.limit + 1)
    found, token = pages.answer(read, where, lambda incident: incident.number)
    return {"incidentRecordSummaries": [_summary(incident, context.names) for incident in found], "nextToken": token}


def _trigger(details: Mapping[str, Any]) -> Trigger:
    at = services.timeline.checked_instant(details["timestamp"])
    return Trigger(details["source"], at, details.get("triggerArn"), text=details.get("rawData"))


def _related(item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    identifier = item["identifier"]
    return identifier["type"], item.get("title", ""), services.related.checked_value(identifier["value"])


def _record(incident: Incident, names: Names) -> dict[str, Any]:
    summary = _summary(incident, names)
    return {
        **summary,
        "summary": shortening.text(incident.summary, _MOST_SUMMARY),
        "dedupeString": shortening.text(incident.dedupe_key or "", _MOST_DEDUPE),
        "lastModifiedBy": shapes.principal(names, incident.modified_by),
        "lastModifiedTime": incident.modified_at,
        "automationExecutions": [],
        "chatChannel": shapes.rooms(incident.chat_channel),
        "notificationTargets": shapes.targets(incident.notification_targets),
    }


def _summary(incident: Incident, names: Names) -> dict[str, Any]:
    return {
        "arn": incident.arn,
        "title": shapes.title(incident.title),
        "impact": int(incident.impact),
        "status": incident.status.value,
        "creationTime": incident.created_at,
        "resolvedTime": incident.resolved_at,
        "incidentRecordSource": {
            "createdBy": shapes.principal(names, incident.created_by),
            "source": shortening.text(incident.source, _MOST_SOURCE),
            "resourceArn": shapes.optional_arn(incident.resource_arn),
            "invokedBy": _service(incident.source),
        },
    }


def _service(source: str) -> str | None:
    """The service that spoke, for incidents that an event began."""
    return {"aws.cloudwatch": "cloudwatch.amazonaws.com", "aws.events": "events.amazonaws.com"}.get(source)


HANDLERS: Mapping[str, Handler] = {
    "StartIncident": _start_incident,
    "GetIncidentRecord": _get_incident_record,
    "UpdateIncidentRecord": _update_incident_record,
    "DeleteIncidentRecord": _delete_incident_record,
    "ListIncidentRecords": _list_incident_records,
}
