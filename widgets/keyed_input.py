"""A field in which some keys do something else than write, in the order in which they were typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.widgets import Input


class KeyedInput(Input):
    """Calls what `keys` says for a key when its turn has come. A binding of the screen would act at once, before the
    letters that were typed ahead of it are there."""

    def __init__(self, value: str = "", *, keys: Mapping[str, Callable[[], None]], placeholder: str = "") -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True)
        self.cursor_blink = False
        self._does = dict(keys)

    async def on_key(self, event: events.Key) -> None:
        does = self._does.get(event.key)
        if does is not None:
            event.stop()
            event.prevent_default()
            does()
