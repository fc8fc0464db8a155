"""A schedule tells the same of an instant however it is asked, and an edit rewrites nothing that has been."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from imtui.domain.oncall import zones
from imtui.domain.oncall.concerns import Trouble, concerns
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.oncall.rotation import Override, Rotation
from imtui.domain.oncall.schedule import KeptRotation, Version, edited, now_and_next, on_call_at, spans

DAILY = Recurrence(Kind.DAILY, ((0, 480),))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rotation(contacts: str = "abc", coverage: Coverage | None = None, place: str = "UTC") -> Rotation:
    return Rotation(tuple(contacts), zones.zone(place), at("2026-01-01T08:00"), DAILY, coverage)


def kept(made: Rotation, *overrides: Override, name: str = "r") -> KeptRotation:
    return KeptRotation(name, name, (Version(made),), tuple(overrides))


def people(found: KeptRotation, when: str) -> str:
    return "".join(on_call_at([found], at(when)))


def test_an_edit_of_the_list_keeps_whoever_is_on_call_until_the_next_hand_off() -> None:
    before = kept(rotation("abc"))
    now = at("2026-01-05T12:00")
    after = KeptRotation("r", "r", edited(before, rotation("xyz"), now))
    assert people(before, "2026-01-05T12:00") == "b"
    assert [people(after, when) for when in ("2026-01-05T11:59", "2026-01-05T12:00", "2026-01-06T07:59")] == ["b"] * 3
    assert people(after, "2026-01-06T08:00") == "z"


def test_an_edit_of_the_hand_offs_counts_at_once_and_not_before() -> None:
    before = kept(rotation("abc"))
    now = at("2026-01-05T12:00")
    hourly = Recurrence(Kind.DAILY, tuple((0, minute) for minute in range(0, 1440, 60)))
    made = Rotation(("a", "b", "c"), zones.zone("UTC"), at("2026-01-01T08:00"), hourly)
    after = KeptRotation("r", "r", edited(before, made, now))
    past = after.shifts(at("2026-01-01T00:00"), now)
    assert [piece.contacts for piece in past[:-1]] == [
        piece.contacts for piece in before.shifts(at("2026-01-01T00:00"), now)[:-1]
    ]
    assert people(after, "2026-01-05T12:00") == "".join(made.contacts[(4 * 24 + 4) % 3])


def test_a_rotation_that_has_not_begun_is_edited_as_if_it_had_always_been_so() -> None:
    before = kept(rotation("abc"))
    versions = edited(before, rotation("xyz"), at("2025-12-01T00:00"))
    assert [version.rotation.contacts for version in versions] == [("x", "y", "z")]


def test_editing_twice_in_a_shift_keeps_the_same_person() -> None:
    first = kept(rotation("abc"))
    second = KeptRotation("r", "r", edited(first, rotation("bca"), at("2026-01-05T12:00")))
    third = KeptRotation("r", "r", edited(second, rotation("cab"), at("2026-01-05T13:00")))
    assert people(third, "2026-01-05T14:00") == "b"
    assert people(third, "2026-01-06T09:00") == "b", "the fifth hand-off of c, a, b"


def test_an_override_counts_over_whoever_is_kept() -> None:
    override = Override(("x",), at("2026-01-05T13:00"), at("2026-01-05T14:00"))
    before = kept(rotation("abc"), override)
    after = KeptRotation("r", "r", edited(before, rotation("xyz"), at("2026-01-05T12:00")), (override,))
    [piece] = list(after.shifts(at("2026-01-05T13:00"), at("2026-01-05T14:00")))
    assert (piece.contacts, piece.instead_of) == (("x",), ("b",))


def test_one_who_stands_in_two_rotations_is_on_call_once() -> None:
    both = [kept(rotation("a")), kept(rotation("a"))]
    assert on_call_at(both, at("2026-01-02T00:00")) == ("a",)


def test_now_and_next_look_over_gaps_and_as_far_as_it_takes() -> None:
    monday = Coverage.of([[(540, 600)], *[[]] * 6])
    found = now_and_next([kept(rotation("ab", monday))], at("2026-01-06T00:00"))
    assert (found.contacts, found.until) == ((), at("2026-01-12T09:00"))
    assert (found.next, found.next_at) == (("b",), at("2026-01-12T09:00"))
    always = now_and_next([kept(rotation("a"))], at("2026-01-06T00:00"))
    assert (always.contacts, always.until, always.next) == (("a",), None, ())


WINDOWS = st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), max_size=2)
ROTATIONS = st.builds(
    lambda contacts, week, place, begin, length: kept(
        rotation(contacts, None if week is None else Coverage.of(week), place),
        Override(("o",), at("2026-03-20T00:00") + begin * HOUR, at("2026-03-20T00:00") + (begin + length) * HOUR),
    ),
    st.sampled_from(["a", "ab", "abc"]),
    st.none() | st.lists(WINDOWS, min_size=7, max_size=7),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.integers(0, 300),
    st.integers(1, 40),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROTATIONS, max_size=3), st.integers(0, 20_000), st.integers(1, 20_000))
def test_a_range_tells_the_same_as_each_of_its_instants(made: list[KeptRotation], minute: int, length: int) -> None:
    begin = at("2026-03-20T00:00") + timedelta(minutes=minute)
    end = begin + timedelta(minutes=length)
    found = spans(made, begin, end)
    assert (found[0].start, found[-1].end) == (begin, end)
    for one, two in itertools.pairwise(found):
        assert one.end == two.start
        assert set(one.contacts) != set(two.contacts)
    for span in found:
        for instant in (span.start, span.start + (span.end - span.start) / 2, span.end - timedelta(seconds=1)):
            assert set(on_call_at(made, instant)) == set(span.contacts), instant


def test_people_on_call_twice_are_told_with_both_rotations() -> None:
    first, second = kept(rotation("a"), name="first"), kept(rotation("ab"), name="second")
    found = [one for one in concerns([first, second], at("2026-01-01T08:00"), weeks=1) if one.trouble is Trouble.TWICE]
    assert [(one.person, one.rotations) for one in found[:1]] == [("a", ("first", "second"))]
    assert [(one.start, one.end) for one in found[:2]] == [
        (at("2026-01-01T08:00"), at("2026-01-02T08:00")),
        (at("2026-01-03T08:00"), at("2026-01-04T08:00")),
    ]


def test_a_schedule_without_gaps_has_no_concerns() -> None:
    assert concerns([kept(rotation("ab"))], at("2026-01-02T00:00")) == []
