"""Ending soon, whatever hangs: a database that another process holds must not keep a terminal."""

from __future__ import annotations

import asyncio
import os
import termios
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from imtui.domain.text import shown

if TYPE_CHECKING:
    from imtui.services.health import Health

SECONDS = 5.0
"""The program has ended when so much time has passed since it was asked to."""

_RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"


async def in_time(work: Coroutine[Any, Any, Any] | asyncio.Future[Any], seconds: float) -> bool:
    """Wait for work, but not longer than this; whether it was done. It is not cancelled: a statement that waits for a
    lock would hold up whoever cancels it. What goes wrong in it is nobody's business any more."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        return False
    return not task.cancelled() and task.exception() is None


class LastResort:
    """Ends this process when it does not end by itself in time. Nothing is lost by that but the lease, which runs
    out: whoever may be killed at any instant may end like this, too. Make it before the program takes the terminal."""

    def __init__(self) -> None:
        self._attributes: list[Any] | None = None
        self._begun = False
        with suppress(OSError, ValueError, termios.error):
            self._attributes = termios.tcgetattr(0)

    def begin(self, status: Callable[[], int]) -> None:
        """From now on the time runs."""
        if not self._begun:
            self._begun = True
            timer = threading.Timer(SECONDS, self._end, [status])
            timer.daemon = True
            timer.start()

    def _end(self, status: Callable[[], int]) -> None:
        with suppress(OSError, ValueError, termios.error):
            os.write(1, _RESTORE)
            if self._attributes is not None:
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)
        os._exit(status())


def question(health: Health, paged: list[tuple[int, str]]) -> str:
    """What stops when the engine of this program ends, for whoever is about to end it; empty when nothing does."""
    if not (health.running or health.outbox_pending):
        return ""
    lines = ["This program is the engine that pages people. What stops with it:"]
    lines += [f"  {f'#{number}' if number else 'page:'} {shown(title)[:60]}" for number, title in paged[:6]]
    if len(paged) > 6:
        lines.append(f"  and {len(paged) - 6} more")
    if not paged and health.running:
        lines.append(f"  {health.running} engagements")
    if health.outbox_pending:
        lines.append(f"  {health.outbox_pending} messages that have not been sent yet")
    lines.append("")
    lines.append(
        "If another imtui or `imtui serve` runs on this database, it takes over at once. "
        "Else nobody is paged until one is started again."
    )
    return "\n".join(lines)
