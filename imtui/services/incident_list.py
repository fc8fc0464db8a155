"""The list of incidents: a page of it, in an order, through a filter. However many there are, it takes as long."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.errors import ValidationFailed
from imtui.domain.escalation import RunStatus
from imtui.domain.filter import INCIDENT_FIELDS, Filter, parse
from imtui.domain.incident import MOST_COUNTED, Impact, IncidentRow, Sort, Status
from imtui.services import consumers
from imtui.services.context import Context
from imtui.services.incident_filter import Query, mine
from storage import tables as t
from storage.database import Reader

_SHOWN = tuple(
    t.incidents.c[name]
    for name in (
        *("number", "id", "title", "impact", "status", "created_at", "resolved_at"),
        *("chat_channel", "exhausted_at", "drill"),
    )
)


class Counts(NamedTuple):
    """How many incidents there are of each status."""

    open: int = 0
    resolved: int = 0


class Page(NamedTuple):
    """Rows from `start` on, of `total` in all (`more`: and more that were not counted). `short`: a word is so short
    that only the newest incidents were looked at. `counts`: how many there are without a filter."""

    rows: list[IncidentRow]
    start: int
    total: int
    counts: Counts
    more: bool = False
    short: bool = False


async def counts(context: Context) -> Counts:
    """How many incidents are open and resolved."""
    async with context.look("ssm-incidents:ListIncidentRecords", "*") as reader:
        return await _counts(reader)


async def page(
    context: Context,
    *,
    status: str | None = None,
    text: str = "",
    sort: Sort | str = Sort.NEED,
    start: int = 0,
    limit: int = 200,
    most: int = MOST_COUNTED,
) -> Page:
    """A page of the list, through the filter `text` (docs/filters.md). `most` finds of a filter are counted.

    Raises ValidationFailed for a filter or an order that is none. A filter finds by tags, too, which are not shared:
    users of other accounts have none.
    """
    order = _sort(sort)
    found = parse(text, INCIDENT_FIELDS)
    reach = Reach.OWNER if found else Reach.LISTED
    async with context.look("ssm-incidents:ListIncidentRecords", "*", reach) as reader:
        query = Query(context, found, reader.dialect, few=status == Status.OPEN.value)
        if status:
            query.conditions.append(t.incidents.c.status == status)
        shared = await consumers.incidents(context, reader)
        query.conditions += shared
        known = await (_counted(reader, shared) if shared else _counts(reader))
        by = _order(context, query, status, order)
        newest_first = by[0][0] is query.number and by[0][1]
        if found and newest_first and start + limit <= most:  # what is counted is what is shown: one search does
            numbers = [row.number for row in await reader.all(_newest(query, most + 1))]
            total, more = min(len(numbers), most), len(numbers) > most
            start = max(0, min(start, total - 1))
            numbers = numbers[start : start + limit]
        else:
            total, more = await _total(reader, query, status, found, most, known)
            start = max(0, min(start, total - 1))
            numbers = await _numbers(reader, query, by, start, limit, total, more)
        return Page(await _rows(reader, context, numbers), start, total, known, more, query.short)


def _sort(sort: Sort | str) -> Sort:
    try:
        return Sort(sort)
    except ValueError:
        raise ValidationFailed(f"sort: one of {', '.join(Sort)}", "sort") from None


def _order(context: Context, query: Query, status: str | None, sort: Sort) -> list[tuple[Any, bool]]:
    """What the list is ordered by, each with whether it falls."""
    i = t.incidents.c
    match sort:
        case Sort.OLDEST:
            return [(query.number, False)]
        case Sort.IMPACT:
            return [(i.impact, False), (query.number, True)]
        case Sort.NEED if status != Status.RESOLVED.value:
            is_open = i.status == Status.OPEN.value
            need = sa.case((is_open & mine(context), 0), (is_open & i.exhausted_at.is_not(None), 1), else_=2)
            first = [] if status else [(i.status, False)]
            return [*first, (need, False), (i.impact, False), (query.number, True)]
    return [(query.number, True)]


async def _counts(reader: Reader) -> Counts:
    rows = await reader.all(sa.select(t.tallies.c.status, t.tallies.c.incidents))
    known = {row.status: row.incidents for row in rows}
    return Counts(known.get(Status.OPEN.value, 0), known.get(Status.RESOLVED.value, 0))


async def _counted(reader: Reader, shared: list[sa.ColumnElement[bool]]) -> Counts:
    """Those that are shared with the caller."""
    i = t.incidents.c
    rows = await reader.all(sa.select(i.status, sa.func.count().label("incidents")).where(*shared).group_by(i.status))
    known = {row.status: row.incidents for row in rows}
    return Counts(known.get(Status.OPEN.value, 0), known.get(Status.RESOLVED.value, 0))


async def _total(
    reader: Reader, query: Query, status: str | None, found: Filter, most: int, known: Counts
) -> tuple[int, bool]:
    if not found:
        return {"OPEN": known.open, "RESOLVED": known.resolved}.get(status or "", sum(known)), False
    some = _newest(query, most + 1).subquery()
    count = int(await reader.scalar(sa.select(sa.func.count()).select_from(some)) or 0)
    return min(count, most), count > most


def _newest(query: Query, most: int) -> sa.Select[Any]:
    """The numbers of the newest incidents that the filter lets through."""
    return query.select(t.incidents.c.number).order_by(query.number.desc()).limit(most)


async def _numbers(
    reader: Reader, query: Query, order: list[tuple[Any, bool]], start: int, limit: int, total: int, more: bool
) -> list[int]:
    """The numbers of a page, counted from the end of the list that is nearer."""
    limit = max(0, min(limit, total - start)) if not more else limit
    backwards = not more and start > total // 2
    skip = total - start - limit if backwards else start
    by = [column.desc() if falls is not backwards else column.asc() for column, falls in order]
    chosen = query.select(t.incidents.c.number).order_by(*by).limit(limit).offset(skip)
    found = [row.number for row in await reader.all(chosen)]
    return found[::-1] if backwards else found


async def _rows(reader: Reader, context: Context, numbers_: list[int]) -> list[IncidentRow]:
    i, e, m = t.incidents, t.engagements, t.timers
    found = {row.number: row for row in await reader.all(sa.select(*_SHOWN).where(i.c.number.in_(numbers_)))}
    rows = [found[number] for number in numbers_ if number in found]
    ids = [row.id for row in rows if row.status == Status.OPEN.value]
    people: dict[str, Any] = {}
    due: dict[str, Any] = {}
    if ids:
        answered = e.c.acknowledged_at.is_not(None)
        waits = (e.c.target_arn == context.names.contact(context.caller.name)) & sa.not_(answered)
        waits &= e.c.status != RunStatus.STOPPED.value
        query = (
            sa.select(
                e.c.incident_id,
                sa.func.count(sa.distinct(e.c.target_arn)).label("engaged"),
                sa.func.count(sa.distinct(sa.case((answered, e.c.target_arn), else_=None))).label("acknowledged"),
                sa.func.max(sa.case((waits, 1), else_=0)).label("mine"),
            )
            .where(e.c.incident_id.in_(ids), e.c.target_type == "PERSONAL")
            .group_by(e.c.incident_id)
        )
        people = {row.incident_id: row for row in await reader.all(query)}
        first = sa.func.min(m.c.due_at, type_=m.c.due_at.type).label("due")
        steps = sa.select(m.c.incident_id, first).where(m.c.incident_id.in_(ids), m.c.kind == "engagement")
        due = {row.incident_id: row.due for row in await reader.all(steps.group_by(m.c.incident_id))}
    return [
        IncidentRow(
            number=row.number,
            id=row.id,
            title=row.title,
            impact=Impact(row.impact),
            status=Status(row.status),
            created_at=row.created_at,
            resolved_at=row.resolved_at,
            chat_channel=row.chat_channel[0].rpartition(":")[2] if row.chat_channel else "",
            engaged=people[row.id].engaged if row.id in people else 0,
            acknowledged=people[row.id].acknowledged if row.id in people else 0,
            next_escalation=due.get(row.id),
            exhausted=row.exhausted_at is not None and row.status == Status.OPEN.value,
            drill=row.drill,
            mine=bool(people[row.id].mine) if row.id in people else False,
        )
        for row in rows
    ]
