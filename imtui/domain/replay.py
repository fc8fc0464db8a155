"""An incident as it stood at each of its events: what the banner said then, from the timeline alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from imtui.domain.escalation import Reason
from imtui.domain.incident import Impact, parse_impact
from imtui.domain.timeline import EventType, TimelineEvent

ENGAGED, PAGED, ACKNOWLEDGED, STOPPED = "engaged", "paged", "acknowledged", "stopped"

_ENGAGING = frozenset({Reason.STAGE_DUE, Reason.LATE_BY, Reason.ESCALATED_BY_HAND})


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known right after an event. `people` are ARNs, in the order in which they were engaged, with what had
    last become of each. `silent`: nobody was left to page, and nobody had acknowledged."""

    at: datetime
    event: TimelineEvent
    is_open: bool = True
    impact: Impact | None = None
    title: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False

    def those(self, state: str) -> list[str]:
        """The ARNs of the people in one state."""
        return [person for person, known in self.people.items() if known == state]


def moments(events: Iterable[TimelineEvent]) -> Iterator[Moment]:
    """The moments of an incident, one for each event, in the order of the events."""
    before: Moment | None = None
    for event in events:
        start = Moment(event.event_time, event) if before is None else before
        before = after(replace(start, at=event.event_time, event=event), event)
        yield before


def after(moment: Moment, event: TimelineEvent) -> Moment:
    """What an event makes of a moment."""
    data = event.data
    person, reason = _text(data, "contact"), _text(data, "reason")
    match event.type:
        case EventType.TRIGGER:
            title = event.text.partition(": ")[2] or event.text
            return replace(moment, title=title, impact=_impact(data.get("impact")) or moment.impact)
        case EventType.RECORD_UPDATE:
            return _changed(moment, data.get("changed"))
        case EventType.PAGE if person and reason == "":
            known = moment.people.get(person)
            return moment if known == ACKNOWLEDGED else _with(moment, person, PAGED)
        case EventType.ACKNOWLEDGEMENT if person:
            return _with(replace(moment, silent=False), person, ACKNOWLEDGED)
        case EventType.ESCALATION:
            return _escalated(moment, person, reason, data)
    return moment


def _escalated(moment: Moment, person: str, reason: str, data: Mapping[str, Any]) -> Moment:
    if reason == Reason.NOBODY_LEFT:
        return replace(moment, silent=True)
    if reason == Reason.STOPPED and person:
        return _with(moment, person, STOPPED) if person in moment.people else moment
    if reason == Reason.HANDED_OVER:
        left = _text(data, "from")
        moment = _with(moment, left, STOPPED) if left in moment.people else moment
    if person and (reason in _ENGAGING or reason in (Reason.HANDED_OVER, Reason.PAGED_AGAIN)):
        return _with(replace(moment, silent=False), person, ENGAGED)
    if data.get("by") and reason == "":
        return replace(moment, silent=False)  # somebody engaged a contact or plan: who that reaches is told next
    return moment


def _changed(moment: Moment, changed: object) -> Moment:
    if not isinstance(changed, Mapping):
        return moment
    status = changed.get("status")
    if status in ("OPEN", "RESOLVED"):
        moment = replace(moment, is_open=status == "OPEN", silent=False)
    title = changed.get("title")
    return replace(
        moment,
        title=title if isinstance(title, str) else moment.title,
        impact=_impact(changed.get("impact")) or moment.impact,
    )


def _with(moment: Moment, person: str, state: str) -> Moment:
    return replace(moment, people={**moment.people, person: state})


def _impact(value: object) -> Impact | None:
    return parse_impact(value) if value in tuple(Impact) else None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
