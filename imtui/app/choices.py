"""What help and palette offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from imtui.actions import Action, shown_key
from imtui.domain.incident import IncidentRow
from imtui.operations import OPERATIONS
from screens.palette import Entry

MOST_INCIDENTS = 50
ACT, INCIDENT, OPERATION = "act", "incident", "operation"
"""What the id of an entry begins with, before a slash."""

NOT_HERE, NOT_READ_ONLY = "Not on this screen", "Not for those who only look"


def shown_keys(action: Action) -> str:
    """The keys of an act as people write them."""
    return " ".join(map(shown_key, action.keys))


def acts_in_help(actions: Sequence[Action], can: Callable[[Action], bool], *, read_only: bool) -> list[Entry]:
    """Every act: those possible here by group, how one moves after the others, and last those that are not, which say
    in which group they are to be found."""
    possible = sorted((action for action in actions if can(action)), key=lambda action: action.group == "Moving")
    groups = list(dict.fromkeys(action.group for action in possible))
    entries = [
        _act(action, action.id, action.group) for action in sorted(possible, key=lambda a: groups.index(a.group))
    ]
    rest = [action for action in actions if action not in possible]
    for closed in (False, True):
        heading = NOT_READ_ONLY if closed else NOT_HERE
        kept = [action for action in rest if (read_only and action.changes) is closed]
        entries += [_act(action, f"in {action.group}", heading)._replace(possible=False) for action in kept]
    return entries


def acts_to_find(actions: Iterable[Action], can: Callable[[Action], bool]) -> list[Entry]:
    """The acts possible here, without those that only move."""
    kept = [action for action in actions if can(action) and action.group != "Moving"]
    return [_act(action, "screen" if action.group == "Screens" else action.group) for action in kept]


def operations_to_find() -> list[Entry]:
    """The operations of the `:` line."""
    return [
        Entry(f"{OPERATION}/{operation.name}", ":", operation.name, "command", about=operation.summary)
        for operation in OPERATIONS
        if not operation.shell_only
    ]


def incidents_to_find(rows: Iterable[IncidentRow]) -> list[Entry]:
    """Open incidents, by number and title."""
    return [Entry(f"{INCIDENT}/{row.id}", f"#{row.number}", row.title, "incident") for row in rows]


def _act(action: Action, hint: str, group: str = "") -> Entry:
    return Entry(
        f"{ACT}/{action.id}", shown_keys(action), action.label, hint, group, also=f"{action.id} {action.group}"
    )
