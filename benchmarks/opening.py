"""Opening an incident with a long history: until banner and overview are painted, and until its timeline is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.glass import Glass
from benchmarks.incidents import SUMMARY
from benchmarks.programs import IMTUI, surroundings
from benchmarks.watched import Press, chosen, shows, shows_no, watched

ROUNDS = 5
_STEPS = 15
"""So many events at once are seen in the timeline alone; the overview tells of a few."""


class Opened(NamedTuple):
    """The presses of enter, and those that show the timeline."""

    details: list[Press]
    timeline: list[Press]


def opened(database: Path) -> Opened:
    """Open the incident on top of the list and its timeline, several times."""
    found = Opened([], [])
    with watched([IMTUI], surroundings(database)) as program:
        program.wait(lambda glass: chosen(glass) is not None)
        program.wait(shows_no("opening …"))
        program.settle()
        for _ in range(ROUNDS):
            found.details.append(program.press("\r", shows("1 Critical", "engaged", SUMMARY[:40]), silent=0.3))
            found.timeline.append(program.press("3", _shows_history, silent=0.3))
            program.terminal.write("\x1b")
            program.wait(lambda glass: chosen(glass) is not None)
            program.settle()
    return found


def _shows_history(glass: Glass) -> bool:
    return glass.text().count(" is done") >= _STEPS
