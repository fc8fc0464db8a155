"""Every act that a key can do, once: bindings, the line of keys, help and the documentation come from here.

A screen lists the ids it can do (`ACTS`) and has a method `act_ID` for each; what is not of one screen is a method of
the program itself. The same key does the same act everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from imtui.domain.errors import ValidationFailed


class Action(NamedTuple):
    """An act: `keys` as Textual names them, `label` for people, `group` for the help. `changes`: not for those who may
    only look. `hint`: shown in the line of keys, the smaller the earlier (0: not there), as `short` where that is
    given."""

    id: str
    keys: tuple[str, ...]
    label: str
    group: str
    changes: bool = False
    hint: int = 0
    short: str = ""

    @property
    def method(self) -> str:
        return f"act_{self.id.replace('-', '_')}"


TOUR = "Tour"
"""The group of the acts that only a tour through the program has."""

ACTIONS: tuple[Action, ...] = (
    Action("down", ("j", "down"), "Down", "Moving"),
    Action("up", ("k", "up"), "Up", "Moving"),
    Action("left", ("h", "left"), "Left", "Moving"),
    Action("right", ("l", "right"), "Right", "Moving"),
    Action("top", ("g", "home"), "First line", "Moving"),
    Action("bottom", ("G", "end"), "Last line", "Moving"),
    Action("half-down", ("ctrl+d",), "Half a page down", "Moving"),
    Action("half-up", ("ctrl+u",), "Half a page up", "Moving"),
    Action("page-down", ("pagedown",), "Page down", "Moving"),
    Action("page-up", ("pageup",), "Page up", "Moving"),
    Action("open", ("enter",), "Open", "Moving", hint=3),
    Action("back", ("escape",), "One step back", "Moving", hint=98, short="back"),
    Action("tab-previous", ("left_square_bracket",), "Previous tab", "Moving"),
    Action("tab-next", ("right_square_bracket",), "Next tab", "Moving"),
    Action("zoom", ("z",), "Zoom", "Moving"),
    *(Action(f"tab-{n}", (str(n),), f"Tab {n}", "Moving") for n in range(1, 9)),
    Action("start", ("s",), "Start incident", "Incidents", True, 7, "start"),
    Action("acknowledge", ("a",), "Acknowledge", "Incidents", True, 1, "ack"),
    Action("take", ("T",), "I'm taking it", "Incidents", True, 2, "take"),
    Action("note", ("w",), "Write a note", "Incidents", True, 4, "note"),
    Action("engage", ("E",), "Engage", "Incidents", True, 5),
    Action("edit", ("e",), "Edit", "Incidents", True, 9),
    Action("event", ("t",), "Timeline event", "Incidents", True, 10, "event"),
    Action("resolve", ("r",), "Resolve", "Incidents", True, 6),
    Action("reopen", ("O",), "Open again", "Incidents", True, 8),
    Action("escalate", ("X",), "Escalate now", "Incidents", True, 16, "escalate"),
    Action("stop", ("S",), "Stop engagement", "Incidents", True, 17, "stop"),
    Action("page-again", ("A",), "Page again", "Incidents", True, 18),
    Action("hand-over", ("H",), "Hand over", "Incidents", True, 19),
    Action("tags", ("number_sign",), "Edit tags", "Incidents", True),
    Action("jump", ("J",), "Go to what this tells of", "Incidents"),
    Action("replay", ("L",), "Replay the incident", "Incidents"),
    Action("filter", ("slash",), "Filter", "Lists", hint=20),
    Action("match-next", ("n",), "Next match", "Lists"),
    Action("match-previous", ("N",), "Previous match", "Lists"),
    Action("filters", ("F",), "Saved filters", "Lists", hint=44, short="saved"),
    Action("sort", ("o",), "Sort", "Lists", hint=42),
    Action("mark", ("space",), "Mark", "Lists"),
    Action("mark-all", ("asterisk",), "Mark all", "Lists", hint=46),
    Action("new", ("plus",), "New", "Lists", True, 8),
    Action("delete", ("D",), "Delete", "Lists", True, 30),
    Action("copy", ("y",), "Copy", "Lists", hint=40),
    Action("plan", ("P",), "Engagement plan", "Contacts", True, 12, "plan"),
    Action("send-code", ("c",), "Send a new code", "Contacts", True, 14, "new code"),
    Action("activate", ("v",), "Enter the code", "Contacts", True, 11, "enter code"),
    Action("deactivate", ("minus",), "Deactivate", "Contacts", True),
    Action("test", ("x",), "Send a test page", "Contacts", True, 13, "test"),
    Action("override", ("V",), "Override a shift", "On call", True, 12, "override"),
    Action("duplicate", ("M",), "Make a copy", "On call", True, 32, "copy it"),
    Action("zone", ("Z",), "Next time zone", "On call", hint=22, short="zone"),
    Action("warnings", ("W",), "What is wrong with it", "On call", hint=24, short="warnings"),
    Action("history", ("B",), "Load and hand-over notes", "On call", hint=28, short="load"),
    Action("rehearse", ("K",), "Rehearse: what would happen", "Rehearsal", hint=26, short="rehearse"),
    Action("drill", ("m",), "Drill: a real page, measured", "Rehearsal"),
    Action("instant", ("i",), "Another instant", "Rehearsal", hint=10, short="when"),
    Action("suppose", ("b",), "Suppose an acknowledgement", "Rehearsal", hint=11, short="suppose"),
    Action("skip", ("f",), "Skip this step, or take it up again", "Getting prepared", True, 9, "skip"),
    Action("dismiss", ("d",), "Take notice", "Alarms", True, 15),
    Action("alarms", ("exclamation_mark",), "What is wrong", "Screens"),
    Action("go-schedules", ("f9",), "On-call schedules", "Screens"),
    Action("go-incidents", ("f2", "I"), "Incidents", "Screens"),
    Action("go-contacts", ("f3", "C"), "Contacts", "Screens"),
    Action("go-plans", ("f4",), "Escalation plans", "Screens"),
    Action("go-response-plans", ("f5",), "Response plans", "Screens"),
    Action("go-notifications", ("f6",), "Notifications", "Screens"),
    Action("go-events", ("f7",), "Events", "Screens"),
    Action("go-audit", ("f11",), "Audit: who did what", "Screens"),
    Action("go-prepared", ("f10", "Y"), "Get prepared", "Screens"),
    Action("tour-next", ("greater_than_sign",), "Next step of the tour", TOUR),
    Action("tour-end", ("Q",), "End the tour", TOUR),
    Action("utc", ("u",), "UTC or local time", "Program"),
    Action("pause", ("p",), "Hold the picture", "Program"),
    Action("palette", ("ctrl+p",), "Find an act", "Program"),
    Action("command", ("colon",), "Command line", "Program", hint=95, short="command"),
    Action("help", ("question_mark",), "Help", "Program", hint=99),
    Action("redraw", ("ctrl+l",), "Draw the screen anew", "Program"),
    Action("quit", ("q",), "Quit", "Program", hint=100),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

_KEY = re.compile(r"((ctrl|alt|shift|super)\+)*([^\W_]|[a-z][a-z0-9]*(_[a-z0-9]+)*)")
_SIGNS = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "number_sign": "#",
    "greater_than_sign": ">",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
}


def remapped(keys: Mapping[str, str]) -> tuple[Action, ...]:
    """The actions with the keys of the configuration: `[keys] resolve = "ctrl+r, R"`. Raises ValidationFailed for an id
    that does not exist and for a key that two acts would share."""
    for id_ in keys:
        if id_ not in BY_ID:
            raise ValidationFailed(f"configuration: [keys] {id_!r} is no act; `?` in the program lists them")
    chosen = tuple(
        action._replace(keys=tuple(_named(key.strip()) for key in keys[action.id].split(",") if key.strip()))
        if action.id in keys
        else action
        for action in ACTIONS
    )
    seen: dict[str, str] = {}
    for action in chosen:
        for key in action.keys:
            if key in seen:
                raise ValidationFailed(f"configuration: [keys] {key!r} is meant for both {seen[key]} and {action.id}")
            seen[key] = action.id
    return chosen


def _named(key: str) -> str:
    """A key as Textual names it, also when it is written as people do. Raises ValidationFailed for what is none."""
    key = next((name for name, sign in _SIGNS.items() if sign == key), key)
    if not _KEY.fullmatch(key):
        raise ValidationFailed(f"configuration: [keys] {key[:40]!r} is no key: write it as ctrl+k, f8, Z, slash or /")
    return key


def shown_key(key: str) -> str:
    """A key as people write it."""
    return _SIGNS.get(key, key)
