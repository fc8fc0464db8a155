"""The incident list: what needs somebody first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from imtui import services
from imtui.domain.incident import MOST_COUNTED, NEWEST, FirstPage, IncidentRow, Sort, Status
from imtui.domain.text import shown
from screens.filtering import FilteredScreen
from screens.incident_rows import OPEN_COLUMNS, RESOLVED_COLUMNS, open_cells, resolved_cells, tile
from screens.live import LiveScreen, guarded
from widgets.lines import Line, TabLine
from widgets.virtual import VirtualList
from widgets.virtual_table import Cell, VirtualTable
from widgets.virtual_tiles import LINES, TileLine, VirtualTiles

if TYPE_CHECKING:
    from imtui.domain.filter import Fields

_ROOMY = 100
_STATUS = (Status.OPEN.value, Status.RESOLVED.value)
_FOR_OPEN = ("acknowledge", "take", "engage", "resolve")
"""What there is no more to do to an incident that is resolved."""

_AROUND = 2
"""So many screens of rows are read above and below what one sees."""

_COARSE = 5
"""Lines that change once a minute are looked at every so many seconds; the chosen one each second."""

_FRAME = 5
"""Lines around the list."""

SORTS = (
    (Sort.NEED, "what needs you first"),
    (Sort.NEWEST, "newest first"),
    (Sort.OLDEST, "oldest first"),
    (Sort.IMPACT, "by impact"),
)


class IncidentsScreen(FilteredScreen):
    """Open incidents as tiles or lines, or resolved ones, with a filter."""

    ACTS = FilteredScreen.ACTS | {
        *("start", "acknowledge", "take", "note", "engage", "edit", "resolve", "reopen", "zoom"),
        *("tab-1", "tab-2", "tab-next", "tab-previous"),
    }
    TOPICS = frozenset({"incident", "engagement", "tag"})
    HEADING = "Incidents"
    DEFAULT_CSS = """
    IncidentsScreen > VirtualList { height: 1fr; }
    IncidentsScreen .hidden { display: none; }
    """

    def __init__(self, first: FirstPage | None = None) -> None:
        super().__init__()
        self._first = first
        self._tiled: bool | None = None
        """Whether open incidents are tiles, once somebody has chosen; else they are while all of them fit."""
        self._tab = 0
        self._sort = Sort.NEED
        self._counts = (first.open if first else 0, None if first else 0)
        self._total = first.open if first else 0
        self._most = MOST_COUNTED
        self._more = self._short = False
        self._known = first is not None
        self._wanted = self._ticks = 0

    def body(self) -> Iterable[Widget]:
        yield TabLine(name="tabs")
        yield Line(name="away")
        self._lines: VirtualTable[IncidentRow] = VirtualTable(
            OPEN_COLUMNS, _id, self._draw, empty="Opening the database …", name="lines"
        )
        self._tiles: VirtualTiles[IncidentRow] = VirtualTiles(
            _id, self._draw_tile, empty="Opening the database …", name="tiles"
        )
        self.table = self._lines
        yield self._lines
        yield self._tiles

    def on_mount(self) -> None:
        self.query_one("#away").add_class("hidden")
        self._choose_list()
        if self._first is not None:
            self.table.show(self._first.rows, self._first.open, now=self.host.now())
            self._say_empty()
        self._say_tabs()

    # ------------------------------------------------------------ what is shown

    async def reload(self) -> None:
        await self._fetch()

    async def _fetch(self) -> None:
        """Read the rows around those that one sees."""
        asked = self._asked_for()
        seen = self.table.seen
        around = _AROUND * max(1, len(seen))
        start = max(0, seen.start - around)
        page = await services.incident_list.page(
            self.context,
            status=_STATUS[self._tab],
            text=self.applied,
            sort=self._sort,
            start=start,
            limit=len(seen) + 2 * around,
            most=self._most,
        )
        if asked != self._asked_for():
            return  # somebody looks at something else by now
        first = not self._known
        self._known, self._counts = True, page.counts
        self._total, self._more, self._short = page.total, page.more, page.short
        if first:
            self._choose_list()
        self._say_empty()
        self.table.show(page.rows, page.total, start=page.start, now=self.host.now())
        self._say_tabs()

    def _asked_for(self) -> tuple[Any, ...]:
        return self._tab, self.filter, self._sort, self.table

    def on_virtual_list_wanted(self, event: VirtualList.Wanted) -> None:
        if self._more and event.start + event.count >= self._total:
            self._most = 4 * self._total  # one goes beyond what was counted
        if self._known and self.host.context is not None:
            self.run_worker(guarded(self.host, self._fetch_next), exit_on_error=False)

    async def _fetch_next(self) -> None:
        """Read what is looked at now; who asks while one reading is under way waits for it, and the latest counts."""
        self._wanted += 1
        mine = self._wanted
        async with self._reading:
            if mine == self._wanted:
                await self._fetch()

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self.host.open_incident(event.item.id)

    def tick(self, now: datetime) -> None:
        self._ticks += 1
        self.table.tick(now, chosen_only=self._ticks % _COARSE != 0)

    def tally(self) -> str:
        newest = f" of the newest {NEWEST:,}" if self._short else ""
        return f"{self._total:,}{'+' if self._more else ''} found{newest}"

    @property
    def spot(self) -> str:
        return _STATUS[self._tab].lower()

    def offers(self, id_: str) -> bool:
        if id_ == "back":
            return bool(self.text or self.table.marked)
        return id_ not in (("reopen",) if self._tab == 0 else _FOR_OPEN)

    @property
    def narrowed(self) -> bool:
        return bool(self.text)

    def away(self, text: str) -> None:
        """Say what happened while somebody was away; nothing says nothing."""
        line = self.query_one("#away", Line)
        line.set_class(not text, "hidden")
        line.say([(f" {text}", "good")] if text else [], [(f"{self.host.key('back')} ", "dim")] if text else [])

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        if self.table.selected is not None:
            self.host.open_incident(self.table.selected.id)

    def act_back(self) -> None:
        """One step: the marks, then the filter, then what is said of one's absence."""
        if not self.stepped_back():
            self.away("")

    def act_tab_1(self) -> None:
        self._show_tab(0)

    def act_tab_2(self) -> None:
        self._show_tab(1)

    def act_tab_next(self) -> None:
        self._show_tab(1 - self._tab)

    act_tab_previous = act_tab_next

    def act_zoom(self) -> None:
        """Tiles or lines."""
        if self._tab == 0:
            self._tiled = self.table is not self._tiles
            self._choose_list()
            self.read_again()

    def act_sort(self) -> None:
        from screens.chooser import Choice, Chooser

        at = next(index for index, (name, _) in enumerate(SORTS) if name == self._sort)

        async def ask() -> None:
            chosen = await self.ask(Chooser("Sort", [Choice(name, label) for name, label in SORTS], at=at))
            if chosen is not None:
                self._sort = Sort(chosen.id)
                self.table.go(0)
                await self.again()

        self.perform(ask)

    def act_match_next(self) -> None:
        self._match(1)

    def act_match_previous(self) -> None:
        self._match(-1)

    def act_copy(self) -> None:
        self._with_meant("copied")

    def act_start(self) -> None:
        from screens.incident_acts import start

        self.perform(lambda: start(self))

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))

    def act_take(self) -> None:
        self._with_meant("take")

    def act_note(self) -> None:
        self._with_meant("note")

    def act_resolve(self) -> None:
        self._with_meant("resolve")

    def act_reopen(self) -> None:
        self._with_meant("reopen")

    def act_engage(self) -> None:
        from screens.incident_acts import engage

        self._with_selected(engage)

    def act_edit(self) -> None:
        from screens.incident_acts import edit

        self._with_selected(edit)

    # ------------------------------------------------------------ inside

    def fields(self) -> Fields:
        from imtui.domain.filter import INCIDENT_FIELDS

        return INCIDENT_FIELDS

    def filtered(self) -> None:
        """Look for a status where its incidents are."""
        wanted = [term for term in self.filter if term.field == "status" and not term.negated]
        if len(wanted) == 1 and len(wanted[0].values) == 1:
            tab = _STATUS.index(wanted[0].values[0].upper())
            if tab != self._tab:
                self._show_tab(tab)
                return
        self._most = MOST_COUNTED
        self.table.go(0)
        self.read_again()

    def _meant(self) -> list[str]:
        """The marked incidents, or the one under the cursor; says so when there is none."""
        if self.table.marked:
            return sorted(self.table.marked)
        row: IncidentRow | None = self.table.selected
        if row is None:
            start = self.host.key("start")
            nothing = "nothing matches the filter" if self.text else f"there is no incident here: {start} starts one"
            self.host.said(nothing, wrong=True)
            return []
        return [row.id]

    def _with_meant(self, name: str) -> None:
        ids = self._meant()
        if not ids:
            return

        async def act() -> None:
            from screens import incident_many

            if name == "copied":
                self.host.copied(await incident_many.copied(self, ids))
                return
            done = await getattr(incident_many, name)(self, ids)
            self.table.marked -= set(done)
            self.table.tick(self.host.now())

        self.perform(act)

    def _with_selected(self, act: Callable[[LiveScreen, str], Awaitable[None]]) -> None:
        marked = self.table.marked
        row: IncidentRow | None = self.table.selected
        if len(marked) > 1:
            text = "this is done to one incident at a time: {back} takes the marks off"
            self.host.said(self.keyed(text), wrong=True)
        elif row is not None or self._meant():
            incident = next(iter(marked)) if marked else row.id if row is not None else ""
            self.perform(lambda: act(self, incident))  # type: ignore[arg-type, return-value]

    def _match(self, by: int) -> None:
        """The next line that the filter lets through; round and round."""
        if not self.text and not self.last:
            self.host.said(self.keyed("there is no filter to match yet: {filter} sets one"), wrong=True)
        elif not self.text:
            self.set_filter(self.last.text if self.last else "")
        elif self.table.count:
            index = self.table.cursor + by
            if not 0 <= index < self.table.count:
                self.host.said("on from the top" if by > 0 else "on from the bottom")
            self.table.go(index % self.table.count)

    def _show_tab(self, tab: int) -> None:
        self._tab = tab
        self._lines.columns = list((OPEN_COLUMNS, RESOLVED_COLUMNS)[tab])
        self._most = MOST_COUNTED
        self._choose_list()
        for table in (self._lines, self._tiles):
            table.marked.clear()
            table.show([], 0, now=self.host.now())
        self._say_tabs()
        self.read_again()

    def _choose_list(self) -> None:
        """Tiles for the open incidents while they fit, or as somebody chose."""
        across = max(1, (self.app.size.width - 1) // 39)
        fit = self._counts[0] <= across * ((self.app.size.height - _FRAME) // (LINES + 1))
        tiled = self._tab == 0 and (fit if self._tiled is None else self._tiled)
        table: VirtualList[IncidentRow] = self._tiles if tiled else self._lines
        other: VirtualList[IncidentRow] = self._lines if tiled else self._tiles
        if table is not self.table and other.now is not None:
            table.marked = other.marked
            table.put(other.known, other.count, other.now)
            table.go(other.cursor)
        table.set_class(False, "hidden")
        other.set_class(True, "hidden")
        self.table = table
        table.focus()

    def _say_tabs(self) -> None:
        resolved = "" if self._counts[1] is None else f" {self._counts[1]:,}"
        self.query_one(TabLine).show((f"Open {self._counts[0]:,}", f"Resolved{resolved}"), self._tab)

    def _say_empty(self) -> None:
        key = self.host.key
        if self.text:
            self.table.empty = f"Nothing matches {shown(self.text)}   {key('back')} clears the filter."
        elif self._tab:
            self.table.empty = "No incident has been resolved yet."
        elif not any(self._counts):
            self.table.empty = (
                f"No incidents yet. {key('start')} starts one. {key('go-prepared')} gets prepared: people and plans."
            )
        else:
            self.table.empty = "No open incidents. All is calm."

    def _draw(self, row: IncidentRow, now: datetime) -> Sequence[Cell]:
        if row.status is Status.RESOLVED:
            return resolved_cells(row, now, self.day)
        return open_cells(row, now, exact=row is self.table.selected, chat=self.size.width >= _ROOMY)

    def _draw_tile(self, row: IncidentRow, now: datetime) -> Sequence[TileLine]:
        return tile(row, now, exact=row is self.table.selected)


def _id(row: IncidentRow) -> str:
    return row.id
