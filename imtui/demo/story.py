"""What happens while one watches: an alarm, pages, no answer, escalation, an acknowledgement, notes, resolution."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from imtui import services
from imtui.demo.alarms import alarm
from imtui.demo.history import acting, code_for, take_in
from imtui.domain.errors import ImtuiError
from imtui.services.context import Context

SPEED = 6.0
"""Program minutes pass in ten seconds."""


class Stage(Protocol):
    """The program that shows the story."""

    @property
    def context(self) -> Context | None: ...

    def said(self, text: str, *, wrong: bool = False) -> None: ...


async def play(stage: Stage) -> None:
    """Tell the story once. Whoever watches may do anything meanwhile; what has become impossible is left out."""
    context = stage.context
    assert context is not None
    clock = context.clock
    incident = ""

    async def begin() -> str:
        nonlocal incident
        incident = await take_in(context, [alarm("checkout-errors", clock.now())]) or ""
        return "An alarm has come in and Ana is paged. Enter opens the incident, f6 shows the messages."

    async def silence() -> str:
        return "Ana does not answer. In the banner the next page counts down; tab 5 shows whom it will reach."

    async def repeats() -> str:
        await take_in(context, [alarm("checkout-errors", clock.now()) for _ in range(25)])
        return "25 more events of the same alarm: one counted line in the timeline (3), and nobody is paged again."

    async def answer() -> str:
        code = await code_for(context, incident, "ben")
        if code is not None:
            await services.engagements.acknowledge(acting(context, "ben"), code)
        return "Ben has acknowledged by his code: Chidi and Dana are not woken. w writes a note for him."

    async def write() -> str:
        await services.timeline.add_note(acting(context, "ben"), incident, "The second provider answers. Switching.")
        return "Ben writes notes; they are on every screen at once."

    async def other() -> str:
        await take_in(context, [alarm("search-latency", clock.now())])
        return "A second alarm, of less impact. Nobody has taken it yet: a and a code from f6 does, or T as yourself."

    async def end() -> str:
        await take_in(context, [alarm("checkout-errors", clock.now(), "OK")])
        await services.incidents.resolve(acting(context, "ben"), incident)
        return "Ben resolves the incident: what was not sent is cancelled. The timeline (3) tells the whole story."

    beats: tuple[tuple[float, Callable[[], Awaitable[str]]], ...] = (
        (2, begin),
        (18, silence),
        (15, repeats),
        (40, answer),
        (12, write),
        (15, other),
        (30, end),
    )
    for seconds, beat in beats:
        await clock.pause(seconds)
        try:
            stage.said(await beat())
        except ImtuiError:
            continue  # the watcher has resolved or acknowledged it before: the story goes on without this
