"""The meaning of rotations a second time, slow and obvious: every day is walked, every edge is asked about.

It shares nothing with the program but the shapes of what goes in and comes out.
"""

from __future__ import annotations

import itertools
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import Override, Rotation

DAY = timedelta(days=1)
Piece = tuple[datetime, datetime, frozenset[str], frozenset[str] | None]
Windows = Sequence[Sequence[tuple[int, int]]]


def local(place: ZoneInfo, at: datetime) -> datetime:
    """What a clock on the wall shows at an instant."""
    return at.astimezone(place).replace(tzinfo=None, fold=0)


def instant(place: ZoneInfo, wall: datetime) -> datetime:
    """The first instant at which the wall shows this time; where it never does, as far behind the gap as it lies in
    it."""
    guess = wall.replace(tzinfo=UTC)
    offsets = sorted(
        {
            local(place, guess + hours * DAY / 12) - (guess + hours * DAY / 12).replace(tzinfo=None)
            for hours in range(-36, 37)
        }
    )
    shows = [at for offset in offsets if local(place, at := guess - offset) == wall]
    if shows:
        return min(shows)
    before = local(place, guess - 2 * DAY) - (guess - 2 * DAY).replace(tzinfo=None)
    return guess - before


def _falls_on(recurrence: Recurrence, day: datetime) -> list[datetime]:
    """The wall times of a day on which a hand-off is written, if every day, week and month counted."""
    found = []
    for number, minute in recurrence.entries:
        last = monthrange(day.year, day.month)[1]
        fits = {
            Kind.DAILY: True,
            Kind.WEEKLY: day.weekday() == number,
            Kind.MONTHLY: day.day == min(number, last),
        }[recurrence.kind]
        if fits:
            found.append(day + timedelta(minutes=minute))
    return found


def _counts(recurrence: Recurrence, first: datetime, day: datetime) -> bool:
    """Whether a day is in a day, week or month that counts, from the first hand-off's on."""
    if recurrence.kind is Kind.DAILY:
        distance = (day - first).days
    elif recurrence.kind is Kind.WEEKLY:
        distance = ((day - day.weekday() * DAY) - (first - first.weekday() * DAY)).days // 7
    else:
        distance = (day.year - first.year) * 12 + day.month - first.month
    return distance >= 0 and distance % recurrence.every == 0


def handoffs(recurrence: Recurrence, place: ZoneInfo, start: datetime, until: datetime) -> list[datetime]:
    """All hand-offs after the start and up to some time after an instant."""
    midnight = local(place, start).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + number * DAY for number in range(-3, (until - start).days + 45)]
    first = min(
        (at, day) for day in days[:45] for wall in _falls_on(recurrence, day) if (at := instant(place, wall)) >= start
    )[1]
    found = {
        instant(place, wall) for day in days if _counts(recurrence, first, day) for wall in _falls_on(recurrence, day)
    }
    return sorted(at for at in found if at > start)


def _covered(
    place: ZoneInfo, windows: Windows | None, first: datetime, last: datetime
) -> list[tuple[datetime, datetime]]:
    """The covered times of the days around a range, not joined."""
    if windows is None:
        return [(datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))]
    day = local(place, first).replace(hour=0, minute=0, second=0, microsecond=0) - 3 * DAY
    found = []
    while day < last.replace(tzinfo=None) + 4 * DAY:
        minutes: set[int] = set()
        for begin, end in windows[day.weekday()]:
            minutes |= set(range(begin, end if end > begin else end + 1440))
        run: list[int] = []
        for minute in [*sorted(minutes), 99999]:
            if run and minute != run[-1] + 1:
                low, high = (
                    instant(place, day + timedelta(minutes=run[0])),
                    instant(place, day + timedelta(minutes=run[-1] + 1)),
                )
                found.append((low, high))
                run = []
            run.append(minute)
        day += DAY
    return found


def pieces(
    rotation: Rotation,
    windows: Windows | None,
    begin: datetime,
    end: datetime,
    overrides: Sequence[Override] = (),
    around: timedelta = timedelta(days=50),
) -> list[Piece]:
    """The pieces that touch the range, looked at so far beyond it that they are whole."""
    low, high = max(begin - around, rotation.start), end + around
    if end <= rotation.start:
        return []
    bounds = [rotation.start, *handoffs(rotation.recurrence, rotation.zone, rotation.start, high)]
    covered = _covered(rotation.zone, windows, low, high)
    edges = {*bounds, low, high, *(edge for window in covered for edge in window)}
    edges |= {edge for each in overrides for edge in (each.start, each.end)}
    inside = sorted(edge for edge in edges if low <= edge <= high)
    found: list[Piece] = []
    of_shift: list[int] = []
    for from_, until in itertools.pairwise(inside):
        if not any(window[0] <= from_ < window[1] for window in covered):
            continue
        number = sum(bound <= from_ for bound in bounds) - 1
        size = len(rotation.contacts)
        people = frozenset(rotation.contacts[(number * rotation.on_calls + j) % size] for j in range(rotation.on_calls))
        replaced = None
        for each in overrides:
            if each.start <= from_ < each.end:
                replaced = frozenset(each.contacts)
        if replaced is not None and not replaced:
            continue
        piece: Piece = (from_, until, people, None) if replaced is None else (from_, until, replaced, people)
        if found and found[-1][1] == from_ and found[-1][2:] == piece[2:] and of_shift[-1] == number:
            found[-1] = (found[-1][0], *piece[1:])
        else:
            found.append(piece)
            of_shift.append(number)
    return [piece for piece in found if piece[1] > begin and piece[0] < end]
