"""Events from outside, and what each did; those that no plan was found for stand out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from imtui import services
from imtui.domain.text import shown
from imtui.services.events import KeptEvent
from screens.listing import ListScreen
from widgets.virtual_table import Cell, Column

_STYLES = {"started": "warn", "unmatched": "loud", "resolved": "good"}


class EventsScreen(ListScreen[KeptEvent]):
    """The newest events first."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "back", "copy"})
    TOPICS: ClassVar[frozenset[str]] = frozenset({"event", "rule"})
    HEADING: ClassVar[str] = "Events"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Received", 14),
        Column("Did", 12),
        Column("From", 16, narrow=14),
        Column("What", 0),
    )
    EMPTY: ClassVar[str] = "No event yet. `imtui serve` takes them from CloudWatch, EventBridge and Alertmanager."

    async def load(self) -> list[KeptEvent]:
        return await services.events.recent(self.context, limit=500)

    def key(self, item: KeptEvent) -> str:
        return item.id

    def draw(self, item: KeptEvent, now: datetime) -> Sequence[Cell]:
        return (
            (self.short(item.received_at, now), "dim"),
            (item.action, _STYLES.get(item.action, "")),
            (shown(item.source), ""),
            (shown(f"{item.title}  {item.detail_type}"), ""),
        )

    def opened(self, item: KeptEvent) -> None:
        if item.incident_id is not None:
            self.host.open_incident(item.incident_id)
        else:
            self.read(item.title or item.detail_type, f"{item.source}: {item.detail_type}\n{item.action}\n{item.id}")

    def act_copy(self) -> None:
        if item := self.chosen():
            self.host.copied(item.id)
