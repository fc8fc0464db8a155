"""A rehearsal in words and as a time line: the same for screen and shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from imtui.domain.contact import Channel, ChannelType
from imtui.domain.duration import duration
from imtui.domain.escalation import Reason
from imtui.domain.rehearsal import Ending, Kind, PageKey, Rehearsal, Step, page_key
from imtui.domain.rehearsing import not_sent
from imtui.domain.time_line import Bar, Mark, Row

SIGNS = {ChannelType.EMAIL: "E", ChannelType.SMS: "S", ChannelType.VOICE: "V"}
NOT_SENT, SKIPPED, ACKNOWLEDGED, GAP, NOBODY = "x", "o", "A", "?", "!"
"""What stands on the time line for a page that an acknowledgement stops, one that is skipped, an acknowledgement, a
stage for which there is nobody, and the moment when nobody is left."""

_WHY = {
    Reason.ALREADY_PAGED: "was paged there just now: not again",
    Reason.ALREADY_ACKNOWLEDGED: "has acknowledged already: not paged",
    Reason.CHANNEL_NOT_ACTIVATED: "the channel is not activated: skipped",
    Reason.NO_ACTIVATED_CHANNEL: "CANNOT BE PAGED: no channel of the engagement plan is activated",
    Reason.NO_ENGAGEMENT_PLAN: "CANNOT BE PAGED: there is no engagement plan",
    Reason.CONTACT_GONE: "does not exist any more: skipped",
}


class Names(NamedTuple):
    """What contacts and channels are called: a label for each ARN, and the channel where there is one."""

    label: Callable[[str], str]
    channel: Callable[[str], Channel | None]


class Line(NamedTuple):
    """A step as people read it. `sent` is False for a page that an acknowledgement stops."""

    step: Step
    sent: bool
    who: str
    how: str
    why: str


def lines(rehearsal: Rehearsal, names: Names, without: Rehearsal | None = None) -> list[Line]:
    """What would happen, one line each, in order. `without` is the same without the acknowledgements that are supposed:
    what they stop stands there, too. That somebody is engaged is said where no page at once says so."""
    paged = {(page.at, page.person) for page in rehearsal.pages}
    stopped = not_sent(without, rehearsal) if without is not None else ()
    told = [one for one in rehearsal.steps if one.kind is not Kind.ENGAGED or (one.at, one.person) not in paged]
    found = [_line(one, True, names) for one in told] + [_line(one, False, names) for one in stopped]
    return sorted(found, key=lambda one: (one.step.at, not one.sent))


def ending(rehearsal: Rehearsal) -> str:
    """How it ends, in a sentence without a full stop."""
    after = duration((rehearsal.last - rehearsal.at).total_seconds())
    return {
        Ending.NOBODY_LEFT: f"nobody is left to page after {after}",
        Ending.ANSWERED: f"somebody has acknowledged, and all is over after {after}",
        Ending.REPEATS: f"from {after} on it goes on like this, until somebody does something",
        Ending.CUT: f"it goes on after {after}",
        Ending.NOTHING: "nobody is paged",
    }[rehearsal.ending]


def stops(page: Step, stoppers: Mapping[PageKey, tuple[str, ...]], names: Names) -> str:
    """By whose acknowledgement a page would not be sent."""
    people = stoppers.get(page_key(page), ())
    return ", ".join(names.label(person) for person in people)


def warnings(rehearsal: Rehearsal, names: Names, *, team: bool = True) -> list[str]:
    """What makes this weaker than it looks, one sentence each: people whom nothing reaches, stages that reach nobody,
    nobody or one person alone where a `team` is to be paged. For a rehearsal without acknowledgements."""
    found: dict[str, None] = {}
    reached = {page.person for page in rehearsal.pages}
    stages: dict[tuple[str, int], set[str]] = {}
    for one in rehearsal.steps:
        if one.reason in (Reason.NO_ACTIVATED_CHANNEL, Reason.NO_ENGAGEMENT_PLAN):
            reason = "no channel of the engagement plan is activated"
            if one.reason is Reason.NO_ENGAGEMENT_PLAN:
                reason = "there is no engagement plan"
            found[f"{names.label(one.person)} cannot be paged: {reason}"] = None
        elif one.kind is Kind.GAP:
            stages.setdefault((one.plan, one.stage), set())
            gone = one.reason is Reason.CONTACT_GONE
            text = f"{names.label(one.person)} does not exist any more" if gone else _nobody(one, names)
            found[f"stage {one.stage + 1} of {names.label(one.plan)}: {text}"] = None
        elif one.kind is Kind.ENGAGED:
            stages.setdefault((one.plan, one.stage), set()).add(one.person)
    for (plan, stage), people in stages.items():
        if people and not people & reached and plan not in people:
            found[f"stage {stage + 1} of {names.label(plan)} reaches nobody"] = None
    if len(reached) == 1 and team:
        found["one person alone is paged: nobody follows when they do not answer"] = None
    elif not reached and team:
        found["nobody can be reached"] = None
    return list(found)


def rows(rehearsal: Rehearsal, names: Names, without: Rehearsal | None = None) -> list[Row]:
    """The time line: a line for each plan with its stages, then one for each person with the pages."""
    end = rehearsal.minute_of(rehearsal.last)
    whole = [*rehearsal.steps, *(not_sent(without, rehearsal) if without is not None else ())]
    sent = {page_key(page) for page in rehearsal.pages}
    plans = dict.fromkeys(one.plan for one in whole if one.plan)
    people = dict.fromkeys(one.person for one in whole if one.person and one.kind is not Kind.GAP)
    found = [_plan_row(plan, rehearsal, names, end) for plan in plans]
    found += [_person_row(person, whole, sent, rehearsal, names, end) for person in people]
    if any(one.kind is Kind.NOBODY_LEFT for one in rehearsal.steps):
        at = next(one.at for one in rehearsal.steps if one.kind is Kind.NOBODY_LEFT)
        found.append(Row("nobody is left", marks=(Mark(rehearsal.minute_of(at), NOBODY, "loud"),)))
    return found


def legend(shown_rows: Sequence[Row]) -> str:
    """What the signs mean that stand there."""
    words = {
        **{sign: type_.label for type_, sign in SIGNS.items()},
        "*": "several",
        ACKNOWLEDGED: "acknowledges",
        NOT_SENT: "not sent",
        SKIPPED: "skipped",
        GAP: "nobody on call",
        NOBODY: "nobody is left",
    }
    used = {mark.sign for row in shown_rows for mark in row.marks}
    return "  ".join(f"{sign} {text}" for sign, text in words.items() if sign in used or sign == "*")


def minutes_of(rehearsal: Rehearsal, without: Rehearsal | None = None) -> float:
    """How long the time line is."""
    return max(rehearsal.minute_of(rehearsal.last), without.minute_of(without.last) if without is not None else 0)


def clock(minute: float) -> str:
    """A minute of a rehearsal: 0, 5, 12:30 for half a minute more."""
    whole, seconds = int(minute), round(minute * 60) % 60
    return f"+{whole}:{seconds:02}" if seconds else f"+{whole}"


# ---------------------------------------------------------------- inside


def _line(one: Step, sent: bool, names: Names) -> Line:
    channel = names.channel(one.channel) if one.channel else None
    how = f"{channel.name} ({channel.address})" if channel is not None else names.label(one.channel)
    who = names.label(one.person) if one.person else ""
    if one.kind in (Kind.GAP, Kind.REPEATS, Kind.STOPPED):
        who = names.label(one.target)
    why = _why(one, names)
    return Line(one, sent, who, how if one.channel else "", why if sent else f"not sent: {why}")


def _why(one: Step, names: Names) -> str:
    place = f"{names.label(one.plan)}, stage {one.stage + 1}" if one.plan else "own engagement plan"
    if one.via and one.plan == one.via:
        place = f"on call for {names.label(one.via)}"
    elif one.via:
        place += f", on call for {names.label(one.via)}"
    if one.round:
        place += f", round {one.round + 1}"
    if one.late_seconds:
        place += f", {duration(one.late_seconds)} late"
    match one.kind:
        case Kind.PAGE:
            return place
        case Kind.ENGAGED:
            return f"engaged: {place}"
        case Kind.GAP if one.reason is Reason.NOBODY_ON_CALL:
            return f"{_nobody(one, names)}: the plan goes on"
        case Kind.GAP:
            return f"{names.label(one.person)} {_WHY[one.reason]}"
        case Kind.SKIPPED:
            return _WHY.get(one.reason, one.reason.value)
        case Kind.ACKNOWLEDGED:
            return "acknowledges"
        case Kind.STOPPED:
            return f"later stages are not engaged: {names.label(one.person)} has acknowledged"
        case Kind.PAGED_AGAIN:
            return "is paged again: no activity since"
        case Kind.REPEATS:
            return "begins again: nobody has acknowledged"
        case Kind.NOBODY_LEFT:
            return "NOBODY IS LEFT TO PAGE, and nobody has acknowledged"


def _nobody(one: Step, names: Names) -> str:
    return f"nobody is on call for {names.label(one.person)}"


def _plan_row(plan: str, rehearsal: Rehearsal, names: Names, end: float) -> Row:
    """When the stages of a plan begin, by their numbers."""
    own = [one for one in rehearsal.steps if one.plan == plan and one.kind in (Kind.ENGAGED, Kind.GAP, Kind.SKIPPED)]
    begins: dict[datetime, list[Step]] = {}
    for one in own:
        if one.target == plan:
            begins.setdefault(one.at, []).append(one)
    marks = []
    for at, there in begins.items():
        gap = all(one.kind is Kind.GAP for one in there)
        sign = GAP if gap else str((there[-1].stage + 1) % 10)
        marks.append(Mark(rehearsal.minute_of(at), sign, "loud" if gap else "strong", weight=1))
    stopped = [one.at for one in rehearsal.steps if one.kind is Kind.STOPPED and one.target == plan]
    until = rehearsal.minute_of(stopped[0]) if stopped else end
    start = min((mark.minute for mark in marks), default=0.0)
    bars = (Bar(start, until),) if any(mark.sign != GAP for mark in marks) else ()
    return Row(names.label(plan), bars, tuple(marks))


def _person_row(
    person: str, whole: Sequence[Step], sent: set[PageKey], rehearsal: Rehearsal, names: Names, end: float
) -> Row:
    """The pages of a person, from when they are engaged to when they acknowledge."""
    own = [one for one in whole if one.person == person and one.kind is not Kind.GAP]
    marks = [mark for one in own if (mark := _mark(one, sent, rehearsal, names)) is not None]
    answered = [rehearsal.minute_of(one.at) for one in own if one.kind is Kind.ACKNOWLEDGED]
    begun = [rehearsal.minute_of(one.at) for one in own if one.kind in (Kind.ENGAGED, Kind.PAGE)]
    here = [minute for minute in begun if not answered or minute <= answered[0]]
    bars = (Bar(min(here), answered[0] if answered else end),) if here else ()
    return Row(names.label(person), bars, tuple(marks))


def _mark(one: Step, sent: set[PageKey], rehearsal: Rehearsal, names: Names) -> Mark | None:
    minute = rehearsal.minute_of(one.at)
    if one.kind is Kind.PAGE:
        if page_key(one) not in sent:
            return Mark(minute, NOT_SENT, "dim", weight=1)
        channel = names.channel(one.channel)
        return Mark(minute, SIGNS[channel.type] if channel is not None else "P", "warn", weight=2)
    if one.kind is Kind.ACKNOWLEDGED:
        return Mark(minute, ACKNOWLEDGED, "good", weight=3, after=True)
    if one.kind is Kind.SKIPPED:
        return Mark(minute, SKIPPED, "loud", weight=0)
    return None
