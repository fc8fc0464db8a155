"""When something counts as late, and when that means trouble. In a drill whose time runs faster, the machine's own
pace counts: what took it half a second is not late, however many minutes passed in the drill."""

from __future__ import annotations

from datetime import timedelta

LATE = timedelta(seconds=5)
_LATE_REAL = timedelta(seconds=0.5)
_GRACE = timedelta(seconds=60)
_GRACE_REAL = timedelta(seconds=10)


def late_from(speed: float = 1.0) -> timedelta:
    """From how much program time on a step is called late; below, its schedule stands."""
    return max(LATE, _LATE_REAL * speed)


def grace(speed: float = 1.0) -> timedelta:
    """For how much program time something may be due and not done before it means trouble."""
    return max(_GRACE, _GRACE_REAL * speed)
