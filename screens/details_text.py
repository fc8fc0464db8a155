"""What the details of an incident say: banner, overview, notes, properties, and the cells of its lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from textual.content import Content

from imtui import services
from imtui.domain.duration import countdown, duration
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Incident
from imtui.domain.text import shown
from imtui.domain.timeline import EventType, RelatedItem, TimelineEvent
from widgets.cells import steady
from widgets.virtual_table import Cell

Pieces = list[tuple[str, str]]

_LATEST = 5
_NAMES = 2
_KINDS: Mapping[str, str] = {
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
_STYLES = {"Acknowledged": "good", "Trigger": "warn", "Escalation": "warn", "Note": "strong", "Event": "strong"}
_STATES = {"Acknowledged": "good", "Engaged": "warn", "Due": "dim", "Stopped": "dim"}


class Times(Protocol):
    """How this person wants instants, local or UTC, and keys."""

    def keyed(self, text: str) -> str:
        """A text of the program's own in which `{id}` stands for the key of an act."""
        ...

    def local(self, when: datetime | None, *, date: bool = True) -> str:
        """The instant with or without its date."""
        ...

    def short(self, when: datetime, now: datetime) -> str:
        """The time of day, with the day where it is not today."""
        ...


def banner(i: Incident, now: datetime) -> Pieces:
    """Whether it is open, how bad it is, since when, and where people talk."""
    took = duration(((i.resolved_at or now) - i.created_at).total_seconds())
    pieces: Pieces = [
        (" ", ""),
        ("OPEN", "warn") if i.is_open else ("RESOLVED", "dim"),
        ("   impact ", "dim"),
        (f"{int(i.impact)} {i.impact.label}", "loud" if i.impact == 1 and i.is_open else "strong"),
        ("   for " if i.is_open else "   took ", "dim"),
        (took, "strong"),
    ]
    if i.chat_channel:
        pieces += [("   chat ", "dim"), (shown(i.chat_channel[0].rpartition(":")[2]), "")]
    if i.drill:
        pieces.append(("   DRILL", "warn"))
    return pieces


def people(i: Incident, lines: Sequence[Engagement], now: datetime) -> Pieces:
    """Who was paged and who has answered, and who is next and when."""
    engaged = [line for line in lines if line.engaged_at is not None]
    answered = list(dict.fromkeys(line.label for line in engaged if line.acknowledged_at))
    waiting = list(dict.fromkeys(x.label for x in engaged if x.running and x.label not in answered))
    stopped = sum(1 for line in engaged if line.status == "Stopped")
    pieces: Pieces = [(f" {len(engaged)} engaged", "dim")]
    if answered:
        pieces += [("   acknowledged ", "dim"), (_named(answered), "good")]
    elif engaged and i.is_open:
        pieces.append(("   nobody has acknowledged", "warn"))
    reached = {line.label for line in engaged if line.paged_at}
    if paged := [label for label in waiting if label in reached]:
        pieces += [("   paged ", "dim"), (_named(paged), "")]
    if missed := [label for label in waiting if label not in reached]:
        pieces += [("   not paged ", "dim"), (_named(missed), "warn")]
    if stopped:
        pieces.append((f"   {stopped} stopped", "dim"))
    if i.exhausted_at and i.is_open:
        return [*pieces, ("   NOBODY LEFT TO PAGE", "loud")]
    steps = [(line.due_at, line.label) for line in lines if line.due_at]
    steps += [(line.next_page_at, line.label) for line in lines if line.running and line.next_page_at]
    if steps and i.is_open:
        at = min(when for when, _ in steps)
        who = list(dict.fromkeys(label for when, label in steps if when == at))
        left = countdown((at - now).total_seconds())
        pieces += [("   next ", "dim"), (f"{_named(who)} {left}", "warn")]
    elif waiting and not answered and i.is_open:
        pieces.append(("   nobody is next", "warn"))
    return pieces


def _named(labels: Sequence[str]) -> str:
    more = f" +{len(labels) - _NAMES}" if len(labels) > _NAMES else ""
    return shown(", ".join(labels[:_NAMES])) + more


def overview(i: Incident, events: Sequence[TimelineEvent], times: Times) -> Content:
    """The summary, and what happened last."""
    parts: list[Any] = [
        ("Summary\n", "bold"),
        _plain(i.summary.strip()) or times.keyed("No summary yet. {edit} writes one."),
        "\n\n",
        ("Latest events\n", "bold"),
    ]
    for event in list(reversed(events))[:_LATEST]:
        parts.append((f"{times.local(event.event_time, date=False)}  ", "$secondary"))
        parts.append(f"{steady(shown(event.text))}\n")
    return Content.assemble(*parts)


def notes(events: Sequence[TimelineEvent], times: Times) -> Content:
    """The notes, the newest first."""
    written = [event for event in reversed(events) if event.type == EventType.NOTE]
    parts: list[Any] = [("Notes", "bold"), (times.keyed("  {note} writes one\n"), "$secondary")]
    if not written:
        parts.append(("\nNobody has written a note yet.", "$secondary"))
    for note in written:
        by = steady(shown(str(note.data.get("by", ""))))
        edited = ", edited" if note.data.get("editedBy") else ""
        parts.append((f"\n{times.local(note.event_time, date=False)} {by}{edited}\n", "$secondary"))
        parts.append(_plain(note.text) + "\n")
    return Content.assemble(*parts)


def _plain(text: str) -> str:
    return steady(shown(text, lines=True))


def properties(i: Incident, tags: Mapping[str, str], times: Times) -> list[tuple[str, str]]:
    """Every field, as name and value."""
    pairs = [
        ("Number", f"#{i.number}"),
        ("Title", i.title),
        ("ARN", i.arn),
        ("Response plan", i.plan_arn),
        ("Status", i.status.value),
        ("Impact", f"{int(i.impact)} {i.impact.label}"),
        ("Started", times.local(i.created_at)),
        ("Started by", i.created_by),
        ("Resolved", times.local(i.resolved_at) or "–"),
        ("Last modified", f"{times.local(i.modified_at)} by {i.modified_by}"),
        ("Source", i.source),
        ("Resource", i.resource_arn or "–"),
        ("Deduplication key", i.dedupe_key or "–"),
        ("Chat channel", ", ".join(i.chat_channel) or "–"),
        ("Notification topics", ", ".join(i.notification_targets) or "–"),
    ]
    return pairs + [(f"Tag {key}", value) for key, value in tags.items()]


def engagement(line: Engagement, events: Sequence[TimelineEvent], times: Times) -> str:
    """One engagement, and what the timeline tells of it."""
    facts = [
        ("Contact", line.contact_arn),
        ("Plan", line.plan_label or "engaged by hand"),
        ("Status", line.status),
        ("Engaged", times.local(line.engaged_at)),
        ("Due", times.local(line.due_at)),
        ("Acknowledged", times.local(line.acknowledged_at)),
        ("Next page", times.local(line.next_page_at)),
    ]
    why = [event for event in events if event.data.get("contact") == line.contact_arn]
    told = "\n".join(f"{times.local(event.event_time)}  {event.text}" for event in why)
    return "\n".join(f"{name}: {value}" for name, value in facts if value) + (f"\n\n{told}" if told else "")


def event(one: TimelineEvent, times: Times) -> tuple[str, str]:
    """A title and the whole text of one entry of the timeline."""
    data = {name: value for name, value in one.data.items() if name != "text" and value is not None}
    facts = "\n".join(f"{name}: {value}" for name, value in data.items())
    return f"{times.local(one.event_time)}  {one.type}", f"{one.text}\n\n{facts}".strip()


def event_cells(one: TimelineEvent, now: datetime, times: Times) -> Sequence[Cell]:
    """One line of the timeline."""
    kind = _KINDS.get(one.type, shown(one.type))
    style = "loud" if one.data.get("reason") == "nobody-left-to-page" else ""
    return ((times.short(one.event_time, now), "dim"), (kind, _STYLES.get(kind, "")), (shown(one.text), style))


def engagement_cells(line: Engagement, now: datetime, times: Times) -> Sequence[Cell]:
    """One line of the engagements."""
    if line.due_at is not None:
        when = (f"due in {countdown((line.due_at - now).total_seconds())}", "warn")
    elif line.acknowledged_at is not None:
        when = (f"ack {times.local(line.acknowledged_at, date=False)}", "good")
    elif line.running and line.next_page_at is not None:
        when = (f"next page {countdown((line.next_page_at - now).total_seconds())}", "warn")
    else:
        when = ("", "")
    return (
        (shown(line.label), "strong"),
        (line.status, _STATES.get(line.status, "")),
        (times.local(line.engaged_at, date=False)[:9] or "–", "dim"),
        when,
        (shown(line.plan_label) or "by hand", "dim"),
    )


def item_cells(item: RelatedItem, now: datetime) -> Sequence[Cell]:
    """One line of the related items."""
    kind = item.type.replace("_", " ").capitalize()
    value = shown(services.related.shown_value(item.value))
    return ((kind, "dim"), (shown(item.title) or "–", "strong"), (value, ""))


def property_cells(pair: tuple[str, str], now: datetime) -> Sequence[Cell]:
    """One line of the properties."""
    return ((shown(pair[0]), "dim"), (shown(pair[1]), ""))
