"""A screen that is one list: it filters, sorts and marks, and acts on what is marked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from textual.widget import Widget

from imtui.domain.errors import ImtuiError, Unavailable
from imtui.domain.filter import Facts, Fields, Filter
from imtui.domain.text import cut, shown
from screens.arranging import Arrangement, Order, headed, next_match
from screens.filtering import FilteredScreen
from widgets.virtual import VirtualList
from widgets.virtual_table import Cell, Column, VirtualTable

T = TypeVar("T")

_NAMED = 12
"""So many are named when one is asked about many."""

_SAID = 5
"""So many refusals are said one by one."""

_COARSE = 5
"""What a filter lets through by its age alone is looked at every so many seconds."""


class ListScreen(FilteredScreen, Generic[T]):
    """Shows what `load` gives, in the columns of `COLUMNS`."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    FIELDS: ClassVar[Fields] = Fields()
    table: VirtualTable[T]
    EMPTY: ClassVar[str] = ""
    NEWEST: ClassVar[int] = 0
    """At most so many are there, the newest; 0: all are."""

    NOUNS: ClassVar[tuple[str, str]] = ("line", "lines")
    """One of the items, and several."""

    def __init__(self) -> None:
        super().__init__()
        self.arrangement: Arrangement[T] = Arrangement(self.facts, self.ranks)
        self._ticks = 0

    def body(self) -> Iterable[Widget]:
        self.table = VirtualTable(self.COLUMNS, self.key, self.draw, empty="…", name="body")
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        self.read_again()

    # ------------------------------------------------------------ what a list says of its items

    async def load(self) -> Sequence[T]:
        """All the items, in the order in which they are shown when nobody sorts them."""
        raise NotImplementedError

    def key(self, item: T) -> str:
        """What an item is known by."""
        raise NotImplementedError

    def draw(self, item: T, now: datetime) -> Sequence[Cell]:
        """The cells of an item."""
        raise NotImplementedError

    def facts(self, item: T) -> Facts:
        """What is known of an item, by the names of `FIELDS`."""
        raise NotImplementedError

    def ranks(self, item: T) -> Sequence[Any]:
        """What each column is sorted by; None for nothing."""
        raise NotImplementedError

    def name_of(self, item: T) -> str:
        """What an item is called when one is asked about several."""
        raise NotImplementedError

    def copied_of(self, item: T) -> str:
        """What a copy of an item is."""
        raise NotImplementedError

    def line_of(self, item: T) -> str:
        """What a copy of an item is among several: one line."""
        return " ".join(self.copied_of(item).split())

    def opened(self, item: T) -> None:
        """Somebody has opened an item."""

    # ------------------------------------------------------------ showing

    async def reload(self) -> None:
        items = await self.load()
        self.table.marked &= {self.key(item) for item in items}
        self.arrangement.take(items)
        self.show_again()

    def show_again(self) -> None:
        """Show the items as the filter and the order have it."""
        found, empty = self.arrangement.shown(self.here()), self.keyed(self.EMPTY)
        if self.arrangement.filter and self.arrangement.items:
            empty = (
                f"Nothing matches {shown(self.arrangement.filter.text)}   {self.host.key('back')} clears the filter."
            )
        if found or self.table.count or empty != self.table.empty:
            self.table.empty = empty
            self.table.show(found, now=self.host.now())

    def tick(self, now: datetime) -> None:
        self._ticks += 1
        if self.arrangement.ages and self._ticks % _COARSE == 0:
            self.show_again()
        else:
            self.table.tick(now)

    def fields(self) -> Fields:
        return self.FIELDS

    def filtered(self) -> None:
        self.arrangement.filter = Filter(self.filter)
        self.show_again()

    def values(self) -> Mapping[str, Sequence[str]]:
        from imtui.domain.filter_completing import values_in

        return values_in(self.arrangement.facts, self.FIELDS)

    def tally(self) -> str:
        total = len(self.arrangement.items)
        return f"{self.table.count:,} of {'the newest ' if total == self.NEWEST else ''}{total:,}"

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        if self.table.selected is not None:
            self.opened(self.table.selected)

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self.opened(event.item)

    def act_back(self) -> None:
        """One step: the marks, then the filter, then the list itself."""
        if not self.stepped_back():
            self.app.pop_screen()

    def act_copy(self) -> None:
        items = self.meant()
        if len(items) == 1:
            self.host.copied(self.copied_of(items[0]))
        elif items:
            self.host.copied("\n".join(self.line_of(item) for item in items))

    def act_match_next(self) -> None:
        self._match(1)

    def act_match_previous(self) -> None:
        self._match(-1)

    def act_sort(self) -> None:
        from screens.chooser import Choice, Chooser

        order = self.arrangement.order
        titles = headed(self.COLUMNS, order)
        choices = [Choice(str(index), titles[index].title) for index in range(len(self.COLUMNS))]
        if order is not None:
            choices[order.column] = choices[order.column]._replace(hint="once more turns it round")
        choices.append(Choice("", "unsorted", "the order of the list itself"))

        async def ask() -> None:
            chosen = await self.ask(Chooser("Sort by", choices, at=order.column if order else 0))
            if chosen is not None:
                self._sort(order, chosen.id)

        self.perform(ask)

    # ------------------------------------------------------------ on one or many

    def chosen(self) -> T | None:
        """The item under the cursor; says so when there is none."""
        item = self.table.selected
        if item is None:
            some = bool(self.arrangement.items)
            self.host.said("nothing matches the filter" if some else "there is nothing here yet", wrong=True)
        return item

    def meant(self) -> list[T]:
        """The marked items, those that are shown first, or the one under the cursor."""
        marked = self.table.marked
        if not marked:
            item = self.chosen()
            return [] if item is None else [item]
        found = {self.key(item): item for item in (*self.table.items, *self.arrangement.items)}
        return [item for key, item in found.items() if key in marked]

    async def each(self, items: Sequence[T], act: Callable[[T], Awaitable[Any]], done: str) -> None:
        """Do something to each of several items. What is refused is said one by one and stays marked; the rest is
        done. `done` is what has become of them, such as `deleted`."""
        refused: list[str] = []
        count = 0
        for item in items:
            try:
                await act(item)
            except Unavailable:
                raise  # so would be all that follow
            except ImtuiError as error:
                refused.append(f"{cut(self.name_of(item), 40)}: {error}")
            else:
                self.table.marked.discard(self.key(item))
                count += 1
        for text in refused[:_SAID]:
            self.host.said(text, wrong=True)
        if len(refused) > _SAID:
            self.host.said(f"and {len(refused) - _SAID} more were refused: they are still marked", wrong=True)
        if count and len(items) == 1:
            self.host.said(f"{self.name_of(items[0])} is {done}")
        elif count:
            self.host.said(f"{self.counted(count)} {'is' if count == 1 else 'are'} {done}")

    async def delete_meant(
        self, delete: Callable[[T], Awaitable[Any]], one: Callable[[T], str], many: str = ""
    ) -> None:
        """Delete what is meant, after one question. `one` says what that does to a single item, `many` to several."""
        items = self.meant()
        if not items:
            return
        if len(items) == 1:
            title, text = f"Delete this {self.NOUNS[0]}?", one(items[0])
        else:
            title, text = f"Delete {self.counted(len(items))}?", self.named(items) + (f"\n\n{many}" if many else "")
        if await self.sure(title, text, "Delete"):
            await self.each(items, delete, "deleted")
            self.host.lines()

    def counted(self, count: int) -> str:
        """So many items, in words."""
        return f"{count:,} {self.NOUNS[0] if count == 1 else self.NOUNS[1]}"

    def named(self, items: Sequence[T]) -> str:
        """The names of the items, of many the first."""
        names = [cut(shown(self.name_of(item)), 40) for item in items[:_NAMED]]
        more = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
        return ", ".join(names) + more

    def read(self, title: str, text: str) -> None:
        """Show a longer text."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader(title, text))

    # ------------------------------------------------------------ inside

    def _match(self, by: int) -> None:
        """Go to the next line that the last filter lets through, also after it was cleared."""
        if not self.last:
            self.host.said(self.keyed("there is no filter to match yet: {filter} sets one"), wrong=True)
            return
        matching = self.arrangement.matching(self.last, self.here())
        found = next_match(matching, self.table.cursor, by)
        if found is None:
            self.host.said(f"nothing matches {self.last.text}", wrong=True)
            return
        index, again = found
        self.table.go(index)
        if again:
            self.host.said("on from the top" if by > 0 else "on from the bottom")

    def _sort(self, order: Order | None, column: str) -> None:
        """Sort by the column that was picked when the order was this."""
        picked = None if not column else order.picked(int(column)) if order else Order(int(column))
        self.arrangement.sort(picked)
        self.table.columns = headed(self.COLUMNS, picked)
        self.table.refresh()
        self.show_again()


Values = dict[str, Any]
