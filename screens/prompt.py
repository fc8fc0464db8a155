"""One line at the bottom of the screen: the filter and the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from screens.dialogs import Dialog, words


class Prompt(Dialog[str | None]):
    """Asks for one line. `changed` is told what stands there while one types; up and down go through `history`, tab
    completes by `complete`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False, priority=True),
        Binding("up", "older", "Older", show=False, priority=True),
        Binding("down", "newer", "Newer", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Prompt { align: left bottom; background: transparent; }
    Prompt > Vertical { height: auto; dock: bottom; background: $panel; }
    Prompt Horizontal { height: 1; }
    Prompt #sign { width: 2; padding: 0 0 0 1; color: $primary; text-style: bold; }
    Prompt Input { border: none; height: 1; padding: 0; background: $panel; }
    Prompt #hint { color: $secondary; height: 1; padding: 0 2; display: none; }
    Prompt #hint.-shown { display: block; }
    """

    def __init__(
        self,
        sign: str,
        value: str = "",
        changed: Callable[[str], None] | None = None,
        *,
        history: Sequence[str] = (),
        complete: Callable[[str], list[str]] | None = None,
    ) -> None:
        super().__init__()
        self._sign, self._value, self._changed = sign, value, changed
        self._history = list(history)
        self._place = len(self._history)
        self._complete = complete

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("", id="hint")
            with Horizontal():
                yield Static(self._sign, id="sign", markup=False)
                line = Input(self._value, select_on_focus=False, compact=True)
                line.cursor_blink = False
                yield line

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._changed is not None and event.value != self._value:
            self._value = event.value
            self._changed(event.value)
        self._hint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_older(self) -> None:
        self._recall(-1)

    def action_newer(self) -> None:
        self._recall(1)

    def action_complete(self) -> None:
        found = self._found()
        if found:
            line = self.query_one(Input)
            line.value = found[0] + " "
            line.cursor_position = len(line.value)

    def _recall(self, by: int) -> None:
        if not self._history:
            return
        self._place = max(0, min(self._place + by, len(self._history)))
        line = self.query_one(Input)
        line.value = self._history[self._place] if self._place < len(self._history) else ""
        line.cursor_position = len(line.value)

    def _found(self) -> list[str]:
        return self._complete(self.query_one(Input).value.lstrip()) if self._complete else []

    def _hint(self) -> None:
        found = self._found()
        hint = self.query_one("#hint", Static)
        hint.update(words("   ".join(found[:8])))
        hint.set_class(bool(found), "-shown")
