"""Timeline events: those that the program recorded, and the notes and custom events of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.domain import shortening
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.timeline import TimelineEvent
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import TIMELINE_EVENT, incident_arn

_SERVICE = "ssm-incidents"
_MOST_DATA = 12_000
_MOST_RAW = 10_000


async def _create_timeline_event(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    arn = await _incident(context, given)
    event = await services.timeline.create(
        context,
        arn,
        given["eventType"],
        given["eventData"],
        given["eventTime"],
        given.get("eventReferences", ()),
    )
    return {"eventId": event.id, "incidentRecordArn": arn}


async def _get_timeline_event(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    arn = await _incident(context, given)
    event = await services.timeline.get(context, arn, given["eventId"])
    return {"event": {**_summary(event, arn), "eventData": event_data(event)}}


async def _update_timeline_event(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.timeline.edit(
        context,
        await _incident(context, given),
        given["eventId"],
        at=given.get("eventTime"),
        type_=given.get("eventType"),
        written=given.get("eventData"),
        references=given.get("eventReferences"),
    )
    return {}


async def _delete_timeline_event(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """An event that is gone already needs no deletion; an incident that does not exist is a mistake."""
    try:
        await services.timeline.delete(context, await _incident(context, given), given["eventId"])
    except NotFound as error:
        if error.resource_type != TIMELINE_EVENT:
            raise ValidationFailed(str(error), "incidentRecordArn") from error
    return {}


async def _list_timeline_events(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, _SERVICE, "ListTimelineEvents", given, 100)
    only = services.conditions.of_events(given.get("filters", ()))
    after = (shapes.instant_of(where.after), where.after[1], where.after[2]) if where.after else None
    try:
        arn = await _incident(context, given)
        newest_first = given.get("sortOrder") == "DESCENDING"
        read = await services.timeline.behind(context, arn, only, after, where.limit + 1, newest_first=newest_first)
    except NotFound as error:  # the service knows no better word for it in a list
        raise ValidationFailed(str(error), "incidentRecordArn") from error
    found, token = pages.answer(read, where, lambda event: shapes.instant_key(event.event_time, event.seq, event.id))
    return {"eventSummaries": [_summary(event, arn) for event in found], "nextToken": token}


async def _incident(context: Context, given: Mapping[str, Any]) -> str:
    shapes.expect(given["incidentRecordArn"], "incident-record", "incidentRecordArn")
    return await incident_arn(context, given["incidentRecordArn"])


def event_data(event: TimelineEvent) -> str:
    """What a caller wrote down, to the letter; else what the program keeps, as a JSON document."""
    written = event.data.get("raw")
    if isinstance(written, str):
        return shortening.document(written, _MOST_DATA)
    return shortening.event_data(event.data, _MOST_DATA, _MOST_RAW)


def _summary(event: TimelineEvent, arn: str) -> dict[str, Any]:
    return {
        "eventId": event.id,
        "eventType": event.type,
        "eventTime": event.event_time,
        "eventUpdatedTime": event.updated_at,
        "eventReferences": [dict(reference) for reference in event.references],
        "incidentRecordArn": arn,
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateTimelineEvent": _create_timeline_event,
    "GetTimelineEvent": _get_timeline_event,
    "UpdateTimelineEvent": _update_timeline_event,
    "DeleteTimelineEvent": _delete_timeline_event,
    "ListTimelineEvents": _list_timeline_events,
}
