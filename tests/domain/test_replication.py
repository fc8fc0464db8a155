"""When Regions may be added and deleted; see also `tests/operations/aws/test_replication.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.errors import Conflict, ImtuiError, ValidationFailed
from imtui.domain.replication import (
    SETTLED,
    Region,
    ReplicationSet,
    check_added,
    check_all_deleted,
    check_deleted,
    check_region,
)

NOW = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)


def made(*ages: timedelta, protected: bool = False) -> ReplicationSet:
    regions = tuple(Region(f"r-{number}", NOW - age) for number, age in enumerate(ages, 1))
    return ReplicationSet("arn", regions, protected, "ana", NOW, "ana", NOW)


@pytest.mark.parametrize("name", ["zz-local-1", "us-gov-east-1", "x", "a" * 20])
def test_a_region_has_a_name(name: str) -> None:
    assert check_region(name) == name


@pytest.mark.parametrize("name", ["", "EU-west-1", "eu--west", "eu-", "a" * 21, "eu west", "eu-west-1\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed):
        check_region(name)


@pytest.mark.parametrize(
    ("count", "name", "error"),
    [
        (2, "r-3", None),
        (3, "r-4", ValidationFailed),
        (1, "r-1", Conflict),
        (3, "r-1", Conflict),
        (1, "R", ValidationFailed),
    ],
)
def test_what_may_be_added(count: int, name: str, error: type[ImtuiError] | None) -> None:
    found = made(*[SETTLED] * count)
    if error is None:
        check_added(found, name)
        return
    with pytest.raises(error):
        check_added(found, name)


MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("found", "name", "why"),
    [
        (made(SETTLED, MOMENT), "r-1", None),
        (made(SETTLED, MOMENT, protected=True), "r-1", None),
        (made(SETTLED, MOMENT), "r-2", "24 hours"),
        (made(SETTLED - MOMENT, SETTLED), "r-1", "24 hours"),
        (made(SETTLED), "r-1", None),
        (made(SETTLED, protected=True), "r-1", "protection off"),
        (made(SETTLED, SETTLED), "r-3", "not in the replication set"),
    ],
)
def test_which_region_may_be_deleted(found: ReplicationSet, name: str, why: str | None) -> None:
    if why is None:
        check_deleted(found, name, NOW)
        return
    with pytest.raises(ValidationFailed, match=why):
        check_deleted(found, name, NOW)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (made(SETTLED, SETTLED), None),
        (made(SETTLED, MOMENT), "24 hours"),
        (made(SETTLED, protected=True), "protection off"),
    ],
)
def test_when_all_may_be_deleted(found: ReplicationSet, why: str | None) -> None:
    if why is None:
        check_all_deleted(found, NOW)
        return
    with pytest.raises(ValidationFailed, match=why):
        check_all_deleted(found, NOW)
