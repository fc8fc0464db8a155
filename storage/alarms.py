"""What is wrong with the program itself, as rows that every screen shows."""

from __future__ import annotations

import sqlalchemy as sa

from storage import tables as t
from storage.database import Unit

NOTICE = "notice:"
"""Keys that begin so tell what has been: they are shown for a while, and nothing is degraded by them."""

MOST_TEXT = 500


UNANSWERED = f"{NOTICE}engagement:"
"""Keys that begin so tell that nobody has answered an engagement outside an incident: they stay until somebody does, or
puts them away."""


def unanswered_key(engagement: str) -> str:
    """The key of the notice that nobody has answered an engagement outside an incident."""
    return f"{UNANSWERED}{engagement}"


async def raise_alarm(unit: Unit, key: str, text: str, incident_id: str | None = None) -> None:
    """Show that something is wrong; one that stands keeps its first instant. With `incident_id` it is over when
    somebody acknowledges or resolves that incident."""
    a = t.alarms
    if await unit.scalar(sa.select(a.c.text).where(a.c.key == key)) is None:
        row = {"key": key, "since": unit.now, "text": text[:MOST_TEXT], "incident_id": incident_id}
        await unit.run(sa.insert(a).values(row))
        unit.changed("alarm", key, incident_id)


async def clear_alarm(unit: Unit, key: str) -> None:
    """It is over."""
    await _clear(unit, t.alarms.c.key == key, key)


async def clear_alarms_of(unit: Unit, incident_id: str) -> None:
    """Somebody sees to the incident: what could not reach people for it is over."""
    await _clear(unit, t.alarms.c.incident_id == incident_id, incident_id)


async def _clear(unit: Unit, which: sa.ColumnElement[bool], ref: str) -> None:
    gone = await unit.run(sa.delete(t.alarms).where(which))
    if gone.rowcount:
        unit.changed("alarm", ref)
