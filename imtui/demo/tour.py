"""A tour through the program: beat after beat something happens, a line says what and why, and names the key to try.

What the watcher does is seen: the suggestion is ticked off, and the tour goes on a little sooner. It never waits for
them, holds while they hold the picture, and leaves out what they have made impossible.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from imtui.clock import Clock
from imtui.domain.errors import ImtuiError

LEAST_SECONDS = 9.0
"""No beat is shorter, unless somebody asks for the next one."""

SOONER = 0.8
"""How much of its time a beat still takes when its suggestion has been followed."""

AFTERWARDS_SECONDS = 6.0
"""What the watcher has called up stays for so long before the next beat."""

MOST_SECONDS = 40.0
"""A beat that waits for what the engine does waits no longer, all in all."""

LOOK_SECONDS = 0.25
_ASK_SECONDS = 1.0


class Place(Protocol):
    """Where the watcher is: a screen with the part of it they look at (`narrowed` by a filter), its incident's id, the
    dialog over it."""

    @property
    def screen(self) -> str: ...
    @property
    def spot(self) -> str: ...
    @property
    def incident(self) -> str: ...
    @property
    def dialog(self) -> str: ...
    @property
    def narrowed(self) -> bool: ...


class Stage(Protocol):
    """The program in which the tour takes place."""

    @property
    def clock(self) -> Clock: ...

    @property
    def paused(self) -> bool: ...

    def place(self) -> Place: ...

    def lines(self) -> None: ...


class Goal(NamedTuple):
    """Something to try: `what` it shows, the `act` of the registry that does it, and `where` it can be done: on the
    `list`, in an `incident` or on its `row`, in the `tab` of it (the act that opens it, and its name).

    It is reached when the watcher sees this `screen` or dialog with this `spot`; without a screen when they do the
    act; where `met` is given, when that is so.
    """

    what: str
    act: str
    where: str = ""
    incident: str = ""
    number: int = 0
    tab: tuple[str, str] = ("", "")
    screen: str = ""
    spot: str = ""
    met: Callable[[], Awaitable[bool]] | None = None


class Scene(NamedTuple):
    """What is said while a beat lasts; `{left}` in the text stands for the real seconds until an instant. When the goal
    is reached, `then` is said instead."""

    text: str
    goal: Goal | None = None
    due: datetime | None = None
    then: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """A step: what `begin` does, and its scene (None: it cannot be any more). It lasts so many real seconds, and as
    long as `until` is not so, within bounds; it ends at once when it is `off`: what is said is not so any more. What
    comes `later` is done after so many seconds, and before the next beat in any case."""

    name: str
    seconds: float
    begin: Callable[[], Awaitable[Scene | None]]
    later: Sequence[tuple[float, Callable[[], Awaitable[None]]]] = ()
    until: Callable[[], Awaitable[bool]] | None = None
    off: Callable[[], Awaitable[bool]] | None = None


class Word(NamedTuple):
    """A step of the way: the act whose key is pressed, and on what."""

    act: str
    on: str = ""


class Says(NamedTuple):
    """What the tour says now."""

    number: int
    total: int
    text: str
    way: tuple[Word, ...] = ()
    what: str = ""
    done: bool = False


class Tour:
    """Where a tour is. `tell` moves it; the program asks what it `says` and tells it what the watcher `did`."""

    def __init__(self) -> None:
        self.over = False
        """Nothing is said any more."""
        self.name = ""
        """The present beat."""
        self._scene: Scene | None = None
        self._number = self._total = 0
        self._done = False
        self._acts: set[str] = set()
        self._nudge = asyncio.Event()
        self.leaving = asyncio.Event()
        """The program ends."""
        self._skipped = False

    def did(self, act: str) -> None:
        """The watcher has done an act of the registry."""
        self._acts.add(act)
        self._nudge.set()

    def skip(self) -> None:
        """On to the next beat now."""
        self._skipped = True
        self._nudge.set()

    def end(self) -> None:
        """Say nothing any more; what has begun goes on by itself."""
        self.over = True
        self._nudge.set()

    def leave(self) -> None:
        """The program ends, and the tour with it."""
        self.leaving.set()
        self.end()

    def says(self, now: datetime, speed: float, place: Place) -> Says | None:
        """What stands in the lines of the tour; None when there is nothing to say."""
        scene = self._scene
        if self.over or scene is None:
            return None
        left = max(0.0, (scene.due - now).total_seconds() / speed) if scene.due is not None else 0.0
        said = scene.then if self._done and scene.then else scene.text
        text = said.replace("{left}", f"{left:.0f} s" if left >= 1 else "a moment")
        if scene.goal is None:
            return Says(self._number, self._total, text)
        steps = way(scene.goal, place)
        return Says(self._number, self._total, text, steps, scene.goal.what, self._done)

    async def tell(self, stage: Stage, beats: Sequence[Beat]) -> None:
        """Go through the beats, in order and once."""
        self._total = len(beats)
        try:
            for number, beat in enumerate(beats, 1):
                if self.over:
                    return
                try:
                    scene = await beat.begin()
                except ImtuiError:
                    continue  # the watcher has been quicker: the tour goes on without it
                if scene is None:
                    continue
                self._number, self._scene, self.name = number, scene, beat.name
                self._done = self._skipped = False
                self._acts.clear()
                stage.lines()
                await self._dwell(stage, beat, scene.goal)
        finally:
            self.over = True
            stage.lines()

    async def _dwell(self, stage: Stage, beat: Beat, goal: Goal | None) -> None:
        """Let a beat last; what is held does not pass."""
        later = sorted(beat.later, key=lambda entry: entry[0])
        passed, followed, asked, holds = 0.0, None, 0.0, beat.until is not None
        while not (self.over or self._skipped):
            while later and passed >= later[0][0]:
                await _tried(later.pop(0)[1])
            if passed - asked >= _ASK_SECONDS:
                asked = passed
                if beat.off is not None and await _asked(beat.off):
                    break
                holds = beat.until is not None and not await _asked(beat.until)
                if goal is not None and goal.met is not None and not self._done:
                    self._done = await _asked(goal.met)
            if goal is not None and not self._done and reached(goal, stage.place(), self._acts):
                self._done = True
            if self._done and followed is None:
                followed = passed
                stage.lines()
            busy = bool(stage.place().dialog)
            if passed >= length(beat.seconds, None if busy else followed) and not (holds and passed < MOST_SECONDS):
                break
            passed += await self._look(stage)
        for _, act in later:
            await _tried(act)

    async def _look(self, stage: Stage) -> float:
        """Wait until it is time to look again, or something happened; the real seconds of the story that passed."""
        self._nudge.clear()
        before = stage.clock.monotonic()
        held = stage.paused
        rest = asyncio.ensure_future(stage.clock.pause(LOOK_SECONDS))
        nudged = asyncio.ensure_future(self._nudge.wait())
        try:
            await asyncio.wait([rest, nudged], return_when=asyncio.FIRST_COMPLETED)
        finally:
            rest.cancel()
            nudged.cancel()
        return 0.0 if held else stage.clock.monotonic() - before


def length(seconds: float, followed: float | None) -> float:
    """How long a beat lasts whose suggestion was followed after so many seconds, or was not."""
    if followed is None:
        return max(LEAST_SECONDS, seconds)
    return max(LEAST_SECONDS, min(seconds, max(followed + AFTERWARDS_SECONDS, seconds * SOONER)))


def reached(goal: Goal, place: Place, acts: set[str]) -> bool:
    """Whether the watcher has done it, or sees it."""
    if goal.met is not None:
        return False
    if not goal.screen:
        return goal.act in acts
    here = goal.screen == (place.dialog or place.screen)
    return here and goal.spot in ("", place.spot) and goal.incident in ("", place.incident)


def way(goal: Goal, place: Place) -> tuple[Word, ...]:
    """The keys from a place to the goal."""
    words: list[Word] = []
    if place.dialog and place.dialog != goal.screen:
        words.append(Word("back"))
    inside = place.screen == "details" and place.incident == goal.incident
    listed = place.screen == "incidents"
    if goal.where and not (inside and goal.where in ("incident", "row")):
        if not listed:
            words.append(Word("go-incidents"))
        elif goal.where != "list":
            words += [Word("back")] if place.narrowed else []
            words += [Word("tab-1")] if place.spot != "open" else []
        if goal.where == "incident":
            words.append(Word("open", f"on #{goal.number}"))
    if goal.tab[0] and not (inside and place.spot == goal.tab[1]):
        words.append(Word(goal.tab[0]))
    if goal.act != "open":
        words.append(Word(goal.act, f"on #{goal.number}" if goal.where == "row" and not inside else ""))
    return tuple(words)


async def _tried(act: Callable[[], Awaitable[None]]) -> None:
    with suppress(ImtuiError):
        await act()


async def _asked(question: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await question()
    except ImtuiError:
        return True  # what cannot be asked any more is not waited for
