"""Getting prepared: the steps in their order, and how far each is. That is read from what there is: only skips are
kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from imtui.domain.contact import Channel, Contact, reaching


class Step(StrEnum):
    """A step of getting prepared, in the order of the guide; each is optional."""

    CONTACTS = "contacts"
    CHANNELS = "channels"
    SCHEDULE = "schedule"
    PLAN = "plan"
    RESPONSE_PLAN = "response-plan"
    REHEARSAL = "rehearsal"
    TEST = "test"


class State(StrEnum):
    """How far a step is. `WEAK`: done, but it would fail somebody; `WAITS`: a step before it comes first."""

    DONE = "done"
    TO_DO = "to do"
    WEAK = "weak"
    OPTIONAL = "optional"
    WAITS = "waits"
    SKIPPED = "skipped"

    @property
    def open(self) -> bool:
        """Whether there is something to do for it now."""
        return self in (State.TO_DO, State.WEAK, State.OPTIONAL)


class Person(NamedTuple):
    """A contact with its channels."""

    contact: Contact
    channels: Sequence[Channel]

    @property
    def active(self) -> list[Channel]:
        """The channels that can be used."""
        return [channel for channel in self.channels if channel.activated]

    @property
    def reachable(self) -> bool:
        """Whether a page can arrive: the engagement plan names a channel that is activated."""
        return bool(reaching(self.contact.stages, self.channels))

    @property
    def lacks(self) -> str:
        """What this contact still needs besides codes: `channel`, `plan`, or nothing."""
        return "channel" if not self.channels else "plan" if not self.contact.stages else ""


class Response(NamedTuple):
    """A response plan: whom it engages, by alias, and what weakens it."""

    arn: str
    name: str
    engages: tuple[str, ...]
    warnings: tuple[str, ...]


class Trial(NamedTuple):
    """What a rehearsal of a response plan finds: the number of pages from now on, and from tonight on. `seen`: somebody
    has looked at one."""

    plan: str
    now: int
    tonight: int
    seen: bool = False


class Receipt(NamedTuple):
    """A channel of the person who is tested, and what became of its latest test page: its state in words, empty where
    there was none."""

    channel: str
    state: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Found:
    """What there is at an instant."""

    at: datetime
    people: tuple[Person, ...] = ()
    schedules: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    responses: tuple[Response, ...] = ()
    trial: Trial | None = None
    tester: Person | None = None
    """Who is sent test pages."""
    tested: tuple[Receipt, ...] = ()
    skipped: frozenset[str] = frozenset()

    @property
    def waiting(self) -> list[tuple[Person, Channel]]:
        """The channels that are not activated yet, with whose they are."""
        return [(person, channel) for person in self.people for channel in person.channels if not channel.activated]

    @property
    def unfinished(self) -> Person | None:
        """The first contact that lacks a channel or an engagement plan."""
        return next((person for person in self.people if person.lacks), None)

    @property
    def weak(self) -> Response | None:
        """The first response plan with a warning."""
        return next((response for response in self.responses if response.warnings), None)


class Line(NamedTuple):
    """A step as it stands: `told` is what there is, `next` what enter does, `details` one line each."""

    step: Step
    title: str
    state: State
    told: str
    next: str
    details: tuple[str, ...] = ()


def lines(found: Found) -> list[Line]:
    """All steps as they stand. A skip holds only as long as its step is not done."""
    steps = (_contacts, _channels, _schedule, _plan, _response_plan, _rehearsal, _test)
    return [_skipped(step(found), found) for step in steps]


def code_state(channel: Channel, now: datetime) -> str:
    """How the code of a channel that is not activated stands: `sent`, `expired` or `none`."""
    if channel.code_expires_at is None:
        return "none"
    return "sent" if channel.code_expires_at > now else "expired"


def count(number: int, one: str, many: str = "") -> str:
    """So many of something, in words."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


# ---------------------------------------------------------------- the steps


def _skipped(line: Line, found: Found) -> Line:
    if line.state is not State.DONE and line.step.value in found.skipped:
        return line._replace(state=State.SKIPPED)
    return line


def _contacts(found: Found) -> Line:
    def line(state: State, told: str, next_: str) -> Line:
        return Line(Step.CONTACTS, "Contacts", state, told, next_, tuple(map(_of_person, found.people)))

    if not found.people:
        return line(State.TO_DO, "nobody yet", "makes a contact, with a channel and a plan")
    reachable = sum(person.reachable for person in found.people)
    told = f"{count(len(found.people), 'person', 'people')}, {reachable:,} can be paged"
    person = found.unfinished
    if person is None:
        return line(State.DONE, told, "makes another contact")
    what = "a channel to" if person.lacks == "channel" else "the engagement plan of"
    return line(State.TO_DO, told, f"{'adds' if person.lacks == 'channel' else 'makes'} {what} {person.contact.alias}")


def _of_person(person: Person) -> str:
    alias = person.contact.alias
    if person.lacks:
        return f"{alias}: no {'channel' if person.lacks == 'channel' else 'engagement plan'} yet"
    names = ", ".join(channel.name for channel in person.channels)
    return f"{alias}: {names}" + ("" if person.reachable else "; no page can arrive yet")


def _channels(found: Found) -> Line:
    total = sum(len(person.channels) for person in found.people)
    waiting = found.waiting
    said = {"sent": "a code was sent", "expired": "its code has expired", "none": "no code was sent"}
    details = tuple(f"{p.contact.alias}, {c.name}: {said[code_state(c, found.at)]}" for p, c in waiting)

    def line(state: State, told: str, next_: str) -> Line:
        return Line(Step.CHANNELS, "Activated channels", state, told, next_, details)

    if not total:
        return line(State.WAITS, "no channel yet", "")
    told = f"{total - len(waiting):,} of {total:,} activated"
    if not waiting:
        return line(State.DONE, told, "")
    whose = ", ".join(dict.fromkeys(person.contact.alias for person, _ in waiting))
    told += f"; {count(len(waiting), 'code')} to enter: {whose}"
    if len(waiting) > 1:
        return line(State.TO_DO, told, "chooses a channel and enters its code")
    person, channel = waiting[0]
    fresh = "" if code_state(channel, found.at) == "sent" else "sends a new code, then "
    return line(State.TO_DO, told, f"{fresh}enters the code of {channel.name} ({person.contact.alias})")


def _schedule(found: Found) -> Line:
    return _optional(Step.SCHEDULE, "On-call schedule", found, found.schedules, "on-call schedule")


def _plan(found: Found) -> Line:
    return _optional(Step.PLAN, "Escalation plan", found, found.plans, "escalation plan")


def _optional(step: Step, title: str, found: Found, names: tuple[str, ...], what: str) -> Line:
    if names:
        return Line(step, title, State.DONE, ", ".join(names), f"makes another {what}", names)
    if not found.people:
        return Line(step, title, State.WAITS, "it needs contacts", "")
    return Line(step, title, State.OPTIONAL, "none", f"makes an {what}")


def _response_plan(found: Found) -> Line:
    details = tuple(
        text
        for response in found.responses
        for text in (
            f"{response.name} engages {', '.join(response.engages) or 'nobody'}",
            *(f"  ! {warning}" for warning in response.warnings),
        )
    )

    def line(state: State, told: str, next_: str) -> Line:
        return Line(Step.RESPONSE_PLAN, "Response plan", state, told, next_, details)

    if not found.responses:
        return line(State.TO_DO, "none: no incident pages anybody", "makes a response plan")
    weak = found.weak
    if weak is not None:
        return line(State.WEAK, f"{weak.name}: {weak.warnings[0]}", f"edits {weak.name}")
    if len(found.responses) == 1:
        return line(State.DONE, details[0], "makes another response plan")
    return line(State.DONE, ", ".join(response.name for response in found.responses), "makes another response plan")


def _rehearsal(found: Found) -> Line:
    trial = found.trial

    def line(state: State, told: str, next_: str) -> Line:
        return Line(Step.REHEARSAL, "Rehearsal", state, told, next_)

    if trial is None:
        return line(State.WAITS, "it needs a response plan", "")
    told = f"{trial.plan}: {count(trial.now, 'page')} now, {trial.tonight:,} tonight at 03:00"
    next_ = "shows what would be sent, now or tonight at 03:00"
    if not trial.now or not trial.tonight:
        return line(State.WEAK, told, next_)
    return line(State.DONE if trial.seen else State.TO_DO, told, next_)


def _test(found: Found) -> Line:
    details = tuple(f"{test.channel}: {test.state or 'not tested'}" for test in found.tested)

    def line(state: State, told: str, next_: str) -> Line:
        return Line(Step.TEST, "Test page", state, told, next_, details)

    if found.tester is None:
        return line(State.WAITS, "it needs an activated channel", "")
    alias = found.tester.contact.alias
    tried = [test for test in found.tested if test.state]
    next_ = f"sends a test page to {alias} or somebody else"
    if not tried:
        return line(State.TO_DO, f"{alias} was sent none", next_)
    told = f"{alias}: " + ", ".join(f"{test.channel} {test.state.lower()}" for test in tried)
    if any(test.state in ("Failed", "Cancelled") for test in tried):
        return line(State.WEAK, told, next_)
    arrived = all(test.state in ("Sent", "Kept here") for test in tried)
    return line(State.DONE if arrived else State.TO_DO, told, next_)
