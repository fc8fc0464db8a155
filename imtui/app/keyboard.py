"""Keys that come too early. Whoever types fast is ahead of the program: what was typed for a dialog that is still on
its way must not be taken as acts by the screen below."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

from imtui.domain.text import shown
from widgets.lasting import Lasting

if TYPE_CHECKING:
    from textual.timer import Timer

HOLD_SECONDS = 3.0
"""Keys wait at most so long for the dialog or screen that they are meant for."""

_WORK: ContextVar[object] = ContextVar("work", default=None)
"""The work that keys wait for, within it."""


class PatientApp(Lasting, App[None]):
    """Keeps keys until whoever they are meant for can take them: a dialog or screen that has been called for, or the
    end of a work that may show one."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[events.Event] = []
        self._works: set[object] = set()
        """Works that have shown nothing yet."""
        self._coming: WeakSet[Screen[Any]] = WeakSet()
        """Screens that cannot take keys yet."""
        self._patience: Timer | None = None

    class Arrived(Message):
        """What keys were waiting for can take them."""

    def held(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Coroutine[Any, Any, None]:
        """Does a work. What is typed from now on waits for the dialog or screen that it shows, or for its end."""
        mark = object()
        if self.is_running:
            self._works.add(mark)
            self._be_patient()

        async def whole() -> None:
            _WORK.set(mark)
            try:
                await work()
            finally:
                self._works.discard(mark)
                self.post_message(self.Arrived())

        return whole()

    def push_screen(self, screen: Any, *arguments: Any, **options: Any) -> Any:
        """Show a screen: keys wait for it, and no longer for the work that shows it."""
        if isinstance(screen, Screen):
            self.expect(screen)
        self._works.discard(_WORK.get())
        return super().push_screen(screen, *arguments, **options)

    def expect(self, screen: Screen[Any]) -> None:
        """This screen is about to be the topmost: keys wait until it is `ready`."""
        if isinstance(screen, Lasting) and self.is_running:
            self._coming.add(screen)
            self._be_patient()

    def ready(self, screen: Screen[Any]) -> None:
        """A screen can take keys."""
        self._coming.discard(screen)
        self.post_message(self.Arrived())

    def _is_early(self) -> bool:
        return bool(self._works) or (bool(self._coming) and self.screen in self._coming)

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_timer(HOLD_SECONDS, self._give_up)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = shown(event.text, lines=True)  # a clipboard is text from outside, too
        typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if typed and (self._held or self._is_early()):
            self._held.append(event)
        else:
            await super().on_event(event)

    async def on_patient_app_arrived(self) -> None:
        while self._held and not self._is_early():  # one of them may call for another dialog: then the rest waits again
            await super().on_event(self._held.pop(0))
        if self._patience is not None and not self._is_early():
            self._patience.stop()

    def _give_up(self) -> None:
        """A work may never show what keys were typed for: they are dropped. A screen that stands is who they are for,
        however long it takes to be drawn."""
        lost = bool(self._works and self._held)
        if self._works:
            self._held.clear()
        self._works.clear()
        self._coming.clear()
        if lost:
            self.too_slow()
        self.post_message(self.Arrived())

    def too_slow(self) -> None:
        """What was typed could not be given to anybody."""

    def get_loading_widget(self) -> Any:
        from textual.widgets import Static

        return Static("…")
