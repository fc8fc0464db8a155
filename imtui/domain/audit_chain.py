"""The hash chain over the audit log: what was sealed cannot be altered, removed, inserted or swapped unnoticed.

A record's line is its columns as JSON, keys sorted, without spaces and without those that are null. The digest of a
batch is the SHA-256 of its lines, each with a line feed; a seal's hash is the SHA-256 of the hash before it and of
everything that the seal says. So each seal vouches for all that was sealed before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST = 1000
"""How many records one seal covers at most."""

START = "0" * 64
"""The hash before the first seal."""

NAMED = 5
"""So many of the records that are wrong in one batch are named."""

_PRINT = 12
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


class Seal(NamedTuple):
    """A batch of records, sealed. `digest` is of its records, `previous` the hash of the seal before, `sealed_at` in
    microseconds since 1970. `prints`: `ID:PRINT` of each record, which tells which one is wrong when one is."""

    seq: int
    first_id: int
    last_id: int
    records: int
    digest: str
    previous: str
    sealed_at: int
    hash: str
    prints: str


class Head(NamedTuple):
    """What is known of the whole log: the newest record that ever was, how many there were, how far it has been pruned,
    and the newest seal."""

    last_id: int
    records: int
    pruned_id: int
    pruned_records: int
    pruned_seal: int
    seal: int


def line(record: Mapping[str, Any]) -> bytes:
    """A record as it is sealed."""
    known = {name: value for name, value in record.items() if value is not None}
    return _encode(known).encode()


class Batch:
    """Records in the order of their ids, taken in one by one; only their prints are kept."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self.prints: dict[int, str] = {}

    def add(self, id_: int, text: bytes) -> None:
        """Take in a record's line."""
        self._sha.update(text + b"\n")
        self.prints[id_] = hashlib.sha256(text).hexdigest()[:_PRINT]

    @property
    def digest(self) -> str:
        """Of all that was taken in."""
        return self._sha.hexdigest()

    def seal(self, before: Seal | None, sealed_at: int) -> Seal:
        """The seal of this batch, which must not be empty; `before` is the newest one."""
        ids = list(self.prints)
        made = Seal(
            seq=before.seq + 1 if before else 1,
            first_id=ids[0],
            last_id=ids[-1],
            records=len(ids),
            digest=self.digest,
            previous=before.hash if before else START,
            sealed_at=sealed_at,
            hash="",
            prints=" ".join(f"{id_}:{text}" for id_, text in self.prints.items()),
        )
        return made._replace(hash=hash_of(made))


def hash_of(seal: Seal) -> str:
    """The hash that a seal must bear for what it says."""
    parts = [seal.previous, seal.seq, seal.first_id, seal.last_id, seal.records, seal.digest, seal.sealed_at]
    return hashlib.sha256(_encode(parts).encode()).hexdigest()


def follows(seal: Seal, before: Seal | None) -> list[str]:
    """What is wrong between a seal and the one before it; `before` is None for the first seal that ever was."""
    expected = before.seq + 1 if before else 1
    if seal.seq != expected:
        missing = f"seal {expected} is" if seal.seq == expected + 1 else f"seals {expected} to {seal.seq - 1} are"
        return [f"{missing} missing before seal {seal.seq}"]
    if seal.previous != (before.hash if before else START):
        where = f"seal {before.seq}" if before else "the beginning"
        return [f"seal {seal.seq} does not continue {where}: one of them was rewritten"]
    return []


def altered(seal: Seal) -> list[str]:
    """Whether the seal says something else than when it was made."""
    return [] if seal.hash == hash_of(seal) else [f"seal {seal.seq} was altered"]


def differences(seal: Seal, found: Batch) -> list[str]:
    """What is wrong with the records that stand where this seal covers them."""
    sealed = _prints(seal.prints)
    if found.digest == seal.digest and len(found.prints) == seal.records:
        return [] if sealed == found.prints else [f"seal {seal.seq} was altered: its list of records is another"]
    texts: list[str] = []
    for word, ids in (
        ("altered", [id_ for id_, text in found.prints.items() if id_ in sealed and sealed[id_] != text]),
        ("removed", [id_ for id_ in sealed if id_ not in found.prints]),
        ("inserted", [id_ for id_ in found.prints if id_ not in sealed]),
    ):
        texts += [f"record {id_} was {word} after it was sealed (seal {seal.seq})" for id_ in ids[:NAMED]]
        if len(ids) > NAMED:
            texts.append(f"and {len(ids) - NAMED} more records of seal {seal.seq} were {word}")
    return texts or [f"records {seal.first_id} to {seal.last_id} are not those of seal {seal.seq}: one was altered"]


def ends(head: Head, newest: Seal | None, last_id: int, unsealed: int, sealed: int) -> list[str]:
    """What is missing at the end of the log. `last_id`: of the newest record that is there (0: none), `unsealed`: how
    many there are after the newest seal, `sealed`: how many the seals cover that are not pruned."""
    found: list[str] = []
    seq = newest.seq if newest else 0
    if seq < head.seal:
        missing = f"seal {head.seal} is" if head.seal == seq + 1 else f"seals {seq + 1} to {head.seal} are"
        found.append(f"{missing} missing: the end of the log was cut off")
    if max(last_id, head.pruned_id) < head.last_id:
        found.append(f"the newest record was {head.last_id}, now it is {last_id}: the end of the log was cut off")
    missing_records = head.records - head.pruned_records - sealed - unsealed
    if not found and missing_records:
        word = "missing among" if missing_records > 0 else "too many among"
        found.append(f"{abs(missing_records)} records are {word} those that are not sealed yet")
    return found


def _prints(text: str) -> dict[int, str]:
    """The prints by record; what is malformed is left out, and so differs."""
    pairs = (part.partition(":") for part in str(text).split(" "))
    return {int(id_): found for id_, _, found in pairs if id_.isascii() and id_.isdigit() and len(id_) < 20}
