"""Things that are compared run in turn, A B A B …, so that what else the machine does meets both."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def in_turn(runs: Sequence[Callable[[], float]], times: int) -> list[list[float]]:
    """What each gave, after one run of each that does not count."""
    for run in runs:
        run()
    rounds = [[run() for run in runs] for _ in range(times)]
    return [list(values) for values in zip(*rounds, strict=True)]
