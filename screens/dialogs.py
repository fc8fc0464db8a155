"""Dialogs that ask or show: to confirm, and to read a longer text. Forms are in `screens/forms.py`."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Select, Static, TextArea

from imtui.domain.text import shown
from widgets.cells import steady
from widgets.lasting import Lasting
from widgets.painting import Beneath, SpanCompositor

R = TypeVar("R")

_TYPED = (Input.Changed, Input.Submitted, TextArea.Changed, Select.Changed, Button.Pressed, OptionList.OptionSelected)


class Dialog(Lasting, ModalScreen[R]):
    """Stands over a screen. It tells the program when it can take keys: until then they wait."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"dialog--beneath"}
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .dialog--beneath { color: $beneath; background: $background; }
    Dialog .title { text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self.left = False
        """Whether it was closed: what was on its way to it then is for nobody."""
        self._arrived = False

    def render(self) -> Any:
        what = super().render()
        if isinstance(what, BackgroundScreen) and what.color.a:
            return Beneath(what.screen, self.get_component_rich_style("dialog--beneath"))
        return what

    async def _dispatch_message(self, message: Message) -> None:
        if not (self.left and isinstance(message, _TYPED)):
            await super()._dispatch_message(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return super().check_action(action, parameters) if self._arrived and not self.left else False

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Close it with a result; once. A second enter in the same moment must not close what lies below."""
        if self.left or self.app.screen is not self:
            return AwaitComplete()
        self.left = True
        return super().dismiss(result)

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        self.call_after_refresh(self._ready)

    def _ready(self) -> None:
        self._arrived = True
        ready = getattr(self.app, "ready", None)
        if ready is not None:
            ready(self)


def words(text: str, *, lines: bool = False) -> Content:
    """Text from anywhere as content: nothing in it means anything to the terminal."""
    return Content(steady(shown(text, lines=lines)))


class Confirm(Dialog[bool]):
    """Asks before something that pages people, resolves or deletes. Cancel is in focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False, priority=True),
        Binding("left,right", "other", "Other button", show=False),
    ]
    DEFAULT_CSS = """
    Confirm > Vertical { width: 64; max-width: 90%; height: auto; background: $surface; padding: 1 2; }
    Confirm .text { margin: 1 0; }
    Confirm Horizontal { height: auto; align-horizontal: right; }
    Confirm Button { margin-left: 2; min-width: 12; }
    """

    def __init__(self, title: str, text: str, verb: str) -> None:
        super().__init__()
        self._words = (title, text, verb)

    def compose(self) -> ComposeResult:
        title, text, verb = self._words
        with Vertical():
            yield Static(words(title), classes="title")
            yield Static(words(text, lines=True), classes="text")
            with Horizontal():
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(Content(verb), id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_leave(self) -> None:
        self.dismiss(False)

    def action_other(self) -> None:
        self.focus_next()


class Reader(Dialog[None]):
    """Shows a longer text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "leave", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("j,down", "down", "Down", show=False),
        Binding("k,up", "up", "Up", show=False),
    ]
    DEFAULT_CSS = """
    Reader > Vertical { width: 90; max-width: 95%; height: auto; max-height: 90%; background: $surface; padding: 1 2; }
    Reader VerticalScroll { height: auto; max-height: 100%; margin: 1 0; scrollbar-size: 1 1; }
    Reader .keys { color: $secondary; }
    """

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(words(self._title), classes="title")
            with VerticalScroll():
                yield Static(words(self._text, lines=True))
            yield Static("esc close   y copy", classes="keys")

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        copied = getattr(self.app, "copied", None)
        if copied is not None:
            copied(self._text)

    def action_down(self) -> None:
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        self.query_one(VerticalScroll).scroll_up(animate=False)
