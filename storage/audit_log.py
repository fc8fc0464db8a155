"""The audit log as it is sealed and verified: its records read raw, as they are kept, and its seals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa

from imtui.domain.audit_chain import Head, Seal
from storage import tables as t
from storage.database import Reader
from storage.tables_audit import audit_head, audit_seals

INSTANT = t.Instant()
CHUNK = 200
"""So many records are read at a time: each may hold all that somebody wrote."""

_a = t.audit.c
_RAW: tuple[sa.ColumnElement[Any], ...] = (
    _a.id,
    _a.request_id,
    sa.type_coerce(_a.at, sa.BigInteger).label("at"),
    _a.caller,
    _a.login,
    _a.origin,
    _a.action,
    _a.resource,
    sa.cast(_a.parameters, sa.String).label("parameters"),
    _a.error,
    _a.message,
    _a.event_name,
    _a.address,
    _a.access_key,
    _a.user_agent,
    sa.cast(_a.read_only, sa.Integer).label("read_only"),
)
"""The columns with nothing interpreted: what is sealed is what is stored."""
_NAMES = tuple(str(column.key) for column in sa.select(*_RAW).selected_columns)


async def records_after(
    reader: Reader, after: int, *, upto: int | None = None, limit: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """The records with greater ids, oldest first, as they are kept; a few at a time."""
    left = limit
    while left is None or left > 0:
        some = CHUNK if left is None else min(CHUNK, left)
        query = sa.select(*_RAW).where(_a.id > after).order_by(_a.id).limit(some)
        rows = await reader.all(query if upto is None else query.where(_a.id <= upto))
        for row in rows:
            yield dict(zip(_NAMES, row, strict=True))
        if len(rows) < some:
            return
        after = rows[-1].id
        left = None if left is None else left - some


async def newest_seal(reader: Reader) -> Seal | None:
    """The newest seal; None before the first."""
    row = await reader.first(sa.select(audit_seals).order_by(audit_seals.c.seq.desc()).limit(1))
    return Seal(**row._mapping) if row is not None else None


async def seals(reader: Reader) -> AsyncIterator[Seal]:
    """All seals, oldest first, a few at a time."""
    after = -1
    while True:
        query = sa.select(audit_seals).where(audit_seals.c.seq > after).order_by(audit_seals.c.seq).limit(50)
        rows = await reader.all(query)
        for row in rows:
            yield Seal(**row._mapping)
        if not rows:
            return
        after = rows[-1].seq


async def chain(reader: Reader) -> Head | None:
    """What is known of the whole log; None where somebody has removed even that."""
    row = await reader.first(sa.select(audit_head))
    return Head(row.last_id, row.records, row.pruned_id, row.pruned_records, row.pruned_seal, row.seal) if row else None


async def newest_id(reader: Reader) -> int:
    """The id of the newest record that is there; 0 where there is none."""
    return int(await reader.scalar(sa.select(sa.func.max(_a.id))) or 0)
