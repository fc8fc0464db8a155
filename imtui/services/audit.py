"""Looking into the audit log: who did what, from where, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa

from imtui.domain.audit import Place, Record, Wanted
from imtui.domain.audit_chain import Seal, line
from imtui.domain.errors import NotFound
from imtui.services.context import Context
from storage import tables as t
from storage.audit_log import records_after, seals

ALL = Wanted()
RIGHT = "cloudtrail:LookupEvents"
_ESCAPE = "\\"
_COLUMNS = tuple(
    sa.cast(column, sa.String).label("parameters") if column.name == "parameters" else column
    for column in t.audit.c
    if column.name != "event_name"
)


async def lookup(
    context: Context, wanted: Wanted = ALL, *, limit: int = 50, before: Place | None = None
) -> tuple[list[Record], Place | None]:
    """The newest records that are wanted, newest first, and where the next page begins: give that as `before`. None:
    there are no more. A page stays the same however many records are added meanwhile."""
    a = t.audit.c
    query = sa.select(*_COLUMNS).where(*_conditions(wanted)).order_by(a.at.desc(), a.id.desc()).limit(limit + 1)
    if before is not None:
        instant, id_ = sa.literal(before.at, a.at.type), sa.literal(before.id, a.id.type)
        query = query.where(sa.tuple_(a.at, a.id) < sa.tuple_(instant, id_))
    async with context.look(RIGHT, "*") as reader:
        rows = await reader.all(query)
    found = [_record(row) for row in rows[:limit]]
    return found, Place(found[-1].at, found[-1].id) if len(rows) > limit else None


async def get(context: Context, request_id: str) -> Record:
    """The record of one call; raises NotFound."""
    found, _ = await lookup(context, Wanted(request_id=request_id), limit=1)
    if not found:
        raise NotFound(f"there is no audit record {request_id[:80]}: `imtui audit` shows those that are kept")
    return found[0]


async def exported(context: Context) -> AsyncIterator[bytes | Seal]:
    """All that is kept, oldest first: each record as it is sealed, and after its records each seal."""
    async with context.look(RIGHT, "*") as reader:
        after = 0
        async for seal in seals(reader):
            async for record in records_after(reader, after, upto=seal.last_id):
                yield line(record)
            yield seal
            after = max(after, seal.last_id)
        async for record in records_after(reader, after):
            yield line(record)


# ------------------------------------------------------------ inside


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    a = t.audit.c
    exact = {
        a.caller: wanted.caller,
        a.event_name: wanted.event,
        a.resource: wanted.resource,
        a.origin: wanted.origin,
        a.request_id: wanted.request_id,
        a.access_key: wanted.access_key,
        a.error: wanted.error,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if wanted.since is not None:
        found.append(a.at >= wanted.since)
    if wanted.until is not None:
        found.append(a.at < wanted.until)
    if wanted.service is not None:
        found.append(_like(a.action, f"{_escaped(wanted.service)}:%"))
    if wanted.about is not None:
        found.append(_like(a.resource, f"%{_escaped(wanted.about)}%"))
    if wanted.kind is not None:
        found.append(_like(a.resource, f"arn:%:{_escaped(wanted.kind)}/%"))
    if wanted.read_only is not None:
        found.append(a.read_only if wanted.read_only else sa.not_(a.read_only))
    if wanted.failed is not None:
        found.append(a.error.is_not(None) if wanted.failed else a.error.is_(None))
    return found


def _like(column: Any, pattern: str) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = column.ilike(pattern, escape=_ESCAPE)
    return condition


def _escaped(value: str) -> str:
    return value.replace(_ESCAPE, _ESCAPE * 2).replace("%", "\\%").replace("_", "\\_")


def _record(row: sa.Row[Any]) -> Record:
    return Record(**row._mapping)
