"""What becomes of a page: one for each instant, and storms bundled without delaying the first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.paging import BUNDLE, Held, Lately, Spot, joined, silence

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
SPOT = Spot("one", "ana", "mail")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("spot", "seconds", "goes"),
    [
        (SPOT, 0, False),
        (SPOT, 29.9, False),
        (SPOT, 30, True),
        (SPOT._replace(channel="sms"), 0, True),
        (SPOT._replace(person="ben"), 0, True),
        (SPOT._replace(incident="two"), 0, True),
    ],
)
def test_one_instant_is_one_page(spot: Spot, seconds: float, goes: bool) -> None:
    assert Lately({SPOT: NOW}).takes(spot, after(seconds)) is goes


def test_what_was_dropped_puts_nothing_off_and_outside_an_incident_nothing_is_dropped() -> None:
    lately = Lately()
    assert [lately.takes(SPOT, after(seconds)) for seconds in (0, 20, 31)] == [True, False, True]
    test_page = SPOT._replace(incident=None)
    assert [lately.takes(test_page, NOW) for _ in range(3)] == [True] * 3


def test_the_first_page_of_a_storm_goes_at_once_and_the_others_wait_together() -> None:
    first = joined(None, "one", NOW)
    assert (first.due_at, first.joinable) == (NOW, False)
    second = joined(first, "two", after(1))
    assert (second.due_at, second.joinable) == (NOW + BUNDLE, True)
    assert joined(second, "three", after(2)) is second
    assert second.incidents == {"two", "three"}


def test_another_page_of_the_same_incident_never_waits() -> None:
    first = joined(None, "one", NOW)
    again = joined(first, "one", after(5))
    assert again is not first
    assert (again.due_at, again.joinable) == (after(5), False)
    assert joined(Held(NOW, True, {"one"}), "one", after(5)).due_at == after(5)


@pytest.mark.parametrize(
    ("latest", "silent", "again"),
    [(None, True, 900), (0, True, 900 + 900), (-1, True, 900 + 900), (1, False, 901)],
)
def test_an_incident_is_silent_from_the_last_sign_on(latest: int | None, silent: bool, again: int) -> None:
    now = NOW if latest is None else after(900)
    found = silence(None if latest is None else after(latest), timedelta(minutes=15), now)
    assert found == (silent, after(again))
