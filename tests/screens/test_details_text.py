"""The banner says what matters most, in words, in 80 cells."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imtui.actions import BY_ID, shown_key
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Impact, Incident, Status
from imtui.domain.timeline import EventType, TimelineEvent
from screens import details_text, event_text

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
OPEN = Incident(
    number=2,
    id="i",
    arn="arn",
    plan_arn="arn:plan",
    title="Down",
    impact=Impact.CRITICAL,
    status=Status.OPEN,
    created_at=NOW - timedelta(minutes=12),
    modified_at=NOW,
    modified_by="ana",
    created_by="ana",
    source="manual",
    chat_channel=("arn:aws:sns:zz:1:war-room",),
)


class Utc:
    """Times as a person in UTC wants them."""

    def local(self, when: datetime | None, *, date: bool = True) -> str:
        return "" if when is None else when.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S")

    def short(self, when: datetime, now: datetime) -> str:
        return when.strftime("%H:%M:%S")

    def keyed(self, text: str) -> str:
        return re.sub(r"\{([a-z0-9-]+)\}", lambda found: shown_key(BY_ID[found[1]].keys[0]), text)


def line(label: str, **facts: Any) -> Engagement:
    known = {"status": "Engaged", "engaged_at": NOW, "paged_at": NOW, "running": True, **facts}
    return Engagement(label, f"arn:contact/{label}", label, None, "", "imtui", stage=0, **known)


def due(label: str, seconds: int) -> Engagement:
    at = NOW + timedelta(seconds=seconds)
    return line(label, status="Due", engaged_at=None, paged_at=None, due_at=at)


def said(found: details_text.Said) -> tuple[str, str]:
    return "".join(text for text, _ in found.left).strip(), "".join(text for text, _ in found.right).strip()


@pytest.mark.parametrize(
    ("lines", "left", "right"),
    [
        ([], "0 engaged", ""),
        ([line("Ana")], "1 engaged   nobody has acknowledged   1 paged Ana", "nobody is next"),
        ([line("Ana"), due("Ben", 245)], "1 engaged   nobody has acknowledged   1 paged Ana", "next Ben 4:05"),
        ([line("Ana", paged_at=None)], "1 engaged   nobody has acknowledged   1 not paged Ana", "nobody is next"),
        (
            [line("Ana", acknowledged_at=NOW, status="Acknowledged", running=False), due("Ben", 1)],
            "1 engaged   1 acknowledged Ana",
            "next Ben 0:01",
        ),
        (
            [line("Ana", running=False), line("Ben", status="Stopped", running=False), line("Chi")],
            "3 engaged   nobody has acknowledged   1 paged Chi   1 did not answer Ana   1 stopped",
            "nobody is next",
        ),
        (
            [line(name) for name in ("Ana", "Ben", "Chi", "Dan")],
            "4 engaged   nobody has acknowledged   4 paged Ana, Ben +2",
            "nobody is next",
        ),
    ],
)
def test_who_was_reached(lines: list[Engagement], left: str, right: str) -> None:
    assert said(details_text.people(OPEN, lines, NOW, Utc())) == (left, right)


def test_nobody_left_is_the_loudest_and_says_what_to_do() -> None:
    found = details_text.people(replace(OPEN, exhausted_at=NOW), [line("Ana", running=False)], NOW, Utc())
    left, right = said(found)
    assert left == "NOBODY IS LEFT TO PAGE   E engages somebody   T takes it"
    assert found.fill == "alert"
    assert {style for _, style in (*found.left, *found.right)} == {"alert"}
    assert len(f" {left}  {right} ") <= 80
    gone = replace(OPEN, exhausted_at=NOW, status=Status.RESOLVED, resolved_at=NOW)
    assert details_text.people(gone, [], NOW, Utc()).fill == ""


def test_the_banner_says_status_impact_duration_room_and_who_else_is_here() -> None:
    left, right = said(details_text.banner(replace(OPEN, drill=True), NOW, ("ben", "chidi", "dan")))
    assert left == "OPEN   impact ▲▲ 1 Critical   for 12 min   DRILL   chat war-room"
    assert right == "also here: ben, chidi +1"
    done = replace(OPEN, status=Status.RESOLVED, resolved_at=NOW, impact=Impact.NO_IMPACT, chat_channel=())
    assert said(details_text.banner(done, NOW)) == ("RESOLVED   impact ○ 5 No Impact   took 12 min", "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {"by": "ana", "contact": "arn:contact/ben", "reason": "paged-again"},
            "By: ana\nContact: Ben (ben)\nWhy: paged again",
        ),
        (
            {"changed": {"impact": 1, "title": "x", "chat_channel": []}},
            "Impact, now: 1 Critical\nTitle, now: x\nChat channel, now: none",
        ),
        (
            {"until": "2026-03-01T03:11:00+00:00", "crossed": True},
            "Until: 2026-03-01 03:11:00\nCrossed with the acknowledgement: yes",
        ),
        ({"lateSeconds": 240, "stage": 0, "crossed": False, "message": "id"}, "Late by: 4 min\nStage: 1"),
        ({"someThing": {"a_b": [1, 2]}, "until": "soon"}, "Some thing: A b 1, 2\nUntil: soon"),
        ({"rawData": '{"a":[1]}'}, 'The event as it came:\n{\n  "a": [\n    1\n  ]\n}'),
        ({"rawData": "[" * 5000}, "The event as it came:\n" + "[" * 5000),
    ],
)
def test_all_facts_of_an_event_are_words(data: dict[str, Any], words: str) -> None:
    event = TimelineEvent("e", "i", EventType.ESCALATION, NOW, NOW, {"text": "What happened", **data})
    title, text = event_text.whole(event, {"arn:contact/ben": "Ben"}, Utc())
    assert title == "2026-03-01 03:10:00  Escalation"
    assert text == f"What happened\n\n{words}"
    assert "{'" not in text


def test_where_there_is_nothing_to_draw_it_says_what_to_do() -> None:
    assert "On tab 6, + adds one" in details_text.diagnosis([], Utc()).plain
    assert "runs no runbooks" in details_text.runbooks(Utc()).plain
