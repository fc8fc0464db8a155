"""Engagement rows as runs of the escalation rule, and what the rule must know about contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.domain.contact import ContactType
from imtui.domain.escalation import Reach, Run, RunStatus
from imtui.domain.oncall.schedule import KeptRotation, on_call_at
from imtui.domain.plan import ContactTarget, Stage, stages_from_kept, stages_to_wire
from imtui.domain.timeline import ACTIVITY
from storage import tables as t
from storage.database import Reader
from storage.rotas import load_rotations

_CHUNK = 500  # names in one IN list
_OVERRIDES_SINCE = timedelta(days=1)


def run_of(row: sa.Row[Any]) -> Run:
    """The state that a row of `engagements` holds."""
    return Run(
        target=row.target_arn,
        stages=stages_from_kept(row.stages),
        due=row.due_at,
        next_stage=row.next_stage,
        status=RunStatus(row.status),
        repeat=row.repeat,
        round=row.round,
        reached=tuple(Reach(person, essential) for person, essential in row.reached),
        answered=row.answered,
    )


def together(row: sa.Row[Any]) -> str:
    """Within what an acknowledgement counts for a row of `engagements`: its incident; outside incidents the engagement
    that somebody began, with all that it led to."""
    return str(row.incident_id or row.parent_id or row.id)


def progress(run: Run) -> dict[str, Any]:
    """The columns of `engagements` that a step may change."""
    return {
        "next_stage": run.next_stage,
        "due_at": run.due,
        "status": run.status.value,
        "round": run.round,
        "reached": [[reach.person, reach.essential] for reach in run.reached],
        "answered": run.answered,
    }


@dataclass
class Known:
    """A contact as the rule needs it."""

    arn: str
    alias: str
    type: ContactType
    display_name: str
    stages: tuple[Stage, ...]
    repeat: bool
    rotations: tuple[str, ...] = ()
    """Of a schedule, the ARNs."""

    @property
    def label(self) -> str:
        return self.display_name or self.alias

    def run_stages(self) -> tuple[Stage, ...]:
        """What engaging this contact runs through: a schedule is one stage that asks who is on call."""
        if self.type is ContactType.ONCALL_SCHEDULE:
            return (Stage(0, (ContactTarget(self.arn),)),)
        return self.stages


@dataclass
class People:
    """Contacts, channels and rotations as they were read in one go; `in_incident` gives the rule its directory."""

    contacts: dict[str, Known] = field(default_factory=dict)
    rotations: dict[str, KeptRotation] = field(default_factory=dict)
    channels: dict[str, sa.Row[Any]] = field(default_factory=dict)
    acknowledged: dict[str, set[str]] = field(default_factory=dict)

    def in_incident(self, where: str | None, at: datetime) -> IncidentDirectory:
        """The directory for the runs of one incident (see `together`), at an instant: it decides who is on call."""
        return IncidentDirectory(self, self.acknowledged.get(where or "", set()), at)

    def on_call(self, schedule: str, at: datetime) -> tuple[str, ...]:
        """Who is on call in a schedule, of those who exist."""
        found = self.contacts[schedule].rotations
        people = on_call_at((self.rotations[arn] for arn in found if arn in self.rotations), at)
        return tuple(person for person in people if person in self.contacts)


@dataclass
class IncidentDirectory:
    """`imtui.domain.escalation.Directory` over what was read."""

    known: People
    answered: Collection[str]
    at: datetime

    def people(self, contact: str) -> Collection[str] | None:
        found = self.known.contacts.get(contact)
        if found is None or found.type is ContactType.ESCALATION:
            return None
        return (contact,) if found.type is ContactType.PERSONAL else self.known.on_call(contact, self.at)

    def channel_activated(self, channel: str) -> bool | None:
        row = self.known.channels.get(channel)
        return None if row is None else bool(row.activated)

    def acknowledged(self, person: str) -> bool:
        return person in self.answered


def known(row: sa.Row[Any]) -> Known:
    """A row of `contacts`."""
    return Known(
        arn=row.arn,
        alias=row.alias,
        type=ContactType(row.type),
        display_name=row.display_name,
        stages=stages_from_kept(row.plan),
        repeat=row.repeat,
        rotations=tuple(row.plan.get("RotationIds", ())),
    )


def contacts_named(stages: Iterable[Stage]) -> set[str]:
    """The contacts that the stages of a plan engage."""
    return {target.contact for stage in stages for target in stage.targets if isinstance(target, ContactTarget)}


async def load_people(
    reader: Reader,
    contacts: Collection[str],
    incidents: Collection[str] = (),
    *,
    now: datetime,
    begun: Collection[str] = (),
) -> People:
    """The contacts with the people that their plans engage or who may be on call from `now` on, all their channels,
    and who has acknowledged in the incidents, or outside incidents in what these engagements have `begun`. A fixed
    number of queries, however many there are."""
    people = People()
    wanted = set(contacts)
    while missing := wanted - people.contacts.keys():
        found = [known(row) for row in await _by_name(reader, t.contacts, t.contacts.c.arn, missing)]
        people.contacts.update({contact.arn: contact for contact in found})
        wanted = {name for contact in found for name in contacts_named(contact.stages)}
        turns = {arn for contact in found for arn in contact.rotations} - people.rotations.keys()
        if turns:
            loaded = await load_rotations(reader, turns, now - _OVERRIDES_SINCE)
            people.rotations.update(loaded)
            wanted |= {person for rotation in loaded.values() for person in rotation.people()}
        if not found:
            break
    for row in await _by_name(reader, t.channels, t.channels.c.contact_arn, set(people.contacts)):
        people.channels[row.arn] = row
    e = t.engagements.c
    for column, names in ((e.incident_id, incidents), (e.parent_id, begun)):
        answered = sa.select(column.label("where"), e.target_arn).where(e.acknowledged_at.is_not(None))
        for row in await _by_name(reader, answered, column, set(names)):
            people.acknowledged.setdefault(row.where, set()).add(row.target_arn)
    return people


async def last_activity(reader: Reader, incident_id: str) -> datetime | None:
    """When somebody last worked on an incident; None when nobody has."""
    line = t.timeline.c
    latest: datetime | None = await reader.scalar(
        sa.select(sa.func.max(line.updated_at, type_=line.updated_at.type)).where(
            line.incident_id == incident_id, line.type.in_([sign.value for sign in ACTIVITY])
        )
    )
    return latest


async def running(reader: Reader, incident_id: str | None) -> Sequence[sa.Row[Any]]:
    """The live engagements of an incident (None: outside incidents), locked for this transaction, oldest first."""
    e = t.engagements
    return await reader.all(
        sa.select(e)
        .where(e.c.incident_id == incident_id, e.c.status == RunStatus.RUNNING.value)
        .order_by(e.c.started_at, e.c.id)
        .with_for_update()
    )


def engagement_row(
    *,
    id_: str,
    run: Run,
    contact: Known,
    incident_id: str | None,
    started_by: str,
    started_at: Any,
    parent_id: str | None = None,
    via_arn: str | None = None,
    stage: int | None = None,
    content: Mapping[str, Any] | None = None,
    sender: str = "",
) -> dict[str, Any]:
    """A complete row of `engagements` for a new run."""
    return {
        "id": id_,
        "incident_id": incident_id,
        "parent_id": parent_id,
        "target_arn": contact.arn,
        "target_type": contact.type.value,
        "via_arn": via_arn,
        "stage": stage,
        "stages": stages_to_wire(run.stages),
        "repeat": run.repeat,
        "sender": sender,
        "content": dict(content or {}),
        "started_by": started_by,
        "started_at": started_at,
        "stopped_at": None,
        "acknowledged_at": None,
        "acknowledged_via": None,
        **progress(run),
    }


def timer_row(id_: str, engagement_id: str, incident_id: str | None, due: Any) -> dict[str, Any]:
    """The timer of a running engagement."""
    return {
        "id": id_,
        "kind": "engagement",
        "due_at": due,
        "engagement_id": engagement_id,
        "incident_id": incident_id,
        "payload": {},
    }


async def _by_name(
    reader: Reader, what: sa.Table | sa.Select[Any], column: sa.Column[Any], names: Collection[str]
) -> list[sa.Row[Any]]:
    statement = what if isinstance(what, sa.Select) else sa.select(what)
    wanted = sorted(name for name in names if name)
    rows: list[sa.Row[Any]] = []
    for start in range(0, len(wanted), _CHUNK):
        rows += await reader.all(statement.where(column.in_(wanted[start : start + _CHUNK])))
    return rows
