"""Keys that come too early. Whoever types fast is ahead of the program: what was typed for a dialog that is still on
its way must not be taken as acts by the screen below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.message import Message

from imtui.domain.text import shown
from widgets.lasting import Lasting

if TYPE_CHECKING:
    from textual.timer import Timer

HOLD_SECONDS = 3.0
"""Keys wait at most so long for the dialog or screen that they are meant for."""


class PatientApp(Lasting, App[None]):
    """Keeps keys until whoever they are meant for can take them."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[events.Event] | None = None
        self._patience: Timer | None = None

    class Arrived(Message):
        """What keys were waiting for can take them."""

    def hold(self) -> None:
        """A dialog or screen is on its way: what is typed from now on is meant for it, and waits."""
        if self._held is None and self.is_running:
            self._held = []
            self._patience = self.set_timer(HOLD_SECONDS, self._give_up)

    def ready(self) -> None:
        """It has come, or will not."""
        if self._held is not None:
            self.post_message(self.Arrived())

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = shown(event.text, lines=True)  # a clipboard is text from outside, too
        early = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if early and self._held is not None:
            self._held.append(event)
        else:
            await super().on_event(event)

    async def on_patient_app_arrived(self) -> None:
        held, self._held = self._held or [], None
        if self._patience is not None:
            self._patience.stop()
        for event in held:
            await self.on_event(event)  # one of them may call for another dialog: then the rest waits again

    def _give_up(self) -> None:
        held, self._held = self._held, None
        if held:
            self.too_slow()

    def too_slow(self) -> None:
        """What was typed could not be given to anybody."""

    def get_loading_widget(self) -> Any:
        from textual.widgets import Static

        return Static("…")
