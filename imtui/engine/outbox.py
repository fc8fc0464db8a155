"""The outbox: claim, send, record (see `recording`). At least once, and a repeat can be told.

PENDING ──claim──▶ CLAIMED ──accepted──────────────▶ SENT
   ▲                  │ ├───rejected, not for good─▶ PENDING (later)
   │                  │ ├───unknown───────────────▶ PENDING (later, same id, marked unknown)
   └──────────────────┘ └───rejected for good─────▶ FAILED
PENDING ──pointless when it is claimed──▶ CANCELLED
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.channels.protocol import Outgoing
from imtui.domain.contact import ACTIVATION_CODE_MINUTES, ChannelType
from imtui.domain.escalation import Reason
from imtui.domain.incident import Impact
from imtui.domain.message import Subject, Words, activation_words, page_words, test_words
from imtui.domain.route import Route
from imtui.domain.timeline import EventType
from storage import tables as t
from storage.database import Fence, Unit
from storage.record import say

CLAIM_SECONDS = 60.0
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this engine alone may send now, with its pages' incidents."""

    outgoing: Outgoing
    kind: str
    attempts: int
    created_at: datetime
    retry_seconds: int
    epoch: int
    uncertain: bool
    """Whether an earlier try may have arrived."""
    channel_arn: str
    channel_name: str
    contact_arn: str
    label: str
    pages: tuple[tuple[str, str | None], ...]
    """The live pages' ids with their incidents."""

    about: str | None = None
    """The incident that a notification tells of."""


@dataclass
class _Surroundings:
    """What is true about the claimed messages at this instant."""

    channels: dict[str, sa.Row[Any]] = field(default_factory=dict)
    contacts: dict[str, sa.Row[Any]] = field(default_factory=dict)
    pages: dict[str, list[sa.Row[Any]]] = field(default_factory=dict)
    topics: Collection[str] = ()
    """The rooms and topics that are configured here."""


def abandoned(fence: Fence, wall: datetime) -> sa.ColumnElement[bool]:
    """Messages that were claimed by an engine before this one, or for longer than any try lasts."""
    m = t.messages.c
    return t.waiting & (m.state == "CLAIMED") & ((m.claimed_epoch != fence.epoch) | (m.claimed_until < wall))


async def reclaim(unit: Unit, fence: Fence, wall: datetime) -> int:
    """Abandoned messages: whether they went out is unknown. They are tried again with the same id, and say so.
    Returns how many there were."""
    lost = await unit.run(
        sa.update(t.messages)
        .where(abandoned(fence, wall))
        .values(
            state="PENDING",
            unknown=True,
            due_at=unit.now,
            claimed_epoch=None,
            claimed_until=None,
            info="the program ended while this was being sent: it may have arrived, and is sent again",
        )
    )
    if lost.rowcount:
        unit.changed("message", "*")
    return int(lost.rowcount)


async def claim_due(
    unit: Unit, fence: Fence, wall: datetime, slots: Mapping[Route, int], topics: Collection[str]
) -> list[Claim]:
    """Claim due messages, the earliest first, as many of each route as there are free slots. What has become
    pointless is cancelled instead, with the reason; `topics` are the rooms and topics that are configured."""
    rows = await _due(unit, {route: free for route, free in slots.items() if free > 0})
    if not rows:
        return []
    around = await _surroundings(unit, rows)
    around.topics = topics
    claims: list[Claim] = []
    cancelled: list[dict[str, Any]] = []
    for row in rows:
        pointless = _pointless(row, around, unit.now)
        if pointless is not None:
            cancelled.append({"key": row.id, "info": pointless.value})
            _say_cancelled(unit, row, around, pointless)
        else:
            claims.append(_claim(row, around, unit.now, fence.epoch))
        unit.changed("message", row.id)
    if cancelled:
        which = t.messages.c.id == sa.bindparam("key")
        used = {"state": "CANCELLED", "used_code": t.messages.c.code, "code": None}
        await unit.run(sa.update(t.messages).where(which).values(used).values(info=sa.bindparam("info")), cancelled)
    if claims:
        claimed = {
            "state": "CLAIMED",
            "claimed_epoch": fence.epoch,
            "claimed_until": wall + timedelta(seconds=CLAIM_SECONDS),
            "attempts": t.messages.c.attempts + 1,
        }
        which = t.messages.c.id == sa.bindparam("key")
        keys = [{"key": claim.outgoing.id} for claim in claims]
        await unit.run(sa.update(t.messages).where(which).values(claimed), keys)
    return claims


async def _due(unit: Unit, slots: Mapping[Route, int]) -> list[sa.Row[Any]]:
    """The due messages that have a slot, the earliest of each route first. One look is enough unless so many are due
    that those of one route could hide another's."""
    m = t.messages.c
    due = sa.select(t.messages).where(t.waiting, m.state == "PENDING", m.due_at <= unit.now).order_by(m.due_at)
    due = due.with_for_update(skip_locked=True)
    most = sum(slots.values())
    found = await unit.all(due.where(m.channel_type.in_([route.value for route in slots])).limit(most + 1))
    rows: list[sa.Row[Any]] = []
    for route, free in slots.items():
        if len(found) > most:
            rows += await unit.all(due.where(m.channel_type == route.value).limit(free))
        else:
            rows += [row for row in found if row.channel_type == route.value][:free]
    return rows


def _pointless(row: sa.Row[Any], around: _Surroundings, now: datetime) -> Reason | None:
    """Why a message need not go out any more, or None."""
    if row.kind == "notification":
        return None if row.payload.get("to") in around.topics else Reason.NOT_CONFIGURED
    channel = around.channels.get(row.channel_arn)
    if channel is None:
        return Reason.CONTACT_GONE
    if row.kind == "activation":
        stale = channel.activated or channel.activation_code != row.payload.get("code")
        return Reason.STOPPED if stale else None
    if not channel.activated:
        return Reason.CHANNEL_NOT_ACTIVATED
    if row.kind != "page":
        return None
    pages = around.pages.get(row.id, [])
    if any(_live(page) for page in pages):
        return None
    if any(page.incident_status == "RESOLVED" for page in pages):
        return Reason.INCIDENT_RESOLVED
    return Reason.STOPPED if any(page.run == "STOPPED" for page in pages) else Reason.ALREADY_ACKNOWLEDGED


def _live(page: sa.Row[Any]) -> bool:
    return page.acknowledged_at is None and page.run != "STOPPED" and page.incident_status != "RESOLVED"


def _claim(row: sa.Row[Any], around: _Surroundings, now: datetime, epoch: int) -> Claim:
    pages: tuple[tuple[str, str | None], ...] = ()
    if row.kind == "notification":  # in the words of the instant it happened
        contact_arn, channel_name = "", str(row.payload["to"])
        label = channel_name
        subject, body = str(row.payload["subject"]), str(row.payload["body"])
        outgoing = Outgoing(row.id, Route.TOPIC, channel_name, subject, body, "", row.created_at)
    else:
        channel = around.channels[row.channel_arn]
        contact = around.contacts.get(channel.contact_arn)
        contact_arn, channel_name = channel.contact_arn, channel.name
        label = (contact.display_name or contact.alias) if contact is not None else "?"
        live = [page for page in around.pages.get(row.id, ()) if _live(page)]
        pages = tuple((page.id, page.incident_id) for page in live)
        code = str(row.code or row.payload.get("code") or "")
        words = _words(row, channel, label, code, live)
        route = Route(row.channel_type)
        outgoing = Outgoing(row.id, route, channel.address, words.subject, words.body, code, now)
    return Claim(
        outgoing=outgoing,
        kind=row.kind,
        attempts=row.attempts,
        created_at=row.created_at,
        retry_seconds=row.retry_seconds,
        epoch=epoch,
        uncertain=row.unknown,
        channel_arn=row.channel_arn,
        channel_name=channel_name,
        contact_arn=contact_arn,
        label=label,
        pages=pages,
        about=row.payload.get("incident") if row.kind == "notification" else None,
    )


def _words(row: sa.Row[Any], channel: sa.Row[Any], label: str, code: str, live: Sequence[sa.Row[Any]]) -> Words:
    type_ = ChannelType(row.channel_type)
    if row.kind == "activation":
        return activation_words(type_, code, channel.name, ACTIVATION_CODE_MINUTES)
    if row.kind != "page":
        return test_words(label, str(row.payload.get("by", "imtui")))
    subjects = [
        Subject(
            number=page.number or 0,
            title=page.title or "",
            impact=Impact(page.impact or 3),
            summary=page.summary or "",
            drill=bool(page.drill),
            content=page.content,
            sender=page.sender,
        )
        for page in live
    ]
    return page_words(type_, code, subjects)


async def _surroundings(unit: Unit, rows: Sequence[sa.Row[Any]]) -> _Surroundings:
    around = _Surroundings()
    p, e, i = t.pages, t.engagements, t.incidents
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        arns = sorted({row.channel_arn for row in some if row.channel_arn})
        for row in await unit.all(sa.select(t.channels).where(t.channels.c.arn.in_(arns))):
            around.channels[row.arn] = row
        owners = sorted({row.contact_arn for row in around.channels.values()})
        for row in await unit.all(sa.select(t.contacts).where(t.contacts.c.arn.in_(owners))):
            around.contacts[row.arn] = row
        query = (
            sa.select(
                p.c.id,
                p.c.message_id,
                p.c.incident_id,
                p.c.acknowledged_at,
                e.c.status.label("run"),
                e.c.content,
                e.c.sender,
                i.c.number,
                i.c.title,
                i.c.impact,
                i.c.summary,
                i.c.drill,
                i.c.status.label("incident_status"),
            )
            .join(e, e.c.id == p.c.engagement_id)
            .join(i, i.c.id == p.c.incident_id, isouter=True)
            .where(p.c.message_id.in_([row.id for row in some]))
            .order_by(p.c.created_at, i.c.number)
        )
        for row in await unit.all(query):
            around.pages.setdefault(row.message_id, []).append(row)
    return around


def _say_cancelled(unit: Unit, row: sa.Row[Any], around: _Surroundings, reason: Reason) -> None:
    """What was asked for and did not happen is said, except where an acknowledgement or resolution says it all."""
    if reason not in (Reason.CHANNEL_NOT_ACTIVATED, Reason.CONTACT_GONE):
        return
    channel = around.channels.get(row.channel_arn)
    name = channel.name if channel is not None else "a removed channel"
    for page in around.pages.get(row.id, ()):
        if page.incident_id:
            text = f"A page by {name} was not sent: the channel is not activated or was removed"
            data = {"reason": reason.value, "contact": row.contact_arn}
            say(unit, page.incident_id, EventType.ESCALATION, text, **data)
