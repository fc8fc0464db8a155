"""Going through a calendar: by days and months on the wall's clock, by hours as they pass."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from imtui.domain.oncall.zones import instant

EARLIEST, LATEST = date(1971, 1, 1), date(2199, 12, 31)
"""Nobody goes further."""

_STEP = timedelta(minutes=15)
"""Offsets from UTC are multiples of it, wherever people have lived since 1972."""

_MOST = 12
"""Where an hour begins is found within so many steps."""


def by_days(at: datetime, zone: ZoneInfo, days: int) -> datetime:
    """The same wall time so many days later; one that the zone skips there is moved forward."""
    here = at.astimezone(zone)
    wanted = here.date().toordinal() + days
    then = on_day(wanted, here.hour, zone)
    if days < 0 and then.astimezone(zone).date().toordinal() > max(wanted, EARLIEST.toordinal()):
        return on_day(wanted - 1, here.hour, zone)  # a day that the zone skipped is not stopped at
    return then


def by_months(at: datetime, zone: ZoneInfo, months: int) -> datetime:
    """The same wall time so many months later; a day that the month lacks is its last."""
    here = at.astimezone(zone)
    number = here.year * 12 + here.month - 1 + months
    number = max(EARLIEST.year * 12, min(number, LATEST.year * 12 + 11))
    year, month = divmod(number, 12)
    day = min(here.day, calendar.monthrange(year, month + 1)[1])
    return on_day(date(year, month + 1, day).toordinal(), here.hour, zone)


def by_hour(at: datetime, zone: ZoneInfo, way: int) -> datetime:
    """The next instant (or the last, if `way` is -1) at which the minute hand is at the top: an hour that comes twice
    is gone through twice, and one that is skipped is not there."""
    then = _quarter(at)
    for _ in range(_MOST):
        then += way * _STEP
        if then.astimezone(zone).minute == 0:
            break
    return then if EARLIEST <= then.astimezone(zone).date() <= LATEST else at


def on_day(day: int, hour: int, zone: ZoneInfo) -> datetime:
    """An hour of a day (an ordinal), as near as one may go."""
    day = max(EARLIEST.toordinal(), min(day, LATEST.toordinal()))
    return datetime.fromtimestamp(instant(zone, day, hour * 60), UTC)


def top_of_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """Where the hour begins that an instant lies in."""
    then = _quarter(at)
    for _ in range(_MOST):
        if then.astimezone(zone).minute == 0:
            break
        then -= _STEP
    return then


def _quarter(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
