"""Who else is looking at an incident now. A program says it when one opens an incident and when one leaves, and again
before it would run out; one that dies is forgotten when it has."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from imtui.services.context import Context
from storage import tables as t

LASTS = timedelta(seconds=150)
RENEW_SECONDS = 60.0


async def enter(context: Context, session: str, incident_id: str) -> None:
    """The caller's program `session` shows this incident. Only its coming is told to others, not its staying."""
    if context.database.read_only or context.caller.read_only:
        return
    p = t.presence
    wall = context.clock.wall()
    async with context.database.write(context.now()) as unit:
        before = await unit.scalar(sa.select(p.c.incident_id).where(p.c.session == session, p.c.until > wall))
        await unit.run(sa.delete(p).where((p.c.session == session) | (p.c.until <= wall)))
        if await unit.scalar(sa.select(t.incidents.c.id).where(t.incidents.c.id == incident_id)) is None:
            return  # it was deleted: what is still shown of it is nothing to look at
        unit.insert(
            p, {"session": session, "owner": context.caller.name, "incident_id": incident_id, "until": wall + LASTS}
        )
        if before != incident_id:
            unit.changed("presence", session, incident_id)


async def leave(context: Context, session: str) -> None:
    """The program shows no incident any more."""
    if context.database.read_only or context.caller.read_only:
        return
    p = t.presence
    async with context.database.write(context.now()) as unit:
        incident_id = await unit.scalar(sa.select(p.c.incident_id).where(p.c.session == session))
        if incident_id is not None:
            await unit.run(sa.delete(p).where(p.c.session == session))
            unit.changed("presence", session, incident_id)


async def here(context: Context, incident_id: str, session: str = "") -> list[str]:
    """Who looks at an incident, by alias, without the program `session`; one person once."""
    p = t.presence.c
    query = (
        sa.select(p.owner)
        .where(p.incident_id == incident_id, p.until > context.clock.wall(), p.session != session)
        .distinct()
        .order_by(p.owner)
    )
    async with context.look("ssm-incidents:GetIncidentRecord", incident_id) as reader:
        return [row.owner for row in await reader.all(query)]
