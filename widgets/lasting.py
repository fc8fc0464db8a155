"""Programs and screens that outlast their parts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from textual.message import Message
from textual.message_pump import MessagePump


@contextmanager
def _outlasting() -> Iterator[None]:
    """What was waited for may be cancelled: a screen that is left while it is still being made has such parts. Whoever
    waited is not cancelled by that, unless somebody cancels it, too."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise


class Lasting(MessagePump):
    """Goes on when something it waited for has been cancelled. Textual takes that for the end of whoever waits: a
    screen hears no key any more, and the program is gone without a word, in the middle of whatever one does."""

    async def _dispatch_message(self, message: Message) -> None:
        with _outlasting():
            await super()._dispatch_message(message)

    async def _flush_next_callbacks(self) -> None:
        callbacks = self._next_callbacks.copy()
        self._next_callbacks.clear()
        for callback in callbacks:  # one at a time: one that is cancelled must not take the others with it
            later = self._next_callbacks.copy()
            self._next_callbacks[:] = [callback]
            with _outlasting():
                await super()._flush_next_callbacks()
            self._next_callbacks[:0] = later
