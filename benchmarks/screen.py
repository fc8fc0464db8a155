"""The screen as a person at the other end of a line has it: at any number of incidents, while others change them.

Everything runs on a pseudo-terminal of 120 × 36 that answers no queries. A time goes from handing a key over until the
piece of output has arrived that completes the picture. What it is compared with runs in the same minutes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers, resting, slow_line
from benchmarks.changes import RATE, changes
from benchmarks.figures import Figure, Sheet, median, percentile
from benchmarks.filtering import letters
from benchmarks.incidents import OPEN, fill, tell
from benchmarks.loaded import UNWANTED, unwanted
from benchmarks.one_change import Change, one_at_a_time
from benchmarks.opening import Opened, opened
from benchmarks.programs import HELLO, HELLO_TEXT, IMTUI, surroundings
from benchmarks.startup import first_paint_figure
from benchmarks.team import TITLE
from benchmarks.terminal import first_paint
from benchmarks.turns import in_turn
from benchmarks.walking import LISTS, Presses, Walk, walk
from benchmarks.watched import Press

COMMAND = "python -m benchmarks screen"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
_ACROSS = " · ".join(f"{count:,}" for count in SIZES)
USUAL = 100_000
"""The size for which memory and single changes are asked."""

EVENTS = 10_000
GROWTH = 1.5
"""What is the same at any number may differ by this between smallest and largest: the machine has other work, too."""

_LIMITS = {"row": (10, 400), "page": (20, 7000), "ends": (50, 7000)}
"""Milliseconds and bytes of each kind of key; the ends of a list are far, and must be read first."""
_NAMES = {"row": "j and k", "page": "pagedown and pageup", "ends": "G and g"}
_PEER_RUNS = 5


class Sized(NamedTuple):
    """All that was measured at one number of incidents."""

    walk: Walk
    letters: dict[str, list[float]]
    opened: Opened


def run() -> list[Figure | Sheet]:
    """All figures of the screen."""
    figures: list[Figure | Sheet] = []
    found: dict[int, Sized] = {}
    single: dict[str, list[Change]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in SIZES:
            _tell(f"{count:,} incidents")
            database = folder / f"{count}.db"
            title = fill(database, count)
            tell(database, count, EVENTS)
            figures.append(first_paint_figure(database, count, title, COMMAND, with_bare_list=True))
            typed, details = letters(database), opened(database)
            with changes(database) as other:
                if count == USUAL:
                    single = one_at_a_time(database, count, other)
                found[count] = Sized(walk(database, count, other), typed, details)
            if count < max(SIZES):
                continue
            _tell("at rest, over a slow line, and beside others")
            figures += _keys({count: sized.walk for count, sized in found.items()})
            figures += _filter(found)
            figures += _opening(found)
            figures += [_single(kind, times) for kind, times in single.items()]
            others, missing = peers.found(folder)
            rests = resting.at_rest(folder, others)
            figures += _resting(rests)
            figures += _memory(found, rests, folder / f"{min(SIZES)}.db")
            figures.append(_alone({count: sized.walk for count, sized in found.items()}))
            figures.append(_beside(folder, others, missing, rests))
            figures.append(slow_line.sheet(folder))
    return figures


def _keys(walks: Mapping[int, Walk]) -> list[Figure | Sheet]:
    kinds = [(name, act) for name in LISTS for act in _LIMITS if (name, act) in walks[SIZES[0]].presses]
    return [_key(name, act, [walks[count] for count in SIZES]) for name, act in kinds]


def _key(name: str, act: str, walks: Sequence[Walk]) -> Figure:
    """A kind of key at all sizes. Its time counts while changes arrive; its bytes are those until silence while nothing
    changes, and those up to the paint while changes arrive."""
    presses = [walk.presses[name, act] for walk in walks]
    most_ms, most_bytes = _LIMITS[act]
    late, bare = [_p95_ms(one.busy) for one in presses], [_p95_ms(walk.bare[act].busy) for walk in walks]
    usual, calm = [_p50_ms(one.busy) for one in presses], [_p50_ms(one.quiet) for one in presses]
    grows = _growth(usual)
    alone, among = max(map(_bytes_alone, presses)), max(map(_bytes_among, presses))
    return Figure(
        f"{_NAMES[act]} in the {name} list of {_ACROSS} incidents, {RATE} changes/s",
        f"p95 {_row(late)} ms, a bare list {_row(bare)} ms; p50 {_row(usual)} ms, while nothing changes "
        f"{_row(calm)} ms; p50 grows {grows:.2f} ×; {alone:,.0f} B, {among:,.0f} B among changes",
        f"p95 ≤ {most_ms} ms, ≤ {most_bytes:,} B, the same at any number",
        max(late) <= most_ms and max(alone, among) <= most_bytes and grows <= GROWTH,
        COMMAND,
    )


def _p95_ms(presses: Sequence[Press]) -> float:
    return percentile([press.seconds for press in presses], 0.95) * 1000


def _p50_ms(presses: Sequence[Press]) -> float:
    return median([press.seconds for press in presses]) * 1000


def _bytes_alone(presses: Presses) -> float:
    return percentile([press.all_bytes for press in presses.quiet], 0.95)


def _bytes_among(presses: Presses) -> float:
    return median([press.bytes for press in presses.busy])


def _filter(found: Mapping[int, Sized]) -> list[Figure | Sheet]:
    figures: list[Figure | Sheet] = []
    for name in LISTS:
        slowest = [max(found[count].letters[name]) * 1000 for count in SIZES]
        figures.append(
            Figure(
                f"filter in the {name} list of {_ACROSS} incidents, the slowest letter",
                f"{_row(slowest)} ms; grows {_growth(slowest):.2f} ×",
                "≤ 50 ms, the same at any number",
                max(slowest) <= 50 and _growth(slowest) <= GROWTH,
                COMMAND,
            )
        )
    return figures


def _opening(found: Mapping[int, Sized]) -> list[Figure | Sheet]:
    kinds = {"opening an incident": "details", "its timeline": "timeline"}
    figures: list[Figure | Sheet] = []
    for name, kind in kinds.items():
        times = [median([press.seconds for press in getattr(found[count].opened, kind)]) * 1000 for count in SIZES]
        figures.append(
            Figure(
                f"{name} with {EVENTS:,} events, one of {_ACROSS}",
                f"{_row(times)} ms; grows {_growth(times):.2f} ×",
                "≤ 100 ms, the same at any number",
                max(times) <= 100 and _growth(times) <= GROWTH,
                COMMAND,
            )
        )
    return figures


def _single(kind: str, times: Sequence[Change]) -> Figure:
    count, seconds = median([one.bytes for one in times]), max(one.seconds for one in times)
    return Figure(
        f"somebody else changes {kind}",
        f"{count:,.0f} B, seen {median([one.seconds for one in times]) * 1000:.0f} ms after the commit, at most "
        f"{seconds * 1000:.0f} ms",
        "≤ 300 B, ≤ 500 ms",
        count <= 300 and seconds <= 0.5,
        COMMAND,
    )


def _resting(rests: Mapping[str, resting.Rest]) -> list[Figure | Sheet]:
    figures: list[Figure | Sheet] = []
    ticking = dict.fromkeys((resting.LIST, resting.TYPING, resting.ENGAGEMENTS), 100.0)
    for name, most in {**ticking, resting.STILL: 0.0}.items():
        rest, bare = rests[name], rests[resting.BARE]
        figures.append(
            Figure(
                f"at rest: {name}, " + ("a countdown ticks" if most else "nothing ticks"),
                f"{rest.bytes:.1f} B/s, {rest.cpu:.2%} CPU; bare Textual {bare.bytes:.1f} B/s, {bare.cpu:.2%}",
                f"≤ {most:g} B/s, ≤ 0.5 % CPU" if most else "0 B/s, ≤ 0.5 % CPU",
                rest.bytes <= most and rest.cpu <= 0.005,
                COMMAND,
            )
        )
    return figures


def _memory(found: Mapping[int, Sized], rests: Mapping[str, resting.Rest], database: Path) -> list[Figure | Sheet]:
    used = [found[count].walk.memory for count in SIZES]
    rss, pss = found[USUAL].walk.memory
    loaded, modules = unwanted(database)
    return [
        Figure(
            f"memory after paging around in {_ACROSS} incidents",
            f"{_row([one[0] for one in used])} MiB RSS, {_row([one[1] for one in used])} MiB PSS; bare Textual "
            f"{rests[resting.BARE].rss:.0f} MiB RSS",
            f"≤ 100 MiB RSS and PSS with {USUAL:,} incidents",
            rss <= 100 and pss <= 100,
            COMMAND,
        ),
        Figure(
            f"{', '.join(UNWANTED)} in a program that shows screens",
            f"{', '.join(loaded) or 'none'} of {modules:,} modules",
            "none",
            not loaded,
            COMMAND,
        ),
    ]


def _alone(walks: Mapping[int, Walk]) -> Sheet:
    rates = [one.rate for one in walks.values()]
    return Sheet(
        "What changes send by themselves",
        f"Nobody presses a key; {min(rates):.0f} to {max(rates):.0f} changes a second are made by another process: of "
        f"a hundred 84 notes, 10 titles, 3 new incidents and 3 resolved ones, among {OPEN} open incidents.",
        ("list", *(f"{count:,} incidents" for count in SIZES)),
        [(name, *(f"{walks[count].alone[name] / 1000:.1f} kB/s" for count in SIZES)) for name in LISTS],
    )


def _beside(
    folder: Path, others: Sequence[peers.Peer], missing: Sequence[str], rests: Mapping[str, resting.Rest]
) -> Sheet:
    env = surroundings(folder / "rest-list.db")
    runs = [lambda: first_paint([IMTUI], env, TITLE), lambda: first_paint(HELLO, {}, HELLO_TEXT)]
    runs += [lambda peer=peer: first_paint(peer.command, peer.env, peer.text) for peer in others]  # type: ignore[misc]
    painted = [median(times) * 1000 for times in in_turn(runs, _PEER_RUNS)]
    rows = [("imtui, its list with a countdown", resting.LIST), (resting.BARE, resting.BARE)]
    rows += [(peer.name, peer.name) for peer in others]
    return Sheet(
        "Beside other programs on Textual",
        " ".join(["First paint in turn, then half a minute at rest.", *missing]),
        ("program", "first paint", "bytes/s at rest", "CPU at rest", "RSS"),
        [
            (label, f"{ms:.0f} ms", f"{rests[key].bytes:.1f}", f"{rests[key].cpu:.2%}", f"{rests[key].rss:.0f} MiB")
            for (label, key), ms in zip(rows, painted, strict=True)
        ],
    )


def _growth(values: Sequence[float]) -> float:
    """How many times the value at the largest number is that at the smallest."""
    return values[-1] / values[0]


def _row(values: Sequence[float]) -> str:
    """A value for each size."""
    return " · ".join(f"{value:.1f}" if value < 100 else f"{value:,.0f}" for value in values)


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text} …", file=sys.stderr)
