"""Engagements as programs begin and read them: with words of their own, for an incident or without one.

An engagement that a plan began for one person is part of the engagement that somebody began; only these are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.access import Reach
from imtui.domain.arns import Names
from imtui.domain.errors import NotFound
from imtui.domain.text import clean, cut, shown
from imtui.domain.timeline import EventType
from imtui.services import consumers, lookup, starting
from imtui.services.context import Context
from imtui.services.engagements import answered, open_incident
from imtui.services.naming import contact_arn, engagement_arn
from storage import tables as t
from storage.record import say
from storage.runs import load_people

MOST_SUBJECT = 2048
MOST_CONTENT = 8192
"""Characters that the service shows of a subject and of a content; what is longer is shown shortened, and marked."""

_MOST_SENDER = 255


class Words(NamedTuple):
    """What the messages of an engagement say: e-mail and voice the subject and content, SMS the public ones."""

    subject: str
    content: str
    public_subject: str = ""
    public_content: str = ""


@dataclass(frozen=True, slots=True)
class EngagementRecord:
    """An engagement that somebody began, with the words of its messages."""

    id: str
    arn: str
    contact_arn: str
    sender: str
    words: Words
    started_at: datetime
    stopped_at: datetime | None = None
    incident_arn: str | None = None


async def start(context: Context, contact: str, sender: str, words: Words, *, incident: str = "") -> str:
    """Engage a contact, schedule or plan; the first page is due at once. Returns the ARN of the engagement.

    `incident` by ARN, id or number. Raises NotFound, Conflict for an incident that is resolved.
    """
    arn = contact_arn(context.names, contact)
    async with context.change("ssm-contacts:StartEngagement", arn, sender=sender, incident=incident) as unit:
        row = await lookup.contact_row(unit, context.names, arn)
        about = await open_incident(unit, incident) if incident else None
        known = (await load_people(unit, {row.arn}, now=unit.now)).contacts[row.arn]
        content = {name: clean(text) for name, text in words._asdict().items() if text}
        about_id = about.id if about is not None else None
        id_ = starting.engage(unit, context, known, about_id, content=content, sender=clean(sender))
        if about is not None:
            await answered(unit, about.id)
            text = f"{context.caller.name} engaged {known.label}"
            say(unit, about.id, EventType.ESCALATION, text, by=context.caller.name, contact=row.arn)
        return context.names.engagement(row.alias, id_)


async def get(context: Context, ref: str) -> EngagementRecord:
    """One engagement, by its ARN or id; raises NotFound."""
    arn = await engagement_arn(context, ref)
    query = _query().where(t.engagements.c.id == arns.parse(arn).name)
    async with context.look("ssm-contacts:DescribeEngagement", arn) as reader:
        row = await reader.first(query)
    if row is None or lookup.engagement_arn(context.names, row) != arn:
        raise NotFound(f"there is no engagement {ref[:120]}", ref, "ENGAGEMENT")
    return _record(row, context.names)


async def page(
    context: Context,
    *,
    incident: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[EngagementRecord]:
    """The engagements that were begun, the newest first: those of an incident (ARN, id or number), begun from `since`
    to `until`, behind `after` (when it began, and its id), as many as `limit`."""
    e = t.engagements.c
    query = _query().where(e.parent_id.is_(None))
    if since is not None:
        query = query.where(e.started_at >= since)
    if until is not None:
        query = query.where(e.started_at <= until)
    if after is not None:
        moment = sa.literal(after[0], e.started_at.type)
        query = query.where(sa.or_(e.started_at < moment, sa.and_(e.started_at == moment, e.id < after[1])))
    async with context.look("ssm-contacts:ListEngagements", "*", Reach.LISTED) as reader:
        query = query.where(*await consumers.engagements(context, reader))
        if incident:
            try:
                query = query.where(e.incident_id == (await lookup.incident_row(reader, incident)).id)
            except NotFound:
                return []
        rows = await reader.all(query.order_by(e.started_at.desc(), e.id.desc()).limit(limit))
    return [_record(row, context.names) for row in rows]


def words_of(row: sa.Row[Any]) -> Words:
    """The words of a row that has an engagement's `content` and its incident's `title` and `summary`."""
    content = row.content
    subject = str(content.get("subject") or row.title or "Page")
    return Words(
        cut(subject, MOST_SUBJECT),
        cut(str(content.get("content") or row.summary or subject), MOST_CONTENT),
        cut(str(content.get("public_subject") or ""), MOST_SUBJECT),
        cut(str(content.get("public_content") or ""), MOST_CONTENT),
    )


def sender_of(row: sa.Row[Any]) -> str:
    """Who is named as the sender."""
    return cut(shown(row.sender) or "imtui", _MOST_SENDER)


def incident_arn_of(row: sa.Row[Any], names: Names) -> str | None:
    """The ARN of the incident of a row that has its `incident_id`, `account` and `plan_name`."""
    if row.incident_id is None or row.plan_name is None:
        return None
    return Names(row.account, names.region).incident(row.plan_name, row.incident_id)


def _query() -> sa.Select[Any]:
    e, i = t.engagements.c, t.incidents.c
    columns = (e.id, e.incident_id, e.target_arn, e.sender, e.content, e.started_at, e.stopped_at)
    return sa.select(*columns, i.account, i.plan_name, i.title, i.summary).join(
        t.incidents, i.id == e.incident_id, isouter=True
    )


def _record(row: sa.Row[Any], names: Names) -> EngagementRecord:
    return EngagementRecord(
        row.id,
        lookup.engagement_arn(names, row),
        row.target_arn,
        sender_of(row),
        words_of(row),
        row.started_at,
        row.stopped_at,
        incident_arn_of(row, names),
    )
