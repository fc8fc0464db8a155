"""The lines around every screen: the title, what is wrong, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from imtui.actions import Action, shown_key
from imtui.domain.text import shown

if TYPE_CHECKING:
    from imtui.services.health import Health

MIN_WIDTH, MIN_HEIGHT = 80, 23
"""A terminal of 80 × 24, of which tmux takes a line."""

_ROOMY = 100
_LAST = ("back", "help")
"""The acts that the line of keys ends with, however little room there is: the way out, and the way to all others."""

Pieces = list[tuple[str, str]]


class State(NamedTuple):
    """What the title tells of the program. `speed` is the clock's; `demo` a demonstration's name; `stays`: no
    message leaves this machine."""

    user: str
    now: datetime
    utc: bool = False
    opening: bool = False
    paused: bool = False
    read_only: bool = False
    speed: float = 1.0
    demo: str = ""
    stays: bool = False


def title(state: State, heading: Iterable[tuple[str, str]], width: int) -> tuple[Pieces, Pieces]:
    """The pieces of the title at the left and at the right."""
    left = [(" imtui ", "strong"), *heading]
    right: Pieces = []
    if state.demo:
        right.append((f" {state.demo} ", "warn"))
    if state.stays:
        right.append((" nothing leaves this machine " if width >= _ROOMY else " nothing leaves ", "warn"))
    if state.paused:
        right.append((" HELD ", "warn"))
    if state.read_only:
        right.append((" READ-ONLY ", "warn"))
    if state.speed != 1.0:
        right.append((f" TIME ×{state.speed:g} ", "warn"))
    if state.opening:
        right.append((" opening … ", "dim"))
    time = state.now.strftime("%H:%M Z") if state.utc else state.now.astimezone().strftime("%H:%M")
    right += [(f" {shown(state.user)[:20]} ", "dim"), (f"{time} ", "")]
    return left, right


def keys(actions: Sequence[Action], width: int, height: int) -> Pieces:
    """The line of keys: those of the acts possible here, or, where the terminal is too small, what it lacks."""
    by_id = {action.id: action for action in actions}
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        essential = [by_id[id_] for id_ in ("acknowledge", "take", "help", "quit") if id_ in by_id]
        words = "  ".join(f"{_first(action)} {action.label.lower()}" for action in essential)
        return [(f" {width}×{height}: too small, {MIN_WIDTH}×{MIN_HEIGHT} shows all  ", "warn"), (words, "dim")]
    hints = sorted((action for action in actions if action.hint), key=lambda action: action.hint)
    last = [by_id[id_] for id_ in _LAST if id_ in by_id and by_id[id_].keys]
    end = [part for action in last for part in (*_hint(action), ("  ", ""))][:-1]
    room = width - 1 - _cells(end)
    shown_: Pieces = [(" ", "")]
    for action in hints:
        piece = [*_hint(action), ("  ", "")]
        if action.id not in _LAST and action.keys and _cells(piece) <= room:
            room -= _cells(piece)
            shown_ += piece
    return [*shown_, *end]


def _hint(action: Action) -> Pieces:
    return [(_first(action), "strong"), (f" {action.short or action.label.lower()}", "dim")]


def _cells(pieces: Pieces) -> int:
    return sum(len(text) for text, _ in pieces)


def _first(action: Action) -> str:
    return shown_key(action.keys[0]) if action.keys else ""


def handed_over(before: bool | None, mine: bool) -> str:
    """What people are told when the engine has changed hands. `mine`: this program is the engine now; `before`: it was
    when one last knew, None where nobody has known yet."""
    if before is None or before == mine:
        return ""
    if mine:
        return "this program is the engine now: it pages people"
    return "another program is the engine now: this one pages nobody any more"


def alarm(health: Health, *, unled: bool, key: str) -> tuple[str, str]:
    """The first of what is wrong, and, for the right end of the line, how much more there is and the key that shows
    it all. `unled`: that no engine runs is trouble, not a moment between two."""
    found = [f"NOBODY LEFT TO PAGE: #{silent.number} {shown(silent.title)}" for silent in health.exhausted]
    found += [shown(wrong.text) for wrong in health.alarms]
    if unled and not health.leader and (health.running or health.outbox_pending):
        found.append("no engine runs: nobody is paged")
    if not found:
        return "", ""
    more = f"  +{len(found) - 1} more" if len(found) > 1 else ""
    return found[0], f"{more}  {key} shows all " if key else f"{more} "
