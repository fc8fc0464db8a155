"""What stands below the tabs of an incident: the active tab, and the notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from imtui.domain.engagement import Engagement
from imtui.domain.timeline import TimelineEvent
from screens import details_text, event_text
from screens.event_text import Times
from widgets.entries import Entries
from widgets.virtual_table import Column, VirtualTable

OVERVIEW, DIAGNOSIS, TIMELINE, RUNBOOKS, ENGAGEMENTS, RELATED, PROPERTIES, NOTES = range(8)
TABS = ("Overview", "Diagnosis", "Timeline", "Runbooks", "Engagements", "Related", "Properties", "Notes")
SHORT_TABS = ("Over", "Diag", "Time", "Runb", "Engag", "Items", "Prop", "Notes")
TABLES = {TIMELINE: "timeline", ENGAGEMENTS: "engagements", RELATED: "related", PROPERTIES: "properties"}


class Body(Horizontal):
    """One tab at the left, the notes at the right; where there is little room, the notes are a tab."""

    DEFAULT_CSS = """
    Body #main { width: 1fr; }
    Body #notes { width: 38; padding: 0 1; border-left: solid $panel; }
    Body #notes.-alone { width: 1fr; border: none; }
    Body #text { padding: 0 1; scrollbar-size: 1 1; }
    Body .hidden { display: none; }
    """

    def __init__(self, times: Times) -> None:
        super().__init__(id="body")
        self._times = times

    def compose(self) -> ComposeResult:
        def entry(event: TimelineEvent, now: datetime) -> Sequence[tuple[str, str]]:
            return event_text.cells(event, now, self._times)

        def line(engagement: Engagement, now: datetime) -> Sequence[tuple[str, str]]:
            return details_text.engagement_cells(engagement, now, self._times)

        with Vertical(id="main"):
            with VerticalScroll(id="text"):
                yield Static(id="words")
            yield VirtualTable(
                (Column("When", 14, narrow=11), Column("What", 12), Column("", 0)),
                lambda event: event.id,
                entry,
                empty="…",
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
                engagement_key,
                line,
                empty=self._times.keyed("Nobody is engaged. {engage} engages somebody."),
                name="engagements",
            )
            yield VirtualTable(
                (Column("Kind", 17), Column("Title", 22), Column("", 0)),
                lambda item: item.id,
                details_text.item_cells,
                empty=self._times.keyed("Nothing yet. {new} adds an ARN or a link."),
                name="related",
            )
            yield VirtualTable(
                (Column("", 19), Column("", 0)),
                lambda field: field.name,
                details_text.property_cells,
                head=False,
                name="properties",
            )
        yield Entries("Notes", self._times.keyed("{note} writes one"), "Nobody has written a note yet.", name="notes")

    def show(self, tab: int, *, alone: bool) -> None:
        """Show one tab; `alone`: without the notes beside it."""
        wanted = TABLES.get(tab, "text")
        for name in ("text", *TABLES.values()):
            self.query_one(f"#{name}").set_class(name != wanted, "hidden")
        self.query_one("#main").set_class(tab == NOTES, "hidden")
        self.notes.set_class(alone and tab != NOTES, "hidden")
        self.notes.set_class(tab == NOTES, "-alone")

    def table(self, tab: int) -> VirtualTable[Any] | None:
        """The list of a tab that has one."""
        name = TABLES.get(tab)
        return self.query_one(f"#{name}", VirtualTable) if name else None

    def target(self, tab: int) -> Widget:
        """What has the focus on a tab."""
        return self.notes if tab == NOTES else self.table(tab) or self.query_one("#text")

    @property
    def notes(self) -> Entries:
        return self.query_one("#notes", Entries)

    def say(self, content: Callable[[int | None], Content]) -> None:
        """The words of a tab that has no list; `content` is told how many cells a line has."""
        room = self.query_one("#text").container_size.width
        words = content(room - 3 if room > 3 else None)
        static = self.query_one("#words", Static)
        if static.content != words:
            static.update(words)


def engagement_key(line: Engagement) -> str:
    """What a line of the engagements is known by."""
    return f"{line.id}/{line.contact_arn}/{line.stage}"
