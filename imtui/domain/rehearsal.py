"""What a rehearsal begins with and what it tells: every page that plans would send, and how it ends.

`imtui.domain.rehearsing` goes through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from imtui.domain.escalation import Directory, Due, Event, Reason, Run, begin
from imtui.domain.paging import Spot
from imtui.domain.plan import Stage

INCIDENT = "rehearsed"
"""What the incident is called where pages go (`imtui.domain.paging.Spot`)."""


class Kind(StrEnum):
    """What a step is."""

    PAGE = "page"
    ENGAGED = "engaged"
    SKIPPED = "skipped"
    GAP = "gap"
    ACKNOWLEDGED = "acknowledged"
    STOPPED = "stopped"
    PAGED_AGAIN = "paged-again"
    REPEATS = "repeats"
    NOBODY_LEFT = "nobody-left"


class Ending(StrEnum):
    """How it ends: nobody is left to page; somebody has acknowledged and all is over; it would go on for ever; it was
    cut at the limit that was asked for; nothing is to come."""

    NOBODY_LEFT = "nobody-left"
    ANSWERED = "answered"
    REPEATS = "repeats"
    CUT = "cut"
    NOTHING = "nothing"


class Step(NamedTuple):
    """One thing that would happen. `target` is the plan, schedule or person whose turn it is, `person` who is meant and
    `channel` where a page goes (ARNs, empty where there is none). `plan` and `stage` say which stage of which plan led
    to it: for people who are engaged themselves, of their own engagement plan. `via`: the schedule for which the person
    is on call. Stages and rounds count from 0."""

    at: datetime
    kind: Kind
    reason: Reason
    target: str
    person: str = ""
    channel: str = ""
    plan: str = ""
    stage: int = 0
    via: str = ""
    round: int = 0
    late_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Live:
    """An engagement: what begins, or how far it has come. `is_person`: it pages channels. `plan`, `stage` and `via` as
    its row has them; `event` is what its timer will bring."""

    run: Run
    is_person: bool
    plan: str = ""
    stage: int = 0
    via: str = ""
    acknowledged: bool = False
    event: Event = field(default_factory=Due)


@dataclass(frozen=True, slots=True)
class Beginning:
    """From what a rehearsal goes on. `paged`: where pages have just gone. `repage`: after how much silence those who
    acknowledged are paged again (None: never); `look_at` is when that is looked at next, `last_sign` the last sign of
    activity. `exhausted`: 'nobody left to page' has been said already."""

    at: datetime
    lives: tuple[Live, ...]
    paged: Mapping[Spot, datetime] = field(default_factory=dict)
    repage: timedelta | None = None
    look_at: datetime | None = None
    last_sign: datetime | None = None
    exhausted: bool = False


class Catalogue(Protocol):
    """Contacts as they would be."""

    def stages_of(self, person: str) -> tuple[Stage, ...]:
        """The engagement plan with which a person would be engaged."""
        ...

    def directory_at(self, instant: datetime) -> Directory:
        """What would be true about contacts then. Who has acknowledged is for the rehearsal to know."""
        ...


class Acknowledgement(NamedTuple):
    """Somebody acknowledges so many minutes after the beginning, when what is due at that minute has gone out."""

    person: str
    minute: float


class PageKey(NamedTuple):
    """By what a page is known in two rehearsals of the same thing: no two of one go to the same channel at once."""

    at: datetime
    person: str
    channel: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Everything that would happen, in order, and how it ends. `over_at`: when the last plan is over; None where it
    goes on."""

    at: datetime
    steps: tuple[Step, ...]
    ending: Ending
    over_at: datetime | None

    @property
    def pages(self) -> tuple[Step, ...]:
        """The pages."""
        return tuple(step for step in self.steps if step.kind is Kind.PAGE)

    @property
    def last(self) -> datetime:
        """The instant of the last thing that is known."""
        return max([self.at, *(step.at for step in self.steps), *([self.over_at] if self.over_at else [])])

    def minute(self, step: Step) -> float:
        """How many minutes after the beginning a step is."""
        return self.minute_of(step.at)

    def minute_of(self, instant: datetime) -> float:
        """How many minutes after the beginning an instant is."""
        return (instant - self.at).total_seconds() / 60


def page_key(page: Step) -> PageKey:
    """By what a page is known."""
    return PageKey(page.at, page.person, page.channel)


def engaged(
    at: datetime, target: str, stages: tuple[Stage, ...], *, is_person: bool = False, repeat: bool = False
) -> Live:
    """An engagement that begins then."""
    return Live(begin(target, stages, at, repeat=repeat), is_person)
