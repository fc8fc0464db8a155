"""A week as it is drawn: time runs from left to right, and each rotation has a row in which its shifts are bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from imtui.domain.oncall.rotation import Shift
from widgets.calendar_days import Track, View
from widgets.calendar_frame import LINES, STRIPE, day_head, detail, legend, style_of, title
from widgets.calendar_moves import by_hour
from widgets.calendar_words import MONTHS, WEEKDAYS, laid, moment, shortened, wide, zone_name
from widgets.cells import Piece, fit
from widgets.virtual_table import CURSOR

GUTTER = 2
"""Cells before the first day: there stand the letters."""

_HEAD = LINES + 2
_TALLEST = 3
_FILL, _NONE, _HOLE = "─", "·", "-"
_SINCE, _EDGE = "<", "|"
"""At the left of a bar: it began before the week, or here."""

_TIME = 5
_LEAST_NAME = 3
_HERE, _NOW = "▾", "now"


class Bar(NamedTuple):
    """A shift in a row, from a cell to another, counted from the week's beginning."""

    start: int
    end: int
    shift: Shift


class Shape(NamedTuple):
    """How the lines of a week are shared out: rows of `tall` lines for `tracks`, one for times with nobody, and `told`
    lines at the end."""

    tracks: int
    tall: int
    holes: bool
    told: int


def span(day: date) -> tuple[int, int]:
    """The Monday of a day's week (as an ordinal), and its seven days."""
    return day.toordinal() - day.weekday(), 7


def shape(height: int, tracks: int, holes: bool) -> Shape:
    """What there is room for: rows as tall as leaves a line for each in what is told of the chosen hour."""
    free = max(0, height - _HEAD - holes)
    tall = next((each for each in range(_TALLEST, 1, -1) if tracks * each + 1 + tracks <= free), 1)
    fits = min(tracks, max(0, free - 2))
    if fits < tracks:
        fits = max(0, fits - 1)
    return Shape(fits, tall, holes, max(0, free - fits * tall - (fits < tracks)))


def day_width(width: int) -> int:
    """How many cells a day takes."""
    return max(1, (width - GUTTER) // 7)


def lines(view: View, width: int, height: int) -> list[list[Piece]]:
    """The picture: so many lines of so many cells."""
    days, each = view.days, day_width(width)
    found = shape(height, len(view.shown), any(days.gaps))
    first, last = days.day(0), days.day(6)
    year = f" {first.year}" if first.year != last.year else ""
    since = f"{first.day} {MONTHS[first.month - 1]}{year}"
    until = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    drawn = [title(f"Week {first.isocalendar().week}: {since} – {until}", view, width), legend(view, width)]
    drawn += [_heads(view, each, width), _axis(view, each, width)]
    here, now = cell(view, view.at, each), cell(view, view.now, each)
    for track in view.shown[: found.tracks]:
        for line in row(view, track, each, found.tall):
            drawn.append(laid(_lit(line, here, now), width))
    if found.tracks < len(view.shown):
        drawn.append(laid([(f"+{len(view.shown) - found.tracks} more", "dim")], width))
    if found.holes:
        drawn.append(laid(_lit(_holes(view, each), here, now), width))
    local = view.at.astimezone(days.zone)
    begin, end = view.at, by_hour(view.at, days.zone, 1)
    head = day_head(view, begin, end, f" {local:%H:%M} {zone_name(view.at, days.zone)}")
    drawn += detail(view, head, begin, end, width, found.told)
    return drawn[:height]


def cell(view: View, at: datetime, each: int) -> int:
    """In which cell of a row an instant lies; outside of the week it is -1 or the one after the last."""
    days = view.days
    if at < days.bounds[0]:
        return -1
    if at >= days.bounds[-1]:
        return each * days.count
    local = at.astimezone(days.zone)
    day = local.toordinal() - days.first
    return day * each + (local.hour * 60 + local.minute) * each // 1440


def bars(view: View, track: Track, each: int) -> list[Bar]:
    """The shifts of a rotation as bars that are apart. Each has a cell at least; of several in one cell the last stays,
    and bars go on from left to right also where clocks go back."""
    begin, end = view.days.bounds[0], view.days.bounds[-1]
    found: list[Bar] = []
    for shift in track.shifts:
        if shift.end <= begin or shift.start >= end:
            continue
        start = max(0, cell(view, shift.start, each))
        if found:
            start = max(start, found[-1].start)
            while found and found[-1].start == start:
                found.pop()
            if found and found[-1].end > start:
                found[-1] = found[-1]._replace(end=start)
        found.append(Bar(start, max(start + 1, cell(view, shift.end, each)), shift))
    return found


def row(view: View, track: Track, each: int, tall: int) -> list[list[Piece]]:
    """The row of a rotation: so many lines. Where it has nobody there are dots, where that is not known nothing."""
    style = style_of(track)
    drawn: list[list[Piece]] = [[(fit(track.letter, GUTTER), style)], *([(" " * GUTTER, "")] for _ in range(tall - 1))]
    at = 0
    for bar in bars(view, track, each):
        _blank(drawn, bar.start - at, _NONE)
        for line, text in zip(drawn, _texts(view, bar, tall), strict=True):
            line.append((text, style))
        at = bar.end
    _blank(drawn, each * view.days.count - at, _NONE if view.days.known else " ")
    return drawn


def _blank(drawn: list[list[Piece]], count: int, sign: str) -> None:
    """Go on with so many cells in which nobody is on call."""
    if count > 0:
        drawn[0].append((sign * count, "dim"))
        for line in drawn[1:]:
            line.append((" " * count, ""))


def _texts(view: View, bar: Bar, tall: int) -> list[str]:
    """The lines of a bar: who, and from when; in one line both where there is room. The last of three is free."""
    room = bar.end - bar.start
    shift = bar.shift
    began = shift.start >= view.days.bounds[0]
    striped = shift.instead_of is not None
    edge = (_SINCE if not began else STRIPE if striped else _EDGE) if room > 1 or striped else ""
    time = moment(shift.start, view.days.zone, shift.start.astimezone(view.days.zone).date()) if began else ""
    people = (tuple(map(view.name, shift.contacts)),)
    rest = room - len(edge)
    if tall == 1:
        first = f"{time} " if time and rest >= _TIME + 1 + _LEAST_NAME else ""
        return [edge + _filled(first + shortened(people, rest - len(first)), rest, striped)]
    brief = f"{time[:2]}h" if time.endswith(":00") and rest > 2 else ""
    second = time if len(time) <= rest else brief
    texts = [edge + _filled(shortened(people, rest), rest, striped), edge + _filled(second, rest, striped, " ")]
    return [*texts, *([" " * room] * (tall - 2))]


def _filled(text: str, room: int, striped: bool, fill: str = _FILL) -> str:
    """A text and what a bar is drawn with."""
    left = room - wide(text)
    if striped:
        return text + STRIPE * left
    return text + (" " + fill * (left - 1) if left and text else fill * left)


def _holes(view: View, each: int) -> list[Piece]:
    """The row that says when nobody is on call in any rotation."""
    pieces: list[Piece] = [(fit("!", GUTTER), "warn")]
    at = 0
    for low, high in _joined([hole for day in view.days.gaps for hole in day]):
        start = max(at, cell(view, low, each))
        end = max(start + 1, cell(view, high, each))
        word = next((text for text in ("nobody", "no") if len(text) + 2 <= end - start), "")
        pieces += [(" " * (start - at), ""), (f"{_HOLE}{word}".ljust(end - start, _HOLE), "warn")]
        at = end
    return pieces


def _joined(stretches: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Those that touch as one: they were cut at midnight."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in stretches:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _heads(view: View, each: int, width: int) -> list[Piece]:
    pieces: list[Piece] = [(" " * GUTTER, "")]
    for index in range(7):
        day = view.days.day(index)
        chosen, today = day == view.chosen, day == view.today
        sign = CURSOR if chosen else " "
        name = WEEKDAYS[day.weekday()]
        forms = (f"{name} {day.day} today", f"{name} {day.day}*") if today else (f"{name} {day.day}",)
        said = next((form for form in forms if len(form) + 2 <= each), f"{day.day}{'*' if today else ''}")
        style = "cursor" if chosen and view.focused else "chosen" if chosen else "today" if today else "strong"
        pieces += [(fit(sign + said, max(0, each - 1)), style), (" ", "")]
    return laid(pieces, width)


def _axis(view: View, each: int, width: int) -> list[Piece]:
    """The hours, with the chosen one and the present one."""
    long = each * 7
    letters, styles = ["·"] * long, ["dim"] * long

    def write(at: int, text: str, style: str) -> None:
        for place, letter in enumerate(text, at):
            if 0 <= place < long:
                letters[place], styles[place] = letter, style

    here, now = cell(view, view.at, each), cell(view, view.now, each)
    words = []
    if 0 <= now < long:
        aside = 0 < here - now < len(_NOW) or now > long - len(_NOW)
        words.append((max(0, now - len(_NOW) + 1) if aside else now, _NOW, "now"))
    chosen = f"{view.at.astimezone(view.days.zone):%H}" if each >= 6 else ""
    if here == now:
        words.clear()
        chosen = _NOW
    elif here < now <= here + len(chosen):
        chosen = ""
    words.append((here, f"{_HERE}{chosen}", "cursor" if view.focused else "chosen"))
    taken = {place for at, text, _ in words for place in range(at - 1, at + len(text) + 1)}
    hours = (0, 6, 12, 18) if each >= 16 else (0, 12) if each >= 8 else (0,)
    for day in range(7):
        for hour in hours:
            at, text = day * each + hour * each // 24, f"{hour:02}"[: max(1, each - 1)]
            if taken.isdisjoint(range(at, at + len(text))):
                write(at, text, "dim")
    for at, text, style in words:
        write(at, text, style)
    pieces: list[Piece] = [(" " * GUTTER, "")]
    for letter, style in zip(letters, styles, strict=True):
        if pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + letter, style)
        else:
            pieces.append((letter, style))
    return laid(pieces, width)


def _lit(line: list[Piece], here: int, now: int) -> list[Piece]:
    """A line of a row, with the cells of the chosen hour and of the present one in styles that say so."""
    for at, style in ((now, "now"), (here, "here")):
        line = _marked(line, at + GUTTER, style) if at >= 0 else line
    return line


def _marked(line: list[Piece], at: int, style: str) -> list[Piece]:
    """The line with one cell, or the wide letter that covers it, in one more style."""
    found: list[Piece] = []
    used = 0
    for text, name in line:
        taken = wide(text)
        if not used <= at < used + taken:
            found.append((text, name))
        else:
            before, letter, after = _parted(text, at - used)
            found += [(before, name), (letter, f"{name}+{style}"), (after, name)]
        used += taken
    return [piece for piece in found if piece[0]]


def _parted(text: str, at: int) -> tuple[str, str, str]:
    """What is before a cell of a text, the letter in it with its marks, and what is after it."""
    if text.isascii():
        return text[:at], text[at], text[at + 1 :]
    used = 0
    for index, letter in enumerate(text):
        used += wide(letter)
        if used > at:
            end = index + 1
            while end < len(text) and wide(text[end]) == 0:
                end += 1
            return text[:index], text[index:end], text[end:]
    return text, "", ""


def hour_at(x: int, y: int, width: int, height: int, tracks: int, holes: bool) -> tuple[int, int] | None:
    """Which day, counted from 0, and which hour stand at a place; None where none does."""
    each = day_width(width)
    day, rest = divmod(x - GUTTER, each)
    within = LINES <= y < height - shape(height, tracks, holes).told
    return (day, rest * 24 // each) if within and 0 <= day < 7 else None
