"""The escalation rule: one pure step function for people, schedules and plans alike.

An engagement is a *run* through stages. The run of a person pages channels, the run of a schedule or an
escalation plan engages people, each of whom begins a run of their own. `step` says what happens next, and
every decision it takes has a name that ends up in the timeline. The engine, acknowledgements and rehearsals
all use it, so they cannot disagree.

    RUNNING ──last stage is over──▶ ENDED      (somebody has answered)
       │    └─────────────────────▶ EXHAUSTED  (nobody has: nobody is left to page)
       ├──acknowledged────────────▶ ACKNOWLEDGED
       └──stopped, resolved───────▶ STOPPED
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from imtui.domain.lateness import LATE
from imtui.domain.plan import ChannelTarget, Stage

LAST_WAIT_MINUTES = 1
"""What a last stage of no duration still waits before the plan counts as over."""


class RunStatus(StrEnum):
    RUNNING = "RUNNING"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    STOPPED = "STOPPED"
    ENDED = "ENDED"
    EXHAUSTED = "EXHAUSTED"


class Reason(StrEnum):
    """Why something was paged, skipped, delayed or stopped."""

    STAGE_DUE = "stage-due"
    LATE_BY = "late-by"
    ESCALATED_BY_HAND = "escalated-by-hand"
    STALE_PAGE = "stale-page"
    CHANNEL_NOT_ACTIVATED = "channel-not-activated"
    NO_ACTIVATED_CHANNEL = "no-activated-channel"
    NO_ENGAGEMENT_PLAN = "no-engagement-plan"
    NOBODY_ON_CALL = "nobody-on-call"
    CONTACT_GONE = "contact-gone"
    ALREADY_ACKNOWLEDGED = "already-acknowledged"
    ALREADY_PAGED = "already-paged"
    BUNDLED = "bundled"
    NOT_CONFIGURED = "not-configured"
    ACKNOWLEDGED = "acknowledged"
    ACKNOWLEDGEMENT_STOPS_PLAN = "acknowledgement-stops-plan"
    STOPPED = "stopped"
    PAGED_AGAIN = "paged-again"
    HANDED_OVER = "handed-over"
    INCIDENT_RESOLVED = "incident-resolved"
    REPEATS = "repeats"
    NOBODY_LEFT = "nobody-left-to-page"
    PLAN_OVER = "plan-over"


@dataclass(frozen=True, slots=True)
class Reach:
    """A person whom the plan engaged, and whether their acknowledgement stops it."""

    person: str
    essential: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The state of an engagement. `next_stage` begins at `due`; when it equals the number of stages, the plan
    is over at `due`. `answered`: somebody whom this run reached, in any of its rounds, has acknowledged."""

    target: str
    stages: tuple[Stage, ...]
    due: datetime | None
    next_stage: int = 0
    status: RunStatus = RunStatus.RUNNING
    repeat: bool = False
    round: int = 0
    reached: tuple[Reach, ...] = ()
    answered: bool = False


class Directory(Protocol):
    """What is true about contacts at the instant of a step."""

    def people(self, contact: str) -> Collection[str] | None:
        """The person themselves, or who is on call now; None when the contact does not exist any more."""
        ...

    def channel_activated(self, channel: str) -> bool | None:
        """Whether a channel may be paged; None when it does not exist any more."""
        ...

    def acknowledged(self, person: str) -> bool:
        """Whether the person has acknowledged in this incident."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """The run's timer has come due."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has acknowledged, anywhere in the incident."""

    person: str


@dataclass(frozen=True, slots=True)
class EscalateNow:
    """Somebody asks for the next stage; `after_stage` is the stage whose page they answer."""

    after_stage: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The engagement is stopped, or its incident resolved."""

    reason: Reason = Reason.STOPPED


Event = Due | Acknowledged | EscalateNow | Stop


@dataclass(frozen=True, slots=True)
class Engage:
    """Begin a run for this person. `via` is the target that led to them: themselves or a schedule."""

    person: str
    via: str
    stage: int
    essential: bool
    reason: Reason
    late_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """Send a message to this channel of the run's person."""

    channel: str
    stage: int
    retry_minutes: int
    reason: Reason
    late_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A decision that pages nobody: what was skipped or stopped, and why. `subject` is an ARN, or empty."""

    reason: Reason
    subject: str = ""
    stage: int = 0
    late_seconds: float = 0.0


Effect = Engage | Page | Said


def begin(target: str, stages: tuple[Stage, ...], now: datetime, *, repeat: bool = False) -> Run:
    """A run whose first stage is due at once."""
    return Run(target=target, stages=stages, due=now, repeat=repeat and any(s.minutes for s in stages))


def step(
    run: Run, event: Event, now: datetime, directory: Directory, late: timedelta = LATE
) -> tuple[Run, tuple[Effect, ...]]:
    """What follows from the event: the new state and everything that must happen with it, with reasons.

    A run that is not RUNNING moves no more; what arrives late for it has no effect. From `late` on a timer was late.
    """
    if run.status is not RunStatus.RUNNING or run.due is None:
        return run, ()
    match event:
        case Acknowledged(person):
            return _acknowledged(run, person)
        case Stop(reason):
            return replace(run, status=RunStatus.STOPPED, due=None), (Said(reason, run.target, run.next_stage),)
        case EscalateNow(after_stage):
            if run.next_stage != after_stage + 1:
                return run, (Said(Reason.STALE_PAGE, run.target, after_stage),)
            return _advance(replace(run, due=now), now, directory, Reason.ESCALATED_BY_HAND)
        case Due():
            if now < run.due:
                return run, ()
            reason = Reason.LATE_BY if now - run.due > late else Reason.STAGE_DUE
            return _advance(run, now, directory, reason)


def first_step(
    person: str, stages: tuple[Stage, ...], now: datetime, directory: Directory
) -> tuple[Run, tuple[Effect, ...]]:
    """The run of a person whom a plan engages: it begins, and takes its first step, in the same instant."""
    return step(begin(person, stages, now), Due(), now, directory)


def unreachable(stages: tuple[Stage, ...], directory: Directory) -> Reason | None:
    """Why the engagement plan of a person reaches nobody at all; None when some channel of it is activated."""
    channels = [target.channel for stage in stages for target in stage.targets if isinstance(target, ChannelTarget)]
    if not channels:
        return Reason.NO_ENGAGEMENT_PLAN
    return None if any(map(directory.channel_activated, channels)) else Reason.NO_ACTIVATED_CHANNEL


def upcoming(run: Run) -> tuple[tuple[int, datetime], ...]:
    """The stages still to come with the instants they are due, if nobody acknowledges."""
    if run.status is not RunStatus.RUNNING or run.due is None:
        return ()
    out, due = [], run.due
    for index in range(run.next_stage, len(run.stages)):
        out.append((index, due))
        due += timedelta(minutes=run.stages[index].minutes)
    return tuple(out)


def _acknowledged(run: Run, person: str) -> tuple[Run, tuple[Effect, ...]]:
    if run.target == person:
        return replace(run, status=RunStatus.ACKNOWLEDGED, due=None, answered=True), (
            Said(Reason.ACKNOWLEDGED, person, run.next_stage),
        )
    reaches = [reach for reach in run.reached if reach.person == person]
    if not reaches:
        return run, ()
    if not any(reach.essential for reach in reaches):
        return replace(run, answered=True), ()
    return replace(run, status=RunStatus.ACKNOWLEDGED, due=None, answered=True), (
        Said(Reason.ACKNOWLEDGEMENT_STOPS_PLAN, person, run.next_stage),
    )


def _advance(run: Run, now: datetime, directory: Directory, reason: Reason) -> tuple[Run, tuple[Effect, ...]]:
    """Begin every stage that is due. A plan begins one stage, and goes on at once only past a stage of no
    duration or one whose schedules have nobody on call; a person's missed stages begin together."""
    assert run.due is not None
    effects: list[Effect] = []
    late = (now - run.due).total_seconds() if reason is Reason.LATE_BY else 0.0
    base = now if reason is Reason.LATE_BY else run.due
    scheduled, rounds = run.due, 0
    while True:
        if run.next_stage >= len(run.stages):
            if run.answered:
                return replace(run, status=RunStatus.ENDED, due=None), (*effects, Said(Reason.PLAN_OVER, run.target))
            if run.repeat and not rounds:
                rounds += 1
                run = replace(run, next_stage=0, round=run.round + 1)
                effects.append(Said(Reason.REPEATS, run.target))
                continue
            last = Said(Reason.NOBODY_LEFT, run.target, run.next_stage, late)
            return replace(run, status=RunStatus.EXHAUSTED, due=None), (*effects, last)
        index, stage = run.next_stage, run.stages[run.next_stage]
        run, gap = _begin_stage(run, index, stage, directory, reason, late, effects)
        if run.status is not RunStatus.RUNNING:
            return run, tuple(effects)
        minutes = stage.minutes
        if index == len(run.stages) - 1 and not gap:
            minutes = max(minutes, LAST_WAIT_MINUTES)
        run = replace(run, next_stage=index + 1)
        scheduled += timedelta(minutes=stage.minutes)
        if gap or minutes == 0:
            continue
        if _pages(run) and reason is Reason.LATE_BY and scheduled <= now and run.next_stage < len(run.stages):
            continue
        return replace(run, due=base + timedelta(minutes=minutes)), tuple(effects)


def _pages(run: Run) -> bool:
    """Whether this is the run of a person: their missed stages collapse."""
    return any(isinstance(target, ChannelTarget) for stage in run.stages for target in stage.targets)


def _begin_stage(
    run: Run, index: int, stage: Stage, directory: Directory, reason: Reason, late: float, effects: list[Effect]
) -> tuple[Run, bool]:
    """Append the stage's effects; the run with whom it reached, and whether the stage was one whole gap."""
    gaps = 0
    reached = {reach.person: reach.essential for reach in run.reached}
    engaged: dict[str, Engage] = {}
    for target in stage.targets:
        if isinstance(target, ChannelTarget):
            _page(target, index, directory, reason, late, effects)
            continue
        people = directory.people(target.contact)
        if not people:
            gaps += 1
            why = Reason.CONTACT_GONE if people is None else Reason.NOBODY_ON_CALL
            effects.append(Said(why, target.contact, index, late))
            continue
        for person in people:
            known = engaged.get(person)
            essential = target.essential or (known.essential if known else False)
            engaged[person] = Engage(person, target.contact, index, essential, reason, late)
            reached[person] = reached.get(person, False) or target.essential
    run = replace(run, reached=tuple(Reach(person, essential) for person, essential in reached.items()))
    for person, engage in engaged.items():
        if not directory.acknowledged(person):
            effects.append(engage)
            continue
        effects.append(Said(Reason.ALREADY_ACKNOWLEDGED, person, index, late))
        run, said = _acknowledged(run, person)
        effects.extend(said)
        if run.status is not RunStatus.RUNNING:
            break
    return run, bool(stage.targets) and gaps == len(stage.targets)


def _page(
    target: ChannelTarget, index: int, directory: Directory, reason: Reason, late: float, effects: list[Effect]
) -> None:
    activated = directory.channel_activated(target.channel)
    if not activated:
        why = Reason.CONTACT_GONE if activated is None else Reason.CHANNEL_NOT_ACTIVATED
        effects.append(Said(why, target.channel, index, late))
    elif not any(isinstance(effect, Page) and effect.channel == target.channel for effect in effects):
        effects.append(Page(target.channel, index, target.retry_minutes, reason, late))
