"""Help and palette in one: it filters as one types, and runs what one picks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.dialogs import Dialog


class Palette(Dialog[str | None]):
    """Gives the id of the act that was picked. `choices` are id, keys, label and group."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False, priority=True),
        Binding("down", "down", "Down", show=False, priority=True),
        Binding("up", "up", "Up", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Palette > Vertical { width: 64; max-width: 95%; height: 80%; background: $surface; padding: 1 2; }
    Palette Static { text-style: bold; }
    Palette Input { border: none; height: 1; padding: 0 1; margin: 1 0; background: $panel; }
    Palette OptionList { border: none; height: 1fr; background: $surface; scrollbar-size: 1 1; }
    """

    def __init__(self, title: str, choices: Sequence[tuple[str, str, str, str]]) -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._title))
            line = Input(placeholder="type to filter, enter runs", compact=True)
            line.cursor_blink = False
            yield line
            yield OptionList()

    def on_mount(self) -> None:
        self._fill("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None and options.option_count:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    def _fill(self, text: str) -> None:
        words = text.lower().split()
        options = self.query_one(OptionList)
        options.clear_options()
        for id_, keys, label, group in self._choices:
            if all(word in f"{label} {group} {keys}".lower() for word in words):
                prompt = Content.assemble((f"{keys:<14}", "$primary"), f"{label:<26}", (group, "$secondary"))
                options.add_option(Option(prompt, id=id_))
        if options.option_count:
            options.highlighted = 0
