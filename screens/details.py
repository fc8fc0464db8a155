"""The details of one incident: banner, tabs, and the notes at the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from imtui import services
from imtui.domain.duration import countdown, duration
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Incident
from imtui.domain.text import shown
from imtui.domain.timeline import EventType, RelatedItem, TimelineEvent
from screens.live import LiveScreen
from widgets.lines import Line, TabLine
from widgets.virtual_table import Cell, Column, VirtualTable

OVERVIEW, DIAGNOSIS, TIMELINE, RUNBOOKS, ENGAGEMENTS, RELATED, PROPERTIES, NOTES = range(8)
_TABS = ("Overview", "Diagnosis", "Timeline", "Runbooks", "Engagements", "Related", "Properties", "Notes")
_SHORT = ("Over", "Diag", "Time", "Runb", "Engag", "Items", "Prop", "Notes")
_TOPIC_TABS = {"timeline": TIMELINE, "engagement": ENGAGEMENTS, "related": RELATED, "incident": PROPERTIES}
_NARROW = 100
_WIDE = 100
_KINDS = {
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


class DetailsScreen(LiveScreen):
    """Everything about one incident."""

    ACTS: ClassVar[frozenset[str]] = frozenset(
        {
            *(
                "open",
                "acknowledge",
                "take",
                "note",
                "engage",
                "edit",
                "event",
                "resolve",
                "reopen",
                "escalate",
                "stop",
            ),
            *("new", "delete", "copy", "back", "tab-next", "tab-previous", *(f"tab-{n}" for n in range(1, 8))),
        }
    )
    TOPICS: ClassVar[frozenset[str]] = frozenset({"incident", "timeline", "engagement", "related", "tag"})
    DEFAULT_CSS = """
    DetailsScreen #banner, DetailsScreen #banner2 { background: $surface; }
    DetailsScreen #main { width: 1fr; }
    DetailsScreen #notes { width: 38; padding: 0 1; border-left: solid $panel; scrollbar-size: 1 1; }
    DetailsScreen.-narrow #notes { display: none; }
    DetailsScreen.-narrow.-notes #notes { display: block; width: 1fr; border: none; }
    DetailsScreen.-narrow.-notes #main { display: none; }
    DetailsScreen #text { padding: 0 1; scrollbar-size: 1 1; }
    DetailsScreen .hidden { display: none; }
    """

    def __init__(self, incident_id: str) -> None:
        super().__init__()
        self.incident_id = incident_id
        self.incident: Incident | None = None
        self.engagements: list[Engagement] = []
        self.events: list[TimelineEvent] = []
        self.items: list[RelatedItem] = []
        self.tags: dict[str, str] = {}
        self._tab = OVERVIEW
        self._updates = [0] * len(_TABS)
        self._read = False

    def body(self) -> Iterable[Widget]:
        yield Line(name="banner")
        yield Line(name="banner2")
        yield TabLine(name="tabs")
        yield Body(self)

    def on_mount(self) -> None:
        self._narrow(self.size.width)
        self._show_tab(OVERVIEW)
        self.perform(self.reload)

    def on_resize(self, event: Any) -> None:
        self._narrow(event.size.width)
        self._say_tabs()

    def concerns(self, topics: frozenset[str], incidents: frozenset[str]) -> bool:
        if self.incident_id not in incidents:
            return False
        for topic in topics:
            tab = _TOPIC_TABS.get(topic)
            if tab is not None and tab != self._tab and self._read:
                self._updates[tab] += 1
        return super().concerns(topics, incidents)

    async def reload(self) -> None:
        context = self.context
        self.incident = await services.incidents.get(context, self.incident_id)
        self.engagements = await services.engagements.for_incident(context, self.incident_id)
        self.events = await services.timeline.events(context, self.incident_id)
        self.items = await services.related.items(context, self.incident_id)
        self.tags = await services.tags.get(context, self.incident.arn)
        self._read = True
        self._paint()

    def tick(self, now: datetime) -> None:
        if self.incident is None:
            return
        self._banner(now)
        if self._tab == ENGAGEMENTS:
            self.query_one("#engagements", VirtualTable).tick(now)

    def heading(self) -> Sequence[tuple[str, str]]:
        if self.incident is None:
            return (("Incident", ""),)
        return ((f"#{self.incident.number} ", "strong"), (shown(self.incident.title), ""))

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        table = self._table()
        if table is not None:
            table.pick()

    def act_back(self) -> None:
        self.app.pop_screen()

    def act_tab_next(self) -> None:
        self._show_tab((self._tab + 1) % self._tab_count())

    def act_tab_previous(self) -> None:
        self._show_tab((self._tab - 1) % self._tab_count())

    def act_tab_1(self) -> None:
        self._show_tab(0)

    def act_tab_2(self) -> None:
        self._show_tab(1)

    def act_tab_3(self) -> None:
        self._show_tab(2)

    def act_tab_4(self) -> None:
        self._show_tab(3)

    def act_tab_5(self) -> None:
        self._show_tab(4)

    def act_tab_6(self) -> None:
        self._show_tab(5)

    def act_tab_7(self) -> None:
        self._show_tab(6)

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def act_take(self) -> None:
        from screens.incident_acts import take

        self.perform(lambda: take(self, self.incident_id))

    def act_note(self) -> None:
        from screens.incident_acts import note

        self.perform(lambda: note(self, self.incident_id))

    def act_engage(self) -> None:
        from screens.incident_acts import engage

        self.perform(lambda: engage(self, self.incident_id))

    def act_edit(self) -> None:
        """Edit what is selected: an entry of the timeline, else the incident."""
        from screens.incident_acts import edit, event, note

        chosen = self._selected()
        if isinstance(chosen, TimelineEvent) and chosen.type == EventType.NOTE:
            self.perform(lambda: note(self, self.incident_id, chosen.id, chosen.text))
        elif isinstance(chosen, TimelineEvent) and chosen.writable:
            self.perform(lambda: event(self, self.incident_id, chosen.id))
        else:
            self.perform(lambda: edit(self, self.incident_id))

    def act_event(self) -> None:
        from screens.incident_acts import event

        self.perform(lambda: event(self, self.incident_id))

    def act_resolve(self) -> None:
        from screens.incident_acts import resolve

        self.perform(lambda: resolve(self, self.incident_id))

    def act_reopen(self) -> None:
        from screens.incident_acts import reopen

        self.perform(lambda: reopen(self, self.incident_id))

    def act_new(self) -> None:
        """Add what this tab lists."""
        from screens.incident_acts import event, related

        if self._tab == RELATED:
            self.perform(lambda: related(self, self.incident_id))
        elif self._tab == ENGAGEMENTS:
            self.act_engage()
        elif self._tab == NOTES:
            self.act_note()
        else:
            self.perform(lambda: event(self, self.incident_id))

    def act_delete(self) -> None:
        from screens.incident_acts import remove_event

        chosen = self._selected()
        if isinstance(chosen, TimelineEvent):
            if chosen.writable:
                self.perform(lambda: remove_event(self, self.incident_id, chosen.id))
            else:
                self.host.said("only notes and custom events can be deleted: this one was recorded", wrong=True)
        elif isinstance(chosen, RelatedItem):
            self.perform(lambda: self._remove_item(chosen))

    def act_escalate(self) -> None:
        """Begin the next stage of a plan now."""
        self.perform(self._escalate)

    def act_stop(self) -> None:
        """Stop the engagement under the cursor."""
        self.perform(self._stop)

    def act_copy(self) -> None:
        chosen = self._selected()
        if isinstance(chosen, TimelineEvent):
            self.host.copied(chosen.text)
        elif isinstance(chosen, RelatedItem):
            self.host.copied(services.related.shown_value(chosen.value))
        elif isinstance(chosen, tuple):
            self.host.copied(chosen[1])
        elif self.incident is not None:
            self.host.copied(self.incident.arn)

    def on_virtual_table_picked(self, event: VirtualTable.Picked) -> None:
        from screens.dialogs import Reader

        chosen = event.item
        if isinstance(chosen, TimelineEvent):
            data = {name: value for name, value in chosen.data.items() if name != "text" and value is not None}
            facts = "\n".join(f"{name}: {value}" for name, value in data.items())
            head = f"{self.local(chosen.event_time)}  {chosen.type}"
            self.app.push_screen(Reader(head, f"{chosen.text}\n\n{facts}".strip()))
        elif isinstance(chosen, RelatedItem):
            text = services.related.shown_value(chosen.value)
            self.app.push_screen(Reader(chosen.title or chosen.type, text))
        elif isinstance(chosen, tuple):
            self.app.push_screen(Reader(chosen[0], chosen[1]))
        elif isinstance(chosen, Engagement):
            self.app.push_screen(Reader(chosen.label, self._engagement_text(chosen)))

    async def _escalate(self) -> None:
        chosen = self._selected()
        line = chosen if isinstance(chosen, Engagement) and chosen.after_stage is not None else None
        line = line or next((x for x in self.engagements if x.after_stage is not None), None)
        if line is None or line.after_stage is None:
            self.host.said("no plan has a next stage to begin", wrong=True)
            return
        names = [x.label for x in self.engagements if x.id == line.id and x.stage == line.stage and x.due_at]
        text = f"The next stage of {line.plan_label} begins now and engages {', '.join(names)}."
        if await self.sure("Escalate now?", text, "Escalate"):
            await services.engagements.escalate_now(self.context, line.id, line.after_stage)
            self.host.said(f"{line.plan_label} goes on to {', '.join(names)}")

    async def _stop(self) -> None:
        chosen = self._selected()
        if not isinstance(chosen, Engagement) or not chosen.running:
            self.host.said("choose a running engagement on tab 5 first", wrong=True)
            return
        what = f"the plan {chosen.plan_label}" if chosen.due_at else chosen.label
        if await self.sure("Stop this engagement?", f"Nobody is paged any more for {what}.", "Stop"):
            await services.engagements.stop(self.context, chosen.id)
            self.host.said(f"stopped: {what}")

    async def _remove_item(self, item: RelatedItem) -> None:
        if await self.sure("Remove this related item?", "What it points to stays.", "Remove"):
            await services.related.remove(self.context, self.incident_id, item.id)
            self.host.said("the related item is removed")

    # ------------------------------------------------------------ painting

    def _narrow(self, width: int) -> None:
        self.set_class(width < _NARROW, "-narrow")
        if width >= _NARROW and self._tab == NOTES:
            self._show_tab(OVERVIEW)

    def _tab_count(self) -> int:
        return len(_TABS) if self.has_class("-narrow") else len(_TABS) - 1

    def _show_tab(self, tab: int) -> None:
        self._tab = tab
        self._updates[tab] = 0
        self.set_class(tab == NOTES, "-notes")
        body = self.query_one(Body)
        body.show(tab)
        self._say_tabs()
        self._paint()
        table = self._table()
        target = table if table is not None else body.query_one("#notes" if tab == NOTES else "#text")
        target.focus()

    def _say_tabs(self) -> None:
        names = _SHORT if self.size.width < _WIDE else _TABS
        self.query_one("#tabs", TabLine).show(names[: self._tab_count()], self._tab, self._updates)

    def _table(self) -> VirtualTable[Any] | None:
        names = {TIMELINE: "timeline", ENGAGEMENTS: "engagements", RELATED: "related", PROPERTIES: "properties"}
        name = names.get(self._tab)
        return self.query_one(f"#{name}", VirtualTable) if name else None

    def _selected(self) -> Any:
        table = self._table()
        return table.selected if table is not None else None

    def _paint(self) -> None:
        if self.incident is None:
            return
        now = self.host.now()
        self._banner(now)
        self._say_tabs()
        body = self.query_one(Body)
        body.notes(self._notes_text())
        if self._tab == OVERVIEW:
            body.text(self._overview())
        elif self._tab == DIAGNOSIS:
            body.text(Content("Graphs of the plan's and the alarm's metrics, and findings, will be drawn here."))
        elif self._tab == RUNBOOKS:
            body.text(Content("The plan's runbook with its steps will be shown here; this version runs none."))
        elif self._tab == TIMELINE:
            self.query_one("#timeline", VirtualTable).show(self.events, now=now)
        elif self._tab == ENGAGEMENTS:
            self.query_one("#engagements", VirtualTable).show(self.engagements, now=now)
        elif self._tab == RELATED:
            self.query_one("#related", VirtualTable).show(self.items, now=now)
        elif self._tab == PROPERTIES:
            self.query_one("#properties", VirtualTable).show(self._properties(), now=now)

    def _banner(self, now: datetime) -> None:
        i = self.incident
        assert i is not None
        took = duration(((i.resolved_at or now) - i.created_at).total_seconds())
        state = ("OPEN", "warn") if i.is_open else ("RESOLVED", "dim")
        impact = (f"{int(i.impact)} {i.impact.label}", "loud" if i.impact == 1 and i.is_open else "strong")
        chat = i.chat_channel[0].rpartition(":")[2] if i.chat_channel else ""
        first: list[tuple[str, str]] = [
            (" ", ""),
            state,
            ("   impact ", "dim"),
            impact,
            ("   for ", "dim"),
            (took, "strong"),
        ]
        if chat:
            first += [("   chat ", "dim"), (shown(chat), "")]
        if i.drill:
            first.append(("   DRILL", "warn"))
        self.query_one("#banner", Line).say(first)
        self.query_one("#banner2", Line).say(self._people(i, now))

    def _people(self, i: Incident, now: datetime) -> list[tuple[str, str]]:
        engaged = [line for line in self.engagements if line.engaged_at is not None]
        answered = sum(1 for line in engaged if line.acknowledged_at)
        stopped = sum(1 for line in engaged if line.status == "Stopped")
        parts: list[tuple[str, str]] = [
            (f" engagements {len(engaged)}", "dim"),
            (f"   {answered} acknowledged", "strong" if answered else "dim"),
            (f"   {len(engaged) - answered - stopped} engaged", "dim"),
        ]
        if stopped:
            parts.append((f"   {stopped} stopped", "dim"))
        if i.exhausted_at and i.is_open:
            parts.append(("   NOBODY LEFT TO PAGE", "loud"))
            return parts
        due = [line.due_at for line in self.engagements if line.due_at]
        due += [line.next_page_at for line in self.engagements if line.running and line.next_page_at]
        if due and i.is_open:
            parts += [("   next page ", "dim"), (countdown((min(due) - now).total_seconds()), "warn")]
        return parts

    def _overview(self) -> Content:
        i = self.incident
        assert i is not None
        parts: list[Any] = []
        summary = shown(i.summary, lines=True).strip()
        parts += [
            ("Summary\n", "bold"),
            summary or "No summary yet. e writes one.",
            "\n\n",
            ("Latest events\n", "bold"),
        ]
        for event in list(reversed(self.events))[:5]:
            parts.append((f"{self.local(event.event_time, date=False)}  ", "$secondary"))
            parts.append(f"{shown(event.text)}\n")
        return Content.assemble(*parts)

    def _notes_text(self) -> Content:
        notes = [event for event in reversed(self.events) if event.type == EventType.NOTE]
        parts: list[Any] = [("Notes", "bold"), ("  w writes one\n", "$secondary")]
        if not notes:
            parts.append(("\nNobody has written a note yet.", "$secondary"))
        for note in notes:
            by = shown(str(note.data.get("by", "")))
            edited = ", edited" if note.data.get("editedBy") else ""
            parts.append((f"\n{self.local(note.event_time, date=False)} {by}{edited}\n", "$secondary"))
            parts.append(shown(note.text, lines=True) + "\n")
        return Content.assemble(*parts)

    def _properties(self) -> list[tuple[str, str]]:
        i = self.incident
        assert i is not None
        pairs = [
            ("Number", f"#{i.number}"),
            ("Title", shown(i.title)),
            ("ARN", i.arn),
            ("Response plan", i.plan_arn),
            ("Status", i.status.value),
            ("Impact", f"{int(i.impact)} {i.impact.label}"),
            ("Started", self.local(i.created_at)),
            ("Started by", i.created_by),
            ("Resolved", self.local(i.resolved_at) or "–"),
            ("Last modified", f"{self.local(i.modified_at)} by {i.modified_by}"),
            ("Source", shown(i.source)),
            ("Resource", shown(i.resource_arn or "–")),
            ("Deduplication key", shown(i.dedupe_key or "–")),
            ("Chat channel", shown(", ".join(i.chat_channel) or "–")),
            ("Notification topics", shown(", ".join(i.notification_targets) or "–")),
        ]
        return pairs + [(f"Tag {shown(key)}", shown(value)) for key, value in self.tags.items()]

    def _engagement_text(self, line: Engagement) -> str:
        facts = [
            ("Contact", line.contact_arn),
            ("Plan", line.plan_label or "engaged by hand"),
            ("Status", line.status),
            ("Engaged", self.local(line.engaged_at)),
            ("Due", self.local(line.due_at)),
            ("Acknowledged", self.local(line.acknowledged_at)),
            ("Next page", self.local(line.next_page_at)),
        ]
        why = [e for e in self.events if e.data.get("contact") == line.contact_arn]
        told = "\n".join(f"{self.local(event.event_time)}  {event.text}" for event in why)
        return "\n".join(f"{name}: {value}" for name, value in facts if value) + (f"\n\n{told}" if told else "")

    def draw_event(self, event: TimelineEvent, now: datetime) -> Sequence[Cell]:
        kind = _KINDS.get(event.type, event.type)  # type: ignore[call-overload]
        text = shown(event.text)
        style = "loud" if event.data.get("reason") == "nobody-left-to-page" else ""
        return ((self.short(event.event_time, now), "dim"), (kind, _STYLES.get(kind, "")), (text, style))

    def draw_engagement(self, line: Engagement, now: datetime) -> Sequence[Cell]:
        if line.due_at is not None:
            when = (f"due in {countdown((line.due_at - now).total_seconds())}", "warn")
        elif line.acknowledged_at is not None:
            when = (f"ack {self.local(line.acknowledged_at, date=False)}", "good")
        elif line.running and line.next_page_at is not None:
            when = (f"next page {countdown((line.next_page_at - now).total_seconds())}", "warn")
        else:
            when = ("", "")
        status = {"Acknowledged": "good", "Engaged": "warn", "Due": "dim", "Stopped": "dim"}.get(line.status, "")
        return (
            (shown(line.label), "strong"),
            (line.status, status),
            (self.local(line.engaged_at, date=False) or "–", "dim"),
            when,
            (shown(line.plan_label) or "by hand", "dim"),
        )

    def draw_item(self, item: RelatedItem, now: datetime) -> Sequence[Cell]:
        value = shown(services.related.shown_value(item.value))
        kind = item.type.replace("_", " ").capitalize()
        return ((kind, "dim"), (shown(item.title) or "–", "strong"), (value, ""))

    def draw_property(self, pair: tuple[str, str], now: datetime) -> Sequence[Cell]:
        return ((pair[0], "dim"), (pair[1], ""))


class Body(Horizontal):
    """What stands below the tabs: the active tab, and the notes."""

    def __init__(self, screen: DetailsScreen) -> None:
        super().__init__(id="body")
        self._of = screen

    def compose(self) -> ComposeResult:
        of = self._of
        with Vertical(id="main"):
            with VerticalScroll(id="text"):
                yield Static(id="words")
            yield VirtualTable(
                (Column("When", 14), Column("What", 12), Column("", 0)),
                lambda event: event.id,
                of.draw_event,
                empty="Nothing has happened yet.",
                name="timeline",
            )
            yield VirtualTable(
                (Column("Who", 16), Column("State", 12), Column("Engaged", 9), Column("", 15), Column("By", 0)),
                lambda line: f"{line.id}/{line.contact_arn}/{line.stage}",
                of.draw_engagement,
                empty="Nobody is engaged. E engages somebody.",
                name="engagements",
            )
            yield VirtualTable(
                (Column("Kind", 17), Column("Title", 22), Column("", 0)),
                lambda item: item.id,
                of.draw_item,
                empty="Nothing yet. + adds an ARN or a link.",
                name="related",
            )
            yield VirtualTable(
                (Column("", 19), Column("", 0)), lambda pair: pair[0], of.draw_property, head=False, name="properties"
            )
        with VerticalScroll(id="notes"):
            yield Static(id="note-words")

    def show(self, tab: int) -> None:
        """Show one tab."""
        names = {TIMELINE: "timeline", ENGAGEMENTS: "engagements", RELATED: "related", PROPERTIES: "properties"}
        wanted = names.get(tab, "text")
        for name in ("text", *names.values()):
            self.query_one(f"#{name}").set_class(name != wanted, "hidden")

    def text(self, content: Content) -> None:
        """The words of a tab that has no list."""
        self._say("words", content)

    def notes(self, content: Content) -> None:
        """The notes at the right."""
        self._say("note-words", content)

    def _say(self, name: str, content: Content) -> None:
        static = self.query_one(f"#{name}", Static)
        if static.content != content:
            static.update(content)
