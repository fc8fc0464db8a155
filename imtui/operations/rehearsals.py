"""Rehearsing: every page that would be sent, to whom, when and why. It changes and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imtui import services
from imtui.domain import rehearsal_text as text_of
from imtui.domain.errors import ValidationFailed
from imtui.domain.instants import moment
from imtui.domain.rehearsal import Kind, Step, page_key
from imtui.domain.rehearsing import not_sent
from imtui.domain.text import shown
from imtui.domain.time_line import BAR, drawn
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import clock, columns, instant, iso

if TYPE_CHECKING:
    from imtui.services.context import Context
    from imtui.services.rehearsals import Rehearsed

_COLUMNS = 100
"""How wide a time line is drawn: a shell may cut it, or be told to."""


class _Told(NamedTuple):
    found: Rehearsed
    timeline: bool


async def rehearse(context: Context, plan: str, at: str | None, ack: list[str] | None, timeline: bool) -> _Told:
    when = moment(at, context.now().astimezone(), "at") if at is not None else None
    answers = [acknowledgement(one) for one in ack or ()]
    return _Told(await services.rehearsals.of(context, plan, at=when, acknowledgements=answers), timeline)


def acknowledgement(text: str) -> tuple[str, float]:
    """Who acknowledges, and after how many minutes: `ana@5`. Raises ValidationFailed."""
    who, sign, minutes = text.strip().rpartition("@")
    try:
        minute = float(minutes)
    except ValueError:
        minute = -1.0
    if not (sign and who and minute >= 0):
        raise ValidationFailed(f"{text[:40]!r}: give who acknowledges after how many minutes, such as ana@5", "ack")
    return who, minute


def _lines(told: _Told) -> list[str]:
    found, course = told.found, told.found.course
    names = found.names
    supposed = "".join(
        f", {names.label(one.person)} acknowledges after {one.minute:g} min" for one in found.acknowledgements
    )
    head = f"{found.kind} {found.label}, from {instant(course.at)}{supposed}"
    body = _drawn(found) if told.timeline else _table(found)
    stopped = not_sent(found.plan, course)
    counted = "1 page" if len(course.pages) == 1 else f"{len(course.pages)} pages"
    end = f"{counted}; {text_of.ending(course)}" if course.pages or course.steps else text_of.ending(course)
    lines = [shown(head), "", *body, "", end]
    if found.acknowledgements:
        count = "1 page is" if len(stopped) == 1 else f"{len(stopped)} pages are"
        lines.append(f"{count} not sent because of what is supposed")
    return lines + [shown(f"! {warning}") for warning in found.warnings]


def _table(found: Rehearsed) -> list[str]:
    names, course = found.names, found.course
    rows = [
        (
            text_of.clock(course.minute(line.step)),
            clock(line.step.at),
            "x" if not line.sent else {Kind.PAGE: ">", Kind.NOBODY_LEFT: "!"}.get(line.step.kind, " "),
            line.who or "–",
            line.how or "–",
            line.why + (f"; stopped by {by}" if (by := text_of.stops(line.step, found.stoppers, names)) else ""),
        )
        for line in text_of.lines(course, names, found.plan)
    ]
    return columns([("min", "time", " ", "who", "channel", "why"), *rows]) if rows else []


def _drawn(found: Rehearsed) -> list[str]:
    rows = text_of.rows(found.course, found.names, found.plan)
    minutes = text_of.minutes_of(found.course, found.plan)
    lines = ["".join(text for text, _ in pieces).rstrip() for pieces in drawn(rows, minutes, _COLUMNS)]
    return [shown(line.replace(BAR, "-")) for line in lines] + (["", text_of.legend(rows)] if rows else [])


def _document(told: _Told) -> dict[str, Any]:
    found, course = told.found, told.found.course
    return {
        "subject": {"kind": found.kind, "arn": found.arn, "name": found.label},
        "startTime": iso(course.at),
        "pages": [_step(page, found) for page in course.pages],
        "acknowledgements": [{"contact": one.person, "minute": one.minute} for one in found.acknowledgements],
        "notSent": [_step(page, found) for page in not_sent(found.plan, course)],
        "steps": [_step(step, found) for step in course.steps],
        "ending": course.ending.value,
        "endTime": iso(course.over_at),
        "warnings": list(found.warnings),
    }


def _step(step: Step, found: Rehearsed) -> dict[str, Any]:
    channel = found.names.channel(step.channel)
    return {
        "time": iso(step.at),
        "minute": found.course.minute(step),
        "kind": step.kind.value,
        "reason": step.reason.value,
        "contact": step.person or None,
        "name": found.names.label(step.person) if step.person else None,
        "channel": step.channel or None,
        "channelName": channel.name if channel is not None else None,
        "channelType": channel.type.value if channel is not None else None,
        "address": channel.address if channel is not None else None,
        "plan": step.plan or None,
        "stage": step.stage + 1 if step.plan else None,
        "onCallFor": step.via or None,
        "round": step.round + 1,
        "lateSeconds": step.late_seconds,
        "stoppedBy": list(found.stoppers.get(page_key(step), ())) if step.kind is Kind.PAGE else [],
    }


OPERATIONS = (
    Operation(
        ("rehearse",),
        "every page that would be sent: to whom, on which channel, when, why; changes and sends nothing",
        (
            Parameter(
                "plan", "a response plan, an incident, a contact, a schedule or an escalation plan", names="rehearsable"
            ),
            Parameter("at", "when it begins: 2026-03-01 03:10, 03:10 (the next), tomorrow 03:10, +2h", option=True),
            Parameter(
                "ack",
                "suppose that somebody acknowledges after so many minutes: ana@5",
                "texts",
                option=True,
                names="acknowledgement",
            ),
            Parameter("timeline", "draw it as a time line", "flag", option=True, default=False),
        ),
        rehearse,
        _lines,
        _document,
    ),
)
