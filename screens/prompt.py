"""One line at the bottom of the screen: the filter and the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from imtui.domain.line import word_start
from imtui.domain.text import shown
from screens.dialogs import Dialog, words
from screens.history import History, recalled
from widgets.cells import fit
from widgets.keyed_input import KeyedInput

Offer = tuple[str, str]
"""What the last word may become, and what that is."""

MOST_OFFERS = 8
_SIGN = "▸"
_LEAST_WORD, _MOST_WORD = 12, 28


class Prompt(Dialog[str | None]):
    """Asks for one line.

    `changed` is told what stands there while one types. Up and down go through the lines of `history` that begin with
    what was typed. `complete` gets the text before the cursor and gives what its last word may become, which begins
    where `begin` says; tab goes through that. `tell` gives what to say below the line, and whether something is wrong
    with it. With `submit`, enter calls it and the line stays open until it returns nothing: what it returns is why not,
    and is said above the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Prompt { align: left bottom; background: transparent; }
    Prompt > Vertical { height: auto; dock: bottom; background: $panel; }
    Prompt Horizontal { height: 1; }
    Prompt #sign { width: 2; padding: 0 0 0 1; color: $primary; text-style: bold; }
    Prompt Input { border: none; height: 1; padding: 0; background: $panel; }
    Prompt #offers { background: $surface; height: auto; display: none; }
    Prompt #wrong { color: $error; height: auto; max-height: 6; padding: 0 2; background: $surface; display: none; }
    Prompt ToastRack { dock: top; align: right top; margin: 1 0 0 0; }
    Prompt #below { color: $secondary; height: 1; padding: 0 2; }
    Prompt #below.-wrong { color: $warning; }
    Prompt #offers.-shown, Prompt #wrong.-shown { display: block; }
    """

    def __init__(
        self,
        sign: str,
        value: str = "",
        changed: Callable[[str], None] | None = None,
        *,
        history: History | None = None,
        complete: Callable[[str], Sequence[Offer]] | None = None,
        begin: Callable[[str], int] = word_start,
        tell: Callable[[str], tuple[str, bool]] | None = None,
        submit: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        super().__init__()
        self._sign, self._value, self._changed = sign, value, changed
        self._history = history
        self._complete = complete
        self._begin = begin
        self._tell = tell
        self._submit = submit
        self._lines: list[str] = []
        self._place = 0
        self._typed = value
        """What was typed when one began to go through the history."""
        self._offers: list[Offer] = []
        self._chosen: int | None = None
        self._height = 0
        """How many offers are shown: while these are as many, nothing moves."""
        self._around = ("", "")
        """What stands before and after the word that tab changes."""
        self._set: str | None = None
        """What tab or the history has just put there: that is not typed."""
        self.busy = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("", id="offers")
            yield Static("", id="wrong")
            with Horizontal():
                yield Static(self._sign, id="sign", markup=False)
                yield KeyedInput(
                    self._value,
                    keys={
                        "up": partial(self._recall, -1),
                        "down": partial(self._recall, 1),
                        "tab": partial(self._go_on, 1),
                        "shift+tab": partial(self._go_on, -1),
                    },
                )
            if self._tell is not None:
                yield Static("", id="below")

    def on_mount(self) -> None:
        if self._history is not None:
            self._lines = list(self._history.lines)
        self._place = len(self._lines)
        self.again()

    # ------------------------------------------------------------ typing

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value != self._line.value:
            return  # it is not so any more: the next one comes
        if self._changed is not None and event.value != self._value:
            self._changed(event.value)
        self._value = event.value
        if event.value == self._set:
            self._say_below()
            return
        self._set = None
        self._place, self._typed = len(self._lines), event.value
        self._say_wrong("")
        self.again()

    def again(self) -> None:
        """Look again what the line may become, because it or what exists has changed."""
        if self._chosen is not None and self._set == self._line.value:
            return  # somebody is going through the offers
        self._chosen = None
        before = self._line.value[: self._line.cursor_position]
        self._offers = list(self._complete(before)) if self._complete and not self.busy else []
        self._show_offers()
        self._say_below()

    @property
    def _line(self) -> Input:
        return self.query_one(Input)

    def _recall(self, by: int) -> None:
        """Go to an older or newer line with the same beginning."""
        at = recalled(self._lines, self._place, by, self._typed)
        if at is not None and not self.busy and not self.left:
            self._place = at
            self._chosen, self._offers = None, []
            self._put(self._lines[at] if at < len(self._lines) else self._typed, "")
            self._show_offers()

    def _go_on(self, by: int) -> None:
        """Put the next offer, or the one before, in the place of the last word."""
        if self.busy or self.left:
            return
        if self._chosen is None:
            line = self._line
            before, after = line.value[: line.cursor_position], line.value[line.cursor_position :]
            self._around = (before[: self._begin(before)], after)
            self._offers = list(self._complete(before)) if self._complete else []
        if not self._offers:
            return
        if len(self._offers) == 1:
            self._take_only(self._offers[0][0])
            return
        first = 0 if by > 0 else -1
        self._chosen = first % len(self._offers) if self._chosen is None else (self._chosen + by) % len(self._offers)
        self._put(self._around[0] + self._offers[self._chosen][0], self._around[1])
        self._show_offers()

    def _take_only(self, text: str) -> None:
        """There is one way to go on: the next word begins, unless this one still waits for its value."""
        before, after = self._around
        self._put(f"{before}{text}{'' if after.startswith(' ') or text.endswith(':') else ' '}", after)
        self._set = None
        self.again()

    def _put(self, before: str, after: str) -> None:
        line = self._line
        self._set = before + after
        line.value = self._set
        line.cursor_position = len(before)

    # ------------------------------------------------------------ leaving and submitting

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.busy:
            return
        text = event.value
        if self._history is not None and text.strip():
            self._history.add(text)
            self._lines = list(self._history.lines)
            self._place = len(self._lines)
        if self._submit is None or not text.strip():
            self.dismiss(text)
            return
        self.app.run_worker(self._run(self._submit, text), exit_on_error=False)  # it outlives the line

    async def _run(self, submit: Callable[[str], Awaitable[str]], text: str) -> None:
        self._be_busy(True)
        why = "it was broken off"
        try:
            why = await submit(text)
        finally:
            if not self.left:
                self._be_busy(False)
                if why:
                    self._say_wrong(why)
        if not why:
            self.dismiss(text)

    def _be_busy(self, busy: bool) -> None:
        self.busy = busy
        self._offers, self._chosen = [], None
        self.query_one("#sign", Static).update("…" if busy else self._sign)
        self._say_wrong("")
        self._show_offers()
        self._say_below()

    def action_leave(self) -> None:
        self.dismiss(None)

    # ------------------------------------------------------------ what is shown

    def _show_offers(self) -> None:
        """Up to eight offers above the line, with what they are; those one goes through are always among them."""
        static = self.query_one("#offers", Static)
        most = max(2, min(MOST_OFFERS, self.app.size.height - 6))
        first = max(0, min((self._chosen or 0) - most + 1, len(self._offers) - most))
        shown_ = self._offers[first : first + most]
        wide = max([_LEAST_WORD, *(min(len(text), _MOST_WORD) for text, _ in shown_)])
        parts: list[Any] = []
        for index, (text, hint) in enumerate(shown_, first):
            here = index == self._chosen
            parts.append((f"{_SIGN if here else ' '} {fit(shown(text), wide)}  ", "$primary bold" if here else ""))
            left = len(self._offers) - first - len(shown_)
            more = f"  … {left} more" if left and index == first + most - 1 else ""
            room = max(8, self.app.size.width - wide - 6 - len(more))
            parts.append((fit(shown(hint), room).rstrip() + more + "\n", "$secondary"))
        static.update(Content.assemble(*parts).rstrip("\n") if parts else "", layout=len(shown_) != self._height)
        self._height = len(shown_)
        static.set_class(bool(parts), "-shown")

    def _say_wrong(self, text: str) -> None:
        try:
            wrong = self.query_one("#wrong", Static)
        except NoMatches:
            return
        if text or wrong.has_class("-shown"):
            wrong.update(words(text, lines=True))
        wrong.set_class(bool(text), "-shown")
        if text:
            self._offers, self._chosen = [], None
            self._show_offers()
            self._say_below()

    def _say_below(self) -> None:
        if self._tell is None:
            return
        text, wrong = ("running; esc leaves it to itself", False) if self.busy else self._tell(self._line.value)
        if wrong and self.query_one("#wrong").has_class("-shown"):
            text = ""  # it stands above the line
        below = self.query_one("#below", Static)
        below.update(words(text), layout=False)
        below.set_class(wrong, "-wrong")
