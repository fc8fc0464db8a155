"""Findings of an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import incident_arn


async def _list_incident_findings(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "ssm-incidents", "ListIncidentFindings", given, 20)
    after = (shapes.instant_of(where.after), where.after[1]) if where.after else None
    read = await services.findings.behind(context, await _incident(context, given), after, where.limit + 1)
    found, token = pages.answer(read, where, lambda finding: shapes.instant_key(finding.created_at, finding.id))
    summaries = [{"id": finding.id, "lastModifiedTime": finding.modified_at} for finding in found]
    return {"findings": summaries, "nextToken": token}


async def _batch_get_incident_findings(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    ids = list(dict.fromkeys(given["findingIds"]))
    found = await services.findings.with_ids(context, await _incident(context, given), ids)
    missing = [id_ for id_ in ids if id_ not in {finding.id for finding in found}]
    return {
        "findings": [
            {
                "id": finding.id,
                "creationTime": finding.created_at,
                "lastModifiedTime": finding.modified_at,
                "details": finding.details,
            }
            for finding in found
        ],
        "errors": [
            {
                "findingId": id_,
                "code": "ResourceNotFoundException",
                "message": "this incident has no finding with this id",
            }
            for id_ in missing
        ],
    }


async def _incident(context: Context, given: Mapping[str, Any]) -> str:
    shapes.expect(given["incidentRecordArn"], "incident-record", "incidentRecordArn")
    return await incident_arn(context, given["incidentRecordArn"])


HANDLERS: Mapping[str, Handler] = {
    "ListIncidentFindings": _list_incident_findings,
    "BatchGetIncidentFindings": _batch_get_incident_findings,
}
