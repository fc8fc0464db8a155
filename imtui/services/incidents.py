"""Incidents: start, look, edit, resolve."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.announcement import News
from imtui.domain.drill import LIMIT_MINUTES
from imtui.domain.errors import AccessDenied, Conflict, ValidationFailed
from imtui.domain.incident import Impact, Incident, Status, parse_impact
from imtui.domain.text import clean
from imtui.domain.timeline import EventType
from imtui.services import consumers, starting_together
from imtui.services.context import Context, expect_revision
from imtui.services.lookup import INCIDENT_RECORD, incident_of, incident_row, response_plan_arn
from imtui.services.starting import Started, StartOrder, Trigger, start_many
from storage import ending
from storage import tables as t
from storage.announcing import announce
from storage.database import Unit
from storage.erasing import erase_incident
from storage.record import say

MAX_SUMMARY = 8000
MAX_TITLE = 200
MAX_TOPICS = 10


async def start(
    context: Context,
    response_plan: str,
    *,
    title: str | None = None,
    impact: Impact | int | str | None = None,
    trigger: Trigger | None = None,
    related_items: Sequence[tuple[str, str, dict[str, Any]]] = (),
    client_token: str | None = None,
    drill: bool = False,
    drill_minutes: int = LIMIT_MINUTES,
) -> Started:
    """Start an incident from a response plan, given by name or ARN.

    An open incident with the plan's dedupe string is answered instead of a new one. A drill is an incident of its own
    in any case, and is resolved by itself, after `drill_minutes` at the latest. The same `client_token` with
    the same parameters answers the same incident again; with others it is a Conflict.
    """
    arn = response_plan_arn(context.names, response_plan)
    chosen = parse_impact(impact) if impact is not None else None
    if title is not None:
        title = _checked_title(title, most=None)
    order = StartOrder(
        plan_arn=arn,
        title=title,
        impact=chosen,
        trigger=trigger or Trigger("manual"),
        related=tuple(related_items),
        drill=drill,
        drill_minutes=drill_minutes,
    )
    audited = {"responsePlanArn": arn, "title": title, "impact": chosen and int(chosen), "drill": drill}
    if not client_token and not context.foreign:
        return await starting_together.start(context, order, audited)
    async with context.change("ssm-incidents:StartIncident", arn, **audited) as unit:
        if client_token and (again := await _repeated(unit, context, client_token, audited)):
            return Started(again, False)
        started = (await start_many(unit, context, [order]))[0]
        if context.foreign and not started.created:
            await _expect_shared(unit, context, started.incident)
        if client_token:
            unit.insert(
                t.idempotency,
                {
                    "caller": context.caller.arn,
                    "action": "StartIncident",
                    "token": client_token,
                    "fingerprint": _fingerprint(audited),
                    "result": {"id": started.incident.id},
                    "at": unit.now,
                },
            )
        return started


async def _expect_shared(unit: Unit, context: Context, known: Incident) -> None:
    """An incident that is open for the same cause may be of another plan: nothing is told of one that is not shared."""
    try:
        await context.demand_also(unit, "ssm-incidents:GetIncidentRecord", known.arn)
    except AccessDenied:
        text = "an incident that is not shared is open for the same cause already: ask the owner of the plan"
        raise Conflict(text) from None


async def get(context: Context, ref: str | int) -> Incident:
    """One incident by number, id or ARN; raises NotFound."""
    async with context.look("ssm-incidents:GetIncidentRecord", str(ref)) as reader:
        return incident_of(await incident_row(reader, ref), context.names)


async def update(
    context: Context,
    ref: str | int,
    *,
    title: str | None = None,
    impact: Impact | int | str | None = None,
    summary: str | None = None,
    chat_channel: Sequence[str] | None = None,
    notification_targets: Sequence[str] | None = None,
    status: Status | None = None,
    revision: int | None = None,
) -> Incident:
    """Edit an incident, resolve it or open it again; what is None stays. With `revision`, an edit by somebody else
    meanwhile is a Conflict and nothing is overwritten."""
    values = _checked_values(title, impact, summary, chat_channel, notification_targets)
    audited = values | ({"status": status.value} if status is not None else {})
    async with context.change("ssm-incidents:UpdateIncidentRecord", str(ref), **audited) as unit:
        row = await _editable(unit, ref, revision)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        incident = incident_of(row, context.names)
        if changed:
            await _write(unit, context, row, changed)
            row = await incident_row(unit, row.id)
            incident = incident_of(row, context.names)
            text = f"{context.caller.name} changed {_in_words(changed)}"
            say(unit, row.id, EventType.RECORD_UPDATE, text, by=context.caller.name, changed=changed)
            announce(unit, incident, News.CHANGED, text)
        if status is not None and status.value != row.status:
            await _turn(unit, context, row, status)
            incident = incident_of(await incident_row(unit, row.id), context.names)
        return incident


def _checked_values(
    title: str | None,
    impact: Impact | int | str | None,
    summary: str | None,
    chat_channel: Sequence[str] | None,
    notification_targets: Sequence[str] | None,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = _checked_title(title, most=MAX_TITLE)
    if impact is not None:
        values["impact"] = int(parse_impact(impact))
    if summary is not None:
        if len(summary) > MAX_SUMMARY:
            raise ValidationFailed(f"summary: at most {MAX_SUMMARY} characters, this has {len(summary)}", "summary")
        values["summary"] = clean(summary)
    if chat_channel is not None:
        values["chat_channel"] = [clean(topic) for topic in chat_channel]
    if notification_targets is not None:
        if len(notification_targets) > MAX_TOPICS:
            raise ValidationFailed(f"notification topics: at most {MAX_TOPICS}", "notification_targets")
        values["notification_targets"] = [clean(topic) for topic in notification_targets]
    return values


async def resolve(context: Context, ref: str | int) -> Incident:
    """Resolve an incident: what has not been sent is cancelled and nobody is paged any more. Resolving one that
    is resolved changes nothing."""
    async with context.change("ssm-incidents:UpdateIncidentRecord", str(ref), status=Status.RESOLVED.value) as unit:
        row = await incident_row(unit, ref, lock=True)
        if row.status == Status.OPEN.value:
            await resolve_in(unit, context, row, f"{context.caller.name} resolved the incident")
        return incident_of(await incident_row(unit, row.id), context.names)


async def resolve_in(unit: Unit, context: Context, row: sa.Row[Any], text: str) -> None:
    """Resolve inside a unit of work; `text` is the sentence for the timeline."""
    await ending.resolve(unit, row, text, by=context.caller.name, arn=context.caller.arn)


async def reopen(context: Context, ref: str | int) -> Incident:
    """Open a resolved incident again. Nobody is paged by that."""
    async with context.change("ssm-incidents:UpdateIncidentRecord", str(ref), status=Status.OPEN.value) as unit:
        row = await incident_row(unit, ref, lock=True)
        if row.status == Status.RESOLVED.value:
            await _reopen_in(unit, context, row)
        return incident_of(await incident_row(unit, row.id), context.names)


async def delete(context: Context, ref: str | int) -> None:
    """Delete an incident with everything that belongs to it. One that is open is stopped first: what has not been sent
    is cancelled. The audit log, the events that it came from and the messages that were sent stay; an alert that goes
    on pages nobody until it has been quiet, as if the incident had been resolved. Raises NotFound."""
    async with context.change("ssm-incidents:DeleteIncidentRecord", str(ref)) as unit:
        await erase_incident(unit, await incident_row(unit, ref, lock=True))


async def page(
    context: Context, which: Sequence[sa.ColumnElement[bool]], before: int | None, limit: int
) -> list[Incident]:
    """So many incidents for which all this holds, the newest first, that are older than the one with this number."""
    i = t.incidents.c
    older = [] if before is None else [i.number < before]
    query = sa.select(t.incidents).where(*which, *older).order_by(i.number.desc()).limit(limit)
    async with context.look("ssm-incidents:ListIncidentRecords", "*", Reach.LISTED) as reader:
        query = query.where(*await consumers.incidents(context, reader))
        return [incident_of(row, context.names) for row in await reader.all(query)]


async def _turn(unit: Unit, context: Context, row: sa.Row[Any], status: Status) -> None:
    if status is Status.RESOLVED:
        await resolve_in(unit, context, row, f"{context.caller.name} resolved the incident")
    else:
        await _reopen_in(unit, context, row)


async def _reopen_in(unit: Unit, context: Context, row: sa.Row[Any]) -> None:
    if row.dedupe_key:
        other = await unit.first(
            sa.select(t.incidents.c.number).where(
                t.incidents.c.account == row.account,
                t.incidents.c.status == Status.OPEN.value,
                t.incidents.c.dedupe_key == row.dedupe_key,
            )
        )
        if other is not None:
            raise Conflict(
                f"incident #{other.number} is open for the same cause: work on that one instead",
                (f"incident #{other.number}",),
                incident_of(row, context.names).arn,
                INCIDENT_RECORD,
            )
    await _write(unit, context, row, {"status": Status.OPEN.value, "resolved_at": None})
    text = f"{context.caller.name} opened the incident again; nobody was paged"
    say(unit, row.id, EventType.RECORD_UPDATE, text, by=context.caller.name, changed={"status": "OPEN"})
    announce(unit, row, News.REOPENED, text)


async def _editable(unit: Unit, ref: str | int, revision: int | None) -> sa.Row[Any]:
    row = await incident_row(unit, ref)
    locked = await expect_revision(unit, t.incidents, t.incidents.c.number == row.number, revision)
    return locked or row


async def _write(unit: Unit, context: Context, row: sa.Row[Any], values: dict[str, Any]) -> None:
    await unit.run(
        sa.update(t.incidents)
        .where(t.incidents.c.number == row.number)
        .values(**values, modified_at=unit.now, modified_by=context.caller.arn, revision=t.incidents.c.revision + 1)
    )
    unit.changed("incident", row.id, row.id)


def _checked_title(title: str, most: int | None) -> str:
    title = clean(title).strip()
    if not title:
        raise ValidationFailed("title: say in a few words what is wrong", "title")
    if most is not None and len(title) > most:
        raise ValidationFailed(f"title: at most {most} characters, this has {len(title)}", "title")
    return title


def _in_words(changed: dict[str, Any]) -> str:
    parts = []
    for name, value in changed.items():
        if name == "impact":
            parts.append(f"impact to {int(value)} ({Impact(value).label})")
        elif name == "title":
            parts.append(f"title to {value!r}")
        else:
            parts.append(name.replace("_", " "))
    return ", ".join(parts)


def _fingerprint(parameters: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True, default=str).encode()).hexdigest()


async def _repeated(unit: Unit, context: Context, client_token: str, parameters: dict[str, Any]) -> Incident | None:
    i = t.idempotency
    row = await unit.first(
        sa.select(i).where(i.c.caller == context.caller.arn, i.c.action == "StartIncident", i.c.token == client_token)
    )
    if row is None:
        return None
    if row.fingerprint != _fingerprint(parameters):
        raise Conflict("this client token was used with other parameters: use a new token for a new incident")
    return incident_of(await incident_row(unit, row.result["id"]), context.names)
