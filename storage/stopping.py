"""Ending runs: what an acknowledgement, a stop or a resolution does to live engagements and unsent messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from imtui.domain.escalation import Acknowledged, Event, Reason, Run, RunStatus, Said, Stop, step
from storage import tables as t
from storage.alarms import clear_alarms_of
from storage.database import Unit
from storage.runs import People, progress, run_of, running


async def stop_all(unit: Unit, incident_id: str, reason: Reason) -> list[Said]:
    """Stop every live engagement of an incident and everything that waits for it."""
    said = await move(unit, await running(unit, incident_id), Stop(reason))
    await _forget(unit, t.timers.c.incident_id == incident_id)
    await cancel_messages(unit, t.pages.c.incident_id == incident_id, reason)
    await clear_alarms_of(unit, incident_id)
    return said


async def move(unit: Unit, rows: Sequence[sa.Row[Any]], event: Event) -> list[Said]:
    """Apply an acknowledgement or a stop to engagements; such events page nobody. Returns what was decided."""
    directory = People().in_incident(None, unit.now)
    said: list[Said] = []
    moved: list[tuple[sa.Row[Any], Run]] = []
    for row in rows:
        before = run_of(row)
        after, effects = step(before, event, unit.now, directory)
        if after == before:
            continue
        moved.append((row, after))
        said += [effect for effect in effects if isinstance(effect, Said)]
    for row, run in moved:
        values: dict[str, Any] = progress(run)
        if run.status is not RunStatus.RUNNING:
            values["stopped_at"] = unit.now
        await unit.run(sa.update(t.engagements).where(t.engagements.c.id == row.id).values(values))
        unit.changed("engagement", row.id, row.incident_id)
    over = [row.id for row, run in moved if run.status is not RunStatus.RUNNING]
    if over:
        await _forget(unit, t.timers.c.engagement_id.in_(over))
    if not isinstance(event, Acknowledged) and over:
        await cancel_messages(unit, t.pages.c.engagement_id.in_(over), Reason.STOPPED)
    return said


async def cancel_messages(unit: Unit, which: sa.ColumnElement[bool], reason: Reason) -> None:
    """Cancel unsent messages all of whose pages are pointless now, and retire the codes of all that are.

    A message that an engine has claimed is left to it: what it carries may already be on its way.
    """
    touched = await unit.all(sa.select(t.pages.c.message_id).where(which).distinct())
    ids = [row.message_id for row in touched]
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        live = {
            row.message_id
            for row in await unit.all(
                sa.select(t.pages.c.message_id)
                .join(t.engagements, t.engagements.c.id == t.pages.c.engagement_id)
                .join(t.incidents, t.incidents.c.id == t.pages.c.incident_id, isouter=True)
                .where(
                    t.pages.c.message_id.in_(some),
                    sa.not_(which),
                    t.pages.c.acknowledged_at.is_(None),
                    t.engagements.c.status != RunStatus.STOPPED.value,
                    sa.or_(t.incidents.c.id.is_(None), t.incidents.c.status == "OPEN"),
                )
            )
        }
        pointless = [message for message in some if message not in live]
        if not pointless:
            continue
        m = t.messages
        await unit.run(
            sa.update(m)
            .where(m.c.id.in_(pointless), m.c.state == "PENDING")
            .values(state="CANCELLED", info=reason.value)
        )
        await retire_codes(unit, m.c.id.in_(pointless))
        for message in pointless:
            unit.changed("message", message)


async def retire_codes(unit: Unit, which: sa.ColumnElement[bool]) -> None:
    """Codes that acknowledge nothing any more: free for others, and still known as used."""
    m = t.messages
    await unit.run(sa.update(m).where(which, m.c.code.is_not(None)).values(used_code=m.c.code, code=None))


async def _forget(unit: Unit, which: sa.ColumnElement[bool]) -> None:
    await unit.run(sa.delete(t.timers).where(which))
