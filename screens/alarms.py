"""What is wrong: alarms of the program itself, and incidents that nobody is left to be paged for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from imtui import services
from imtui.domain.duration import duration
from imtui.domain.text import shown
from screens.incident_acts import engage, take
from screens.listing import ListScreen
from screens.live import LiveScreen
from widgets.virtual_table import Cell, Column


class Wrong(NamedTuple):
    """Something that is wrong, since an instant (None: not known). An alarm has a `key`; `incident` is the one to look
    at, where there is one."""

    text: str
    since: datetime | None
    key: str | None = None
    incident: str | None = None


class AlarmsScreen(ListScreen[Wrong]):
    """Everything that is wrong, the worst first."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "dismiss", "take", "engage", "acknowledge", "copy", "back"})
    TOPICS: ClassVar[frozenset[str]] = frozenset({"alarm", "incident", "lease"})
    HEADING: ClassVar[str] = "What is wrong"
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column("Since", 14), Column("For", 9, right=True), Column("What", 0))
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

    def opened(self, item: Wrong) -> None:
        if item.incident is not None:
            self.host.open_incident(item.incident)
        else:
            self.read("What is wrong", f"{item.text}\n\nsince {self.local(item.since)}" if item.since else item.text)

    def act_dismiss(self) -> None:
        """Take notice of an alarm; nobody takes notice of an incident in passing."""
        item = self.chosen()
        if item is None:
            return
        if item.key is None:
            text = self.keyed("this stays until somebody acts: {engage} engages somebody, {take} takes it")
            self.host.said(text if item.incident else "this stays until an engine runs", wrong=True)
            return
        key = item.key

        async def dismiss() -> None:
            if await self.sure(
                "Take notice of this alarm?", f"{item.text}\nIt is shown again when it happens again.", "Take notice"
            ):
                await services.health.dismiss(self.context, key)
                self.host.said("the alarm is off; it comes back if it happens again")

        self.perform(dismiss)

    def act_take(self) -> None:
        self._with_incident(take)

    def act_engage(self) -> None:
        self._with_incident(engage)

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def act_copy(self) -> None:
        if item := self.chosen():
            self.host.copied(item.text)

    def _with_incident(self, act: Callable[[LiveScreen, str], Coroutine[Any, Any, None]]) -> None:
        item = self.chosen()
        if item is None:
            return
        incident = item.incident
        if incident is None:
            self.host.said("this is about no incident", wrong=True)
            return
        self.perform(lambda: act(self, incident))
