"""The outbox with its receipts, in words: what was sent to whom, what waits, what failed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.contact import ACTIVATION_CODE_MINUTES, ChannelType
from imtui.domain.escalation import Reason
from imtui.domain.incident import Impact
from imtui.domain.message import Subject, Words, activation_words, page_words, test_words
from imtui.services.context import Context
from storage import tables as t
from storage.database import Reader


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one channel of a person, or to a room or topic (`person` is its section then). `state` is Waiting,
    Sending, Sent, Kept here, Failed or Cancelled. `uncertain`: an earlier try may have arrived. `incidents` are their
    numbers."""

    id: str
    kind: str
    state: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    person: str
    channel: str
    address: str
    subject: str
    body: str
    info: str
    attempts: int
    uncertain: bool
    incidents: tuple[int, ...]


_CHUNK = 500
_STATES = {"PENDING": "Waiting", "CLAIMED": "Sending", "SENT": "Sent", "FAILED": "Failed", "CANCELLED": "Cancelled"}


async def recent(context: Context, *, limit: int = 200, incident: str | int | None = None) -> list[Message]:
    """The newest messages first, all or those of one incident (by number or id). That a room is not configured is a
    warning of its plan, not news of each incident: such messages are left out."""
    m, c, p = t.messages, t.channels, t.contacts
    query = (
        sa.select(m, c.c.name.label("channel_name"), c.c.address, p.c.display_name, p.c.alias)
        .join(c, c.c.arn == m.c.channel_arn, isouter=True)
        .join(p, p.c.arn == m.c.contact_arn, isouter=True)
        .where(sa.not_((m.c.kind == "notification") & (m.c.info == Reason.NOT_CONFIGURED.value)))
        .order_by(m.c.created_at.desc(), m.c.id)
        .limit(limit)
    )
    if incident is not None:
        wanted = sa.select(t.incidents.c.id).where(
            (t.incidents.c.number == incident) if isinstance(incident, int) else (t.incidents.c.id == incident)
        )
        query = query.where(m.c.id.in_(sa.select(t.pages.c.message_id).where(t.pages.c.incident_id.in_(wanted))))
    async with context.look("imtui:ListMessages", "*") as reader:
        rows = await reader.all(query)
        subjects = await _subjects(reader, [row.id for row in rows])
    return [_message(row, subjects.get(row.id, [])) for row in rows]


async def newest(context: Context, limit: int) -> frozenset[str]:
    """The ids of the newest messages. They tell nothing of what the messages say, so no policy is asked."""
    m = t.messages.c
    async with context.database.read() as reader:
        rows = await reader.all(sa.select(m.id).order_by(m.created_at.desc(), m.id).limit(limit))
    return frozenset(row.id for row in rows)


async def kept_here(context: Context, ids: Collection[str], since: datetime) -> list[str]:
    """Which of these messages became due after that instant and went no further than this database, because no
    provider is configured: whoever sits before a screen must hear it, whatever they may read. Activation codes are not
    among them."""
    m = t.messages.c
    found: list[str] = []
    wanted = sorted(ids)
    async with context.database.read() as reader:
        for start in range(0, len(wanted), _CHUNK):
            some = m.id.in_(wanted[start : start + _CHUNK])
            here = (m.state == "SENT") & (m.provider == "local") & (m.kind != "activation") & (m.sent_at >= since)
            found += [row.id for row in await reader.all(sa.select(m.id).where(some, here))]
    return found


async def _subjects(reader: Reader, ids: list[str]) -> dict[str, list[Subject]]:
    i, p, e = t.incidents.c, t.pages.c, t.engagements.c
    found: dict[str, list[Subject]] = {}
    query = (
        sa.select(p.message_id, i.number, i.title, i.impact, i.summary, i.drill, e.content, e.sender)
        .join(t.incidents, i.id == p.incident_id, isouter=True)
        .join(t.engagements, e.id == p.engagement_id)
        .where(p.message_id.in_(ids))
        .order_by(p.created_at, i.number)
    )
    for row in await reader.all(query):
        words = row.number or 0, row.title or "", Impact(row.impact or 3), row.summary or "", bool(row.drill)
        found.setdefault(row.message_id, []).append(Subject(*words, row.content, row.sender))
    return found


def state_of(row: sa.Row[Any]) -> str:
    """The state of a row of `messages` in words."""
    return "Kept here" if row.state == "SENT" and row.provider == "local" else _STATES[row.state]


def _message(row: sa.Row[Any], subjects: list[Subject]) -> Message:
    words = _words(row, subjects)
    person, channel = row.display_name or row.alias or "?", row.channel_name or "a removed channel"
    if row.kind == "notification":
        person, _, channel = str(row.payload["to"]).partition(".")
    return Message(
        id=row.id,
        kind=row.kind,
        state=state_of(row),
        created_at=row.created_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        person=person,
        channel=channel,
        address=row.address or "",
        subject=words.subject,
        body=words.body,
        info=row.info,
        attempts=row.attempts,
        uncertain=row.unknown,
        incidents=tuple(dict.fromkeys(subject.number for subject in subjects if subject.number)),
    )


def _words(row: sa.Row[Any], subjects: list[Subject]) -> Words:
    if row.kind == "notification":
        return Words(str(row.payload["subject"]), str(row.payload["body"]))
    type_ = ChannelType(row.channel_type)
    code = str(row.code or row.used_code or row.payload.get("code") or "")
    if row.kind == "activation":
        return activation_words(type_, code, row.channel_name or "?", ACTIVATION_CODE_MINUTES)
    if row.kind != "page" or not subjects:
        return test_words(row.display_name or row.alias or "?", str(row.payload.get("by", "imtui")))
    return page_words(type_, code, subjects)
