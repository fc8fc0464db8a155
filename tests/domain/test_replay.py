"""A replay tells what was, event by event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imtui.domain.replay import ACKNOWLEDGED, ENGAGED, PAGED, STOPPED, moments
from imtui.domain.timeline import EventType, TimelineEvent

START = datetime(2026, 3, 1, 3, tzinfo=UTC)
ANA, BEN, PLAN = "arn:contact/ana", "arn:contact/ben", "arn:contact/night"

Told = tuple[EventType, str, dict[str, Any]]


def started(impact: object = 2) -> Told:
    return (EventType.TRIGGER, "Incident started: The shop is down", {"impact": impact})


def engaged(person: str, reason: str = "stage-due") -> Told:
    return (EventType.ESCALATION, "is engaged", {"reason": reason, "contact": person})


def paged(person: str, **data: Any) -> Told:
    return (EventType.PAGE, "Page sent", {"contact": person, **data})


def acknowledged(person: str) -> Told:
    return (EventType.ACKNOWLEDGEMENT, "acknowledged", {"contact": person})


def changed(**values: Any) -> Told:
    return (EventType.RECORD_UPDATE, "changed", {"changed": values})


SILENCE: Told = (EventType.ESCALATION, "Nobody is left", {"reason": "nobody-left-to-page"})


def last(*told: Told) -> Any:
    events = [
        TimelineEvent(str(n), "i", type_, START + timedelta(minutes=n), START, {"text": text, **data})
        for n, (type_, text, data) in enumerate(told)
    ]
    found = list(moments(events))
    assert [moment.event for moment in found] == events
    return found[-1]


@pytest.mark.parametrize(
    ("told", "people", "silent"),
    [
        ([started()], {}, False),
        ([started(), engaged(ANA)], {ANA: ENGAGED}, False),
        ([started(), engaged(ANA), paged(ANA)], {ANA: PAGED}, False),
        ([started(), engaged(ANA), paged(ANA, reason="failed")], {ANA: ENGAGED}, False),
        ([started(), engaged(ANA), paged(ANA), acknowledged(ANA)], {ANA: ACKNOWLEDGED}, False),
        ([started(), engaged(ANA), acknowledged(ANA), paged(ANA, crossed=True)], {ANA: ACKNOWLEDGED}, False),
        ([started(), engaged(ANA), engaged(BEN, "late-by")], {ANA: ENGAGED, BEN: ENGAGED}, False),
        ([started(), engaged(ANA), SILENCE], {ANA: ENGAGED}, True),
        ([started(), engaged(ANA), SILENCE, acknowledged(BEN)], {ANA: ENGAGED, BEN: ACKNOWLEDGED}, False),
        (
            [started(), SILENCE, (EventType.ESCALATION, "ana engaged Night", {"by": "ana", "contact": PLAN})],
            {},
            False,
        ),
        ([started(), engaged(ANA), SILENCE, changed(status="RESOLVED")], {ANA: ENGAGED}, False),
        (
            [started(), engaged(ANA), (EventType.ESCALATION, "stopped", {"reason": "stopped", "contact": ANA})],
            {ANA: STOPPED},
            False,
        ),
        (
            [started(), (EventType.ESCALATION, "stopped", {"reason": "stopped", "contact": PLAN})],
            {},
            False,
        ),
        (
            [
                started(),
                acknowledged(ANA),
                (EventType.ESCALATION, "Ana handed over", {"reason": "handed-over", "contact": BEN, "from": ANA}),
            ],
            {ANA: STOPPED, BEN: ENGAGED},
            False,
        ),
        (
            [started(), acknowledged(ANA), engaged(ANA, "paged-again")],
            {ANA: ENGAGED},
            False,
        ),
        ([started(), (EventType.ESCALATION, "odd", {"contact": ["no text"], "reason": 7})], {}, False),
    ],
)
def test_who_was_reached(told: list[Told], people: dict[str, str], silent: bool) -> None:
    moment = last(*told)
    assert dict(moment.people) == people
    assert moment.silent is silent


def test_status_impact_and_title_follow_their_changes() -> None:
    moment = last(started(), changed(impact=1, title="All is down"), changed(status="RESOLVED"))
    assert (moment.is_open, int(moment.impact), moment.title) == (False, 1, "All is down")
    moment = last(started(), changed(status="RESOLVED"), changed(status="OPEN"))
    assert (moment.is_open, int(moment.impact), moment.title) == (True, 2, "The shop is down")
    assert last(started("nonsense"), changed(impact="x", status="?", title=3)).impact is None
    assert last((EventType.RECORD_UPDATE, "odd", {"changed": "text"})).is_open


def test_an_incident_without_events_has_no_moments() -> None:
    assert list(moments([])) == []
