"""Dialogs that ask: to confirm, to read a text, to fill in a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, TextArea

from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.text import shown

_CSS = """
    align: center middle;
    background: $background 60%;
"""


class Confirm(ModalScreen[bool]):
    """Asks before something that pages people, resolves or deletes. Cancel is in focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False),
        Binding("left,right", "other", "Other button", show=False),
    ]
    DEFAULT_CSS = (
        "Confirm {"
        + _CSS
        + """}
    Confirm > Vertical { width: 64; max-width: 90%; height: auto; background: $surface; padding: 1 2; }
    Confirm .title { text-style: bold; }
    Confirm .text { margin: 1 0; }
    Confirm Horizontal { height: auto; align-horizontal: right; }
    Confirm Button { margin-left: 2; min-width: 12; }
    """
    )

    def __init__(self, title: str, text: str, verb: str) -> None:
        super().__init__()
        self._words = (title, text, verb)

    def compose(self) -> ComposeResult:
        title, text, verb = self._words
        with Vertical():
            yield Static(Content(shown(title)), classes="title")
            yield Static(Content(shown(text, lines=True)), classes="text")
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


class Reader(ModalScreen[None]):
    """Shows a longer text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "leave", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("j,down", "down", "Down", show=False),
        Binding("k,up", "up", "Up", show=False),
    ]
    DEFAULT_CSS = (
        "Reader {"
        + _CSS
        + """}
    Reader > Vertical { width: 90; max-width: 95%; height: auto; max-height: 90%; background: $surface; padding: 1 2; }
    Reader .title { text-style: bold; }
    Reader VerticalScroll { height: auto; max-height: 100%; margin: 1 0; scrollbar-size: 1 1; }
    Reader .keys { color: $secondary; }
    """
    )

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(shown(self._title)), classes="title")
            with VerticalScroll():
                yield Static(Content(shown(self._text, lines=True)))
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


class Field(NamedTuple):
    """A field of a form. `kind`: line, area, choice (with `choices` as label and value) or switch (yes or no).

    `name` is what the services call it, so that their errors appear at it.
    """

    name: str
    label: str
    value: Any = ""
    kind: str = "line"
    help: str = ""
    choices: tuple[tuple[str, Any], ...] = ()


class Form(ModalScreen[Any]):
    """A form that stays until it could be saved: an error appears at its field, and nothing typed is lost.

    `submit` gets the values by name; what it returns is what the dialog gives. `keep`, when given, is told what the
    first field holds while one types, so that it can be kept as a draft.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False),
        Binding("f2,ctrl+j", "save", "Save", show=False),
    ]
    DEFAULT_CSS = (
        "Form {"
        + _CSS
        + """}
    Form > Vertical { width: 76; max-width: 98%; height: auto; max-height: 96%; padding: 1 2 0 2; }
    Form > Vertical { background: $surface; }
    Form .title { text-style: bold; }
    Form VerticalScroll { height: auto; max-height: 100%; scrollbar-size: 1 1; }
    Form .label { margin-top: 1; color: $secondary; }
    Form .error { color: $error; display: none; height: auto; }
    Form .error.-shown { display: block; }
    Form .help { color: $secondary; text-style: italic; }
    Form Input, Form Select { border: none; height: 1; background: $panel; padding: 0 1; }
    Form Input:focus, Form TextArea:focus { background: $panel-lighten-1; }
    Form TextArea { border: none; height: 6; background: $panel; padding: 0 1; }
    Form Select { height: auto; padding: 0; }
    Form SelectCurrent { background: $panel; padding: 0 1; }
    Form Select:focus SelectCurrent { background: $panel-lighten-1; }
    Form > Vertical > Horizontal { height: auto; align-horizontal: right; margin-top: 1; }
    Form Button { margin-left: 2; min-width: 12; }
    Form .keys { color: $secondary; width: 1fr; }
    """
    )

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        submit: Callable[[dict[str, Any]], Awaitable[Any]],
        *,
        verb: str = "Save",
        note: str = "",
        keep: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = list(fields)
        self._submit = submit
        self._verb = verb
        self._note = note
        self._keep = keep
        self._saving = False
        self._leaving = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(shown(self._title)), classes="title")
            if self._note:
                yield Static(Content(shown(self._note, lines=True)), classes="help")
            with VerticalScroll(can_focus=False):
                for field in self._fields:
                    yield from self._field(field)
            yield Static("", id="wrong", classes="error")
            with Horizontal():
                yield Static("tab next field   f2 save   esc cancel", classes="keys")
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(Content(self._verb), id="save", variant="primary", compact=True)

    def _field(self, field: Field) -> ComposeResult:
        yield Static(Content(field.label), classes="label")
        widget: Widget
        if field.kind == "area":
            widget = TextArea(
                str(field.value), id=f"f-{field.name}", tab_behavior="focus", highlight_cursor_line=False, compact=True
            )
            widget.cursor_blink = False
        elif field.kind == "choice":
            known = {value for _, value in field.choices}
            options = [(Content(shown(label)), value) for label, value in field.choices]
            if field.value in known:
                widget = Select(options, value=field.value, allow_blank=False, id=f"f-{field.name}", compact=True)
            else:
                widget = Select(options, id=f"f-{field.name}", compact=True, prompt="choose …")
        elif field.kind == "switch":
            options = [(Content("no"), False), (Content("yes"), True)]
            widget = Select(options, value=bool(field.value), allow_blank=False, id=f"f-{field.name}", compact=True)
        else:
            widget = Input(str(field.value), id=f"f-{field.name}", select_on_focus=False, compact=True)
            widget.cursor_blink = False
        yield widget
        if field.help:
            yield Static(Content(field.help), classes="help")
        yield Static("", id=f"e-{field.name}", classes="error")

    def on_mount(self) -> None:
        if self._fields:
            self.query_one(f"#f-{self._fields[0].name}").focus()

    def values(self) -> dict[str, Any]:
        """What the fields hold, by name."""
        return {field.name: self._value(field) for field in self._fields}

    def _value(self, field: Field) -> Any:
        widget = self.query_one(f"#f-{field.name}")
        if isinstance(widget, TextArea):
            return widget.text
        if isinstance(widget, Select):
            return None if widget.is_blank() else widget.value
        if isinstance(widget, Input):
            return widget.value
        raise TypeError(field.kind)

    @property
    def dirty(self) -> bool:
        """Whether anything was typed or chosen."""
        return any(
            self._value(field) != (field.value if field.kind != "line" and field.kind != "area" else str(field.value))
            for field in self._fields
            if not (field.kind == "choice" and field.value not in {value for _, value in field.choices})
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        names = [f"f-{field.name}" for field in self._fields]
        if event.input.id == names[-1]:
            self.action_save()
        else:
            self.focus_next()

    def on_input_changed(self, _: Input.Changed) -> None:
        self._typed()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        self._typed()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.action_save()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """What was typed is not thrown away by one key, unless it is kept as a draft."""
        if self.dirty and self._keep is None and not self._leaving:
            self._leaving = True
            self._say("wrong", "press esc once more to throw away what you typed")
            return
        self.dismiss(None)

    def action_save(self) -> None:
        if not self._saving:
            self._saving = True
            self.run_worker(self._save(), exit_on_error=False)

    async def _save(self) -> None:
        for error in self.query(".error"):
            error.remove_class("-shown")
        try:
            result = await self._submit(self.values())
        except ValidationFailed as error:
            named = error.field if error.field in {field.name for field in self._fields} else None
            self._say(f"e-{named}" if named else "wrong", str(error))
            if named:
                self.query_one(f"#f-{named}").focus()
            return
        except ImtuiError as error:
            self._say("wrong", str(error))
            return
        finally:
            self._saving = False
        self.dismiss(result if result is not None else True)

    def _say(self, where: str, text: str) -> None:
        line = self.query_one(f"#{where}", Static)
        line.update(Content(shown(text)))
        line.add_class("-shown")
        line.scroll_visible(animate=False)

    def _typed(self) -> None:
        self._leaving = False
        if self._keep is not None and self._fields:
            text = str(self._value(self._fields[0]))
            self.run_worker(self._kept(text), exclusive=True, group="keep", exit_on_error=False)

    async def _kept(self, text: str) -> None:
        assert self._keep is not None
        try:
            await self._keep(text)
        except ImtuiError:
            return  # the text still stands in the field; the next key tries again
