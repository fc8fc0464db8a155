"""One caller who calls without end must not keep the others from being answered."""

from __future__ import annotations

import pytest

from imtui.api.aws.throttle import Throttle
from imtui.clock import ManualClock
from imtui.domain.errors import Throttled


def test_a_burst_is_taken_and_then_so_many_a_second(manual_clock: ManualClock) -> None:
    throttle = Throttle(manual_clock, rate=10, burst=20)
    for _ in range(20):
        throttle.take("a")
    with pytest.raises(Throttled, match="10 calls a second"):
        throttle.take("a")
    throttle.take("b")
    manual_clock.advance(0.5)
    for _ in range(5):
        throttle.take("a")
    with pytest.raises(Throttled):
        throttle.take("a")
    manual_clock.advance(3600)
    for _ in range(20):
        throttle.take("a")
    with pytest.raises(Throttled):
        throttle.take("a")
