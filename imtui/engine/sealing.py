"""Sealing the audit log: new records go into the chain (`domain/audit_chain.py`), old ones are pruned seal by seal.

What is pruned leaves its newest seal behind, so that the rest of the chain still has a beginning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.audit_chain import MOST, Batch, line
from storage import tables as t
from storage.audit_log import INSTANT, chain, newest_seal, records_after
from storage.database import Database, Unit
from storage.tables_audit import audit_head, audit_seals

EVERY_SECONDS = 60.0
SEALS_AT_ONCE = 5
"""So many batches are sealed one after the other, then the engine does what else is due."""

PRUNED_RECORDS, PRUNED_SEALS = 5000, 500
"""Once so many records, or seals, are pruned, the rest waits for the next time."""


async def waits(database: Database) -> bool:
    """Whether records wait to be sealed: one statement on two rows."""
    newest = sa.select(audit_seals.c.last_id).order_by(audit_seals.c.seq.desc()).limit(1).scalar_subquery()
    row = await database.row(sa.select(audit_head.c.last_id > sa.func.coalesce(newest, 0)))
    return row is not None and bool(row[0])


async def seal(unit: Unit) -> bool:
    """Seal the oldest records that are not sealed yet; whether more may wait."""
    before = await newest_seal(unit)
    batch = Batch()
    async for record in records_after(unit, before.last_id if before else 0, limit=MOST):
        batch.add(int(record["id"]), line(record))
    if not batch.prints:
        return False
    made = batch.seal(before, _microseconds(unit.now))
    await unit.run(sa.insert(audit_seals).values(made._asdict()))
    await unit.run(sa.update(audit_head).values(seal=made.seq))
    return made.records == MOST


async def prune(unit: Unit, before: datetime) -> int:
    """Delete the records of seals that are older than that; how many. A record goes when its whole batch is old."""
    s, a = audit_seals.c, t.audit.c
    head = await chain(unit)
    if head is None:
        return 0
    columns = (s.seq, s.last_id, s.records, s.sealed_at)
    rest = sa.select(*columns).where(s.seq > head.pruned_seal).order_by(s.seq).limit(PRUNED_SEALS)
    chosen: sa.Row[Any] | None = None
    records, limit = 0, _microseconds(before)
    for row in await unit.all(rest):
        if row.sealed_at >= limit or row.seq != (chosen.seq if chosen else head.pruned_seal) + 1:
            break  # it is too young, or one before it is missing: nothing is pruned past that
        chosen, records = row, records + row.records
        if records >= PRUNED_RECORDS:
            break
    if chosen is None:
        return 0
    moved = {
        "pruned_id": chosen.last_id,
        "pruned_records": head.pruned_records + records,
        "pruned_seal": chosen.seq,
    }
    await unit.run(sa.update(audit_head).values(moved))
    await unit.run(sa.delete(t.audit).where(a.id <= chosen.last_id))
    await unit.run(sa.delete(audit_seals).where(s.seq < chosen.seq))
    unit.changed("audit", "*")
    return records


def _microseconds(when: datetime) -> int:
    bound = INSTANT.process_bind_param(when, None)
    assert bound is not None
    return bound
