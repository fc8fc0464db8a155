"""Programs at rest: what they send and what time of the processor they take while nobody presses a key.

All are watched in the same half minute, within one minute of the clock, because the title tells the minute.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import Peer
from benchmarks.programs import HELLO, HELLO_TEXT, IMTUI, cpu_seconds, memory, surroundings
from benchmarks.team import TITLE, gateway, prepare
from benchmarks.watched import Watched, asks, chosen, shows, shows_no, watched

SECONDS = 30.0
_BEGIN = (2.0, 28.0)
"""The seconds of a minute between which such a half minute may begin."""
_WARM = 6.0


class Rest(NamedTuple):
    """Bytes a second, the share of one processor, and RSS in MiB."""

    bytes: float
    cpu: float
    rss: float


LIST, TYPING, ENGAGEMENTS = "the list", "the list, a filter half typed", "the engagements"
STILL, BARE = "the resolved list", "bare Textual"


def at_rest(folder: Path, peers: Sequence[Peer]) -> dict[str, Rest]:
    """What each sends and takes: the list, also beneath a dialog, and the engagements of an incident whose escalation
    counts down, with an engine and its gateway; a list in which nothing ticks; and the peers."""
    with gateway() as config, ExitStack() as stack:

        def begin(command: Sequence[str], env: Mapping[str, str]) -> Watched:
            return stack.enter_context(watched(command, env))

        databases = [folder / f"rest-{name}.db" for name in ("list", "typing", "engagements", "still")]
        for database in databases:
            prepare(database)
        found = {
            LIST: begin([IMTUI], surroundings(databases[0], config)),
            TYPING: begin([IMTUI], surroundings(databases[1], config)),
            ENGAGEMENTS: begin([IMTUI], surroundings(databases[2], config)),
            STILL: begin([IMTUI, "--no-engine", "--read-only"], surroundings(databases[3])),
        }
        for program in found.values():
            program.wait(lambda glass: chosen(glass) is not None)
            program.wait(shows_no("opening …"))
        for name in (LIST, TYPING):
            found[name].wait(shows(" · 2"))  # the countdown of the chosen line
        found[TYPING].press("/no", lambda glass: asks(glass, "no"), silent=0.3)
        found[ENGAGEMENTS].press("\r", shows(TITLE, "engaged"), silent=0.3)
        found[ENGAGEMENTS].press("5", shows("Answered, or next", "Ben Okafor"), silent=0.3)
        found[STILL].press("2", lambda glass: "#150" in (chosen(glass) or ""), silent=0.3)
        found[BARE] = begin(HELLO, {})
        found[BARE].wait(shows(HELLO_TEXT))
        for peer in peers:
            found[peer.name] = begin(peer.command, peer.env)
            found[peer.name].wait(shows(peer.text))
        return _watched_together(found)


def _watched_together(programs: Mapping[str, Watched]) -> dict[str, Rest]:
    end = time.perf_counter() + _WARM
    while time.perf_counter() < end or not _BEGIN[0] <= time.time() % 60 <= _BEGIN[1]:
        _drain(programs)
    raw = {name: len(program.terminal.raw) for name, program in programs.items()}
    used = {name: cpu_seconds(program.terminal.pid) for name, program in programs.items()}
    began = time.perf_counter()
    while time.perf_counter() < began + SECONDS:
        _drain(programs)
    lasted = time.perf_counter() - began
    return {
        name: Rest(
            (len(program.terminal.raw) - raw[name]) / lasted,
            (cpu_seconds(program.terminal.pid) - used[name]) / lasted,
            memory(program.terminal.pid)[0],
        )
        for name, program in programs.items()
    }


def _drain(programs: Mapping[str, Watched]) -> None:
    """Take in what they write, so that nobody waits for a reader."""
    for program in programs.values():
        while program.terminal.read(0) is not None:
            pass
    time.sleep(0.05)
