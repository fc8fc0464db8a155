"""Engagements outside incidents: there is no incident that could show that nobody is left to page."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from imtui.domain.escalation import RunStatus
from imtui.domain.text import cut
from storage import tables as t
from storage.alarms import raise_alarm, unanswered_key
from storage.database import Unit

_CHUNK = 500
_MOST_SUBJECT = 120


async def unanswered(unit: Unit, begun: Collection[str]) -> None:
    """Show those of these engagements of which every run is over and nobody has acknowledged."""
    e = t.engagements.c
    ordered = sorted(begun)
    for start in range(0, len(ordered), _CHUNK):
        some = ordered[start : start + _CHUNK]
        root = sa.func.coalesce(e.parent_id, e.id)
        live = e.status.in_((RunStatus.RUNNING.value, RunStatus.STOPPED.value))
        silent = (
            sa.select(root)
            .where(sa.or_(e.id.in_(some), e.parent_id.in_(some)))
            .group_by(root)
            .having(sa.func.sum(sa.case((live, 1), else_=0)) == 0, sa.func.count(e.acknowledged_at) == 0)
        )
        query = (
            sa.select(e.id, e.target_arn, e.content, t.contacts.c.display_name)
            .join(t.contacts, t.contacts.c.arn == e.target_arn, isouter=True)
            .where(e.id.in_(silent))
        )
        for row in await unit.all(query):
            name = row.display_name or row.target_arn.rpartition("/")[2]
            subject = cut(str(row.content.get("subject") or ""), _MOST_SUBJECT)
            text = f"Nobody has acknowledged the page {subject!r} of {name}, and nobody is left to page"
            await raise_alarm(unit, unanswered_key(row.id), text)
