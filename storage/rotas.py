"""Rows of rotations and overrides as the rule needs them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.oncall import zones
from imtui.domain.oncall.rotation import Override, Rotation
from imtui.domain.oncall.schedule import KeptRotation, Version
from imtui.domain.oncall.wire import recurrence_from_wire, recurrence_to_wire
from storage.database import Reader
from storage.tables_oncall import overrides, rotations

_CHUNK = 500


def version_to_kept(version: Version) -> dict[str, Any]:
    """A version as it is stored."""
    made = version.rotation
    kept: dict[str, Any] = {
        "contacts": list(made.contacts),
        "zone": made.zone.key,
        "start": int(made.start.timestamp()),
        "recurrence": recurrence_to_wire(made.recurrence, made.coverage, made.on_calls),
    }
    if version.since is not None:
        kept["since"] = int(version.since.timestamp() * 1_000_000)
    if version.kept_until is not None:
        kept |= {"kept": list(version.kept), "keptUntil": int(version.kept_until.timestamp())}
    return kept


def version_from_kept(kept: Mapping[str, Any]) -> Version:
    """The inverse of `version_to_kept`."""
    recurrence, coverage, on_calls = recurrence_from_wire(kept["recurrence"])
    since, until = kept.get("since"), kept.get("keptUntil")
    return Version(
        Rotation(
            tuple(kept["contacts"]),
            zones.zone(kept["zone"]),
            datetime.fromtimestamp(kept["start"], UTC),
            recurrence,
            coverage,
            on_calls,
        ),
        None
        if since is None
        else datetime.fromtimestamp(since // 1_000_000, UTC).replace(microsecond=since % 1_000_000),
        tuple(kept.get("kept", ())),
        None if until is None else datetime.fromtimestamp(until, UTC),
    )


async def load_rotations(
    reader: Reader, arns: Collection[str], since: datetime | None = None
) -> dict[str, KeptRotation]:
    """Rotations by ARN, with those of their overrides that still count at `since` or later (None: all)."""
    found: dict[str, KeptRotation] = {}
    wanted = sorted(set(arns))
    for first in range(0, len(wanted), _CHUNK):
        chunk = wanted[first : first + _CHUNK]
        o = overrides.c
        query = sa.select(overrides).where(o.rotation_arn.in_(chunk), o.counts_from < o.counts_until)
        if since is not None:
            query = query.where(o.counts_until > since)
        made: dict[str, list[Override]] = {}
        for row in await reader.all(query.order_by(o.created_at, o.id)):
            made.setdefault(row.rotation_arn, []).append(
                Override(tuple(row.contacts), row.counts_from, row.counts_until)
            )
        for row in await reader.all(sa.select(rotations).where(rotations.c.arn.in_(chunk))):
            versions = tuple(version_from_kept(each) for each in row.versions)
            found[row.arn] = KeptRotation(row.arn, row.name, versions, tuple(made.get(row.arn, ())))
    return found
