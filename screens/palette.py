"""Help and palette: a list that filters as one types, and gives what one picks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from imtui.domain.errors import ImtuiError
from imtui.domain.text import shown
from screens.dialogs import Dialog, words
from screens.live import Host
from widgets.keyed_input import KeyedInput
from widgets.virtual_table import Cell, Column, VirtualTable

_WORDS = re.compile(r"[^\W_]+")


class Entry(NamedTuple):
    """Something to pick: `keys` stand at its left, `hint` at its right, `about` after its label. `group` is its heading
    where there are some; `also` is found, and not shown. One that is not `possible` here is dimmed."""

    id: str
    keys: str
    label: str
    hint: str = ""
    group: str = ""
    about: str = ""
    also: str = ""
    possible: bool = True


def found(entries: Sequence[Entry], text: str, recent: Sequence[str] = ()) -> list[Entry]:
    """The entries in which every typed word occurs: first that with this very key, then those of whose label all begin
    a word, then those where they do elsewhere. Among equals the latest of `recent` (the newest last) come first."""
    latest = {id_: index for index, id_ in enumerate(reversed(recent))}
    tiers = ((entry, _tier(entry, text)) for entry in entries)
    kept = [(entry, tier) for entry, tier in tiers if tier is not None]
    kept.sort(key=lambda pair: (pair[1], latest.get(pair[0].id, len(latest))))
    return [entry for entry, _ in kept]


def _tier(entry: Entry, text: str) -> int | None:
    typed = text.lower().split()
    if text.strip() in entry.keys.split():
        return 0
    everything = f"{entry.label} {entry.keys} {entry.hint} {entry.group} {entry.about} {entry.also}".lower()
    if not all(word in everything for word in typed):
        return None
    if _begin(typed, f"{entry.label} {entry.keys}".lower()):
        return 1
    return 2 if _begin(typed, everything) else 3


def _begin(typed: Sequence[str], text: str) -> bool:
    """Whether each typed word begins one of the text."""
    starts = _WORDS.findall(text) + text.split()
    return all(any(one.startswith(word) for one in starts) for word in typed)


class Palette(Dialog[str | None]):
    """Gives the id of the entry that was picked. With `grouped` the entries keep their order, under headings; else the
    best come first. `more` finds further entries for what is typed, beside the typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Palette > Vertical { width: 90; max-width: 96%; height: 84%; background: $surface; padding: 1 2 0 2; }
    Palette Static { text-style: bold; }
    Palette Input { border: none; height: 1; padding: 0 1; margin: 1 0; background: $panel; }
    Palette VirtualTable { height: 1fr; background: $surface; }
    Palette VirtualTable .table--cursor-blurred { background: $panel; text-style: bold; }
    """

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry],
        *,
        grouped: bool = False,
        recent: Sequence[str] = (),
        more: Callable[[str], Awaitable[Sequence[Entry]]] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._entries = list(entries)
        self._grouped = grouped
        self._recent = list(recent)
        self._more = more
        self._further: list[Entry] = []
        self._rows: list[Entry] = []
        self._sought: str | None = None
        self._best = 0
        self._reading = False
        self.table: VirtualTable[Entry] = VirtualTable(
            (Column("", 11), Column("", 39), Column("", 0)),
            lambda entry: entry.id or f"/{entry.label}",
            _draw,
            empty="Nothing matches; esc closes." if not more else "Nothing matches.",
            head=False,
        )
        self.table.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(words(self._title))
            keys = {
                "down": partial(self._move, 1),
                "up": partial(self._move, -1),
                "pagedown": partial(self._page, 1),
                "pageup": partial(self._page, -1),
            }
            yield KeyedInput(placeholder="type to filter, enter does it", keys=keys)
            yield self.table

    def on_mount(self) -> None:
        self._look()
        self.call_after_refresh(self._go_to_best)  # only now is known how many lines there are

    def on_input_changed(self) -> None:
        self._look()

    def on_input_submitted(self) -> None:
        self._look()
        self._pick()

    def on_virtual_table_picked(self) -> None:
        self._pick()

    def _pick(self) -> None:
        chosen = self.table.selected
        if chosen is not None and chosen.id:
            self.dismiss(chosen.id)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _move(self, by: int) -> None:
        """Go to the next entry; headings are passed over."""
        self._look()
        self._go(self.table.cursor + by, by)

    def _page(self, by: int) -> None:
        self._look()
        self._go(max(0, min(self.table.cursor + by * self.table.page(), len(self._rows) - 1)), by)

    def _go(self, index: int, by: int) -> None:
        """Go to an entry, or from a heading on in the same direction."""
        while 0 <= index < len(self._rows) and not self._rows[index].id:
            index += by
        if not 0 <= index < len(self._rows):
            index = next((at for at, row in enumerate(self._rows) if row.id), 0) if by < 0 else self.table.cursor
        if index == 1:
            self.table.go(0)  # so that the first heading is seen
        self.table.go(index)

    # ------------------------------------------------------------ what is shown

    def _look(self) -> None:
        """Show what matches what stands in the field, if it is not shown already."""
        text = self.query_one(Input).value
        if text == self._sought or self.left:
            return
        self._sought = text
        self._fill()
        self._go_to_best()
        if self._more is not None and not self._reading:  # one reading at a time; what is typed meanwhile is read next
            self._reading = True
            self.run_worker(self._read_further(self._more), exit_on_error=False)

    def _fill(self) -> None:
        entries = [*self._entries, *self._further]
        ranked = found(entries, self._sought or "", () if self._grouped else self._recent)
        self._rows = _under_headings(self._entries, ranked) if self._grouped else ranked
        best = ranked[0] if ranked and self._sought else next((row for row in self._rows if row.id), None)
        self._best = self._rows.index(best) if best is not None else 0
        self.table.show(self._rows, now=cast("Host", self.app).now())

    def _go_to_best(self) -> None:
        """With as much as can be seen above it."""
        self.table.go(0)
        self.table.go(self._best)

    async def _read_further(self, more: Callable[[str], Awaitable[Sequence[Entry]]]) -> None:
        read: str | None = None
        try:
            while read != self._sought:
                read = self._sought
                self._add(list(await more(read or "")))
        except ImtuiError:
            pass  # the rest of the list is there
        except Exception as error:
            cast("Host", self.app).defect(error)
        finally:
            self._reading = False

    def _add(self, further: list[Entry]) -> None:
        if further != self._further and not self.left:
            at_best = self.table.cursor == self._best
            self._further = further
            self._fill()
            if at_best:
                self._go_to_best()


def _under_headings(entries: Sequence[Entry], kept: Sequence[Entry]) -> list[Entry]:
    """The entries that are kept, in their order, each group under a heading."""
    ids = {entry.id for entry in kept}
    rows: list[Entry] = []
    group = None
    for entry in entries:
        if entry.id in ids:
            if entry.group != group:
                group = entry.group
                rows.append(Entry("", "", group))
            rows.append(entry)
    return rows


def _draw(entry: Entry, now: datetime) -> Sequence[Cell]:
    if not entry.id:
        return (("", ""), (shown(entry.label), "strong"), ("", ""))
    dim = "" if entry.possible else "dim"
    return (
        (entry.keys, "strong" if entry.possible else "dim"),
        (shown(f"{entry.label}: {entry.about}" if entry.about else entry.label), dim),
        (shown(entry.hint), "dim"),
    )
