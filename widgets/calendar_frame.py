"""What stands around a month and a week alike: their title, the rotations by letter, and what is chosen in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from imtui.domain.oncall.rotation import Shift
from widgets.calendar_days import LETTERS, Track, View, touching
from widgets.calendar_words import WITH, cropped, date_text, laid, moment, offset, stretch, wide, zone_name
from widgets.cells import Piece, fit, wrapped

STRIPE = "/"
"""What an override is drawn with."""

LINES = 2
"""Lines above a calendar."""

_BESIDE = 72
"""From so many cells on, what is chosen is told in two columns where lines are few."""

_NAMED = 60
"""From so many cells on, rotations are named in what is chosen."""

_MOST = 4
"""So many shifts of a day are told; the week has them all."""

_LONGEST = 14
_LEAST = 3


def style_of(track: Track) -> str:
    """The name of a rotation's style."""
    return track.letter.lower() if track.letter in LETTERS else ""


def title(text: str, view: View, width: int) -> list[Piece]:
    """What is shown, and whose clocks tell the times."""
    zone = view.days.zone
    name = zone_name(view.at, zone)
    clock = f"UTC{offset(view.at, zone)}" if name.startswith(("+", "-")) else name
    long = view.place if clock in view.place else f"{view.place}  {clock}"
    right = next((each for each in (long, view.place) if wide(each) + wide(text) + 1 <= width), "")
    left = fit(text, max(0, width - wide(right)))
    return [(left, "strong"), (right, "dim")]


def legend(view: View, width: int) -> list[Piece]:
    """The rotations by their letters, those that are not shown in brackets, their names as long as there is room."""
    tracks = view.days.tracks
    if not tracks:
        return laid([("No rotation yet.", "dim")], width)
    hidden = {track.letter for track in tracks} - {track.letter for track in view.shown}
    each = max((width + 2) // len(tracks) - 2, _LEAST)
    names = [wide(track.name) + (4 if track.letter in hidden else 2) for track in tracks]
    spare = width - sum(min(name, each) + 2 for name in names)
    pieces: list[Piece] = []
    for track, needed in zip(tracks, names, strict=True):
        extra = min(max(0, needed - each), max(0, spare))
        spare -= extra
        off = track.letter in hidden
        name = cropped(track.name, max(0, min(needed, each + extra) - (4 if off else 2)))
        text = f"{track.letter} {name}".rstrip()
        pieces += [(f"({text})", "dim") if off else (text, style_of(track)), ("  ", "")]
    said = f"{STRIPE * 3} override"
    if sum(wide(text) for text, _ in pieces) + len(said) <= width:
        pieces.append((said, "dim"))
    return laid(pieces, width)


def detail(
    view: View, head: Sequence[Piece], begin: datetime, end: datetime, width: int, count: int
) -> list[list[Piece]]:
    """In so many lines: who is on call in each rotation that is shown, from when until when."""
    if count <= 0:
        return []
    blank: list[Piece] = [(" " * width, "")]
    lines = [laid(head, width), *(laid(line, width) for line in _told(view, begin, end, width, count - 1))]
    return [*lines, *([blank] * (count - len(lines)))][:count]


def _told(view: View, begin: datetime, end: datetime, width: int, count: int) -> list[list[Piece]]:
    if not view.shown:
        return [[("All rotations are hidden.", "dim")]] if view.days.tracks else []
    if count <= 0:
        return []
    entries = [_entry(view, track, begin, end, width >= _NAMED) for track in view.shown]
    lines = [line for entry in entries for line in _hanging(entry, width)]
    if len(lines) <= count:
        return lines
    if len(entries) <= count:
        return _roomy(entries, width, count - len(entries))
    columns = 2 if width >= _BESIDE else 1
    if columns == 2:
        entries = [_entry(view, track, begin, end, False) for track in view.shown]
    each = width // columns - 2 * (columns - 1)
    room = count * columns
    if len(entries) > room:
        entries[room - 1 :] = [[(f"+{len(entries) - room + 1} more", "dim")]]
    rows = -(-len(entries) // columns)
    found: list[list[Piece]] = []
    for row in range(rows):
        line: list[Piece] = []
        for place in range(row, len(entries), rows):
            line += [*laid(entries[place], each), ("  ", "")]
        found.append(line)
    return found


def _roomy(entries: Sequence[list[Piece]], width: int, spare: int) -> list[list[Piece]]:
    """A line for each entry, and the spare ones for the first that need more."""
    found: list[list[Piece]] = []
    for entry in entries:
        whole = _hanging(entry, width)
        more = len(whole) - 1
        found += whole if more <= spare else [entry]
        spare -= more if more <= spare else 0
    return found


def _hanging(entry: list[Piece], width: int) -> list[list[Piece]]:
    """An entry in as many lines as it needs, the later ones indented."""
    first, *rest = wrapped(entry, width - 2)
    return [first, *([("  ", ""), *line] for line in rest)]


def _entry(view: View, track: Track, begin: datetime, end: datetime, named: bool) -> list[Piece]:
    style = style_of(track)
    pieces: list[Piece] = [(f"{track.letter} ", style)]
    if named:
        longest = min(_LONGEST, max(wide(each.name) for each in view.shown))
        pieces.append((fit(track.name, longest) + "  ", "dim"))
    if not view.days.known:
        return [*pieces, ("…", "dim")]
    found = touching(track.shifts, begin, end)
    if not found:
        return [*pieces, ("- nobody", "warn" if _alone(view, begin, end) else "dim")]
    for place, shift in enumerate(found[:_MOST]):
        if place:
            pieces.append((", ", "dim"))
        pieces += _turn(view, shift, style)
    if len(found) > _MOST:
        pieces.append((f", +{len(found) - _MOST} more", "dim"))
    return pieces


def _turn(view: View, shift: Shift, style: str) -> list[Piece]:
    who = f" {WITH} ".join(map(view.name, shift.contacts))
    when = stretch(shift.start, shift.end, view.days.zone, view.chosen)
    pieces: list[Piece] = [(who, style), (f" {when}", "")]
    if shift.instead_of is not None:
        before = f" {WITH} ".join(map(view.name, shift.instead_of))
        pieces.append((f" {STRIPE * 2} override: instead of {before}", "warn"))
    return pieces


def _alone(view: View, begin: datetime, end: datetime) -> bool:
    """Whether there is a time in the range in which no rotation has anybody."""
    return any(low < end and high > begin for day in view.days.gaps for low, high in day)


def day_head(view: View, begin: datetime, end: datetime, hour: str = "") -> list[Piece]:
    """The chosen day, and when nobody is on call in it."""
    zone = view.days.zone
    day = view.chosen
    pieces: list[Piece] = [(f"{date_text(day)}{hour}", "strong")]
    if day == view.today:
        pieces += [(" ", ""), ("today", "today")]
    hours = (end - begin).total_seconds() / 3600
    if not hour and hours != 24 and begin < end:
        pieces.append((f"  {hours:g} hours long", "dim"))
    holes = [
        (max(low, begin), min(high, end)) for each in view.days.gaps for low, high in each if low < end and high > begin
    ]
    for place, (low, high) in enumerate(holes):
        pieces.append((", " if place else "  nobody ", "warn"))
        pieces.append((f"{moment(low, zone, day)} – {moment(high, zone, day)}", "warn"))
    return pieces
