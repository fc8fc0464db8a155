"""Events from outside, and what each did; those that no plan was found for stand out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from imtui import services
from imtui.domain.filter import Facts, Field, Fields, Kind
from imtui.domain.text import shown
from imtui.services.events import KeptEvent
from screens.arranging import whole
from screens.listing import ListScreen
from widgets.virtual_table import Cell, Column

_STYLES = {"started": "warn", "unmatched": "loud", "resolved": "good"}


class EventsScreen(ListScreen[KeptEvent]):
    """The newest events first."""

    TOPICS: ClassVar[frozenset[str]] = frozenset({"event", "rule"})
    HEADING: ClassVar[str] = "Events"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Received", 14),
        Column("Did", 12),
        Column("From", 16, narrow=14),
        Column("What", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Field("did", Kind.CHOICE, "what it did", ("started", "deduplicated", "resolved", "unmatched", "recorded")),
        Field("from", Kind.TEXT, "what sent it"),
        Field("what", Kind.TEXT, "what it says"),
        Field("type", Kind.TEXT, "its detail type"),
        Field("since", Kind.INSTANT, "when it was received, or how long ago"),
    )
    NEWEST: ClassVar[int] = 500
    NOUNS: ClassVar[tuple[str, str]] = ("event", "events")
    EMPTY: ClassVar[str] = "No event yet. `imtui serve` takes them from CloudWatch, EventBridge and Alertmanager."

    async def load(self) -> list[KeptEvent]:
        return await services.events.recent(self.context, limit=self.NEWEST)

    def key(self, item: KeptEvent) -> str:
        return item.id

    def draw(self, item: KeptEvent, now: datetime) -> Sequence[Cell]:
        return (
            (self.short(item.received_at, now), "dim"),
            (item.action, _STYLES.get(item.action, "")),
            (shown(item.source), ""),
            (shown(f"{item.title}  {item.detail_type}"), ""),
        )

    def facts(self, item: KeptEvent) -> Facts:
        facts = {
            "did": item.action,
            "from": item.source,
            "what": item.title,
            "type": item.detail_type,
            "since": item.received_at,
        }
        return whole(facts, item.id)

    def ranks(self, item: KeptEvent) -> Sequence[Any]:
        return (item.received_at, item.action, item.source, f"{item.title}  {item.detail_type}")

    def copied_of(self, item: KeptEvent) -> str:
        return item.id

    def line_of(self, item: KeptEvent) -> str:
        text = f"{self.local(item.received_at)}  {item.action}  {item.source}  {item.title}  {item.id}"
        return " ".join(text.split("\n"))

    def opened(self, item: KeptEvent) -> None:
        if item.incident_id is not None:
            self.host.open_incident(item.incident_id)
        else:
            self.read(item.title or item.detail_type, f"{item.source}: {item.detail_type}\n{item.action}\n{item.id}")
