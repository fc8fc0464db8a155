"""What is wrong: alarms of the program itself, and incidents that nobody is left to be paged for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from imtui import services
from imtui.domain.duration import duration
from imtui.domain.errors import ValidationFailed
from imtui.domain.filter import Facts, Field, Fields, Kind
from imtui.domain.text import shown
from screens.arranging import whole
from screens.incident_acts import engage, take
from screens.listing import ListScreen
from screens.live import LiveScreen
from widgets.virtual_table import Cell, Column

_NAMED = 6
"""So many are named when one is asked about many."""


class Wrong(NamedTuple):
    """Something that is wrong, since an instant (None: not known). An alarm has a `key`; `incident` is the one to look
    at, where there is one."""

    text: str
    since: datetime | None
    key: str | None = None
    incident: str | None = None


class AlarmsScreen(ListScreen[Wrong]):
    """Everything that is wrong, the worst first."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {"dismiss", "take", "engage", "acknowledge"}
    TOPICS: ClassVar[frozenset[str]] = frozenset({"alarm", "incident", "lease"})
    HEADING: ClassVar[str] = "What is wrong"
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column("Since", 14), Column("For", 9, right=True), Column("What", 0))
    FIELDS: ClassVar[Fields] = Fields(
        Field("what", Kind.TEXT, "what is wrong"),
        Field("is", Kind.CHOICE, "silent: nobody is left to page; alarm: of the program itself", ("silent", "alarm")),
        Field("since", Kind.INSTANT, "when it began, or how long ago"),
    )
    NOUNS: ClassVar[tuple[str, str]] = ("alarm", "alarms")
    EMPTY: ClassVar[str] = "Nothing is wrong."

    async def load(self) -> list[Wrong]:
        health = await services.health.report(self.context)
        found = []
        if not health.leader:
            found.append(Wrong("No engine runs: nobody is paged until imtui or `imtui serve` is started.", None))
        for silent in health.exhausted:
            text = f"NOBODY LEFT TO PAGE: #{silent.number} {shown(silent.title)}"
            found.append(Wrong(text, silent.since, incident=silent.id))
        return found + [Wrong(alarm.text, alarm.since, alarm.key, alarm.incident_id) for alarm in health.alarms]

    def key(self, item: Wrong) -> str:
        return item.key or item.incident or item.text

    def draw(self, item: Wrong, now: datetime) -> Sequence[Cell]:
        took = duration((now - item.since).total_seconds()) if item.since else ""
        style = "loud" if item.key is None else "warn"
        return ((self.short(item.since, now) if item.since else "", "dim"), (took, ""), (shown(item.text), style))

    def facts(self, item: Wrong) -> Facts:
        silent = item.key is None and item.incident is not None
        return whole({"what": item.text, "is": "silent" if silent else "alarm", "since": item.since})

    def ranks(self, item: Wrong) -> Sequence[Any]:
        lasted = -item.since.timestamp() if item.since else None
        return (item.since, lasted, item.text)

    def name_of(self, item: Wrong) -> str:
        return item.text

    def copied_of(self, item: Wrong) -> str:
        return item.text

    def opened(self, item: Wrong) -> None:
        if item.incident is not None:
            self.host.open_incident(item.incident)
        else:
            self.read("What is wrong", f"{item.text}\n\nsince {self.local(item.since)}" if item.since else item.text)

    def act_dismiss(self) -> None:
        """Take notice of alarms; nobody takes notice of an incident in passing."""
        items = self.meant()
        can = [item for item in items if item.key is not None]
        if items and not can:
            self.host.said(self._stays(items[0]), wrong=True)
        if not can:
            return
        one = len(items) == 1

        async def dismiss() -> None:
            title = "Take notice of this alarm?" if one else f"Take notice of {self.counted(len(can))}?"
            text = can[0].text if one else "\n".join(f"· {item.text}" for item in can[:_NAMED])
            more = f"\nand {len(can) - _NAMED} more" if len(can) > _NAMED else ""
            again = f"\n{'It is' if one else 'Each is'} shown again when it happens again."
            if await self.sure(title, text + more + again, "Take notice"):
                await self._dismiss(items)

        self.perform(dismiss)

    async def _dismiss(self, items: Sequence[Wrong]) -> None:
        async def off(item: Wrong) -> None:
            if item.key is None:
                raise ValidationFailed(self._stays(item))
            await services.health.dismiss(self.context, item.key)

        if len(items) > 1:
            await self.each(items, off, "off; each comes back if it happens again")
        else:
            await off(items[0])
            self.table.marked.clear()
            self.host.said("the alarm is off; it comes back if it happens again")

    def act_take(self) -> None:
        self._with_incident(take)

    def act_engage(self) -> None:
        self._with_incident(engage)

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def _stays(self, item: Wrong) -> str:
        """Why one cannot take notice of it."""
        if item.incident is not None:
            return self.keyed("this stays until somebody acts: {engage} engages somebody, {take} takes it")
        return "this stays until an engine runs"

    def _with_incident(self, act: Callable[[LiveScreen, str], Coroutine[Any, Any, None]]) -> None:
        item = self.chosen()
        if item is None:
            return
        incident = item.incident
        if incident is None:
            self.host.said("this is about no incident", wrong=True)
            return
        self.perform(lambda: act(self, incident))
