"""The replication set: the Regions that the data is meant to be in, and when they may be deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from imtui.domain.errors import Conflict, ValidationFailed

MOST_REGIONS = 3
SETTLED = timedelta(hours=24)
"""A Region can be deleted so long after it was added."""

_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Region:
    """A Region of a set; `kms_key` encrypts the data there (None: the service's own), and stays as it is."""

    name: str
    added_at: datetime
    kms_key: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicationSet:
    """The replication set of an account, with its Regions in the order they were added."""

    arn: str
    regions: tuple[Region, ...]
    protected: bool
    created_by: str
    created_at: datetime
    modified_by: str
    modified_at: datetime


def check_region(name: str) -> str:
    """The name of a Region, or ValidationFailed."""
    if not _REGION.fullmatch(name) or len(name) > 20:
        raise ValidationFailed(f"Region {name[:40]!r}: at most 20 small letters, digits and '-'", "regions")
    return name


def check_added(found: ReplicationSet, name: str) -> None:
    """Raise unless this set may have this Region too."""
    check_region(name)
    if any(region.name == name for region in found.regions):
        raise Conflict(f"{name} is in the replication set already", (), found.arn, "REPLICATION_SET")
    if len(found.regions) >= MOST_REGIONS:
        raise ValidationFailed(f"a replication set has at most {MOST_REGIONS} Regions: delete one first", "regions")


def check_deleted(found: ReplicationSet, name: str, now: datetime) -> None:
    """Raise unless this Region may be deleted now."""
    region = next((region for region in found.regions if region.name == name), None)
    if region is None:
        raise ValidationFailed(f"{name[:40]} is not in the replication set", "regionName")
    if len(found.regions) == 1:
        check_unprotected(found)
    _check_settled(region, now)


def check_all_deleted(found: ReplicationSet, now: datetime) -> None:
    """Raise unless the whole set, and with it all data, may be deleted now."""
    check_unprotected(found)
    for region in found.regions:
        _check_settled(region, now)


def check_unprotected(found: ReplicationSet) -> None:
    """Raise ValidationFailed for a set that is protected."""
    if found.protected:
        raise ValidationFailed("the replication set is protected: turn deletion protection off first", "arn")


def _check_settled(region: Region, now: datetime) -> None:
    since = region.added_at + SETTLED
    if now < since:
        raise ValidationFailed(
            f"{region.name} was added less than 24 hours ago: it can be deleted from {since:%Y-%m-%d %H:%M} UTC on",
            "regionName",
        )
