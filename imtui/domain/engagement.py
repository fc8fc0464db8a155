"""Engagements as people see them: who is paged for an incident, by which plan, and who has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """A line of the engagements tab. `status` is Engaged, Acknowledged, Due, Stopped; exactly one of `engaged_at` and
    `due_at` is set. `paged_at`: when the first page of this engagement went out; None while none has. `id` is the
    engagement to stop or escalate (for a line that is due: the plan's), `after_stage` what 'escalate now' answers.
    `unreachable`: it runs, and no channel by which this person would be paged is activated now."""

    id: str
    contact_arn: str
    label: str
    plan_arn: str | None
    plan_label: str
    source: str
    status: str
    stage: int
    engaged_at: datetime | None = None
    due_at: datetime | None = None
    acknowledged_at: datetime | None = None
    paged_at: datetime | None = None
    next_page_at: datetime | None = None
    running: bool = False
    after_stage: int | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a code did: who has acknowledged, and in which incidents (`number`, title). `already` when that person
    had acknowledged before. `subjects`: what was acknowledged outside incidents."""

    person: str
    label: str
    incidents: tuple[tuple[int, str], ...]
    already: bool = False
    subjects: tuple[str, ...] = ()
