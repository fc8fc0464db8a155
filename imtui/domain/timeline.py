"""Timeline events: their types, and which of them people may write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """The types of the service; only the last two may be created, edited and deleted by callers."""

    TRIGGER = "SSM Incident Trigger"
    RECORD_UPDATE = "SSM Incident Record Update"
    PAGE = "SSM Contacts Page for Incident"
    ACKNOWLEDGEMENT = "SSM Contacts Page Acknowledgement for Incident"
    ESCALATION = "SSM Contacts Escalation for Incident"
    AUTOMATION = "SSM Automation Execution Status Change for Incident"
    RELATED_ITEMS = "SSM Incident Related Items Update"
    CUSTOM = "Custom Event"
    NOTE = "Note"


WRITABLE = frozenset({EventType.CUSTOM, EventType.NOTE})

ACTIVITY = (EventType.NOTE, EventType.CUSTOM, EventType.RECORD_UPDATE, EventType.ACKNOWLEDGEMENT)
"""What shows that somebody works on an incident."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of an incident. `data` of automatic events is a mapping with at least `text`, the sentence
    that people read; of custom events and notes it is `{"text": …, "by": …}`, with what a caller of the wire gave
    to the letter under `raw`. `seq` orders what happened at one instant."""

    id: str
    incident_id: str
    type: str
    event_time: datetime
    updated_at: datetime
    data: Mapping[str, Any]
    references: tuple[Mapping[str, str], ...] = ()
    revision: int = 1
    seq: int = 0

    @property
    def text(self) -> str:
        return str(self.data.get("text", ""))

    @property
    def writable(self) -> bool:
        return self.type in WRITABLE


_TEXTS = ("text", "message", "note", "description", "summary", "title")
"""Members of a document that hold what people read, the likeliest first."""


def readable(given: str) -> str:
    """What people read of the data that a caller gave an event: a JSON string is its text, a JSON object the member
    that looks like one; all else is read as it stands."""
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        return given
    if isinstance(found, dict):
        found = next((found[name] for name in _TEXTS if isinstance(found.get(name), str)), None)
    return found if isinstance(found, str) and found.strip() else given


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """Something that belongs to an incident: an ARN, a link, a metric, a file."""

    id: str
    incident_id: str
    type: str
    title: str
    value: Mapping[str, Any]
    added_at: datetime
