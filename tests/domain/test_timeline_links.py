"""From an event one gets to what it tells of, and never round in a circle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.domain.arns import Names
from imtui.domain.timeline import EventType, TimelineEvent
from imtui.domain.timeline_links import Link, Where, link_of, links

NAMES = Names()
ANA, NIGHT = NAMES.contact("ana"), NAMES.contact("night")
WEB, OWN, OTHER = NAMES.response_plan("web"), NAMES.incident("web", "own"), NAMES.incident("web", "other")
AT = datetime(2026, 3, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, []),
        ({"contact": ANA}, [(Where.CONTACT, ANA)]),
        ({"contact": ANA, "plan": NIGHT}, [(Where.CONTACT, ANA), (Where.CONTACT, NIGHT)]),
        ({"contact": ANA, "from": ANA}, [(Where.CONTACT, ANA)]),
        ({"message": "m1", "contact": ANA}, [(Where.MESSAGE, "m1"), (Where.CONTACT, ANA)]),
        ({"subject": NAMES.channel("ana", "c1")}, [(Where.CONTACT, ANA)]),
        ({"item": "i1"}, [(Where.ITEM, "i1")]),
        ({"responsePlan": WEB}, [(Where.RESPONSE_PLAN, WEB)]),
        ({"incident": "own"}, []),
        ({"incident": "other"}, [(Where.INCIDENT, "other")]),
        ({"contact": "no arn", "plan": 7, "subject": ["x"], "message": None}, []),
    ],
)
def test_what_an_event_leads_to(data: dict[str, Any], found: list[tuple[Where, str]]) -> None:
    event = TimelineEvent("e", "own", EventType.ESCALATION, AT, AT, data)
    assert links(event) == [Link(*link) for link in found]


def test_references_lead_to_other_incidents_only() -> None:
    references = ({"resource": OTHER}, {"resource": OWN}, {"resource": "arn:aws:s3:::bucket/x"})
    event = TimelineEvent("e", "own", EventType.CUSTOM, AT, AT, {}, references)
    assert links(event) == [Link(Where.INCIDENT, "other")]


@pytest.mark.parametrize("text", ["", "https://example.com", "arn:aws:s3:::bucket/key", "arn:", "arn:a:b:c:d:e"])
def test_what_is_not_of_this_program_leads_nowhere(text: str) -> None:
    assert link_of(text) is None
