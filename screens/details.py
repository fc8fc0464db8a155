"""The details of one incident: banner, tabs, and the notes at the right. What can be done is in `details_acts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import events
from textual.widget import Widget

from imtui import services
from imtui.domain.engagement import Engagement
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.filter import Filter, parse
from imtui.domain.filter_completing import offered
from imtui.domain.incident import Incident
from imtui.domain.text import shown
from imtui.domain.timeline import EventType, RelatedItem, TimelineEvent
from imtui.domain.timeline_filter import FIELDS
from screens import details_text as text_of
from screens import event_text
from screens.details_acts import DetailsActs
from screens.details_body import (
    DIAGNOSIS,
    ENGAGEMENTS,
    NOTES,
    OVERVIEW,
    PROPERTIES,
    RELATED,
    RUNBOOKS,
    SHORT_TABS,
    TABS,
    TIMELINE,
    Body,
)
from screens.live import guarded
from widgets.entries import Entries
from widgets.lines import Line, TabLine
from widgets.virtual import VirtualList
from widgets.virtual_table import VirtualTable

_WIDE = 100
"""From so many columns on, the notes stand at the right; below they are a tab."""

_FOR_OPEN = ("acknowledge", "take", "engage", "resolve", "escalate", "stop", "page-again", "hand-over")
"""What there is no more to do to an incident that is resolved."""

_LATEST = 5
_PAGE = 200
_NOTES = 100
"""So many notes are read, and as many more when one gets to their end."""

_TOPIC_TABS = {"timeline": TIMELINE, "engagement": ENGAGEMENTS, "related": RELATED, "incident": PROPERTIES}
_TOPIC_PARTS = {
    "incident": {"incident"},
    "engagement": {"engagements"},
    "timeline": {"latest", "timeline", "notes"},
    "related": {"items"},
    "tag": {"tags"},
    "presence": {"presence"},
}
_TAB_PARTS = {
    OVERVIEW: {"latest"},
    DIAGNOSIS: {"items"},
    TIMELINE: {"timeline"},
    RELATED: {"items"},
    PROPERTIES: {"tags"},
    NOTES: {"notes"},
}
_ALWAYS = {"incident", "engagements", "presence", "updates"}
_PARTS = ("incident", "engagements", "latest", "timeline", "items", "tags", "notes", "presence", "updates")
_EVERYTHING = frozenset(_PARTS)
_LOOK_SECONDS = 60
"""Whoever looks, too, and died, is forgotten without a word: one looks again."""


class DetailsScreen(DetailsActs):
    """Everything about one incident. It reads what one looks at: each part when it is shown and has changed."""

    TOPICS: ClassVar[frozenset[str]] = frozenset(_TOPIC_PARTS)
    DEFAULT_CSS = """
    DetailsScreen #banner, DetailsScreen #banner2 { background: $surface; }
    DetailsScreen.-zoomed #banner2 { display: none; }
    DetailsScreen.-zoomed.-silent #banner2 { display: block; }
    """

    def __init__(self, incident_id: str) -> None:
        super().__init__()
        self.incident_id = incident_id
        self.incident: Incident | None = None
        self.engagements: list[Engagement] = []
        self.latest: list[TimelineEvent] = []
        self.notes: list[TimelineEvent] = []
        self.items: list[RelatedItem] = []
        self.tags: dict[str, str] = {}
        self.also_here: Sequence[str] = ()
        """Who else looks at this incident, as the banner names them."""
        self._note_count = 0
        self._notes_wanted = _NOTES
        self._only = Filter()
        self._to_end = True
        self._stale: set[str] = set(_EVERYTHING)
        """What has changed since it was read."""
        self._told = False
        self._counted = False
        self._ticks = 0
        self._updates = [0] * len(TABS)
        """How much has changed on each tab since one last looked at it."""

    def body(self) -> Iterable[Widget]:
        self._lines = (Line(name="banner"), Line(name="banner2"))
        yield from self._lines
        yield TabLine(name="tabs")
        yield Body(self)

    def on_mount(self) -> None:
        self._narrow(self.size.width)
        self.show_tab(OVERVIEW)

    def on_resize(self, event: events.Resize) -> None:
        self._narrow(event.size.width)
        self._say_tabs()
        self.call_after_refresh(self._paint)

    def heading(self) -> Sequence[tuple[str, str]]:
        if self.incident is None:
            return (("Incident", ""),)
        only = f"   filter: {shown(self.filter)}" if self.filter and self.tab == TIMELINE else ""
        return ((f"#{self.incident.number} ", "strong"), (shown(self.incident.title), ""), (only, "warn"))

    # ------------------------------------------------------------ reading

    def concerns(self, topics: frozenset[str], incidents: frozenset[str]) -> bool:
        if self.incident_id not in incidents:
            return False
        for topic in topics & self.TOPICS:
            tab = _TOPIC_TABS.get(topic)
            if tab is not None and tab != self.tab and self.incident is not None:
                self._updates[tab] += 1
            self._stale |= _TOPIC_PARTS[topic]
        self._say_tabs()
        self._told = bool(self._stale & self._needed())
        return self._told

    def read_again(self) -> None:
        self._stale |= _EVERYTHING
        super().read_again()

    async def again(self) -> None:
        if not self._told:  # what has changed is not known
            self._stale |= _EVERYTHING
        self._told = False
        await super().again()

    async def reload(self) -> None:
        """Read those parts that one looks at and that have changed."""
        parts = self._stale & self._needed()
        self._stale -= parts
        try:
            for part in _PARTS:
                if part in parts:
                    await getattr(self, f"_read_{part}")()
                if part == "tags" and "notes" in parts:
                    self._paint_tab()  # what one looks for first does not wait for the notes
        except BaseException as error:
            self._stale |= parts
            if isinstance(error, NotFound) and self.incident is not None:
                self.over(f"incident #{self.incident.number} was deleted")
                return
            raise
        self._paint()

    def _needed(self) -> set[str]:
        notes = set() if self.has_class("-narrow") else {"notes"}
        return _ALWAYS | notes | _TAB_PARTS.get(self.tab, set())

    async def _read_presence(self) -> None:
        self.also_here = await services.presence.here(self.context, self.incident_id, self.host.session)

    async def _read_updates(self) -> None:
        """Once: how much is new since one last looked, in another session too."""
        if not self._counted:
            found = await services.looks.updates(self.context, self.incident_id)
            self._counted = True
            self._updates = [
                0 if index == self.tab else self._updates[index] + found.get(name.lower(), 0)
                for index, name in enumerate(TABS)
            ]
            self._have_looked()

    async def _read_incident(self) -> None:
        first = self.incident is None
        self.incident = await services.incidents.get(self.context, self.incident_id)
        if first:
            self.host.lines()  # the title names it

    async def _read_engagements(self) -> None:
        self.engagements = await services.engagements.for_incident(self.context, self.incident_id)

    async def _read_latest(self) -> None:
        read = services.timeline.events
        self.latest = await read(self.context, self.incident_id, newest_first=True, limit=_LATEST)

    async def _read_notes(self) -> None:
        types = {EventType.NOTE}
        wanted = self._notes_wanted
        read = services.timeline.events
        self.notes = await read(self.context, self.incident_id, newest_first=True, limit=wanted, types=types)
        self._note_count = len(self.notes)
        if self._note_count == wanted:
            self._note_count = await services.timeline.count(self.context, self.incident_id, types=types)

    async def _read_items(self) -> None:
        self.items = await services.related.items(self.context, self.incident_id)

    async def _read_tags(self) -> None:
        if self.incident is not None:
            self.tags = await services.tags.get(self.context, self.incident.arn)

    async def _read_timeline(self) -> None:
        """Read what one sees of the timeline. Who is at its end stays there; for all others nothing moves."""
        table, only = self._timeline, self._only
        to_end = self._to_end or table.cursor >= table.count - 1
        start = None if to_end else max(0, table.first - _PAGE // 2)
        found = await services.timeline.page(self.context, self.incident_id, offset=start, limit=_PAGE, only=only)
        if only is not self._only:
            self._stale.add("timeline")  # somebody looks for something else by now
            return
        self._to_end = False
        missed = f"Nothing matches {shown(self.filter)!r}. {self.host.key('back')} clears it."
        table.empty = missed if only else "Nothing has happened yet."
        table.show(found.events, found.total, start=found.start, now=self.host.now())
        if to_end:
            table.go(found.total - 1)

    def on_virtual_list_wanted(self, event: VirtualList.Wanted) -> None:
        self._read_more("timeline")

    def on_entries_more(self, _: Entries.More) -> None:
        self._notes_wanted = len(self.notes) + _NOTES
        self._read_more("notes")

    def _read_more(self, *parts: str) -> None:
        """Read parts once more, and nothing else."""
        self._stale |= set(parts)
        self._told = True
        if self.host.context is not None:
            self.run_worker(guarded(self.host, self.again), exit_on_error=False)

    # ------------------------------------------------------------ what one looks at

    @property
    def _body(self) -> Body:
        return self.query_one(Body)

    @property
    def _timeline(self) -> VirtualTable[TimelineEvent]:
        return self.query_one("#timeline", VirtualTable)

    def selected(self) -> Any:
        """What the cursor is on: a note, an entry of the timeline, an engagement, an item, a property."""
        notes = self._body.notes
        if self.focused is notes:
            return next((note for note in self.notes if note.id == notes.chosen), None)
        table = self._body.table(self.tab)
        return table.selected if table is not None else None

    def on_unmount(self) -> None:
        self._have_looked()

    def _have_looked(self) -> None:
        """The tab that is shown has been looked at until now, and so have the notes beside it."""
        if self._counted:
            seen = {self.tab} if self.has_class("-narrow") else {self.tab, NOTES}
            self.host.looked(*(f"{self.incident_id}/{TABS[tab].lower()}" for tab in seen))

    def show_tab(self, tab: int) -> None:
        """Go to a tab."""
        self._have_looked()
        self.tab = tab
        self._updates[tab] = 0
        self._body.show(tab, alone=self.has_class("-narrow"))
        self._say_tabs()
        self._paint()
        self._body.target(tab).focus()
        if self._stale & self._needed():
            self._read_more()

    def tab_count(self) -> int:
        """How many tabs there are: the notes are one where there is little room."""
        return len(TABS) if self.has_class("-narrow") else len(TABS) - 1

    def filter_timeline(self, text: str) -> None:
        """Show what a filter lets through; raises ValidationFailed for one that means nothing."""
        only = parse(text, FIELDS)
        self.filter, self._only, self._to_end = text.strip(), only, True
        self._read_more("timeline")

    def filter_as_typed(self, text: str) -> str:
        """As `filter_timeline`; one that means nothing changes nothing, and why is returned."""
        try:
            if text.strip() != self.filter:
                self.filter_timeline(text)
        except ValidationFailed as error:
            return str(error)
        return ""

    def filter_values(self) -> Mapping[str, Sequence[str]]:
        """Whom the timeline tells of, for completion."""
        aliases = {line.contact_arn.rpartition("/")[2] for line in self.engagements}
        names = {str(event.data["by"]) for event in self._timeline.items if event.data.get("by")}
        return {"who": offered(aliases), "by": offered(names)}

    def _narrow(self, width: int) -> None:
        narrow = width < _WIDE or self.has_class("-zoomed")
        if narrow == self.has_class("-narrow"):
            return
        self.set_class(narrow, "-narrow")
        if not narrow and self.tab == NOTES:
            self.show_tab(OVERVIEW)
        else:
            self._body.show(self.tab, alone=narrow)
        if self._stale & self._needed():
            self._read_more()

    def zoom(self) -> None:
        """Give the whole width to what has the focus, or take it back."""
        to_notes = self.focused is self._body.notes and not self.has_class("-zoomed")
        self.toggle_class("-zoomed")
        self._narrow(self.size.width)
        if to_notes:
            self.show_tab(NOTES)
        self._say_tabs()
        self.call_after_refresh(self._paint)

    # ------------------------------------------------------------ painting

    def tick(self, now: datetime) -> None:
        if self.incident is None:
            return
        self._banner(now)
        self._ticks += 1
        if self.also_here and self._ticks % _LOOK_SECONDS == 0:
            self._read_more("presence")
        if self.tab == ENGAGEMENTS:
            self.query_one("#engagements", VirtualTable).tick(now)

    @property
    def spot(self) -> str:
        return TABS[self.tab].lower()

    def offers(self, id_: str) -> bool:
        if self.incident is None:
            return True
        if id_ == "new" and self.tab != RELATED:
            return False  # what it adds elsewhere has a key of its own
        return id_ not in (("reopen",) if self.incident.is_open else _FOR_OPEN)

    def _say_tabs(self) -> None:
        names = SHORT_TABS if self.size.width < _WIDE else TABS
        self.query_one("#tabs", TabLine).show(names[: self.tab_count()], self.tab, self._updates)

    def _banner(self, now: datetime) -> None:
        i = self.incident
        if i is not None:
            told = (text_of.banner(i, now, self.also_here), text_of.people(i, self.engagements, now, self))
            for line, said in zip(self._lines, told, strict=True):
                line.say(said.left, said.right, fill=said.fill)
            self.set_class(i.is_open and i.exhausted_at is not None, "-silent")

    def _paint(self) -> None:
        if self.incident is not None and self.query(Body):  # it may be left meanwhile, with its parts already gone
            now = self.host.now()
            self._body.notes.show([event_text.note(note, now, self) for note in self.notes], self._note_count)
            self._paint_tab()

    def _paint_tab(self) -> None:
        i = self.incident
        if i is None:
            return
        now, body = self.host.now(), self._body
        self._banner(now)
        self._say_tabs()
        if self.tab == OVERVIEW:
            body.say(lambda width: text_of.overview(i, self.latest, now, self, width))
        elif self.tab == DIAGNOSIS:
            body.say(lambda _: text_of.diagnosis(self.items, self))
        elif self.tab == RUNBOOKS:
            body.say(lambda _: text_of.runbooks(self))
        elif self.tab in (ENGAGEMENTS, RELATED, PROPERTIES):
            table = body.table(self.tab)
            assert table is not None
            items: dict[int, Sequence[Any]] = {
                ENGAGEMENTS: self.engagements,
                RELATED: self.items,
                PROPERTIES: text_of.properties(i, self.tags, self),
            }
            table.show(items[self.tab], now=now)
