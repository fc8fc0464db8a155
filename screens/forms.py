"""Forms: they stay until they could be saved, lose nothing that was typed, and show what others changed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, TextArea

from imtui.domain.errors import Conflict, ImtuiError, ValidationFailed
from imtui.domain.text import shown
from screens.dialogs import Dialog, words
from screens.drafts import Draft, Kept
from screens.live import Host

KEEP_SECONDS = 0.3
"""What is typed is kept this much later: a few times a second at most."""

_LONGEST = 2000


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

    @property
    def options(self) -> tuple[tuple[str, Any], ...]:
        return (("no", False), ("yes", True)) if self.kind == "switch" else self.choices

    def legible(self, value: Any) -> str:
        """A text as it may stand in a field: whatever somebody wrote, no terminal takes it for more than text."""
        return shown(str(value), lines=self.kind == "area")

    def words(self, value: Any) -> str:
        """A value as people read it."""
        return next((label for label, known in self.options if known == value), str(value))


class Theirs(NamedTuple):
    """What the database holds now, by the names of fields, and who wrote it where that is known."""

    values: Mapping[str, Any]
    by: str = ""


class Form(Dialog[Any]):
    """Asks for values. `submit` gets them by name; what it returns is what the dialog gives.

    When `submit` finds that somebody else has changed the same thing (Conflict), `theirs` reads their version and makes
    it what the next `submit` is based on. What only they changed is taken over; what both changed stands beneath the
    field as theirs. `draft` keeps what is typed, `kept` is what was typed in an earlier session.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", show=False, priority=True),
        Binding("f2,ctrl+j", "save", "Save", show=False),
        Binding("tab", "next_field", "Next field", show=False, priority=True),  # before the next key finds its field
        Binding("shift+tab", "previous_field", "Field before", show=False, priority=True),
        Binding("f3", "swap", "Take theirs", show=False),
        Binding("f8", "forget", "Throw away", show=False),
    ]
    DEFAULT_CSS = """
    Form > Vertical { width: 76; max-width: 98%; height: auto; max-height: 100%; padding: 1 2; background: $surface; }
    Form VerticalScroll { height: auto; scrollbar-size: 1 1; }
    Form .label { margin-top: 1; color: $secondary; }
    Form .error { color: $error; display: none; height: auto; }
    Form .theirs { color: $warning; display: none; height: auto; max-height: 8; }
    Form .-shown { display: block; }
    Form .help { color: $secondary; }
    Form Input, Form Select { border: none; height: 1; background: $panel; padding: 0 1; }
    Form Input:focus, Form TextArea:focus { background: $field; }
    Form TextArea { border: none; height: 6; background: $panel; }
    Form TextArea.-textual-compact { padding: 0; }
    Form Select { height: auto; padding: 0; }
    Form SelectCurrent { background: $panel; padding: 0 1; }
    Form Select:focus SelectCurrent { background: $field; }
    Form > Vertical > Horizontal { height: 1; align-horizontal: right; margin-top: 1; }
    Form Button { margin-left: 2; min-width: 12; }
    Form .keys { color: $secondary; width: 1fr; height: 1; }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        submit: Callable[[dict[str, Any]], Awaitable[Any]],
        *,
        verb: str = "Save",
        note: str = "",
        theirs: Callable[[], Awaitable[Theirs]] | None = None,
        draft: Draft | None = None,
        kept: Kept | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = list(fields)
        self._submit = submit
        self._verb = verb
        self._theirs = theirs
        self._draft = draft
        self._kept = kept
        self._base: dict[str, Any] = {field.name: field.value for field in self._fields}
        """What the next save is based on."""
        self._other: dict[str, Any] = {}
        """What others made of fields that are changed here, too."""
        self._by = ""
        self._written: dict[str, Any] | None = dict(kept.values) if kept else None
        self._keeping: Timer | None = None
        self._lock = asyncio.Lock()
        self._saving = False
        self._leaving = False
        again = "What you had typed before is here again; f8 throws it away." if kept else ""
        self._note = "\n".join(filter(None, (note, again)))

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(words(self._title), classes="title")
            if self._note:
                yield Static(words(self._note, lines=True), classes="help")
            with VerticalScroll(can_focus=False):
                for field in self._fields:
                    yield from self._field(field)
            yield Static("", id="wrong", classes="error")
            with Horizontal():
                yield Static(self._keys(), classes="keys")
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(Content(self._verb), id="save", variant="primary", compact=True)

    def _field(self, field: Field) -> ComposeResult:
        yield Static(Content(field.label), classes="label")
        start = self._kept.values.get(field.name, field.value) if self._kept else field.value
        widget: Widget
        if field.kind == "area":
            widget = TextArea(
                field.legible(start),
                id=f"f-{field.name}",
                tab_behavior="focus",
                highlight_cursor_line=False,
                compact=True,
            )
            widget.cursor_blink = False
            widget.move_cursor(widget.document.end)  # one goes on where one was
        elif field.options:
            options = [(words(label), value) for label, value in field.options]
            if start in {value for _, value in field.options}:
                widget = Select(options, value=start, allow_blank=False, id=f"f-{field.name}", compact=True)
            else:  # a choice of our own: what Textual shows for none is too pale
                options.insert(0, (words("choose …"), None))
                widget = Select(options, value=None, allow_blank=False, id=f"f-{field.name}", compact=True)
        else:
            widget = Input(field.legible(start), id=f"f-{field.name}", compact=True, select_on_focus=False)
            widget.cursor_blink = False
        yield widget
        if field.help:
            yield Static(Content(field.help), classes="help")
        yield Static("", id=f"t-{field.name}", classes="theirs")
        yield Static("", id=f"e-{field.name}", classes="error")

    def on_mount(self) -> None:
        if self._fields:
            self._widget(self._fields[0]).focus(scroll_visible=False)
        if self._kept is not None and self._theirs is not None:
            before = self._kept.base
            now, self._base = self._base, {**self._base, **{k: v for k, v in before.items() if k in self._base}}
            self._merge(Theirs(now))
        self._fit()

    def on_resize(self, _: events.Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        """The fields scroll; title, what is wrong, and buttons are always seen."""
        wrong = self.query_one("#wrong", Static)
        around = 5 + len(self._note.splitlines()) + (2 if wrong.has_class("-shown") else 0)
        self.query_one(VerticalScroll).styles.max_height = max(3, self.size.height - around)

    def _keys(self) -> str:
        if self._other:
            return "f3 take theirs   f2 save yours   esc"
        return (
            "tab next field   f2 save   esc cancel" if self._draft is None else "tab next field   f2 save   esc later"
        )

    # ------------------------------------------------------------ what stands in the fields

    def values(self) -> dict[str, Any]:
        """What stands in the fields."""
        return {field.name: self._value(field) for field in self._fields}

    def _widget(self, field: Field) -> Widget:
        return self.query_one(f"#f-{field.name}")

    def _value(self, field: Field) -> Any:
        widget = self._widget(field)
        if isinstance(widget, Select):
            return None if widget.is_blank() else widget.value
        text = widget.text if isinstance(widget, TextArea) else cast("Input", widget).value
        base = str(self._base[field.name])
        return base if text == field.legible(base) else text  # what cannot be shown stays unless one edits it

    def _put(self, field: Field, value: Any) -> None:
        widget = self._widget(field)
        if isinstance(widget, TextArea):
            widget.text = field.legible(value)
        elif isinstance(widget, Select):
            widget.value = value
        elif isinstance(widget, Input):
            widget.value = field.legible(value)

    def _changed(self) -> dict[str, Any]:
        """What was typed or chosen: the fields that do not hold what they are based on."""
        changed = {}
        for field in self._fields:
            base, value = self._base[field.name], self._value(field)
            if field.kind in ("line", "area"):
                base = str(base)
            elif base not in {known for _, known in field.options}:
                base = None
            if value != base:
                changed[field.name] = value
        return changed

    # ------------------------------------------------------------ leaving and saving

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._fields and event.input.id == f"f-{self._fields[-1].name}":
            self.action_save()
        else:
            self.focus_next()

    def on_input_changed(self, _: Input.Changed) -> None:
        self._typed()

    def on_text_area_changed(self, _: TextArea.Changed) -> None:
        self._typed()

    def on_select_changed(self, _: Select.Changed) -> None:
        self._typed()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """What was typed is kept where it can be, and else not thrown away by one key."""
        for choice in self.query(Select):
            if choice.expanded:
                choice.expanded = False
                choice.focus()
                return
        if self._saving:
            return
        changed = self._changed()
        if self._draft is not None:
            self.app.run_worker(self.keep_now(), exit_on_error=False)
            if changed:
                self._host.said("what you typed is kept: the same act brings it back")
        elif changed and not self._leaving:
            self._leaving = True
            self._say("wrong", "press esc once more to throw away what you typed")
            return
        self.dismiss(None)

    def action_forget(self) -> None:
        """Begin anew, from what the database holds."""
        if self._draft is not None:
            self._other.clear()
            for field in self._fields:
                self._put(field, self._base[field.name])
                self._show_theirs(field)
            self._typed()

    def action_next_field(self) -> None:
        self.focus_next()

    def action_previous_field(self) -> None:
        self.focus_previous()

    def action_save(self) -> None:
        if not self._saving:
            self._saving = True
            self.run_worker(self._save(), exit_on_error=False)

    async def _save(self) -> None:
        for error in self.query(".error"):
            error.remove_class("-shown")
        self._fit()
        try:
            async with self._lock:
                result = await self._submitted()
                await self._forget_draft()
        except ValidationFailed as error:
            named = error.field if error.field in self._base else None
            self._say(f"e-{named}" if named else "wrong", str(error))
            if named:
                self.query_one(f"#f-{named}").focus()
        except ImtuiError as error:
            self._say("wrong", str(error))
        except Exception as error:
            self._say("wrong", "this could not be saved; what you typed stays")
            self._host.defect(error)
        else:
            self.dismiss(result if result is not None else True)
        finally:
            self._saving = False
            if not self.left:
                self._typed()

    async def _submitted(self) -> Any:
        try:
            return await self._submit(self.values())
        except Conflict as error:
            if self._theirs is None:
                raise
            theirs = await self._theirs()
            if self._merge(theirs):
                who = shown(theirs.by) or "somebody else"
                both = " Theirs stands beneath yours: f2 saves yours, f3 takes theirs." if self._other else ""
                raise Conflict(f"{who} has changed this meanwhile.{both or ' It is taken over: f2 saves.'}") from error
        return await self._submit(self.values())  # what they changed is not in this form

    # ------------------------------------------------------------ somebody else's version

    def _merge(self, theirs: Theirs) -> bool:
        """Take over what only they changed, show what both did, and base the next save on theirs; whether they changed
        anything that stands here."""
        mine = self._changed()
        moved = False
        self._by = theirs.by or self._by
        for field in self._fields:
            new = theirs.values.get(field.name, self._base[field.name])
            if new != self._base[field.name]:
                moved = True
                self._base[field.name] = new
                if field.name not in mine:
                    self._put(field, new)
                elif mine[field.name] != new:
                    self._other[field.name] = new
                else:
                    self._other.pop(field.name, None)
            self._show_theirs(field)
        return moved

    def action_swap(self) -> None:
        """Put theirs into the field in focus, and what stood there beneath it."""
        focused = self.focused
        named = [field for field in self._fields if focused is not None and self._widget(field) is focused]
        for field in named or self._fields:
            if field.name in self._other:
                mine = self._value(field)
                self._put(field, self._other[field.name])
                self._other[field.name] = mine
                self._show_theirs(field)
                return

    def _show_theirs(self, field: Field) -> None:
        line = self.query_one(f"#t-{field.name}", Static)
        shows = field.name in self._other
        if shows:
            other = self._other[field.name]
            theirs = other == self._base[field.name]
            who = (f"theirs ({self._by})" if self._by else "theirs") if theirs else "yours"
            text = field.words(other)
            line.update(words(f"{who}: {text[:_LONGEST] or '(empty)'}", lines=True))
        line.set_class(shows, "-shown")
        self.query_one(".keys", Static).update(self._keys())

    # ------------------------------------------------------------ drafts

    def _typed(self) -> None:
        self._leaving = False
        if self._draft is not None and self._keeping is None:
            self._keeping = self.set_timer(KEEP_SECONDS, self._keep_soon)

    def _keep_soon(self) -> None:
        self._keeping = None
        if not self.left:
            self.run_worker(self.keep_now(), exit_on_error=False)

    def keep_now(self) -> Awaitable[None]:
        """Keep what stands in the fields at this moment."""
        return self._keep(self._changed(), dict(self._base))

    async def _keep(self, values: dict[str, Any], base: dict[str, Any]) -> None:
        if self._draft is None or self._saving:
            return
        async with self._lock:
            if values == (self._written or {}):
                return
            try:
                await self._draft.save(Kept(values, {name: base[name] for name in values}))
                self._written = values
            except ImtuiError as error:
                if not self.left:
                    self._say("wrong", f"what you type is not kept now: {error}")
            except Exception as error:
                self._host.defect(error)

    async def _forget_draft(self) -> None:
        if self._draft is not None and self._written:
            try:
                await self._draft.save(Kept({}, {}))
            except ImtuiError as error:
                self._host.said(f"saved, but what you had typed is still kept, too: {error}", wrong=True)

    def _say(self, where: str, text: str) -> None:
        line = self.query_one(f"#{where}", Static)
        line.update(words(text))
        line.add_class("-shown")
        self._fit()
        if where != "wrong":
            line.scroll_visible(animate=False)

    @property
    def _host(self) -> Host:
        return cast("Host", self.app)
