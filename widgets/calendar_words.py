"""The words of a calendar: people in little room, and wall times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size

from widgets.cells import Piece, fit

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHOLE_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

THEN, WITH = ">", "+"
"""Between people who come one after the other, and between those on call at the same time."""

_FAR = 6
"""Within so many days a weekday says which day is meant."""

_BRIEF = 5
"""In less room an ellipsis would be most of what a name says."""

People = tuple[tuple[str, ...], ...]


def wide(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def shortened(people: People, room: int) -> str:
    """Who is on call one after the other, in at most so many cells: whole names if they fit, else the first letters of
    each, as many as there is room for, else the first ones and an ellipsis."""
    return _shortened(people[: most_in(room)], room)


def most_in(room: int) -> int:
    """No more people than this can be told in so many cells: each takes one at least, and one more than the last."""
    return (room + 1) // 2 + 1


@lru_cache(maxsize=4096)
def _shortened(people: People, room: int) -> str:
    if room <= 0 or not people:
        return ""
    widths = [wide(name) for group in people for name in group]
    between = len(widths) - 1
    if sum(widths) + between <= room:
        return _joined(people)
    if not between:
        return cropped(people[0][0], room)
    longest = min(max(widths), room)
    for most in range(longest - 1, 0, -1):
        if sum(min(each, most) for each in widths) + between <= room:
            text = _joined(people, most)
            if wide(text) <= room:  # of a wide letter there is no half
                return text
    for count in range(len(people) - 1, 0, -1):
        text = _joined(people[:count], 1) + f"{THEN}…"
        if wide(text) <= room:
            return text
    return cropped(_joined(people, 1), room)


def _joined(people: People, most: int | None = None) -> str:
    names = (group if most is None else [_first(name, most) for name in group] for group in people)
    return THEN.join(WITH.join(group) for group in names)


def _first(name: str, most: int) -> str:
    """The beginning of a name; a wide letter is not cut in half, and one remains."""
    if wide(name) <= most:
        return name
    return (name[:most] if name.isascii() else set_cell_size(name, most)).rstrip() or name[:1]


def cropped(text: str, room: int) -> str:
    """The beginning of a text, with an ellipsis where there is room for one."""
    if wide(text) <= room:
        return text
    return fit(text, room).rstrip() if room >= _BRIEF else set_cell_size(text, room).rstrip()


def laid(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """A line of pieces in exactly so many cells, cut with an ellipsis."""
    found: list[Piece] = []
    room = width
    for text, style in pieces:
        taken = wide(text)
        if taken > room:
            found.append((fit(text, room), style))
            return found
        found.append((text, style))
        room -= taken
    return [*found, (" " * room, "")] if room else found


def date_text(day: date) -> str:
    """A day in full: Tue 24 Nov 2026."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def moment(at: datetime, zone: ZoneInfo, day: date) -> str:
    """A wall time, with what is needed to tell its day from this one."""
    here = at.astimezone(zone)
    time = f"{here.hour:02}:{here.minute:02}" + (f":{here.second:02}" if here.second else "")
    other = here.date()
    if other == day:
        return time
    if abs((other - day).days) <= _FAR:
        return f"{WEEKDAYS[other.weekday()]} {time}"
    year = f" {other.year}" if other.year != day.year else ""
    return f"{other.day} {MONTHS[other.month - 1]}{year} {time}"


def stretch(begin: datetime, end: datetime, zone: ZoneInfo, day: date) -> str:
    """From a wall time to another, with the names of their offsets; one name where it is the same."""
    names = [zone_name(each, zone) for each in (begin, end)]
    first = "" if names[0] == names[1] else f" {names[0]}"
    return f"{moment(begin, zone, day)}{first} – {moment(end, zone, day)} {names[1]}"


def zone_name(at: datetime, zone: ZoneInfo) -> str:
    """What the zone's clocks are called at an instant, such as CET; where they have no name, their offset."""
    return at.astimezone(zone).tzname() or "UTC"


def offset(at: datetime, zone: ZoneInfo) -> str:
    """How far they are from UTC, such as +1 or +10:30."""
    here = at.astimezone(zone).replace(tzinfo=UTC)
    minutes = round((here - at).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
