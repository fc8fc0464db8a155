"""On-call schedules: rotations with what became of them, and who is on call over all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from imtui.domain.oncall.recurrence import handoffs
from imtui.domain.oncall.rotation import Override, Rotation, Shift, shifts

MAX_ROTATIONS = 8
MAX_CONTACTS = 30
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_SOON = (timedelta(days=1), timedelta(days=8), timedelta(days=40), timedelta(days=400))
"""How far is looked for what comes next, one after the other."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a rotation was from an instant on (None: ever since). While the people of its list change, those who were on
    call stay until the next hand-off: `kept` until `kept_until`."""

    rotation: Rotation
    since: datetime | None = None
    kept: tuple[str, ...] = ()
    kept_until: datetime | None = None


@dataclass(frozen=True)
class KeptRotation:
    """A rotation with its past. `versions` oldest first; `overrides` in the order in which they were made, each with
    the time in which it counts."""

    arn: str
    name: str
    versions: tuple[Version, ...]
    overrides: tuple[Override, ...] = field(default=())

    @property
    def now(self) -> Rotation:
        """What it is since its last edit."""
        return self.versions[-1].rotation

    def people(self) -> set[str]:
        """Everybody who may be on call from now on."""
        later = [person for override in self.overrides for person in override.contacts]
        return {*self.now.contacts, *self.versions[-1].kept, *later}

    def shifts(self, begin: datetime, end: datetime) -> list[Shift]:
        """The pieces that touch the range, whole; what has been is as it was."""
        if len(self.versions) == 1:
            return shifts(self.now, begin, end, self.overrides)
        found: list[Shift] = []
        ends = [*(version.since for version in self.versions[1:]), None]
        for version, until in zip(self.versions, ends, strict=True):
            low, high = version.since or FIRST, until or LAST
            if low < end and high > begin:
                for piece in self._of(version, max(low, begin), min(high, end)):
                    _join(found, piece._replace(start=max(piece.start, low), end=min(piece.end, high)))
        return [piece for piece in found if piece.end > begin and piece.start < end]

    def _of(self, version: Version, begin: datetime, end: datetime) -> Iterable[Shift]:
        """The pieces of a version, whose first people may be kept."""
        made = version.rotation
        for piece in shifts(made, begin, end, self.overrides):
            until = version.kept_until
            if until is None or piece.start >= until:
                yield piece
                continue
            if piece.instead_of is None:
                yield piece._replace(end=min(piece.end, until), contacts=version.kept)
            else:
                yield piece._replace(end=min(piece.end, until), instead_of=version.kept)
            if piece.end > until:
                yield piece._replace(start=until)


def edited(kept: KeptRotation, rotation: Rotation, now: datetime) -> tuple[Version, ...]:
    """The versions after an edit at an instant: what has been stays, and whoever is on call now stays until the next
    hand-off when the list of people changes."""
    before = kept.now
    if rotation == before:
        return kept.versions
    versions = tuple(version for version in kept.versions if version.since is None or version.since < now)
    if rotation.start >= now and before.start >= now:
        return (*versions[:-1], replace(versions[-1], rotation=rotation)) if versions else (Version(rotation),)
    version = Version(rotation, now)
    if rotation.contacts != before.contacts and rotation.start <= now:
        regular = [piece.instead_of or piece.contacts for piece in kept.shifts(now, now + timedelta(seconds=1))]
        if regular:
            at = int(now.timestamp())
            turns = handoffs(rotation.recurrence, rotation.zone, int(rotation.start.timestamp()))
            following = next(bound for bound in turns.around(at, at + 1) if bound > at)
            version = replace(version, kept=regular[0], kept_until=datetime.fromtimestamp(following, UTC))
    return (*versions, version)


def _join(found: list[Shift], piece: Shift) -> None:
    """Append a piece; what only an edit has cut from the last one is one with it."""
    if piece.start >= piece.end:
        return
    if found:
        last = found[-1]
        same = set(last.contacts) == set(piece.contacts) and last.type is piece.type
        if last.end == piece.start and same and (last.number == piece.number):
            found[-1] = last._replace(end=piece.end)
            return
    found.append(piece)


# ---------------------------------------------------------------- over all rotations


@dataclass(frozen=True, slots=True)
class Span:
    """People on call from an instant to another, over all rotations of a schedule, each once."""

    start: datetime
    end: datetime
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """Who is on call at an instant and until when; then who is next, and from when. Where nobody is, `contacts` is
    empty; None: for as far as was looked, nothing changes."""

    contacts: tuple[str, ...]
    until: datetime | None
    next: tuple[str, ...]
    next_at: datetime | None


def on_call_at(rotations: Iterable[KeptRotation], at: datetime) -> tuple[str, ...]:
    """Who is on call at an instant, each once, in the order of the rotations."""
    end = at + timedelta(seconds=1)
    found = (
        contact
        for rotation in rotations
        for piece in rotation.shifts(at, end)
        if piece.start <= at < piece.end
        for contact in piece.contacts
    )
    return tuple(dict.fromkeys(found))


def spans(rotations: Sequence[KeptRotation], begin: datetime, end: datetime) -> list[Span]:
    """Who is on call over a range, without a gap: where nobody is, a span without contacts. Clipped to the range."""
    pieces = [piece for rotation in rotations for piece in rotation.shifts(begin, end)]
    edges = {begin, end}
    edges |= {edge for piece in pieces for edge in (piece.start, piece.end) if begin < edge < end}
    starts: dict[datetime, list[int]] = {}
    stops: dict[datetime, list[int]] = {}
    for index, piece in enumerate(pieces):
        starts.setdefault(max(piece.start, begin), []).append(index)
        stops.setdefault(min(piece.end, end), []).append(index)
    active: set[int] = set()
    found: list[Span] = []
    for low, high in pairwise(sorted(edges)):
        active -= set(stops.get(low, ()))
        active |= set(starts.get(low, ()))
        people = tuple(dict.fromkeys(contact for index in sorted(active) for contact in pieces[index].contacts))
        if found and set(found[-1].contacts) == set(people):
            found[-1] = replace(found[-1], end=high)
        else:
            found.append(Span(low, high, people))
    return found


def now_and_next(rotations: Sequence[KeptRotation], at: datetime) -> Now:
    """Who is on call, until when, and who is next."""
    for ahead in _SOON:
        found = spans(rotations, at, at + ahead)
        if len(found) > 1:
            following = next((span for span in found[1:] if span.contacts), None)
            if following is not None or ahead == _SOON[-1]:
                return Now(
                    found[0].contacts,
                    found[0].end,
                    following.contacts if following else (),
                    following.start if following else None,
                )
    return Now(on_call_at(rotations, at), None, (), None)


def seconds_on_call(
    pieces: Iterable[Span], people: Collection[str], night: Sequence[tuple[datetime, datetime]] = ()
) -> dict[str, tuple[float, float]]:
    """How many seconds each person is on call, and how many of these at night."""
    found = dict.fromkeys(people, (0.0, 0.0))
    for span in pieces:
        length = (span.end - span.start).total_seconds()
        dark = sum(
            max(0.0, (min(span.end, end) - max(span.start, begin)).total_seconds())
            for begin, end in night
            if begin < span.end and end > span.start
        )
        for person in span.contacts:
            whole, late = found.get(person, (0.0, 0.0))
            found[person] = whole + length, late + dark
    return found
