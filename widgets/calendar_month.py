"""A month as it is drawn: weeks are rows, days are cells, and in them each rotation has a line."""

from __future__ import annotations

import calendar
from datetime import date
from typing import NamedTuple

from imtui.domain.oncall.rotation import Shift
from widgets.calendar_days import Track, View
from widgets.calendar_frame import LINES, STRIPE, day_head, detail, legend, style_of, title
from widgets.calendar_words import MONTHS, WEEKDAYS, WHOLE_MONTHS, laid, most_in, shortened, wide
from widgets.cells import Piece, fit
from widgets.virtual_table import CURSOR

_HEAD = LINES + 1
_NOBODY = "- nobody"
_BESIDE = 72
_NAMED = 7
"""In so many cells the first day of a month has its name."""

_NUMBER, _DENSE = 4, 10
"""Cells of a day's number where a rotation stands beside it, and of the narrowest day in which one does."""


class Shape(NamedTuple):
    """How the lines of a month are shared out: `below` lines in each day after that with its number, on which the first
    rotation stands too if it is `dense`, and `told` lines at the end."""

    weeks: int
    below: int
    dense: bool
    told: int

    @property
    def drawn(self) -> int:
        """How many rotations have a line in each day."""
        return self.below + self.dense


def span(day: date) -> tuple[int, int]:
    """The first day (as an ordinal) of the weeks that a month touches, Mondays first, and how many days they have."""
    first = date(day.year, day.month, 1)
    begin = first.toordinal() - first.weekday()
    length = calendar.monthrange(day.year, day.month)[1]
    return begin, -(-(first.weekday() + length) // 7) * 7


def shape(width: int, height: int, weeks: int, tracks: int) -> Shape:
    """What there is room for. What is chosen is told in a few lines at least; the days have what they need of the
    rest."""
    free = height - _HEAD
    least = 1 + min(-(-tracks // 2) if width >= _BESIDE else tracks, 4)
    below = min(tracks, max(0, (free - least) // weeks - 1))
    dense = below < tracks and _column(width) - 1 >= _DENSE
    return Shape(weeks, below, dense, max(0, free - weeks * (1 + below)))


def lines(view: View, width: int, height: int) -> list[list[Piece]]:
    """The picture: so many lines of so many cells."""
    days, chosen = view.days, view.chosen
    found = shape(width, height, days.count // 7, len(view.shown))
    more = len(view.shown) - found.drawn
    heading = f"{WHOLE_MONTHS[chosen.month - 1]} {chosen.year}"
    if more > 0:
        word = "rotation " if more == 1 else "rotations "
        heading += f"  +{more} {word if width >= _BESIDE else ''}below"
    drawn = [title(heading, view, width), legend(view, width)]
    drawn.append(laid([(fit(f" {name}", _column(width)), "head") for name in WEEKDAYS], width))
    for week in range(found.weeks):
        cells = [_cell(view, week * 7 + place, _column(width) - 1, found) for place in range(7)]
        for line in range(1 + found.below):
            drawn.append(laid([piece for cell in cells for piece in (*cell[line], (" ", ""))], width))
    index = chosen.toordinal() - days.first
    begin, end = days.bounds[index], days.bounds[index + 1]
    drawn += detail(view, day_head(view, begin, end), begin, end, width, found.told)
    return drawn[:height]


def _column(width: int) -> int:
    """How many cells a day takes, with the gap to the next."""
    return max(1, width // 7)


def place_at(x: int, y: int, width: int, shaped: Shape) -> int | None:
    """Which day, counted from 0, stands at a place; None where none does."""
    row, column = (y - _HEAD) // (1 + shaped.below), x // _column(width)
    return row * 7 + column if y >= _HEAD and row < shaped.weeks and column < 7 else None


def _cell(view: View, index: int, width: int, shaped: Shape) -> list[list[Piece]]:
    """A day: its number, and a line for each of the first rotations."""
    day = view.days.day(index)
    within = day.month == view.chosen.month
    tracks = view.shown[: shaped.drawn]
    if not shaped.dense:
        return [_number(view, index, day, width), *(_line(view, each, index, width, within) for each in tracks)]
    first = [*_number(view, index, day, _NUMBER), *_line(view, tracks[0], index, width - _NUMBER, within)]
    return [first, *(_line(view, each, index, width, within) for each in tracks[1:])]


def _number(view: View, index: int, day: date, width: int) -> list[Piece]:
    """The day's number, marked where it is chosen and where it is today, and where there is a time in which nobody is
    on call: in words if they fit, else in signs."""
    chosen, today, gap = day == view.chosen, day == view.today, bool(view.days.gaps[index])
    number = f"{day.day:2}" if day.day > 1 or width < _NAMED else f"{day.day:2} {MONTHS[day.month - 1]}"
    style = "strong" if day.month == view.chosen.month else "dim"
    if chosen:
        style = "cursor" if view.focused else "chosen"
    elif today:
        style = "today"
    for now, hole in ((" today", " gap"), ("*", " gap"), ("*", "!"), ("", "!")):
        now, hole = now if today else "", hole if gap else ""
        sign = CURSOR if chosen else "*" if today and not now else " "
        used = len(sign + number + now + hole)
        if used <= width:
            pieces = [(sign, style if sign != " " else ""), (number, style), (now, "today"), (hole, "warn")]
            return [*pieces, (" " * (width - used), "")]
    return laid([(sign, style), (number, style)], width)


def _line(view: View, track: Track, index: int, width: int, within: bool) -> list[Piece]:
    """Who is on call in a rotation on a day, in order; striped where an override is among them."""
    turns = view.days.turns[track.letter][index]
    if not view.days.known:
        return [(fit(f"{track.letter} …", width), "dim")]
    if not turns:
        style = "warn" if view.days.gaps[index] and within else "dim"
        nobody = _NOBODY if width >= len(_NOBODY) + 2 else "-"
        return [(fit(f"{track.letter} {nobody}", width), style)]
    striped = any(shift.instead_of is not None for shift in turns)
    room = width - 2
    who = shortened(_people(view, turns, most_in(room)), room)
    fill = (STRIPE if striped else " ") * (room - wide(who))
    return [(f"{track.letter}{STRIPE if striped else ' '}{who}{fill}", style_of(track) if within else "dim")]


def _people(view: View, turns: tuple[Shift, ...], most: int) -> tuple[tuple[str, ...], ...]:
    """At most so many that come one after the other; who stays on over a hand-off is named once."""
    found: list[tuple[str, ...]] = []
    last: tuple[str, ...] | None = None
    for shift in turns:
        if shift.contacts != last:
            last = shift.contacts
            found.append(tuple(map(view.name, last)))
            if len(found) >= most:
                break
    return tuple(found)
