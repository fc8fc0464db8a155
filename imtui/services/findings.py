"""Findings: changes around the start of an incident that may have caused it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import clean
from imtui.services.context import Context
from imtui.services.keyset import beyond
from imtui.services.lookup import incident_row
from storage.database import Unit
from storage.tables_findings import findings

KINDS = ("codeDeployDeployment", "cloudFormationStackUpdate")
_INSTANTS = ("startTime", "endTime")
_f = findings.c


class Finding(NamedTuple):
    """A change of which an incident may be the consequence. `details` has one member, a kind of change, with its
    members as the service has them; instants are datetimes."""

    id: str
    created_at: datetime
    modified_at: datetime
    details: dict[str, Any]


def record(unit: Unit, incident_id: str, kind: str, details: Mapping[str, Any]) -> str:
    """Write down a finding of an incident, inside a unit of work; its id. Raises ValidationFailed for a kind of change
    that is not known."""
    if kind not in KINDS:
        raise ValidationFailed(f"finding: one of {', '.join(KINDS)}", "details")
    finding_id = str(uuid.uuid4())
    unit.insert(
        findings,
        {
            "id": finding_id,
            "incident_id": incident_id,
            "created_at": unit.now,
            "modified_at": unit.now,
            "details": {kind: {name: _stored(value) for name, value in details.items() if value is not None}},
        },
    )
    unit.changed("finding", finding_id, incident_id)
    return finding_id


async def behind(context: Context, ref: str | int, after: tuple[datetime, str] | None, limit: int) -> list[Finding]:
    """So many findings of an incident behind the one that was made then and has this id."""
    async with context.look("ssm-incidents:ListIncidentFindings", str(ref)) as reader:
        which = [_f.incident_id == (await incident_row(reader, ref)).id]
        if after is not None:
            which.append(beyond((_f.created_at, _f.id), after))
        query = sa.select(findings).where(*which).order_by(_f.created_at, _f.id).limit(limit)
        return [_finding(row) for row in await reader.all(query)]


async def with_ids(context: Context, ref: str | int, ids: Sequence[str]) -> list[Finding]:
    """Those findings of an incident that have one of these ids, in the order of the ids."""
    async with context.look("ssm-incidents:BatchGetIncidentFindings", str(ref)) as reader:
        incident = await incident_row(reader, ref)
        wanted = list(dict.fromkeys(clean(id_) for id_ in ids))
        query = sa.select(findings).where(_f.incident_id == incident.id, _f.id.in_(wanted))
        found = {row.id: _finding(row) for row in await reader.all(query)}
        return [found[id_] for id_ in wanted if id_ in found]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return clean(value) if isinstance(value, str) else value


def _finding(row: sa.Row[Any]) -> Finding:
    details = {
        kind: {name: datetime.fromisoformat(value) if name in _INSTANTS else value for name, value in members.items()}
        for kind, members in row.details.items()
    }
    return Finding(row.id, row.created_at, row.modified_at, details)
