"""What chat rooms and notification topics are told about an incident. Pure."""

from __future__ import annotations

from enum import StrEnum

from imtui.domain.incident import Impact
from imtui.domain.message import Words
from imtui.domain.text import cut, shown

_MOST_SUBJECT = 180
_MOST_TEXT = 2000


class News(StrEnum):
    """What has happened."""

    STARTED = "started"
    CHANGED = "changed"
    ACKNOWLEDGED = "acknowledged"
    NOBODY_LEFT = "nobody-left-to-page"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    TEST = "test"


def destination(section: str, topic: str) -> str:
    """The section of the configuration that a topic's ARN stands for, such as `chat.ops-room`; `section` is chat for
    the chat channel of a plan, topic for its notification topics."""
    return f"{section}.{topic.rpartition(':')[2]}"


def announcement(number: int, title: str, impact: Impact, drill: bool, sentence: str) -> Words:
    """The news of an incident in one sentence, headed by the incident."""
    head = f"{'DRILL: ' if drill else ''}[{impact.label}] #{number} {shown(title)}"
    return Words(cut(head, _MOST_SUBJECT), cut(shown(sentence), _MOST_TEXT))


def test_announcement(plan: str, by: str) -> Words:
    """What proves, when a plan is saved, that a room or topic can be told."""
    text = f"Test message: incidents of the response plan {shown(plan)} will be announced here. Sent by {shown(by)}."
    return Words(f"Response plan {shown(plan)}", text)
