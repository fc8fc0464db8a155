"""Events in: rules choose the response plan, duplicates are counted, and all that came is kept.

Any number of events is one transaction, so that a storm costs no more than a few.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.incident import Incident, Status, incident_title
from imtui.domain.rules import matches
from imtui.domain.text import clean
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from imtui.services.incidents import resolve_in
from imtui.services.lookup import incident_of, incident_row
from imtui.services.starting import StartOrder, Trigger, open_by_key, start_many
from imtui.sources.signal import Signal, State
from storage import tables as t
from storage.database import Reader, Unit
from storage.record import next_seq

_CHUNK = 500
_COUNTED = uuid.UUID("0f8a5a0e-7a5c-4a58-9a1d-8d1b4cbb2f11")  # the namespace of counted events' ids


@dataclass(frozen=True, slots=True)
class Intake:
    """A signal with what its delivery says: the plan to use when nothing else names one, and whether the end of an
    alert resolves its incident."""

    signal: Signal
    response_plan: str | None = None
    resolve: bool = False


@dataclass(frozen=True, slots=True)
class EventResult:
    """What one event did, for one plan: started, deduplicated, resolved, unmatched or recorded."""

    action: str
    event_id: str
    incident_arn: str | None = None
    rule: str | None = None

    def document(self) -> dict[str, str]:
        """As hooks and `imtui event` answer it."""
        found = {"action": self.action, "incidentRecordArn": self.incident_arn, "rule": self.rule}
        return {name: value for name, value in found.items() if value is not None} | {"eventId": self.event_id}


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event as it can be looked at afterwards."""

    id: str
    received_at: datetime
    source: str
    detail_type: str
    title: str
    action: str
    incident_id: str | None


async def take_in(context: Context, arrivals: Sequence[Intake]) -> list[list[EventResult]]:
    """Take in events, all or none of them; the results of each, in their order."""
    async with context.change("events:PutEvents", "*", events=len(arrivals)) as unit:
        return await _Taking(unit, context).run(arrivals)


async def recent(context: Context, *, limit: int = 200, unmatched: bool = False) -> list[KeptEvent]:
    """The newest events first, all or only those that no plan was found for."""
    e = t.events
    columns = (e.c.id, e.c.received_at, e.c.source, e.c.detail_type, e.c.title, e.c.action, e.c.incident_id)
    query = sa.select(*columns).order_by(e.c.received_at.desc(), e.c.id).limit(limit)
    if unmatched:
        query = query.where(e.c.action == "unmatched")
    async with context.look("events:ListEvents", "*") as reader:
        return [
            KeptEvent(row.id, row.received_at, row.source, row.detail_type, row.title, row.action, row.incident_id)
            for row in await reader.all(query)
        ]


@dataclass(slots=True)
class _Alert:
    """What is known of an alert: whether it fires, and its newest incident."""

    firing: bool
    incident_id: str | None
    changed: bool = False


@dataclass(slots=True)
class _Pending:
    """An order whose incident is not started yet, and whose event it is."""

    index: int
    order: StartOrder
    rule: str | None


@dataclass
class _Taking:
    """One transaction of events."""

    unit: Unit
    context: Context
    results: list[list[EventResult]] = field(default_factory=list)
    alerts: dict[str, _Alert] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    pending: list[_Pending] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)

    async def run(self, arrivals: Sequence[Intake]) -> list[list[EventResult]]:
        self.results = [[] for _ in arrivals]
        self.arrivals = arrivals
        self.rules = await self.unit.all(sa.select(t.rules).where(t.rules.c.enabled).order_by(t.rules.c.name))
        self.plans = {
            name: row.arn
            for row in await self.unit.all(sa.select(t.response_plans.c.arn, t.response_plans.c.name))
            for name in (row.arn, row.name)
        }
        known = await self._known([arrival.signal.id for arrival in arrivals])
        await self._load_alerts({a.signal.alert for a in arrivals if a.signal.alert})
        fresh: list[int] = []
        first: dict[str, int] = {}
        for index, arrival in enumerate(arrivals):
            id_ = clean(arrival.signal.id)
            if id_ in known:
                self.results[index] = [await self._again(known[id_])]
            elif id_ in first:
                fresh.append(-1)
                self.results[index] = [EventResult("", id_, None, str(first[id_]))]
            else:
                first[id_] = index
                fresh.append(index)
                await self._one(index, arrival)
        await self._start()
        self._repeat_in_batch()
        await self._write([index for index in fresh if index >= 0])
        return self.results

    async def _known(self, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
        e = t.events.c
        found: dict[str, sa.Row[Any]] = {}
        wanted = [clean(id_) for id_ in ids]
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(e.id, e.action, e.incident_id, e.rule_arn).where(e.id.in_(wanted[start : start + _CHUNK]))
            found.update({row.id: row for row in await self.unit.all(query)})
        return found

    async def _again(self, row: sa.Row[Any]) -> EventResult:
        """A redelivery changes nothing; it is answered with what the first delivery did."""
        if row.incident_id is None:
            return EventResult(row.action, row.id, None, row.rule_arn)
        await self._load_incidents({row.incident_id})
        incident = self.incidents.get(row.incident_id)  # one that was deleted has no ARN any more
        action = "deduplicated" if row.action == "started" else row.action
        return EventResult(action, row.id, incident.arn if incident else None, row.rule_arn)

    def _repeat_in_batch(self) -> None:
        """An id that came twice in one batch: the second is a redelivery of the first."""
        for index, results in enumerate(self.results):
            if results and results[0].action == "":
                done = self.results[int(results[0].rule or 0)]
                self.results[index] = [
                    EventResult(
                        "deduplicated" if x.action == "started" else x.action, x.event_id, x.incident_arn, x.rule
                    )
                    for x in done
                ]

    async def _load_alerts(self, keys: set[str]) -> None:
        a = t.alerts
        ordered = sorted(clean(key) for key in keys)
        for start in range(0, len(ordered), _CHUNK):
            for row in await self.unit.all(sa.select(a).where(a.c.key.in_(ordered[start : start + _CHUNK]))):
                self.alerts[row.key] = _Alert(row.firing, row.incident_id)
        await self._load_incidents({alert.incident_id for alert in self.alerts.values() if alert.incident_id})

    async def _load_incidents(self, ids: set[str]) -> None:
        missing = sorted(ids - self.incidents.keys())
        for start in range(0, len(missing), _CHUNK):
            query = sa.select(t.incidents).where(t.incidents.c.id.in_(missing[start : start + _CHUNK]))
            for row in await self.unit.all(query):
                self.incidents[row.id] = incident_of(row, self.context.names)

    async def _one(self, index: int, arrival: Intake) -> None:
        signal = arrival.signal
        targets = self._targets(arrival)
        if signal.state is State.UNCLEAR:
            self._answer(index, "recorded", self._incident_of(signal), targets[0][1] if targets else None)
        elif signal.state is State.QUIET:
            await self._quiet(index, arrival, targets)
        elif not targets:
            self._answer(index, "unmatched", None, None)
        elif self._muted(signal):
            incident = self._incident_of(signal)
            if incident is not None:
                self._count(incident.id, "muted", signal)
            self._answer(index, "recorded", incident, targets[0][1])
        else:
            for plan, rule, _ in targets:
                key = clean(signal.alert) if signal.alert else rule
                order = StartOrder(
                    plan_arn=plan,
                    cause=signal.cause,
                    dedupe_key=key,
                    trigger=Trigger(signal.incident_source, signal.at, signal.resource_arn or rule, signal.event),
                    related=signal.related,
                )
                self.pending.append(_Pending(index, order, rule))
            if signal.alert:
                self._alert(signal).firing = True

    def _targets(self, arrival: Intake) -> list[tuple[str, str | None, bool]]:
        """The plans that this event starts incidents of, each with its rule and whether its end resolves."""
        found: dict[str, tuple[str, str | None, bool]] = {}
        for rule in self.rules:
            if matches(rule.pattern, arrival.signal.event):
                for target in rule.targets:
                    if target["Arn"] in self.plans:
                        resolves = bool(target.get("resolve")) or arrival.resolve
                        found.setdefault(target["Arn"], (target["Arn"], rule.arn, resolves))
        for named in (arrival.signal.plan, arrival.response_plan):
            if not found and named:
                arn = self.plans.get(named if arns.is_arn(named) else clean(named))
                if arn:
                    found[arn] = (arn, None, arrival.resolve)
        return list(found.values())

    def _alert(self, signal: Signal) -> _Alert:
        key = clean(signal.alert or "")
        alert = self.alerts.setdefault(key, _Alert(False, None))
        alert.changed = True
        return alert

    def _incident_of(self, signal: Signal) -> Incident | None:
        alert = self.alerts.get(clean(signal.alert or ""))
        return self.incidents.get(alert.incident_id or "") if alert else None

    def _muted(self, signal: Signal) -> bool:
        """Whether a person has resolved or deleted this alert's incident while it went on, and it has not been quiet
        since."""
        alert = self.alerts.get(clean(signal.alert or "")) if signal.alert else None
        if alert is None or alert.incident_id is None or not alert.firing or signal.began_quiet:
            return False
        incident = self.incidents.get(alert.incident_id)
        return incident is None or incident.status is Status.RESOLVED

    async def _quiet(self, index: int, arrival: Intake, targets: list[tuple[str, str | None, bool]]) -> None:
        """The end of an alert is written down; it resolves the incident only where that was asked for, and when no
        other alert of the same incident goes on."""
        signal = arrival.signal
        await self._start()
        alert = self._alert(signal)
        alert.firing = False
        rule = targets[0][1] if targets else None
        incident = self._incident_of(signal)
        if incident is None and signal.alert:
            incident = (await open_by_key(self.unit, self.context.names, {signal.alert})).get(signal.alert)
        action = "recorded"
        if incident is not None:
            self.incidents[incident.id] = incident
        if incident is not None and incident.is_open:
            wanted = arrival.resolve or any(resolves for _, _, resolves in targets)
            if wanted and not await self._goes_on(incident, signal):
                row = await incident_row(self.unit, incident.id, lock=True)
                await resolve_in(self.unit, self.context, row, f"{_named(signal)} has ended: the incident is resolved")
                self.incidents[incident.id] = incident_of(
                    await incident_row(self.unit, incident.id), self.context.names
                )
                action = "resolved"
            else:
                self._count(incident.id, "quiet", signal)
        self._answer(index, action, incident, rule)

    async def _goes_on(self, incident: Incident, signal: Signal) -> bool:
        own = clean(signal.alert or "")
        here = {key: alert for key, alert in self.alerts.items() if alert.incident_id == incident.id}
        if any(alert.firing for key, alert in here.items() if key != own):
            return True
        a = t.alerts.c
        query = sa.select(a.key).where(a.incident_id == incident.id, a.firing, a.key.not_in([own, *here]))
        return await self.unit.first(query.limit(1)) is not None

    async def _start(self) -> None:
        """Start what is pending: one incident for all orders of the same key."""
        pending, self.pending = self.pending, []
        if not pending:
            return
        started = await start_many(self.unit, self.context, [item.order for item in pending])
        for item, outcome in zip(pending, started, strict=True):
            signal = self.arrivals[item.index].signal
            incident = outcome.incident
            self.incidents[incident.id] = incident
            if signal.alert:
                self._alert(signal).incident_id = incident.id
            if not outcome.created:
                self._count(incident.id, "repeat", signal)
            self._answer(item.index, "started" if outcome.created else "deduplicated", incident, item.rule)

    def _answer(self, index: int, action: str, incident: Incident | None, rule: str | None) -> None:
        id_ = clean(self.arrivals[index].signal.id)
        self.results[index].append(EventResult(action, id_, incident.arn if incident else None, rule))

    def _count(self, incident_id: str, kind: str, signal: Signal) -> None:
        self.counts[incident_id, kind] = self.counts.get((incident_id, kind), 0) + 1
        self.causes[incident_id] = _named(signal)

    async def _write(self, fresh: Sequence[int]) -> None:
        now = self.unit.now
        for index in fresh:
            signal, result = self.arrivals[index].signal, self.results[index][0]
            self.unit.insert(
                t.events,
                {
                    "id": result.event_id,
                    "received_at": now,
                    "source": clean(signal.source),
                    "detail_type": clean(signal.detail_type),
                    "title": clean(incident_title("", signal.cause)),
                    "dedupe_key": clean(signal.alert) if signal.alert else None,
                    "rule_arn": result.rule,
                    "plan_arn": None,
                    "action": result.action,
                    "incident_id": result.incident_arn.rpartition("/")[2] if result.incident_arn else None,
                    "body": signal.event,
                },
            )
        if fresh:
            self.unit.changed("event", "*")
        await self._write_alerts(now)
        await self._write_counts(now)

    async def _write_alerts(self, now: datetime) -> None:
        changed = {key: alert for key, alert in self.alerts.items() if alert.changed}
        ordered = sorted(changed)
        for start in range(0, len(ordered), _CHUNK):
            which = t.alerts.c.key.in_(ordered[start : start + _CHUNK])
            await self.unit.run(sa.delete(t.alerts).where(which))
        for key in ordered:
            alert = changed[key]
            row = {"key": key, "firing": alert.firing, "incident_id": alert.incident_id, "changed_at": now}
            self.unit.insert(t.alerts, row)

    async def _write_counts(self, now: datetime) -> None:
        """One timeline event for each kind of repeat, with its count."""
        ids = {(incident, kind): _counted_id(incident, kind) for incident, kind in self.counts}
        standing = await _counted(self.unit, list(ids.values()))
        updates = []
        for (incident, kind), more in self.counts.items():
            id_ = ids[incident, kind]
            count = standing.get(id_, 0) + more
            data = {"text": _text(kind, self.causes[incident], count), "count": count, "latest": now.isoformat()}
            if id_ in standing:
                updates.append({"key": id_, "new": data, "now": now})
            else:
                self.unit.insert(
                    t.timeline,
                    {
                        "id": id_,
                        "incident_id": incident,
                        "type": EventType.RECORD_UPDATE.value,
                        "event_time": now,
                        "updated_at": now,
                        "data": data,
                        "refs": [],
                        "seq": next_seq(),
                    },
                )
            self.unit.changed("timeline", id_, incident)
        if updates:
            e = t.timeline
            changed = {
                "data": sa.bindparam("new", type_=e.c.data.type),
                "updated_at": sa.bindparam("now", type_=e.c.updated_at.type),
            }
            await self.unit.run(sa.update(e).where(e.c.id == sa.bindparam("key")).values(changed), updates)


async def _counted(reader: Reader, ids: Sequence[str]) -> dict[str, int]:
    e = t.timeline.c
    found: dict[str, int] = {}
    for start in range(0, len(ids), _CHUNK):
        for row in await reader.all(sa.select(e.id, e.data).where(e.id.in_(ids[start : start + _CHUNK]))):
            found[row.id] = int(row.data.get("count", 0))
    return found


def _counted_id(incident_id: str, kind: str) -> str:
    return str(uuid.uuid5(_COUNTED, f"{incident_id}:{kind}"))


def _named(signal: Signal) -> str:
    return (
        f"{'Alarm' if signal.source == 'aws.cloudwatch' else 'Alert'} {signal.cause}" if signal.alert else signal.cause
    )


def _text(kind: str, cause: str, count: int) -> str:
    """The sentence of a counted event."""
    cause = clean(cause)
    times = "once" if count == 1 else f"{count} times"
    match kind:
        case "quiet":
            return f"{cause} returned to normal {times}; the incident stays open until somebody resolves it"
        case "muted":
            return f"{cause} was reported {times} after the incident was resolved: nobody is paged until it has ended"
    return f"{cause} was reported again {times}: nobody is paged again"
