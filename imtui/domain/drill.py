"""Drills: when one is over, and what it measured: who was paged, who answered, and how fast. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from imtui.domain.escalation import Reason

LIMIT_MINUTES = 15
"""After so many minutes a drill is over, unless something else is said when it begins."""


class Over(StrEnum):
    """Why a drill is over, as its timeline says it."""

    ANSWERED = "The drill is over: everybody who was asked has answered"
    PLAN = "The drill is over: the plans have ended"
    TIME = "The drill is over: its time is up"


WHY_NOT = {
    Reason.NO_ACTIVATED_CHANNEL: "no channel of the engagement plan is activated",
    Reason.NO_ENGAGEMENT_PLAN: "there is no engagement plan",
    Reason.NOBODY_ON_CALL: "nobody is on call",
    Reason.CONTACT_GONE: "the contact does not exist any more",
}
"""Why somebody whom a plan names was never paged, by what the engine said of it."""


class Part(NamedTuple):
    """An engagement of a drill, as far as it decides the end. `person`: of a person, not a plan or schedule. `begun`:
    its first step has been taken; `paged`: a page was written for it."""

    target: str
    person: bool
    running: bool
    begun: bool
    paged: bool
    answered: bool


def over(parts: Collection[Part], now: datetime, until: datetime) -> Over | None:
    """Why a drill is over at `now`; None while it goes on. Asked are those who were paged and those whose channels
    are still to come; whom nothing can reach is not waited for, and neither are stages that have not begun."""
    if any(part.running and not part.begun for part in parts):
        return Over.TIME if now >= until else None
    asked = {part.target for part in parts if part.person and (part.paged or part.running)}
    answered = {part.target for part in parts if part.person and part.answered}
    if answered and asked <= answered:
        return Over.ANSWERED
    if not any(part.running for part in parts):
        return Over.PLAN
    return Over.TIME if now >= until else None


class Outcome(StrEnum):
    """What came of asking somebody."""

    ANSWERED = "answered"
    WAITING = "waiting"
    """Being paged, and the drill goes on."""
    LATER = "not asked yet"
    """Their stage is still to come."""
    SILENT = "never answered"
    UNPAGED = "never paged"


@dataclass(frozen=True, slots=True)
class Paged:
    """A page to one channel. `sent_at`: when it was handed over; `trouble`: why it was not."""

    channel: str
    type: str
    created_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom a drill engaged, or would have. `plan` and `stage` (from 1): by what; empty and 0 when they were
    engaged by themselves. `trouble`: why no page was written; `begun`: not when their stage has not been."""

    person: str
    label: str
    plan: str = ""
    stage: int = 0
    on_call_for: str = ""
    pages: tuple[Paged, ...] = ()
    answered_at: datetime | None = None
    answered_via: str = ""
    trouble: str = ""
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one person. `seconds`: from the first page that went out to the answer; None without a page
    that went out, or without an answer. `why`: why they were never paged."""

    asked: Asked
    outcome: Outcome
    paged_at: datetime | None = None
    delivered_at: datetime | None = None
    seconds: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a drill measured, each person once, in the order in which they were asked. Times are program seconds."""

    people: tuple[Measured, ...]
    median: float | None
    slowest: Measured | None

    def of(self, outcome: Outcome) -> tuple[Measured, ...]:
        """Those of whom this came."""
        return tuple(one for one in self.people if one.outcome is outcome)


def measured(asked: Iterable[Asked], *, going_on: bool) -> Report:
    """What was measured. Who was asked by several plans or rounds is one person, asked by the first."""
    persons: dict[str, list[Asked]] = {}
    for one in asked:
        persons.setdefault(one.person, []).append(one)
    people = tuple(_measured(_together(ones), going_on) for ones in persons.values())
    timed = [(one.seconds, one) for one in people if one.seconds is not None]
    slowest = max(timed, key=lambda pair: pair[0])[1] if timed else None
    return Report(people, median(seconds for seconds, _ in timed) if timed else None, slowest)


def _together(ones: Sequence[Asked]) -> Asked:
    first = next((one for one in ones if one.pages), ones[0])
    answer = min((one for one in ones if one.answered_at), key=lambda one: one.answered_at or 0, default=first)
    return Asked(
        first.person,
        first.label,
        first.plan,
        first.stage,
        first.on_call_for,
        tuple(sorted((page for one in ones for page in one.pages), key=lambda page: page.created_at)),
        answer.answered_at,
        answer.answered_via,
        next((one.trouble for one in ones if one.trouble), ""),
        any(one.begun for one in ones),
    )


def _measured(asked: Asked, going_on: bool) -> Measured:
    sent = [page.sent_at for page in asked.pages if page.sent_at is not None]
    delivered = [page.delivered_at for page in asked.pages if page.delivered_at is not None]
    paged_at, delivered_at = min(sent, default=None), min(delivered, default=None)
    why = "" if sent else _why_not(asked, going_on)
    if asked.answered_at is not None:
        # An answer may cross with the page: nobody answers before they were asked.
        seconds = max(0.0, (asked.answered_at - paged_at).total_seconds()) if paged_at is not None else None
        return Measured(asked, Outcome.ANSWERED, paged_at, delivered_at, seconds, why)
    if going_on and not asked.begun:
        return Measured(asked, Outcome.LATER, why=why)
    if paged_at is None:
        lost = bool(asked.pages) and all(page.trouble for page in asked.pages)
        waits = going_on and not asked.trouble and not lost
        return Measured(asked, Outcome.WAITING if waits else Outcome.UNPAGED, why=why)
    return Measured(asked, Outcome.WAITING if going_on else Outcome.SILENT, paged_at, delivered_at)


def _why_not(asked: Asked, going_on: bool) -> str:
    if not asked.begun:
        return "their stage has not begun yet" if going_on else "their stage was not begun"
    if asked.trouble:
        return asked.trouble
    troubles = dict.fromkeys(f"{page.channel}: {page.trouble}" for page in asked.pages if page.trouble)
    if troubles:
        return "; ".join(troubles)
    if asked.answered_at is not None:
        return "answered before a page went out"
    return "no page has gone out yet" if going_on else "the drill was over before a page went out"
