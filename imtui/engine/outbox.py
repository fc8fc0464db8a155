"""The outbox: claim, send, record. At least once, and a repeat can be told.

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

from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected, Unknown
from imtui.domain.contact import ACTIVATION_CODE_MINUTES, ChannelType
from imtui.domain.escalation import Reason
from imtui.domain.incident import Impact
from imtui.domain.message import Subject, Words, activation_words, page_words, test_words
from imtui.domain.route import Route
from imtui.domain.timeline import EventType
from storage import tables as t
from storage.alarms import clear_alarm, raise_alarm
from storage.database import Fence, Unit
from storage.record import say

FIRST_RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 300
GIVE_UP = timedelta(hours=1)
LEAST_ATTEMPTS = 5
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


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try."""

    claim: Claim
    outcome: Outcome
    provider: str


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


async def record(unit: Unit, results: Sequence[Result]) -> None:
    """Write down what came of claimed messages: state, receipt, timeline, the channel's last result, alarms."""
    results, acknowledged = await _still_ours(unit, results)
    batch = _Recorded()
    for result in results:
        claim, outcome = result.claim, result.outcome
        common = {"key": claim.outgoing.id, "provider": result.provider, "info": outcome.info}
        if isinstance(outcome, Accepted):
            batch.sent.append(common)
            _receipt(unit, claim, "SENT", outcome.info)
            batch.pages += [{"key": page} for page, _ in claim.pages]
            _sent(unit, result, acknowledged)
            words = "sent" if result.provider != "local" else "kept here"
        elif _final(outcome, claim, unit.now):
            batch.failed.append(common)
            _receipt(unit, claim, "ERROR", outcome.info)
            await _failed(unit, result)
            words = f"failed: {outcome.info}"
        else:
            wait = timedelta(seconds=retry_seconds(claim.retry_seconds, claim.attempts + 1))
            unknown = isinstance(outcome, Unknown)
            (batch.unknown if unknown else batch.again).append(common | {"due": unit.now + wait})
            if claim.attempts == 0:
                _say_retry(unit, result, wait)
            words = f"not sent yet: {outcome.info}"
        unit.changed("message", claim.outgoing.id)
        if claim.kind != "notification":
            batch.channels[claim.channel_arn] = {"key": claim.channel_arn, "words": words[:300]}
            unit.changed("contact", claim.channel_arn)
    await batch.write(unit)
    await _provider_alarms(unit, results)


@dataclass
class _Recorded:
    """What one transaction writes about messages, by outcome; each kind is one statement."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def write(self, unit: Unit) -> None:
        m, p, c = t.messages, t.pages, t.channels
        which = sa.update(m).where(m.c.id == sa.bindparam("key"))
        later = {"state": "PENDING", "due_at": sa.bindparam("due", type_=m.c.due_at.type)}
        kinds: tuple[tuple[list[dict[str, Any]], dict[str, Any]], ...] = (
            (self.sent, {"state": "SENT", "sent_at": unit.now}),
            (self.failed, {"state": "FAILED", "used_code": m.c.code, "code": None}),
            (self.again, later),
            (self.unknown, later | {"unknown": True}),
        )
        for rows, values in kinds:
            if rows:
                ended = {"claimed_epoch": None, "claimed_until": None}
                told: dict[str, Any] = {"provider": sa.bindparam("provider"), "info": sa.bindparam("info")}
                await unit.run(which.values(values | ended | told), rows)
        if self.pages:
            await unit.run(sa.update(p).where(p.c.id == sa.bindparam("key")).values(sent_at=unit.now), self.pages)
        result = {"last_result": sa.bindparam("words"), "last_result_at": unit.now}
        if self.channels:
            last = sa.update(c).where(c.c.arn == sa.bindparam("key")).values(result)
            await unit.run(last, list(self.channels.values()))


async def _still_ours(unit: Unit, results: Sequence[Result]) -> tuple[list[Result], set[str]]:
    """The results of claims that still stand, and which of their pages have been acknowledged meanwhile. A leader that
    stood still may come back with the result of a claim that another has taken over: only that it was accepted is worth
    knowing then, and only while it waits to be repeated."""
    m, p = t.messages.c, t.pages.c
    claimed: dict[str, int] = {}
    repeated: set[str] = set()
    acknowledged: set[str] = set()
    ids = [result.claim.outgoing.id for result in results]
    columns = (m.id, m.state, m.claimed_epoch, m.unknown, p.id.label("page"), p.acknowledged_at)
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(*columns).join(t.pages, p.message_id == m.id, isouter=True)
        for row in await unit.all(query.where(m.id.in_(ids[start : start + _CHUNK]))):
            if row.state == "CLAIMED":
                claimed[row.id] = row.claimed_epoch
            elif row.state == "PENDING" and row.unknown:
                repeated.add(row.id)
            if row.acknowledged_at is not None:
                acknowledged.add(row.page)
    ours = [
        result
        for result in results
        if claimed.get(result.claim.outgoing.id) == result.claim.epoch
        or (result.claim.outgoing.id in repeated and isinstance(result.outcome, Accepted))
    ]
    return ours, acknowledged


def retry_seconds(own: int, attempts: int) -> int:
    """The wait after so many failed tries: the channel's retry interval, else 10 s, doubled up to five minutes."""
    return own or min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 10))


def _final(outcome: Rejected | Unknown, claim: Claim, now: datetime) -> bool:
    """Whether no other try is made: refused for good, or tried for an hour and at least five times."""
    if isinstance(outcome, Rejected) and outcome.permanent:
        return True
    return claim.attempts + 1 >= LEAST_ATTEMPTS and now - claim.created_at >= GIVE_UP


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
    if row.kind == "notification":
        return _notification(row, now, epoch)
    channel = around.channels[row.channel_arn]
    contact = around.contacts.get(channel.contact_arn)
    label = (contact.display_name or contact.alias) if contact is not None else "?"
    live = [page for page in around.pages.get(row.id, ()) if _live(page)]
    code = str(row.code or row.payload.get("code") or "")
    words = _words(row, channel, label, code, live)
    return Claim(
        outgoing=Outgoing(
            id=row.id,
            type=Route(row.channel_type),
            to=channel.address,
            subject=words.subject,
            body=words.body,
            code=code,
            at=now,
        ),
        kind=row.kind,
        attempts=row.attempts,
        created_at=row.created_at,
        retry_seconds=row.retry_seconds,
        epoch=epoch,
        uncertain=row.unknown,
        channel_arn=channel.arn,
        channel_name=channel.name,
        contact_arn=channel.contact_arn,
        label=label,
        pages=tuple((page.id, page.incident_id) for page in live),
    )


def _notification(row: sa.Row[Any], now: datetime, epoch: int) -> Claim:
    """News of an incident for a room or topic, in the words of the instant it happened."""
    to, payload = str(row.payload["to"]), row.payload
    return Claim(
        outgoing=Outgoing(row.id, Route.TOPIC, to, str(payload["subject"]), str(payload["body"]), "", row.created_at),
        kind=row.kind,
        attempts=row.attempts,
        created_at=row.created_at,
        retry_seconds=row.retry_seconds,
        epoch=epoch,
        uncertain=row.unknown,
        channel_arn=row.channel_arn,
        channel_name=to,
        contact_arn="",
        label=to,
        pages=(),
        about=payload.get("incident"),
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
            title=page.title or str(page.content.get("subject") or "Page"),
            impact=Impact(page.impact or 3),
            summary=page.summary or "",
            drill=bool(page.drill),
            content=page.content,
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


def _sent(unit: Unit, result: Result, acknowledged: set[str]) -> None:
    claim = result.claim
    away = result.provider != "local"
    how = f"Page sent to {claim.label} by {claim.channel_name}" if away else f"Page for {claim.label} kept here"
    for page, incident_id in claim.pages:
        if incident_id is None:
            continue
        crossed = page in acknowledged
        notes = [
            f", one of {len(claim.pages)} in one message" if len(claim.pages) > 1 else "",
            "; an earlier try may have arrived too" if claim.uncertain else "",
            "; it crossed with the acknowledgement" if crossed else "",
            "" if away else f" ({claim.channel_name}: no provider is configured)",
        ]
        say(
            unit,
            incident_id,
            EventType.PAGE,
            how + "".join(notes),
            contact=claim.contact_arn,
            channel=claim.channel_arn,
            page=page,
            message=claim.outgoing.id,
            provider=result.provider,
            attempt=claim.attempts + 1,
            crossed=crossed,
        )


async def _failed(unit: Unit, result: Result) -> None:
    """What finally failed: in the timeline, and a page as an alarm on every screen until it is answered."""
    claim = result.claim
    if claim.about is not None:
        text = f"{claim.label} could not be told: {result.outcome.info}"
        say(unit, claim.about, EventType.RECORD_UPDATE, text, reason="failed", message=claim.outgoing.id)
        return
    text = f"Page to {claim.label} by {claim.channel_name} failed for good: {result.outcome.info}"
    for _, incident_id in claim.pages:
        if incident_id is not None:
            data: dict[str, Any] = {"reason": "failed", "contact": claim.contact_arn, "message": claim.outgoing.id}
            say(unit, incident_id, EventType.PAGE, text, **data)
    if claim.kind == "page":
        incident = next((incident_id for _, incident_id in claim.pages if incident_id), None)
        await raise_alarm(unit, f"page:{claim.outgoing.id}", text, incident)


def _say_retry(unit: Unit, result: Result, wait: timedelta) -> None:
    claim = result.claim
    unknown = isinstance(result.outcome, Unknown)
    what = "may not have arrived" if unknown else "did not go out"
    text = f"Page to {claim.label} by {claim.channel_name} {what} ({result.outcome.info}): again in {wait.seconds} s"
    for _, incident_id in claim.pages:
        if incident_id is not None:
            data: dict[str, Any] = {"reason": "unknown" if unknown else "rejected", "contact": claim.contact_arn}
            say(unit, incident_id, EventType.PAGE, text, message=claim.outgoing.id, **data)


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


def _receipt(unit: Unit, claim: Claim, type_: str, info: str) -> None:
    unit.insert(t.receipts, {"message_id": claim.outgoing.id, "at": unit.now, "type": type_, "info": info[:1000]})


async def _provider_alarms(unit: Unit, results: Sequence[Result]) -> None:
    """A provider that fails is an alarm until it takes a message again; each room and topic is one of its own."""
    latest: dict[str, Result] = {}
    for result in results:
        outgoing = result.claim.outgoing
        latest[outgoing.to if outgoing.type is Route.TOPIC else outgoing.type.label] = result
    for name, result in latest.items():
        key = f"provider:{name}"
        if isinstance(result.outcome, Accepted):
            await clear_alarm(unit, key)
        elif not (isinstance(result.outcome, Rejected) and result.outcome.permanent):
            await raise_alarm(unit, key, f"{name}: nothing is going out: {result.outcome.info}")
