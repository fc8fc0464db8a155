"""A tour through the program: where the watcher is, and the two lines above the keys in which it speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from textual.screen import Screen

from imtui.domain.text import shown
from screens.live import LiveScreen
from widgets.tour_line import TourLine

Pieces = list[tuple[str, str]]
Lines = tuple[tuple[Pieces, Pieces], tuple[Pieces, Pieces]]


class Place(NamedTuple):
    """A screen, the part of it that one looks at, its incident's id, and the dialog over it; empty where there is
    none. Screens and dialogs are named as their classes are, without `Screen`. A filter leaves it `narrowed`."""

    screen: str = ""
    spot: str = ""
    incident: str = ""
    dialog: str = ""
    narrowed: bool = False


class Word(Protocol):
    """An act whose key is to be pressed, and on what."""

    @property
    def act(self) -> str: ...
    @property
    def on(self) -> str: ...


class Says(Protocol):
    """What a tour says: which of its steps this is, what happens, and the way to what can be tried."""

    @property
    def number(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def way(self) -> Sequence[Word]: ...
    @property
    def what(self) -> str: ...
    @property
    def done(self) -> bool: ...


class Guide(Protocol):
    """Who gives the tour."""

    @property
    def over(self) -> bool:
        """Whether nothing is said any more."""
        ...

    async def run(self, stage: Any) -> None:
        """Give it, in this program."""
        ...

    def did(self, act: str) -> None:
        """The watcher has done an act."""
        ...

    def skip(self) -> None:
        """On to the next step."""
        ...

    def end(self) -> None:
        """Say nothing any more."""
        ...

    def leave(self) -> None:
        """The program ends: `run` is to return soon."""
        ...

    def says(self, now: datetime, speed: float, place: Place) -> Says | None:
        """What stands in its lines; None when there is nothing to say."""
        ...


def place_of(stack: Sequence[Screen[Any]]) -> Place:
    """Where somebody is who sees these screens, the topmost last."""
    live = next((screen for screen in reversed(stack) if isinstance(screen, LiveScreen)), None)
    dialog = "" if live is None or stack[-1] is live else _name(stack[-1])
    if live is None:
        return Place(dialog=dialog)
    return Place(_name(live), live.spot, str(getattr(live, "incident_id", "")), dialog, live.narrowed)


def lines(says: Says, key: Callable[[str], str], *, held: bool = False) -> Lines:
    """The two lines, each with its left and right end. `key` gives the key of an act."""
    first: Pieces = [(" Tour ", "strong"), (shown(says.text), "")]
    second: Pieces = [("      ", "")]
    if held:
        second.append((f"held: {key('pause')} goes on", "warn"))
    elif says.done:
        second += [("✓ ", "good"), (says.what, "dim")]
    elif says.way:
        second.append(("→ ", "strong"))
        for index, word in enumerate(says.way):
            second += [(", " if index else "", "dim"), (key(word.act), "strong")]
            second.append((f" {word.on}" if word.on else "", "dim"))
        second.append((f": {says.what}", "dim"))
    right: Pieces = [(f" {key('tour-next')}", "strong"), (" next  ", "dim"), (key("tour-end"), "strong")]
    right.append((f" ends  {says.number}/{says.total} ", "dim"))
    return (first, []), (second, right)


def show(screen: LiveScreen, says: Says | None, key: Callable[[str], str], *, held: bool = False) -> None:
    """Say it on a screen, or take the lines away."""
    screen.set_class(says is not None, "-tour")
    nothing: tuple[Pieces, Pieces] = ([], [])
    told = lines(says, key, held=held) if says is not None else (nothing, nothing)
    for line, (left, right) in zip(screen.query(TourLine), told, strict=False):
        line.tell(left, right)


def _name(screen: Screen[Any]) -> str:
    return type(screen).__name__.removesuffix("Screen").lower()
