"""What the machine takes by itself is not called late in a drill whose time runs faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.escalation import Due, Engage, Reason, begin, step
from imtui.domain.lateness import grace, late_from
from imtui.domain.plan import ContactTarget, Stage
from tests.domain.test_escalation import World

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("speed", "late", "trouble"),
    [(1.0, 5.0, 60.0), (0.1, 5.0, 60.0), (6.0, 5.0, 60.0), (60.0, 30.0, 600.0), (1000.0, 500.0, 10_000.0)],
)
def test_what_counts_as_late_grows_with_the_speed_of_the_drill(speed: float, late: float, trouble: float) -> None:
    assert late_from(speed) == timedelta(seconds=late)
    assert grace(speed) == timedelta(seconds=trouble)


def test_a_step_within_the_allowance_keeps_the_schedule_and_one_beyond_says_so() -> None:
    run = begin("plan", (Stage(10, (ContactTarget("ana"),)), Stage(10, (ContactTarget("ben"),))), NOW)
    now = NOW + timedelta(seconds=20)
    punctual, effects = step(run, Due(), now, World(), late_from(60))
    assert punctual.due == NOW + timedelta(minutes=10)
    assert [effect.reason for effect in effects if isinstance(effect, Engage)] == [Reason.STAGE_DUE]
    late, effects = step(run, Due(), now, World())
    assert late.due == now + timedelta(minutes=10)
    assert [effect.reason for effect in effects if isinstance(effect, Engage)] == [Reason.LATE_BY]
