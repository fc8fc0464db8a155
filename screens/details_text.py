"""What the details of an incident say: banner, overview, properties, and the cells of its lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from textual.content import Content

from imtui import services
from imtui.domain.duration import countdown, duration
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Incident
from imtui.domain.text import shown
from imtui.domain.timeline import RelatedItem, TimelineEvent
from screens.event_text import Times
from screens.impact import impact_cell
from widgets.cells import fit, steady
from widgets.virtual_table import Cell

Pieces = list[tuple[str, str]]

_NAMES = 2
_STATES = {"Acknowledged": "good", "Engaged": "warn", "Due": "dim", "Stopped": "dim"}


class Said(NamedTuple):
    """A line of the banner: its two ends, and the style of what is free between them."""

    left: Pieces
    right: Pieces = []  # noqa: RUF012
    fill: str = ""


def banner(i: Incident, now: datetime, also_here: Sequence[str] = ()) -> Said:
    """Whether it is open, how bad it is, since when, where people talk, and who else looks at it."""
    took = duration(((i.resolved_at or now) - i.created_at).total_seconds())
    text, style = impact_cell(i.impact, is_open=i.is_open)
    pieces: Pieces = [
        (" ", ""),
        ("OPEN", "warn") if i.is_open else ("RESOLVED", "dim"),
        ("   impact ", "dim"),
        (text, style or "strong"),
        ("   for " if i.is_open else "   took ", "dim"),
        (took, "strong"),
    ]
    if i.drill:
        pieces.append(("   DRILL", "warn"))
    if i.chat_channel:
        pieces += [("   chat ", "dim"), (shown(i.chat_channel[0].rpartition(":")[2]), "")]
    return Said(pieces, [("  also here: ", "dim"), (f"{_named(also_here)} ", "")] if also_here else [])


def people(i: Incident, lines: Sequence[Engagement], now: datetime, times: Times) -> Said:
    """Who was paged and who has answered, and who is next and when."""
    engaged = [line for line in lines if line.engaged_at is not None]
    answered = list(dict.fromkeys(line.label for line in engaged if line.acknowledged_at))
    waiting = list(dict.fromkeys(x.label for x in engaged if x.running and x.label not in answered))
    reached = {line.label for line in engaged if line.paged_at}
    silent = list(dict.fromkeys(x.label for x in engaged if x.status == "Engaged" and not x.running))
    silent = [label for label in silent if label not in answered and label not in waiting]
    stopped = {line.label for line in engaged if line.status == "Stopped"} - {*answered, *waiting, *silent}
    if i.exhausted_at and i.is_open:
        return Said(
            [(times.keyed(" NOBODY IS LEFT TO PAGE   {engage} engages somebody   {take} takes it"), "alert")],
            [(f"  {len(engaged)} engaged ", "alert")],
            "alert",
        )
    pieces: Pieces = [(f" {len(engaged)} engaged", "dim")]
    if answered:
        pieces += [(f"   {len(answered)} acknowledged ", "dim"), (_named(answered), "good")]
    elif engaged and i.is_open:
        pieces.append(("   nobody has acknowledged", "warn"))
    if paged := [label for label in waiting if label in reached]:
        pieces += [(f"   {len(paged)} paged ", "dim"), (_named(paged), "")]
    if missed := [label for label in waiting if label not in reached]:
        pieces += [(f"   {len(missed)} not paged ", "dim"), (_named(missed), "warn")]
    if silent:
        pieces += [(f"   {len(silent)} did not answer ", "dim"), (_named(silent), "warn" if i.is_open else "")]
    if stopped:
        pieces.append((f"   {len(stopped)} stopped", "dim"))
    return Said(pieces, _next(i, lines, now, silent=bool(waiting) and not answered))


def _next(i: Incident, lines: Sequence[Engagement], now: datetime, *, silent: bool) -> Pieces:
    steps = [(line.due_at, line.label) for line in lines if line.due_at]
    steps += [(line.next_page_at, line.label) for line in lines if line.running and line.next_page_at]
    if steps and i.is_open:
        at = min(when for when, _ in steps)
        who = list(dict.fromkeys(label for when, label in steps if when == at))
        left = countdown((at - now).total_seconds())
        return [("   next ", "dim"), (f"{_named(who)} {left} ", "warn")]
    return [("   nobody is next ", "warn")] if silent and i.is_open else []


def _named(labels: Sequence[str]) -> str:
    more = f" +{len(labels) - _NAMES}" if len(labels) > _NAMES else ""
    return shown(", ".join(labels[:_NAMES])) + more


def overview(i: Incident, latest: Sequence[TimelineEvent], now: datetime, times: Times, width: int | None) -> Content:
    """The summary, and what happened last; `latest` begins with the newest."""
    from widgets.markdown import markdown  # its parser is loaded when there is Markdown to show

    summary = i.summary.strip()
    parts: list[Any] = [
        ("Summary\n", "bold"),
        markdown(summary, width) if summary else (times.keyed("No summary yet. {edit} writes one."), "$secondary"),
        "\n\n",
        ("Latest events\n", "bold"),
    ]
    for event in latest:
        at, text = f"{times.short(event.event_time, now)}  ", steady(shown(event.text))
        parts += [(at, "$secondary"), text if width is None else fit(text, max(0, width - len(at))).rstrip(), "\n"]
    return Content.assemble(*parts)


def diagnosis(items: Sequence[RelatedItem], times: Times) -> Content:
    """What there is to diagnose by: this version draws no metrics."""
    metrics = [item for item in items if item.type == "METRIC"]
    parts: list[Any] = [
        ("Metrics and findings\n", "bold"),
        ("This version draws no graphs and looks for no deployments around the start.\n\n", "$secondary"),
    ]
    if metrics:
        parts.append(("Metrics among the related items\n", "bold"))
        for item in metrics:
            value = services.related.shown_value(item.value)
            parts.append(f"• {steady(shown(item.title or value))}\n")
            if item.title:
                parts.append((f"  {steady(shown(value))}\n", "$secondary"))
    else:
        text = "No metric is among the related items. On tab {tab-6}, {new} adds one, or a link to a dashboard."
        parts.append(times.keyed(text))
    return Content.assemble(*parts)


def runbooks(times: Times) -> Content:
    """That there are none yet."""
    text = (
        "What is done by hand can be kept in the timeline: {event} adds an event, {note} writes a note. "
        "On tab {tab-6}, {new} adds a link to the document that you follow."
    )
    return Content.assemble(
        ("Runbooks\n", "bold"),
        ("This version runs no runbooks.\n\n", "$secondary"),
        times.keyed(text),
    )


class Property(NamedTuple):
    """A field of the incident. `leads`: where enter goes from it; empty: it shows the value."""

    name: str
    value: str
    leads: str = ""


def properties(i: Incident, tags: Mapping[str, str], times: Times) -> list[Property]:
    """Every field, as name and value."""
    fields = [
        Property("Number", f"#{i.number}"),
        Property("Title", i.title),
        Property("ARN", i.arn),
        Property("Response plan", i.plan_arn, "plan"),
        Property("Status", i.status.value),
        Property("Impact", f"{int(i.impact)} {i.impact.label}"),
        Property("Started", times.local(i.created_at)),
        Property("Started by", i.created_by),
        Property("Resolved", times.local(i.resolved_at) or "–"),
        Property("Last modified", f"{times.local(i.modified_at)} by {i.modified_by}"),
        Property("Source", i.source, "source" if i.resource_arn else ""),
        Property("Resource", i.resource_arn or "–", "source" if i.resource_arn else ""),
        Property("Deduplication key", i.dedupe_key or "–"),
        Property("Chat channel", ", ".join(i.chat_channel) or "–", "chat" if i.chat_channel else ""),
        Property("Notification topics", ", ".join(i.notification_targets) or "–"),
        Property("Summary", i.summary or "–"),
    ]
    return fields + [Property(f"Tag {key}", value) for key, value in tags.items()]


def chat(i: Incident, known: Mapping[str, Any]) -> str:
    """The chat channel of an incident, and whether what happens is told there; `known` are the configured rooms."""
    lines = []
    for topic in i.chat_channel:
        name = topic.rpartition(":")[2]
        told = "what happens is told there" if name in known else f"not configured here: [chat.{name}] would tell it"
        lines.append(f"{name}: {told}\n{topic}")
    return "\n\n".join(lines)


def engagement(line: Engagement, told: Sequence[TimelineEvent], times: Times) -> str:
    """One engagement, and what the timeline tells of it."""
    facts = [
        ("Contact", line.contact_arn),
        ("Plan", line.plan_label or "engaged by hand"),
        ("Stage", str(line.stage + 1) if line.plan_label else ""),
        ("Status", line.status),
        ("Engaged", times.local(line.engaged_at)),
        ("First page", times.local(line.paged_at)),
        ("Due", times.local(line.due_at)),
        ("Acknowledged", times.local(line.acknowledged_at)),
        ("Next page", times.local(line.next_page_at)),
    ]
    lines = "\n".join(f"{times.local(event.event_time)}  {event.text}" for event in told)
    return "\n".join(f"{name}: {value}" for name, value in facts if value) + (f"\n\n{lines}" if lines else "")


def engagement_cells(line: Engagement, now: datetime, times: Times) -> Sequence[Cell]:
    """One line of the engagements."""
    if line.unreachable:
        when = ("no active channel", "loud")
    elif line.due_at is not None:
        when = (f"due in {countdown((line.due_at - now).total_seconds())}", "warn")
    elif line.acknowledged_at is not None:
        when = (f"ack {times.local(line.acknowledged_at, date=False)}", "good")
    elif line.running and line.next_page_at is not None:
        when = (f"next page {countdown((line.next_page_at - now).total_seconds())}", "warn")
    elif line.status == "Engaged" and not line.running:
        when = ("did not answer", "warn")
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


def property_cells(field: Property, now: datetime) -> Sequence[Cell]:
    """One line of the properties."""
    return ((shown(field.name), "dim"), (shown(field.value), "strong" if field.leads else ""))
