"""A few lines to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from imtui.domain.text import shown
from screens.dialogs import Dialog, words
from widgets.cells import fit, steady


class Choice(NamedTuple):
    """Something to choose, with a hint beside it."""

    id: str
    label: str
    hint: str = ""


class Chosen(NamedTuple):
    """What was chosen, and by which other key than enter, if any."""

    id: str
    key: str = ""


class Chooser(Dialog[Chosen | None]):
    """Gives the choice that was picked, by enter or its number. `also` are other keys, with what they do in words;
    `at` is where the cursor begins."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False, priority=True),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]
    DEFAULT_CSS = """
    Chooser > Vertical { width: 70; max-width: 95%; height: auto; max-height: 90%; background: $surface; padding: 1 2; }
    Chooser .title { margin-bottom: 1; }
    Chooser OptionList, Chooser OptionList:focus {
        border: none; padding: 0; height: auto; max-height: 16; background: $surface; scrollbar-size: 1 1;
    }
    Chooser .keys { color: $secondary; margin-top: 1; }
    """

    def __init__(
        self, title: str, choices: Sequence[Choice], *, also: Mapping[str, str] | None = None, at: int = 0
    ) -> None:
        super().__init__()
        self._title, self._choices, self._also, self._at = title, list(choices), dict(also or {}), at

    def compose(self) -> ComposeResult:
        keys = "".join(f"   {key} {text}" for key, text in self._also.items())
        longest = max((len(choice.label) for choice in self._choices), default=0)
        with Vertical():
            yield Static(words(self._title), classes="title")
            yield OptionList(
                *(
                    Option(
                        Content.assemble(
                            (f"{number if number < 10 else ' '} ", "bold"),
                            fit(shown(choice.label), min(longest, 24)) + "  ",
                            (steady(shown(choice.hint)), "italic"),
                        )
                    )
                    for number, choice in enumerate(self._choices, 1)
                )
            )
            yield Static(words(f"enter choose{keys}   esc close"), classes="keys")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._at if self._choices else None
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._pick(event.option_index)

    def on_key(self, event: events.Key) -> None:
        key = event.character or event.key
        if key in self._also:
            highlighted = self.query_one(OptionList).highlighted
            if highlighted is not None:
                self._pick(highlighted, key)
        elif len(key) == 1 and key in "123456789" and int(key) <= len(self._choices):
            self._pick(int(key) - 1)

    def _pick(self, index: int, key: str = "") -> None:
        self.dismiss(Chosen(self._choices[index].id, key))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()
