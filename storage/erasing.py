"""Deleting for good: an incident, or everything that a replication set held."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from imtui.domain.arns import Names
from imtui.domain.escalation import Reason
from storage import tables as t
from storage import tables_oncall as on_call
from storage.database import Unit
from storage.stopping import stop_all
from storage.tables_replication import replication_sets
from storage.tables_sharing import resource_policies

_RECORDS = (
    *(t.pages, t.receipts, t.messages, t.engagements, t.incidents, t.alerts),
    *(on_call.overrides, on_call.handovers, on_call.rotations, t.channels, t.contacts, t.response_plans),
    *(t.tags, resource_policies, replication_sets),
)
"""What is deleted with a replication set, those that refer to others first; timers go with what they are for. Rules,
events, users and the audit log are no part of it."""


async def erase_incident(unit: Unit, incident: sa.Row[Any]) -> None:
    """Delete an incident: its engagements are stopped and unsent messages cancelled, its rows go with it."""
    await unit.flush()
    await stop_all(unit, incident.id, Reason.STOPPED)
    arn = Names(incident.account).incident(incident.plan_name, incident.id)
    await unit.run(sa.delete(t.tags).where(t.tags.c.arn == arn))
    await unit.run(sa.delete(t.incidents).where(t.incidents.c.number == incident.number))
    unit.changed("incident", incident.id, incident.id)


async def erase_everything(unit: Unit) -> None:
    """Delete all incidents, plans, contacts, schedules and the replication set."""
    await unit.flush()
    await unit.run(sa.delete(t.alarms).where(t.alarms.c.incident_id.is_not(None)))
    for table in _RECORDS:
        await unit.run(sa.delete(table))
    for topic in ("incident", "plan", "contact", "schedule", "engagement", "message", "alarm", "tag"):
        unit.changed(topic, "*")
