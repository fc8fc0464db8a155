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
from imtui.domain.engagement import Engagement
from imtui.domain.incident import Incident
from imtui.domain.text import shown
from imtui.domain.timeline import EventType, RelatedItem, TimelineEvent
from screens import details_text as text_of
from screens.live import LiveScreen
from widgets.lines import Line, TabLine
from widgets.virtual_table import Cell, Column, VirtualTable

OVERVIEW, DIAGNOSIS, TIMELINE, RUNBOOKS, ENGAGEMENTS, RELATED, PROPERTIES, NOTES = range(8)
_TABS = ("Overview", "Diagnosis", "Timeline", "Runbooks", "Engagements", "Related", "Properties", "Notes")
_SHORT = ("Over", "Diag", "Time", "Runb", "Engag", "Items", "Prop", "Notes")
_TABLES = {TIMELINE: "timeline", ENGAGEMENTS: "engagements", RELATED: "related", PROPERTIES: "properties"}
_TOPIC_TABS = {"timeline": TIMELINE, "engagement": ENGAGEMENTS, "related": RELATED, "incident": PROPERTIES}
_WIDE = 100
"""From so many columns on, the notes stand at the right; below they are a tab."""

_INCIDENT_ACTS = ("acknowledge", "take", "note", "engage", "edit", "event", "resolve", "reopen", "escalate", "stop")
_LIST_ACTS = ("open", "new", "delete", "copy", "back", "tab-next", "tab-previous")


class DetailsScreen(LiveScreen):
    """Everything about one incident."""

    ACTS: ClassVar[frozenset[str]] = frozenset({*_INCIDENT_ACTS, *_LIST_ACTS, *(f"tab-{n}" for n in range(1, 9))})
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
        self.read_again()

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

    @property
    def spot(self) -> str:
        return _TABS[self._tab].lower()

    def heading(self) -> Sequence[tuple[str, str]]:
        if self.incident is None:
            return (("Incident", ""),)
        return ((f"#{self.incident.number} ", "strong"), (shown(self.incident.title), ""))

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        if self._selected() is not None:
            self._opened(self._selected())

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

    def act_tab_8(self) -> None:
        """The notes; where they stand at the right, go there to scroll them."""
        if self.has_class("-narrow"):
            self._show_tab(NOTES)
        else:
            self.query_one("#notes").focus()

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
            self.perform(lambda: note(self, self.incident_id, chosen.id))
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
        self._opened(event.item)

    def _opened(self, chosen: Any) -> None:
        from screens.dialogs import Reader

        if isinstance(chosen, TimelineEvent):
            self.app.push_screen(Reader(*text_of.event(chosen, self)))
        elif isinstance(chosen, RelatedItem):
            self.app.push_screen(Reader(chosen.title or chosen.type, services.related.shown_value(chosen.value)))
        elif isinstance(chosen, Engagement):
            self.app.push_screen(Reader(chosen.label, text_of.engagement(chosen, self.events, self)))
        elif isinstance(chosen, tuple):
            self.app.push_screen(Reader(chosen[0], chosen[1]))

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
        self.set_class(width < _WIDE, "-narrow")
        if width >= _WIDE and self._tab == NOTES:
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
        name = _TABLES.get(self._tab)
        return self.query_one(f"#{name}", VirtualTable) if name else None

    def _selected(self) -> Any:
        table = self._table()
        return table.selected if table is not None else None

    def _paint(self) -> None:
        i = self.incident
        if i is None:
            return
        now = self.host.now()
        self._banner(now)
        self._say_tabs()
        body = self.query_one(Body)
        body.notes(text_of.notes(self.events, self))
        table = self._table()
        if self._tab == OVERVIEW:
            body.text(text_of.overview(i, self.events, self))
        elif self._tab == DIAGNOSIS:
            body.text(Content("Graphs of the plan's and the alarm's metrics, and findings, will be drawn here."))
        elif self._tab == RUNBOOKS:
            body.text(Content("The plan's runbook with its steps will be shown here; this version runs none."))
        elif table is not None:
            items: dict[int, Sequence[Any]] = {
                TIMELINE: self.events,
                ENGAGEMENTS: self.engagements,
                RELATED: self.items,
                PROPERTIES: text_of.properties(i, self.tags, self),
            }
            table.show(items[self._tab], now=now)

    def _banner(self, now: datetime) -> None:
        if self.incident is not None:
            self.query_one("#banner", Line).say(text_of.banner(self.incident, now))
            self.query_one("#banner2", Line).say(text_of.people(self.incident, self.engagements, now))

    def draw_event(self, event: TimelineEvent, now: datetime) -> Sequence[Cell]:
        return text_of.event_cells(event, now, self)

    def draw_engagement(self, line: Engagement, now: datetime) -> Sequence[Cell]:
        return text_of.engagement_cells(line, now, self)


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
                (Column("When", 14, narrow=11), Column("What", 12), Column("", 0)),
                lambda event: event.id,
                of.draw_event,
                empty="Nothing has happened yet.",
                name="timeline",
            )
            yield VirtualTable(
                (
                    Column("Who", 20, narrow=14),
                    Column("State", 12),
                    Column("Engaged", 8),
                    Column("Answered, or next", 17),
                    Column("By", 0),
                ),
                lambda line: f"{line.id}/{line.contact_arn}/{line.stage}",
                of.draw_engagement,
                empty="Nobody is engaged. E engages somebody.",
                name="engagements",
            )
            yield VirtualTable(
                (Column("Kind", 17), Column("Title", 22), Column("", 0)),
                lambda item: item.id,
                text_of.item_cells,
                empty="Nothing yet. + adds an ARN or a link.",
                name="related",
            )
            yield VirtualTable(
                (Column("", 19), Column("", 0)),
                lambda pair: pair[0],
                text_of.property_cells,
                head=False,
                name="properties",
            )
        with VerticalScroll(id="notes"):
            yield Static(id="note-words")

    def show(self, tab: int) -> None:
        """Show one tab."""
        wanted = _TABLES.get(tab, "text")
        for name in ("text", *_TABLES.values()):
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
