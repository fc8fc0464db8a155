"""Incidents, their impact and the response plans they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from imtui.domain.errors import ValidationFailed


class Impact(IntEnum):
    """How far an incident reaches, from 1 (Critical) to 5 (No Impact)."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4
    NO_IMPACT = 5

    @property
    def label(self) -> str:
        return ("Critical", "High", "Medium", "Low", "No Impact")[self - 1]


class Status(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


def parse_impact(value: object) -> Impact:
    """An impact from a number, its digits or its name in any case; raises ValidationFailed."""
    text = str(value).strip().lower().replace("-", " ").replace("_", " ")
    for impact in Impact:
        if text in (str(int(impact)), impact.label.lower()):
            return impact
    raise ValidationFailed(
        f"impact {str(value)[:40]!r} is unknown: use 1 (Critical), 2 (High), 3 (Medium), 4 (Low) or 5 (No Impact)",
        field="impact",
    )


def roles_of(actions: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ARNs of the roles that a plan's automation runs with, however its actions are spelt."""
    named = [value for action in actions for value in action.values() if isinstance(value, Mapping)]
    roles = [automation.get(name) for automation in named for name in ("RoleArn", "roleArn")]
    return {role for role in roles if isinstance(role, str) and role}


@dataclass(frozen=True, slots=True)
class IncidentTemplate:
    """What a response plan gives to each incident that is started from it."""

    title: str
    impact: Impact
    summary: str = ""
    dedupe_string: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    notification_targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """A template that says what must be in place when an incident occurs.

    `engagements` are ARNs of contacts, schedules and escalation plans. `repage_minutes` (0: off) pages the
    acknowledged responders again when their incident shows no activity for that long.
    """

    arn: str
    name: str
    template: IncidentTemplate
    display_name: str = ""
    chat_channel: tuple[str, ...] = ()
    engagements: tuple[str, ...] = ()
    actions: tuple[Mapping[str, Any], ...] = ()
    integrations: tuple[Mapping[str, Any], ...] = ()
    repage_minutes: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1

    @property
    def label(self) -> str:
        return self.display_name or self.name


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident record. `number` is its short name on this database, `revision` counts its edits."""

    number: int
    id: str
    arn: str
    plan_arn: str
    title: str
    impact: Impact
    status: Status
    created_at: datetime
    modified_at: datetime
    modified_by: str
    created_by: str
    source: str
    summary: str = ""
    dedupe_key: str | None = None
    resource_arn: str | None = None
    resolved_at: datetime | None = None
    chat_channel: tuple[str, ...] = ()
    notification_targets: tuple[str, ...] = ()
    exhausted_at: datetime | None = None
    drill: bool = False
    revision: int = 1

    @property
    def is_open(self) -> bool:
        return self.status is Status.OPEN


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A line of the incident list: what must be known about an incident at a glance. `mine`: whoever looks was paged
    for it and has not acknowledged."""

    number: int
    id: str
    title: str
    impact: Impact
    status: Status
    created_at: datetime
    resolved_at: datetime | None
    chat_channel: str
    engaged: int = 0
    acknowledged: int = 0
    next_escalation: datetime | None = None
    exhausted: bool = False
    drill: bool = False
    mine: bool = False


class Sort(StrEnum):
    """How the list is ordered. `need`: the open ones that the caller is paged for, then those that nobody is left to
    be paged for, then by impact, then the newest; the resolved ones the newest first."""

    NEED = "need"
    NEWEST = "newest"
    OLDEST = "oldest"
    IMPACT = "impact"


MOST_COUNTED = 2000
"""So many finds of a filter are counted; beyond, it is only known that there are more."""

NEWEST = 5_000
"""A word that is too short for the index is looked for among so many of the newest incidents."""


class FirstPage(NamedTuple):
    """What the first frame shows: the first open incidents, and how many are open. Those that are resolved are
    counted when the frame stands: there may be very many."""

    rows: list[IncidentRow]
    open: int


def incident_title(template: str, cause: str | None) -> str:
    """The plan's title with the alarm or event that caused the incident appended (stored whole, however long)."""
    return f"{template} {cause}".strip() if cause else template
