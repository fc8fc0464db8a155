"""The incident list: what needs somebody first."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any

from textual.widget import Widget

from imtui import services
from imtui.domain.duration import countdown, duration
from imtui.domain.incident import FirstPage, IncidentRow, Status
from imtui.domain.text import shown
from screens.live import LiveScreen, guarded
from widgets.lines import TabLine
from widgets.virtual_table import Cell, Column, VirtualTable

COLUMNS = tuple(
    (
        Column("", 7, right=True, narrow=6),
        Column("Impact", 11),
        Column(took, 10, right=True, narrow=9),
        Column(people, 18, narrow=15),
        Column("Title", 0),
    )
    for took, people in (("For", "Ack · next step"), ("Took", "Started"))
)
_ROOMY = 100
_STATUS = (Status.OPEN.value, Status.RESOLVED.value)
_PAGE = 300
_COARSE = 5
"""Lines that change once a minute are looked at every so many seconds; the chosen one each second."""


class IncidentsScreen(LiveScreen):
    """Open incidents, or resolved ones, with a filter."""

    ACTS = frozenset(
        {
            *("open", "start", "acknowledge", "take", "note", "engage", "edit", "resolve", "reopen"),
            *("filter", "copy", "tab-1", "tab-2", "tab-next", "tab-previous", "back"),
        }
    )
    TOPICS = frozenset({"incident", "engagement"})
    HEADING = "Incidents"

    def __init__(self, first: FirstPage | None = None) -> None:
        super().__init__()
        self._first = first
        self._tab = 0
        self._text = ""
        self._counts: tuple[int, int | None] = (first.open if first else 0, None)
        self._known = first is not None
        self._wanted = self._ticks = 0

    def body(self) -> Iterable[Widget]:
        yield TabLine(name="tabs")
        self.table: VirtualTable[IncidentRow] = VirtualTable(
            COLUMNS[0], lambda row: row.id, self._draw, empty="Opening the database …", name="body"
        )
        yield self.table

    def on_mount(self) -> None:
        if self._first is not None:
            self.table.show(self._first.rows, self._first.open, now=self.host.now())
            self._say_empty()
        self._tabs()
        self.table.focus()

    async def reload(self) -> None:
        context = self.context
        self._counts = (
            await services.incidents.count(context, status=_STATUS[0], text=self._text),
            await services.incidents.count(context, status=_STATUS[1], text=self._text),
        )
        await self._fetch()

    async def _fetch(self) -> None:
        """Read the rows around those that one sees."""
        status, text = _STATUS[self._tab], self._text
        start = max(0, int(self.table.scroll_target_y) - _PAGE // 2)
        rows = await services.incidents.list_rows(self.context, status=status, text=text, offset=start, limit=_PAGE)
        if (status, text) != (_STATUS[self._tab], self._text):
            return  # somebody looks at something else by now
        self._known = True
        self._say_empty()
        self.table.show(rows, self._counts[self._tab] or 0, start=start, now=self.host.now())
        self._tabs()

    def on_virtual_table_wanted(self, event: VirtualTable.Wanted) -> None:
        if self._known and self.host.context is not None:
            self.run_worker(guarded(self.host, self._fetch_next), exit_on_error=False)

    async def _fetch_next(self) -> None:
        """Read what is looked at now; who asks while one reading is under way waits for it, and the latest counts."""
        self._wanted += 1
        mine = self._wanted
        async with self._reading:
            if mine == self._wanted:
                await self._fetch()

    def on_virtual_table_picked(self, event: VirtualTable.Picked) -> None:
        self.host.open_incident(event.item.id)

    def tick(self, now: datetime) -> None:
        self._ticks += 1
        self.table.tick(now, chosen_only=self._ticks % _COARSE != 0)

    @property
    def spot(self) -> str:
        return _STATUS[self._tab].lower()

    @property
    def narrowed(self) -> bool:
        return bool(self._text)

    def heading(self) -> Sequence[tuple[str, str]]:
        return (("Incidents", ""), (f"   filter: {shown(self._text)}" if self._text else "", "warn"))

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        if self.table.selected is not None:
            self.host.open_incident(self.table.selected.id)

    def act_back(self) -> None:
        if self._text:
            self._filtered("")

    def act_tab_1(self) -> None:
        self._show_tab(0)

    def act_tab_2(self) -> None:
        self._show_tab(1)

    def act_tab_next(self) -> None:
        self._show_tab(1 - self._tab)

    act_tab_previous = act_tab_next

    def act_filter(self) -> None:
        from screens.prompt import Prompt

        async def ask() -> None:
            text = await self.ask(Prompt("/", self._text, self._filtered))
            if text is not None:
                self._filtered(text)

        self.perform(ask)

    def act_copy(self) -> None:
        row = self.table.selected
        if row is not None:
            self.host.copied(f"#{row.number} {row.title}")

    def act_start(self) -> None:
        from screens.incident_acts import start

        self.perform(lambda: start(self))

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def act_take(self) -> None:
        from screens.incident_acts import take

        self._with_selected(take)

    def act_note(self) -> None:
        from screens.incident_acts import note

        self._with_selected(note)

    def act_engage(self) -> None:
        from screens.incident_acts import engage

        self._with_selected(engage)

    def act_edit(self) -> None:
        from screens.incident_acts import edit

        self._with_selected(edit)

    def act_resolve(self) -> None:
        from screens.incident_acts import resolve

        self._with_selected(resolve)

    def act_reopen(self) -> None:
        from screens.incident_acts import reopen

        self._with_selected(reopen)

    # ------------------------------------------------------------ inside

    def _with_selected(self, act: Callable[[LiveScreen, str], Coroutine[Any, Any, None]]) -> None:
        row = self.table.selected
        if row is None:
            self.host.said("there is no incident here: s starts one", wrong=True)
            return
        self.perform(lambda: act(self, row.id))

    def _show_tab(self, tab: int) -> None:
        self._tab = tab
        self.table.columns = list(COLUMNS[tab])
        self.table.show([], 0, now=self.host.now())
        self._tabs()
        self.read_again()

    def _filtered(self, text: str) -> None:
        self._text = text.strip()
        self.read_again()

    def _tabs(self) -> None:
        resolved = "" if self._counts[1] is None else f" {self._counts[1]:,}"
        names = (f"Open {self._counts[0]:,}", f"Resolved{resolved}")
        self.query_one(TabLine).show(names, self._tab)

    def _say_empty(self) -> None:
        if self._text:
            self.table.empty = f"Nothing matches {shown(self._text)!r}. esc clears the filter."
        elif self._tab:
            self.table.empty = "No incident has been resolved yet."
        elif self._counts == (0, 0):
            self.table.empty = "No incidents yet. s starts one. People and plans: f3 f4 f5, or imtui apply."
        else:
            self.table.empty = "No open incidents. All is calm."

    def _draw(self, row: IncidentRow, now: datetime) -> Sequence[Cell]:
        impact = f"{int(row.impact)} {row.impact.label}"
        drill = "DRILL " if row.drill else ""
        title = shown(row.title)
        if row.status is Status.RESOLVED:
            took = (row.resolved_at or now) - row.created_at
            return (
                (f"#{row.number}", "dim"),
                (impact, "dim"),
                (duration(took.total_seconds()), "dim"),
                (self.day(row.created_at), "dim"),
                (drill + title, ""),
            )
        exact = row is self.table.selected
        lasted = (now - row.created_at).total_seconds()
        chat = f"  [{shown(row.chat_channel)}]" if row.chat_channel and self.size.width >= _ROOMY else ""
        return (
            (f"#{row.number}", "strong"),
            (impact, IMPACT_STYLES[row.impact]),
            (duration(lasted) if exact else coarse(lasted), ""),
            people(row, now, exact=exact),
            (f"{drill}{title}{chat}", ""),
        )


IMPACT_STYLES = ("", "loud", "warn", "", "dim", "dim")


def people(row: IncidentRow, now: datetime, *, exact: bool = False) -> Cell:
    """Who was reached, and when the next step is due: to the second where one looks (`exact`), else to the minute. A
    list in which every line ticks is no help over a slow line."""
    if row.exhausted:
        return "NOBODY LEFT !", "loud"
    answered = f"{row.acknowledged} of {row.engaged}"
    if row.next_escalation is not None:
        seconds = (row.next_escalation - now).total_seconds()
        left = countdown(seconds) if exact or seconds <= 0 else coarse(seconds)
        return f"{answered} · {left}", "good" if row.acknowledged else "warn"
    return answered, "good" if row.acknowledged else "dim" if not row.engaged else "warn"


def coarse(seconds: float) -> str:
    """A duration that changes once a minute at most."""
    return "< 1 min" if seconds < 60 else duration(seconds)
