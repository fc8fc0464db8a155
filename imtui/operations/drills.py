"""Drills: a real page marked as one, and what it measured."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from imtui import services
from imtui.domain import drill_text
from imtui.domain.drill import LIMIT_MINUTES, Measured, Outcome
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter, Tell
from imtui.operations.words import clock, instant, iso

if TYPE_CHECKING:
    from imtui.domain.asking import Question
    from imtui.services.context import Context
    from imtui.services.drills import Drill


class _Begun(NamedTuple):
    drill: Drill
    waits: bool


async def drill(context: Context, plan: str, wait: int, no_wait: bool) -> _Begun:
    return _Begun(await services.drills.begin(context, plan, wait), not no_wait)


async def ask(context: Context, plan: str, wait: int, **_: Any) -> Question:
    return await services.drills.ask(context, plan, wait)


async def follow(context: Context, begun: _Begun, tell: Tell) -> _Begun:
    """Until the drill is over. Broken off, it goes on, and how to see what it measures is said."""
    if not begun.waits:
        return begun
    number = begun.drill.incident.number
    tell(_started(begun.drill))
    try:
        return _Begun(await services.drills.follow(context, number, tell), True)
    except asyncio.CancelledError:
        tell(f"drill #{number} goes on without being watched: imtui drill-report {number}")
        raise


async def report(context: Context, incident: str) -> Drill:
    return await services.drills.of(context, incident)


def _begun_lines(begun: _Begun) -> list[str]:
    """Over when it was waited for; else it has just begun."""
    found = begun.drill
    if not found.incident.is_open:
        return _lines(found)
    return [shown(_started(found)), f"what it measures: imtui drill-report {found.incident.number}"]


def _started(found: Drill) -> str:
    until = f"; it is over {instant(found.until)} at the latest" if found.until is not None else ""
    return f"DRILL #{found.incident.number} has begun: {found.incident.title}{until}"


def _lines(found: Drill) -> list[str]:
    return [shown(line) for line in drill_text.whole(found.incident, found.report, found.until, clock)]


def _document(found: Drill) -> dict[str, Any]:
    incident, measured = found.incident, found.report
    return {
        "number": incident.number,
        "arn": incident.arn,
        "title": incident.title,
        "responsePlan": incident.plan_arn,
        "status": incident.status.value,
        "startTime": iso(incident.created_at),
        "endTime": iso(incident.resolved_at),
        "latestEndTime": iso(found.until),
        "people": [_person(one) for one in measured.people],
        "counts": {kind.name.lower(): len(measured.of(kind)) for kind in Outcome},
        "medianSeconds": measured.median,
        "slowest": measured.slowest and {"contact": measured.slowest.asked.person, "seconds": measured.slowest.seconds},
    }


def _person(one: Measured) -> dict[str, Any]:
    asked = one.asked
    return {
        "contact": asked.person,
        "name": asked.label,
        "outcome": one.outcome.name.lower(),
        "plan": asked.plan or None,
        "stage": asked.stage or None,
        "onCallFor": asked.on_call_for or None,
        "channels": [
            {
                "name": page.channel,
                "type": page.type,
                "creationTime": iso(page.created_at),
                "sentTime": iso(page.sent_at),
                "deliveredTime": iso(page.delivered_at),
                "trouble": page.trouble or None,
            }
            for page in asked.pages
        ],
        "pagedTime": iso(one.paged_at),
        "deliveredTime": iso(one.delivered_at),
        "acknowledgedTime": iso(asked.answered_at),
        "acknowledgedVia": asked.answered_via or None,
        "seconds": one.seconds,
        "neverPagedBecause": (one.why or None) if one.outcome is Outcome.UNPAGED else None,
    }


OPERATIONS = (
    Operation(
        ("drill",),
        "a real page marked as a drill: who answers, and how fast; in a shell it waits for that",
        (
            Parameter("plan", "the response plan's name or ARN", names="response plan"),
            Parameter(
                "wait", "it is over after so many minutes at the latest", "number", option=True, default=LIMIT_MINUTES
            ),
            Parameter("no_wait", "begin it and return at once; it is over by itself", "flag", option=True),
        ),
        drill,
        _begun_lines,
        lambda begun: _document(begun.drill),
        pages=True,
        question=ask,
        follow=follow,
    ),
    Operation(
        ("drill-report",),
        "what a drill measured: who was paged, who answered, how fast, and who not and why",
        (Parameter("incident", "its number, id or ARN", names="drill"),),
        report,
        _lines,
        _document,
    ),
)
