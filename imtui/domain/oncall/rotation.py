"""Shifts: who is on call when in one rotation."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import ceil, gcd
from typing import NamedTuple
from zoneinfo import ZoneInfo

from imtui.domain.oncall.coverage import Coverage, Window
from imtui.domain.oncall.recurrence import Recurrence, handoffs


class ShiftType(StrEnum):
    REGULAR = "REGULAR"
    OVERRIDDEN = "OVERRIDDEN"


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns. `contacts` in their order, `on_calls` of them at a time, from `start` (whole seconds) on;
    without `coverage` always."""

    contacts: tuple[str, ...]
    zone: ZoneInfo
    start: datetime
    recurrence: Recurrence
    coverage: Coverage | None = None
    on_calls: int = 1


@dataclass(frozen=True, slots=True)
class Override:
    """Other people for a time; nobody, if there are none."""

    contacts: tuple[str, ...]
    start: datetime
    end: datetime


class Shift(NamedTuple):
    """People on call from an instant to another. `instead_of` has the regular ones where an override replaced them;
    `number` counts the rotation's hand-offs."""

    start: datetime
    end: datetime
    contacts: tuple[str, ...]
    number: int
    instead_of: tuple[str, ...] | None = None

    @property
    def type(self) -> ShiftType:
        return ShiftType.REGULAR if self.instead_of is None else ShiftType.OVERRIDDEN


def shifts(rotation: Rotation, begin: datetime, end: datetime, overrides: Sequence[Override] = ()) -> list[Shift]:
    """The pieces of shifts that touch the range, ascending and whole: what begins before the range or ends after it is
    not cut. `overrides` in the order they were made: where two overlap, the later one counts."""
    first, last = max(_seconds(begin), _seconds(rotation.start)), ceil(end.timestamp())
    if first >= last:
        return []
    over = handoffs(rotation.recurrence, rotation.zone, _seconds(rotation.start))
    bounds = over.around(first, last)
    covered: list[Window] = [(bounds[0], bounds[-1])]
    if rotation.coverage is not None:
        covered = rotation.coverage.within(rotation.zone, first, last)
    replaced = _replaced(overrides, bounds[0], bounds[-1])
    number = over.index(bounds[0])
    turns = _turns(rotation.contacts, rotation.on_calls)
    pieces: list[_Piece] = []
    window = piece = 0
    for from_, until in pairwise(bounds):
        people = turns[number % len(turns)]
        while window < len(covered) and covered[window][1] <= from_:
            window += 1
        for index in range(window, len(covered)):
            low, high = covered[index]
            low, high = max(from_, low), min(until, high)
            if low >= high:
                break
            while piece < len(replaced) and replaced[piece][1] <= low:
                piece += 1
            if piece < len(replaced) and replaced[piece][0] < high:
                _cut(pieces, low, high, people, number, replaced, piece)
            else:
                _append(pieces, (low, high, people, number, None))
        number += 1
    moments = {edge: datetime.fromtimestamp(edge, UTC) for each in pieces for edge in each[:2]}
    return [
        Shift(moments[low], moments[high], people, number, instead_of)
        for low, high, people, number, instead_of in pieces
        if high > first and low < last
    ]


def on_call(rotation: Rotation, number: int) -> tuple[str, ...]:
    """Who is on call in the shift of this number, counted from 0."""
    turns = _turns(rotation.contacts, rotation.on_calls)
    return turns[number % len(turns)]


@lru_cache(maxsize=4096)
def _turns(contacts: tuple[str, ...], count: int) -> tuple[tuple[str, ...], ...]:
    """Who is on call in each shift, until it begins again."""
    size = len(contacts)
    return tuple(
        tuple(contacts[(number * count + place) % size] for place in range(count))
        for number in range(size // gcd(size, count))
    )


_Piece = tuple[int, int, tuple[str, ...], int, tuple[str, ...] | None]
"""A piece of a shift: from and to which second, who, the shift's number, and instead of whom."""

_Replaced = tuple[int, int, tuple[str, ...]]


def _cut(
    pieces: list[_Piece],
    low: int,
    high: int,
    people: tuple[str, ...],
    number: int,
    replaced: Sequence[_Replaced],
    index: int,
) -> None:
    """Append a covered part of a shift, where overrides replace people in pieces."""
    at = low
    while index < len(replaced) and replaced[index][0] < high:
        begin, end, others = replaced[index]
        if at < begin:
            _append(pieces, (at, begin, people, number, None))
        begin, at = max(at, begin), min(end, high)
        if others:
            _append(pieces, (begin, at, others, number, people))
        index += 1
    if at < high:
        _append(pieces, (at, high, people, number, None))


def _append(pieces: list[_Piece], piece: _Piece) -> None:
    """Add a piece; one that touches the last one of the same shift, people and type makes it longer."""
    if pieces:
        low, high, people, number, instead_of = pieces[-1]
        touches = number == piece[3] and high == piece[0] and (instead_of is None) == (piece[4] is None)
        if touches and set(people) == set(piece[2]):
            pieces[-1] = (low, piece[1], people, number, instead_of)
            return
    pieces.append(piece)


def _replaced(overrides: Sequence[Override], low: int, high: int) -> list[_Replaced]:
    """The times in which an override counts, ascending and apart: of those that overlap, the last made."""
    touching = [
        (_seconds(each.start), _seconds(each.end), rank)
        for rank, each in enumerate(overrides)
        if _seconds(each.start) < high and _seconds(each.end) > low
    ]
    waiting = sorted(touching)
    edges = sorted({edge for begin, end, _ in touching for edge in (begin, end)})
    active: list[tuple[int, int]] = []
    found: list[_Replaced] = []
    taken = 0
    for edge, following in pairwise(edges):
        while taken < len(waiting) and waiting[taken][0] <= edge:
            heapq.heappush(active, (-waiting[taken][2], waiting[taken][1]))
            taken += 1
        while active and active[0][1] <= edge:
            heapq.heappop(active)
        if active:
            found.append((edge, following, tuple(dict.fromkeys(overrides[-active[0][0]].contacts))))
    return found


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
