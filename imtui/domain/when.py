"""Instants as people type them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, tzinfo

from imtui.domain.errors import ValidationFailed

FORMS = "such as 2026-12-01 09:00, 09:00, tomorrow 09:00, +90m or now"
_AHEAD = re.compile(r"([+-])(\d{1,5})\s*(m|min|h|d|w)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_TIME = re.compile(r"(\d{1,2}):(\d{2})")


def instant(text: str, now: datetime, zone: tzinfo | None, field: str = "at") -> datetime:
    """The instant that a text means: a date and time (of the zone, unless it tells its own; None: the machine's), a
    time of today, with `tomorrow` of tomorrow, so much from now, or now. Raises ValidationFailed."""
    words = text.strip().lower()
    if words in ("", "now"):
        return now
    try:
        if found := _AHEAD.fullmatch(words):
            ahead = timedelta(**{_UNITS[found[3]]: int(found[2])})
            return now + ahead if found[1] == "+" else now - ahead
        day, _, rest = words.rpartition(" ")
        if (found := _TIME.fullmatch(rest)) and (not day or day in _DAYS):
            date = now.astimezone(zone).date() + timedelta(days=_DAYS[day or "today"])
            return _placed(datetime.combine(date, time(int(found[1]), int(found[2]))), zone)
        if words in _DAYS:
            return _placed(datetime.combine(now.astimezone(zone).date() + timedelta(days=_DAYS[words]), time()), zone)
        made = datetime.fromisoformat(text.strip())
        return made if made.tzinfo is not None else _placed(made, zone)
    except (ValueError, OverflowError, OSError):
        raise ValidationFailed(f"{field}: {text.strip()[:60]!r} is no date and time, {FORMS}", field) from None


def _placed(wall: datetime, zone: tzinfo | None) -> datetime:
    return wall.astimezone() if zone is None else wall.replace(tzinfo=zone)
