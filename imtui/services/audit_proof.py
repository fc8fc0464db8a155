"""Whether the audit log is as it was sealed: read from one end to the other, a few records at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from imtui.domain.audit_chain import MOST as MOST_SEALED
from imtui.domain.audit_chain import Batch, Head, Seal, altered, differences, ends, follows, line
from imtui.services.context import Context
from storage.audit_log import chain, newest_id, records_after, seals
from storage.database import Reader

MOST = 20
"""So many things that are wrong are named."""


_UNREADABLE = (sa.exc.SQLAlchemyError, ValueError, TypeError)
"""A value that its column cannot hold: somebody has written past this program."""


@dataclass(slots=True)
class Proof:
    """What was found. `records`: those that seals cover, `unsealed`: those after the newest seal, which nothing vouches
    for yet, `wrong`: what is wrong, a sentence each, `more`: how many are not named."""

    records: int = 0
    seals: int = 0
    unsealed: int = 0
    newest: Seal | None = None
    wrong: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, texts: list[str]) -> None:
        """Add what is wrong, as far as there is room for it."""
        room = MOST - len(self.wrong)
        self.wrong += texts[:room]
        self.more += max(0, len(texts) - room)


async def prove(context: Context) -> Proof:
    """Verify every record and every seal. Takes seconds for each hundred thousand."""
    proof = Proof()
    await context.may("cloudtrail:LookupEvents", "*")
    async with context.database.read() as reader:
        head = await chain(reader)
        if head is None:
            proof.add(["the head of the audit log was removed: how much is missing cannot be told"])
            head = Head(0, 0, 0, 0, 0, 0)
        await _verify(reader, head, proof)
    return proof


async def _verify(reader: Reader, head: Head, proof: Proof) -> None:
    before: Seal | None = None
    last_id = covered = 0
    async for seal in seals(reader):
        proof.add(altered(seal))
        if before is None and seal.seq == head.pruned_seal:  # its records are gone: it is where the rest begins
            await _nothing_up_to(reader, seal, proof)
        else:
            gone = before is None and head.pruned_seal > 0
            proof.add(_no_beginning(head) if gone else follows(seal, before))
            proof.add(await _compared(reader, last_id, seal))
            proof.seals, covered = proof.seals + 1, covered + seal.records
        before, last_id = seal, max(last_id, seal.last_id)
    if before is None and head.pruned_seal:
        proof.add(_no_beginning(head))
    proof.records, proof.newest = covered, before
    proof.unsealed = await _count_after(reader, max(last_id, head.pruned_id), proof)
    proof.add(ends(head, before, await newest_id(reader), proof.unsealed, covered))


def _no_beginning(head: Head) -> list[str]:
    return [f"seal {head.pruned_seal} is missing, with which what was not pruned begins"]


async def _compared(reader: Reader, after: int, seal: Seal) -> list[str]:
    """What is wrong with the records that a seal covers, and with those in between."""
    batch = Batch()
    try:
        async for record in records_after(reader, after, upto=seal.last_id, limit=2 * MOST_SEALED):
            batch.add(int(record["id"]), line(record))
    except _UNREADABLE:
        return [f"records {seal.first_id} to {seal.last_id} cannot be read: one was altered (seal {seal.seq})"]
    return differences(seal, batch)


async def _nothing_up_to(reader: Reader, seal: Seal, proof: Proof) -> None:
    async for record in records_after(reader, 0, upto=seal.last_id, limit=1):
        proof.add([f"record {record['id']} was inserted among those that were pruned (seal {seal.seq})"])


async def _count_after(reader: Reader, after: int, proof: Proof) -> int:
    found = 0
    try:
        async for _ in records_after(reader, after):
            found += 1
    except _UNREADABLE:
        proof.add([f"a record after {after} cannot be read: it was altered"])
    return found
