"""What the timeline of an incident says: its lines, and all that is known of one entry."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from imtui.domain.duration import duration
from imtui.domain.incident import Impact
from imtui.domain.text import cut, shown
from imtui.domain.timeline import EventType, TimelineEvent
from imtui.domain.timeline_filter import KINDS
from widgets.cells import steady
from widgets.entries import Entry
from widgets.virtual_table import Cell

_STYLES = {"Acknowledged": "good", "Trigger": "warn", "Escalation": "warn", "Note": "strong", "Event": "strong"}
_LONGEST = 6000
_INSIDE = frozenset({"text", "raw", "rawData", "message", "page", "item"})
"""What programs need of an event, or is shown otherwise."""
_LABELS: Mapping[str, str] = {
    "by": "By",
    "editedBy": "Edited by",
    "contact": "Contact",
    "subject": "About",
    "from": "From",
    "channel": "Channel",
    "plan": "Plan",
    "stage": "Stage",
    "reason": "Why",
    "lateSeconds": "Late by",
    "until": "Until",
    "provider": "Provider",
    "attempt": "Try",
    "crossed": "Crossed with the acknowledgement",
    "source": "Source",
    "responsePlan": "Response plan",
    "resourceArn": "Resource",
    "impact": "Impact",
    "title": "Title",
    "summary": "Summary",
    "status": "Status",
    "chat_channel": "Chat channel",
    "notification_targets": "Notification topics",
}


class Times(Protocol):
    """How this person wants instants, local or UTC, and keys."""

    def local(self, when: datetime | None, *, date: bool = True) -> str:
        """The instant with or without its date."""
        ...

    def short(self, when: datetime, now: datetime) -> str:
        """The time of day, with the day where it is not today."""
        ...

    def keyed(self, text: str) -> str:
        """A text of the program's own in which `{id}` stands for the key of an act."""
        ...


def kind(one: TimelineEvent) -> str:
    """What people call the type of an event."""
    return next((name for type_, name in KINDS.items() if type_ == one.type), shown(one.type))


def cells(one: TimelineEvent, now: datetime, times: Times) -> Sequence[Cell]:
    """One line of the timeline."""
    name = kind(one)
    style = "loud" if one.data.get("reason") == "nobody-left-to-page" else ""
    return ((times.short(one.event_time, now), "dim"), (name, _STYLES.get(name, "")), (shown(one.text), style))


def note(one: TimelineEvent, now: datetime, times: Times) -> Entry:
    """A note as it stands at the right."""
    by = shown(str(one.data.get("by", "")))
    edited = ", edited" if one.data.get("editedBy") else ""
    return Entry(one.id, f"{times.short(one.event_time, now)} {by}{edited}", steady(shown(one.text, lines=True)))


def whole(one: TimelineEvent, names: Mapping[str, str], times: Times) -> tuple[str, str]:
    """A title, and all that is known of an entry, in words: names for ARNs, instants as this person wants them."""
    facts = [f"{label}: {value}" for label, value in _facts(one.data, names, times)]
    if one.updated_at != one.event_time:
        facts.append(f"Recorded: {times.local(one.updated_at)}")
    parts = [one.text, "\n".join(facts)]
    raw = one.data.get("rawData")
    if isinstance(raw, str) and raw:
        parts.append(f"The event as it came:\n{_indented(raw)}")
    title = f"{times.local(one.event_time)}  {kind(one)}"
    return title, "\n\n".join(part for part in parts if part)


def _facts(data: Mapping[str, Any], names: Mapping[str, str], times: Times) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in data.items():
        if name in _INSIDE or value is None or value is False or value == "" or (name == "lateSeconds" and not value):
            continue
        if name == "changed" and isinstance(value, Mapping):
            found += [(f"{label}, now", fact) for label, fact in _facts(value, names, times)]
            continue
        found.append((_LABELS.get(name) or _spaced(name), _fact(name, value, names, times)))
    return found


def _fact(name: str, value: Any, names: Mapping[str, str], times: Times) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "impact" and value in tuple(Impact):
        return f"{value} {Impact(value).label}"
    if name == "stage" and isinstance(value, int):
        return str(value + 1)
    if name == "lateSeconds" and isinstance(value, (int, float)):
        return duration(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_spaced(str(key))} {_fact(str(key), part, names, times)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_fact(name, part, names, times) for part in value) or "none"
    text = str(value)
    if text in names:
        return f"{names[text]} ({text.rpartition('/')[2]})" if name != "channel" else names[text]
    if name == "until":
        try:
            return times.local(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text.replace("-", " ") if name == "reason" else text


def _spaced(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def _indented(raw: str) -> str:
    if len(raw) > _LONGEST * 4:
        return cut(raw, _LONGEST)
    try:
        return cut(json.dumps(json.loads(raw), indent=2, ensure_ascii=False), _LONGEST)
    except (ValueError, RecursionError):
        return cut(raw, _LONGEST)


def is_note(one: TimelineEvent) -> bool:
    """Whether an entry is a note."""
    return one.type == EventType.NOTE
