"""How results read: instants, durations, columns, and text that is nothing but text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from imtui.domain.text import padded, shown, width


def instant(when: datetime | None) -> str:
    """An instant in the local time zone, with its offset."""
    return _local(when).strftime("%Y-%m-%d %H:%M:%S %z") if when else "–"


def clock(when: datetime | None) -> str:
    """The time of day in the local time zone."""
    return _local(when).strftime("%H:%M:%S") if when else "–"


def _local(when: datetime) -> datetime:
    try:
        return when.astimezone()
    except (OverflowError, ValueError, OSError):  # at the ends of the calendar there is no other zone
        return when


def iso(when: datetime | None) -> str | None:
    """An instant for programs."""
    return when.isoformat() if when else None


def columns(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Aligned columns, also where characters take two columns or none; the last one runs free."""
    texts = [[shown(str(cell)) for cell in row] for row in rows]
    if not texts:
        return []
    widths = [max(width(row[index]) for row in texts) for index in range(len(texts[0]))]
    return [
        "  ".join([*(padded(c, w) for c, w in zip(row[:-1], widths, strict=False)), row[-1]]).rstrip() for row in texts
    ]
