"""Engagements outside incidents: an acknowledgement counts for the engagement that somebody began, with all that it led
to, and for nothing else."""

from __future__ import annotations

import sqlalchemy as sa

from imtui.domain.escalation import Acknowledged, Reason, RunStatus
from storage import tables as t
from storage.alarms import clear_alarm, unanswered_key
from storage.database import Reader, Unit
from storage.stopping import cancel_messages, move


async def told_by(reader: Reader, message_id: str) -> dict[str, str]:
    """The engagements outside incidents that a message tells of, by the id of the one that was begun, with their
    subjects."""
    e, p = t.engagements.c, t.pages.c
    query = (
        sa.select(e.id, e.parent_id, e.content)
        .join(t.pages, p.engagement_id == e.id)
        .where(p.message_id == message_id, p.incident_id.is_(None))
    )
    return {row.parent_id or row.id: str(row.content.get("subject") or "") for row in await reader.all(query)}


async def under_way(reader: Reader) -> list[str]:
    """The subjects of the engagements outside incidents in which somebody is paged or will be, the oldest first."""
    e = t.engagements.c
    live = sa.select(sa.func.coalesce(e.parent_id, e.id)).where(t.running, e.incident_id.is_(None))
    query = sa.select(e.content).where(e.id.in_(live)).order_by(e.started_at, e.id)
    return [str(row.content.get("subject") or "") for row in await reader.all(query)]


async def acknowledge_in(unit: Unit, begun: str, person: str, via: str) -> bool:
    """Everything that an acknowledgement does for an engagement outside an incident; False when the person had
    acknowledged before."""
    e, p = t.engagements, t.pages
    whole = sa.or_(e.c.id == begun, e.c.parent_id == begun)
    own = whole & (e.c.target_arn == person)
    waiting = await unit.scalar(sa.select(sa.func.count()).select_from(e).where(own, e.c.acknowledged_at.is_(None)))
    if not waiting:
        return False
    live = sa.select(e).where(whole, e.c.status == RunStatus.RUNNING.value).order_by(e.c.started_at, e.c.id)
    await move(unit, await unit.all(live.with_for_update()), Acknowledged(person))
    await unit.run(
        sa.update(e)
        .where(own, e.c.acknowledged_at.is_(None))
        .values(
            acknowledged_at=unit.now,
            acknowledged_via=via,
            status=sa.case((e.c.status == RunStatus.STOPPED.value, e.c.status), else_=RunStatus.ACKNOWLEDGED.value),
        )
    )
    pages = p.c.engagement_id.in_(sa.select(e.c.id).where(own))
    await unit.run(sa.update(p).where(pages, p.c.acknowledged_at.is_(None)).values(acknowledged_at=unit.now))
    await cancel_messages(unit, pages, Reason.ALREADY_ACKNOWLEDGED)
    await clear_alarm(unit, unanswered_key(begun))
    unit.changed("engagement", begun)
    return True
