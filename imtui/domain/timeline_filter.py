"""What one can look for in a timeline: words in its text, `kind:page`, `!kind:update`, `by:ana`, `who:ben`."""

from __future__ import annotations

from collections.abc import Mapping

from imtui.domain.filter import Field, Fields, Kind
from imtui.domain.timeline import EventType

KINDS: Mapping[EventType, str] = {
    EventType.TRIGGER: "Trigger",
    EventType.RECORD_UPDATE: "Update",
    EventType.PAGE: "Page",
    EventType.ACKNOWLEDGEMENT: "Acknowledged",
    EventType.ESCALATION: "Escalation",
    EventType.AUTOMATION: "Runbook",
    EventType.RELATED_ITEMS: "Related",
    EventType.CUSTOM: "Event",
    EventType.NOTE: "Note",
}
"""What people call the types of events."""

FIELDS = Fields(
    Field("kind", Kind.CHOICE, "what it is", tuple(name.lower() for name in KINDS.values())),
    Field("by", Kind.TEXT, "who did it, or wrote it"),
    Field("who", Kind.TEXT, "alias of a contact that it tells of"),
)


def types_named(names: tuple[str, ...]) -> list[str]:
    """The types that these names of kinds stand for."""
    return [type_.value for type_, name in KINDS.items() if name.lower() in names]
