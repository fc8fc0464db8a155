"""Pages: what was sent to whom for an engagement, what came back, and why it reached this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.arns import Names
from imtui.domain.codes import same
from imtui.domain.contact import ContactType
from imtui.domain.engagement import Acknowledgement
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.escalation import RunStatus
from imtui.domain.text import clean
from imtui.services import engagements, lookup
from imtui.services.attempts import counted, not_throttled
from imtui.services.context import Context
from imtui.services.engaging import Words, incident_arn_of, sender_of, words_of
from imtui.services.naming import channel_arn, contact_arn, engagement_arn, page_arn
from storage import tables as t
from storage.database import Reader, Unit

_LAST = 2**62
"""Behind all receipts of the same instant that are kept."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page to one channel of a person. `engagement_arn`: the engagement that somebody began. `read_at`: when the
    person acknowledged."""

    id: str
    arn: str
    engagement_arn: str
    contact_arn: str
    sender: str
    words: Words
    created_at: datetime
    incident_arn: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None


class Receipt(NamedTuple):
    """What became of a page: SENT, DELIVERED, READ, ERROR or STOP."""

    at: datetime
    type: str
    info: str
    channel_arn: str
    key: int
    """Tells receipts of one instant apart."""


class Resolution(NamedTuple):
    """A step from what was engaged to who was paged; `stage` counts from 0."""

    contact_arn: str
    type: ContactType
    stage: int | None


async def get(context: Context, ref: str) -> PageRecord:
    """One page, by its ARN or id; raises NotFound."""
    arn = await page_arn(context, ref)
    async with context.look("ssm-contacts:DescribePage", arn) as reader:
        return _record(await _row(reader, context.names, arn), context.names)


async def by_contact(
    context: Context, ref: str, *, after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[PageRecord]:
    """The pages to a person, the newest first, behind `after` (when it was made, and its id). Raises NotFound."""
    arn = contact_arn(context.names, ref)
    async with context.look("ssm-contacts:ListPagesByContact", arn) as reader:
        row = await lookup.contact_row(reader, context.names, arn)
        return await _page(reader, context.names, t.pages.c.contact_arn == row.arn, after, limit)


async def by_engagement(
    context: Context, ref: str, *, after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[PageRecord]:
    """The pages of an engagement and of all it led to, the newest first. Raises NotFound."""
    arn = await engagement_arn(context, ref)
    async with context.look("ssm-contacts:ListPagesByEngagement", arn) as reader:
        begun = arns.parse(arn).name
        e = t.engagements.c
        row = await reader.first(sa.select(e.id, e.target_arn).where(e.id == begun))
        if row is None or lookup.engagement_arn(context.names, row) != arn:
            raise NotFound(f"there is no engagement {ref[:120]}", ref, "ENGAGEMENT")
        own = sa.select(e.id).where(sa.or_(e.id == begun, e.parent_id == begun))
        return await _page(reader, context.names, t.pages.c.engagement_id.in_(own), after, limit)


async def receipts(context: Context, ref: str) -> list[Receipt]:
    """What became of a page, in that order; raises NotFound."""
    arn = await page_arn(context, ref)
    async with context.look("ssm-contacts:ListPageReceipts", arn) as reader:
        page = await _row(reader, context.names, arn)
        r = t.receipts.c
        rows = await reader.all(sa.select(t.receipts).where(r.message_id == page.message_id).order_by(r.at, r.id))
    found = [Receipt(row.at, row.type, row.info, page.channel_arn, row.id) for row in rows]
    types = {receipt.type for receipt in found}
    if page.acknowledged_at is not None and "READ" not in types:
        info = f"acknowledged {page.acknowledged_via or ''}".strip()
        found.append(Receipt(page.acknowledged_at, "READ", info, page.channel_arn, _LAST))
    elif page.status == RunStatus.STOPPED.value and page.stopped_at is not None and "STOP" not in types:
        found.append(Receipt(page.stopped_at, "STOP", "", page.channel_arn, _LAST))
    return sorted(found, key=lambda receipt: (receipt.at, receipt.key))


async def resolutions(context: Context, ref: str) -> list[Resolution]:
    """Why a page reached this person: the plan that was engaged, the schedule, the person. Raises NotFound."""
    arn = await page_arn(context, ref)
    async with context.look("ssm-contacts:ListPageResolutions", arn) as reader:
        page = await _row(reader, context.names, arn)
    found = []
    if page.root_type is not None:
        found.append(Resolution(page.root_target, ContactType(page.root_type), 0))
    if page.root_target not in (None, page.via_arn) and page.via_arn not in (None, page.target_arn):
        found.append(Resolution(page.via_arn, ContactType.ONCALL_SCHEDULE, page.run_stage))
    found.append(Resolution(page.target_arn, ContactType.PERSONAL, page.run_stage or 0))
    return found


async def accept(
    context: Context,
    ref: str,
    code: str,
    *,
    read: bool,
    channel: str | None = None,
    note: str = "",
    check: bool = True,
) -> Acknowledgement | None:
    """Acknowledge a page (`read`), or note that it has been delivered, which acknowledges nothing.

    `check`: the code must be the one that was sent with it. Raises NotFound, ValidationFailed for a wrong code or
    channel, Throttled after five wrong codes a minute, Conflict for a page that needs no answer any more.
    """
    arn = await page_arn(context, ref)
    sent_to = None if channel is None else await channel_arn(context, channel)
    await not_throttled(context)
    kind = "READ" if read else "DELIVERED"
    async with counted(context), context.change("ssm-contacts:AcceptPage", arn, type=kind, channel=sent_to) as unit:
        page = await _row(unit, context.names, arn)
        message = await _message(unit, page.message_id)
        if check and not _right(message, code):
            raise ValidationFailed("this is not the code of this page: look at the message that it came with", "code")
        if sent_to is not None and sent_to != page.channel_arn:
            raise ValidationFailed("the page was sent to another contact channel", "channel")
        done = None
        if read:
            how = "by the code sent to" if check else "without a code, for the page sent to"
            done = await engagements.accept_in(unit, context, message, how, clean(note))
            if done.already:
                return done
        else:
            which = (t.pages.c.message_id == page.message_id) & t.pages.c.delivered_at.is_(None)
            await unit.run(sa.update(t.pages).where(which).values(delivered_at=unit.now))
            unit.changed("message", page.message_id)
        unit.insert(t.receipts, {"message_id": page.message_id, "at": unit.now, "type": kind, "info": clean(note)})
        return done


def _right(message: sa.Row[Any], code: str) -> bool:
    """Whether this is the code that the message carried, used meanwhile or not."""
    return any(same(code, known) for known in (message.code, message.used_code))


async def _message(unit: Unit, message_id: str) -> sa.Row[Any]:
    row = await unit.first(sa.select(t.messages).where(t.messages.c.id == message_id).with_for_update())
    assert row is not None, "a page has a message"
    return row


async def _row(reader: Reader, names: Names, arn: str) -> sa.Row[Any]:
    row = await reader.first(_query().where(t.pages.c.id == arns.parse(arn).name))
    if row is None or _arn(row, names) != arn:
        raise NotFound(f"there is no page {arn[:160]}", arn, "PAGE")
    return row


async def _page(
    reader: Reader, names: Names, which: sa.ColumnElement[bool], after: tuple[datetime, str] | None, limit: int
) -> list[PageRecord]:
    p = t.pages.c
    query = _query().where(which)
    if after is not None:
        moment = sa.literal(after[0], p.created_at.type)
        query = query.where(sa.or_(p.created_at < moment, sa.and_(p.created_at == moment, p.id < after[1])))
    rows = await reader.all(query.order_by(p.created_at.desc(), p.id.desc()).limit(limit))
    return [_record(row, names) for row in rows]


def _query() -> sa.Select[Any]:
    """Pages with their run, the engagement that began it (where that is another), and their incident."""
    p, e, i = t.pages.c, t.engagements.c, t.incidents.c
    root = t.engagements.alias("root")
    own = (p.id, p.message_id, p.incident_id, p.contact_arn, p.channel_arn, p.created_at)
    states = (p.sent_at, p.delivered_at, p.acknowledged_at)
    run = (e.sender, e.content, e.target_arn, e.via_arn, e.status, e.stopped_at, e.acknowledged_via)
    return (
        sa.select(
            *own,
            *states,
            *run,
            e.id.label("run_id"),
            e.stage.label("run_stage"),
            root.c.id.label("root_id"),
            root.c.target_arn.label("root_target"),
            root.c.target_type.label("root_type"),
            i.account,
            i.plan_name,
            i.title,
            i.summary,
        )
        .join(t.engagements, e.id == p.engagement_id)
        .join(root, root.c.id == e.parent_id, isouter=True)
        .join(t.incidents, i.id == p.incident_id, isouter=True)
    )


def _arn(row: sa.Row[Any], names: Names) -> str:
    return names.page(row.contact_arn.rpartition("/")[2], row.id)


def _record(row: sa.Row[Any], names: Names) -> PageRecord:
    begun, target = (row.root_id, row.root_target) if row.root_id else (row.run_id, row.target_arn)
    return PageRecord(
        id=row.id,
        arn=_arn(row, names),
        engagement_arn=names.engagement(target.rpartition("/")[2], begun),
        contact_arn=row.contact_arn,
        sender=sender_of(row),
        words=words_of(row),
        created_at=row.created_at,
        incident_arn=incident_arn_of(row, names),
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.acknowledged_at,
    )
