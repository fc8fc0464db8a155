"""A screen that is one list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from textual.widget import Widget

from screens.live import LiveScreen
from widgets.virtual_table import Cell, Column, VirtualTable

T = TypeVar("T")


class ListScreen(LiveScreen, Generic[T]):
    """Shows what `load` gives, in the columns of `COLUMNS`."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    EMPTY: ClassVar[str] = ""

    def body(self) -> Iterable[Widget]:
        self.table: VirtualTable[T] = VirtualTable(self.COLUMNS, self.key, self.draw, empty="…", name="body")
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()
        self.read_again()

    async def load(self) -> Sequence[T]:
        """What the list shows."""
        raise NotImplementedError

    def key(self, item: T) -> str:
        """What an item is known by."""
        raise NotImplementedError

    def draw(self, item: T, now: datetime) -> Sequence[Cell]:
        """The cells of an item."""
        raise NotImplementedError

    async def reload(self) -> None:
        items = await self.load()
        self.table.empty = self.keyed(self.EMPTY)
        self.table.show(items, now=self.host.now())

    def tick(self, now: datetime) -> None:
        self.table.tick(now)

    def act_open(self) -> None:
        if self.table.selected is not None:
            self.opened(self.table.selected)

    def on_virtual_table_picked(self, event: VirtualTable.Picked) -> None:
        self.opened(event.item)

    def opened(self, item: T) -> None:
        """Somebody has opened an item."""

    def act_back(self) -> None:
        self.app.pop_screen()

    def chosen(self) -> T | None:
        """The item under the cursor; says so when there is none."""
        item = self.table.selected
        if item is None:
            self.host.said("there is nothing here yet", wrong=True)
        return item

    def read(self, title: str, text: str) -> None:
        """Show a longer text."""
        from screens.dialogs import Reader

        self.app.push_screen(Reader(title, text))


Values = dict[str, Any]
