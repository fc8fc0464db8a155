"""What a drill measured, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from imtui.domain.drill import Measured, Outcome, Report
from imtui.domain.duration import exactly
from imtui.domain.incident import Incident

Clock = Callable[[datetime], str]
"""How the time of day is written."""

_COUNTED = {
    Outcome.ANSWERED: "answered",
    Outcome.WAITING: "still to answer",
    Outcome.LATER: "not asked yet",
    Outcome.SILENT: "never answered",
    Outcome.UNPAGED: "never paged",
}


def lines(report: Report, clock: Clock) -> list[str]:
    """Each person in two lines, what came of it and how; then the figures."""
    found: list[str] = []
    for one in report.people:
        found += [f"{one.asked.label}: {outcome(one)}", f"    {course(one, clock)}"]
    return [*found, "", *figures(report)] if found else ["Nobody was asked."]


def outcome(one: Measured) -> str:
    """What came of asking somebody."""
    via = f", {one.asked.answered_via}" if one.asked.answered_via else ""
    match one.outcome:
        case Outcome.ANSWERED if one.seconds is None:
            return f"answered{via}; never paged: {one.why}"
        case Outcome.ANSWERED:
            return f"answered after {exactly(one.seconds or 0)}{via}"
        case Outcome.UNPAGED:
            return f"never paged: {one.why}"
        case Outcome.LATER:
            return f"not asked: {one.why}"
        case Outcome.WAITING:
            return "paged, has not answered yet" if one.paged_at else one.why
        case _:
            return "never answered"


def course(one: Measured, clock: Clock) -> str:
    """By what somebody was asked, on which channels, and when."""
    asked = one.asked
    by = f"{asked.plan}, stage {asked.stage}" if asked.plan else "engaged by the response plan itself"
    parts = [by + (f", on call for {asked.on_call_for}" if asked.on_call_for else "")]
    if one.paged_at is not None:
        sent = list(dict.fromkeys(page.channel for page in asked.pages if page.sent_at is not None))
        parts.append(f"paged {clock(one.paged_at)} by {', '.join(sent)}")
    parts += [
        f"by {page.channel} not: {page.trouble}" for page in asked.pages if page.trouble and one.paged_at is not None
    ]
    if one.delivered_at is not None:
        parts.append(f"delivered {clock(one.delivered_at)}")
    if asked.answered_at is not None:
        parts.append(f"answered {clock(asked.answered_at)}")
    return "; ".join(parts)


def figures(report: Report) -> list[str]:
    """How many answered, the median and the slowest."""
    counted = [(word, len(report.of(kind))) for kind, word in _COUNTED.items()]
    found = [", ".join(f"{count} {word}" for word, count in counted if count)]
    if report.median is not None and report.slowest is not None:
        slowest = f"{report.slowest.asked.label} with {exactly(report.slowest.seconds or 0)}"
        found.append(f"median {exactly(report.median)}, slowest {slowest}")
    return found


def news(before: Report | None, after: Report) -> list[str]:
    """What has happened between two looks at one drill, a sentence each."""
    known = {one.asked.person: one for one in before.people} if before is not None else {}
    found: list[str] = []
    for one in after.people:
        was = known.get(one.asked.person)
        if one.paged_at is not None and (was is None or was.paged_at is None):
            channels = dict.fromkeys(page.channel for page in one.asked.pages if page.sent_at is not None)
            found.append(f"{one.asked.label} is paged by {', '.join(channels)}")
        over = one.outcome in (Outcome.ANSWERED, Outcome.SILENT, Outcome.UNPAGED)
        if over and (was is None or was.outcome is not one.outcome):
            found.append(f"{one.asked.label}: {outcome(one)}")
    return found


def whole(incident: Incident, report: Report, until: datetime | None, clock: Clock) -> list[str]:
    """Which drill, when, and what it measured."""
    if incident.resolved_at is not None:
        took = exactly((incident.resolved_at - incident.created_at).total_seconds())
        when = f"over {clock(incident.resolved_at)}, after {took}"
    else:
        when = f"over {clock(until)} at the latest" if until is not None else "going on"
    head = [f"DRILL #{incident.number} {incident.title}", f"begun {clock(incident.created_at)}, {when}", ""]
    return [*head, *lines(report, clock)]
