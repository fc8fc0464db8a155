"""What came of messages: state, receipt, timeline, the channel's last result, alarms; see `outbox` for the states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from imtui.channels.protocol import Accepted, Outcome, Rejected, Unknown
from imtui.domain.route import Route
from imtui.domain.timeline import EventType
from imtui.engine.outbox import Claim
from storage import tables as t
from storage.alarms import NOTICE, clear_alarm, raise_alarm
from storage.database import Unit
from storage.record import say

FIRST_RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 300
GIVE_UP = timedelta(hours=1)
LEAST_ATTEMPTS = 5
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try."""

    claim: Claim
    outcome: Outcome
    provider: str


async def record(unit: Unit, results: Sequence[Result]) -> None:
    """Write down what came of claimed messages: state, receipt, timeline, the channel's last result, alarms."""
    results, acknowledged = await _still_ours(unit, results)
    results = await _standing(unit, results)
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


async def _standing(unit: Unit, results: Sequence[Result]) -> Sequence[Result]:
    """The results without the incidents that were deleted meanwhile: nothing more can be written about these."""
    claims = [result.claim for result in results]
    named = {incident for claim in claims for _, incident in claim.pages} | {claim.about for claim in claims}
    ordered = sorted(incident for incident in named if incident)
    standing: set[str | None] = {None}
    i = t.incidents.c.id
    for start in range(0, len(ordered), _CHUNK):
        standing |= {row.id for row in await unit.all(sa.select(i).where(i.in_(ordered[start : start + _CHUNK])))}
    if named <= standing:
        return results
    return [
        replace(
            result,
            claim=replace(
                result.claim,
                pages=tuple(page for page in result.claim.pages if page[1] in standing),
                about=result.claim.about if result.claim.about in standing else None,
            ),
        )
        for result in results
    ]


def retry_seconds(own: int, attempts: int) -> int:
    """The wait after so many failed tries: the channel's retry interval, else 10 s, doubled up to five minutes."""
    return own or min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 10))


def _final(outcome: Rejected | Unknown, claim: Claim, now: datetime) -> bool:
    """Whether no other try is made: refused for good, or tried for an hour and at least five times."""
    if isinstance(outcome, Rejected) and outcome.permanent:
        return True
    return claim.attempts + 1 >= LEAST_ATTEMPTS and now - claim.created_at >= GIVE_UP


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
        kind = "page:" if incident else f"{NOTICE}page:"  # nobody could end it where there is no incident to see to
        await raise_alarm(unit, f"{kind}{claim.outgoing.id}", text, incident)


def _say_retry(unit: Unit, result: Result, wait: timedelta) -> None:
    claim = result.claim
    unknown = isinstance(result.outcome, Unknown)
    what = "may not have arrived" if unknown else "did not go out"
    text = f"Page to {claim.label} by {claim.channel_name} {what} ({result.outcome.info}): again in {wait.seconds} s"
    for _, incident_id in claim.pages:
        if incident_id is not None:
            data: dict[str, Any] = {"reason": "unknown" if unknown else "rejected", "contact": claim.contact_arn}
            say(unit, incident_id, EventType.PAGE, text, message=claim.outgoing.id, **data)


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
