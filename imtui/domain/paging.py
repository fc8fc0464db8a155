"""What becomes of a page once the escalation rule has asked for it: sent, dropped as one too many, or bundled.

The engine and the rehearsal decide by these, so they cannot disagree; the engine keeps in rows what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

ONE_INSTANT = timedelta(seconds=30)
"""Pages of one person for one incident on one channel closer than this are one page."""

BUNDLE = timedelta(seconds=60)
"""Pages of one person for one plan closer than this are one message, after the first."""


class Spot(NamedTuple):
    """Where a page goes: an incident, a person, one of their channels."""

    incident: str | None
    person: str
    channel: str


class Lately:
    """Where pages have just gone."""

    def __init__(self, known: Mapping[Spot, datetime] | None = None) -> None:
        self._at = dict(known or {})

    def takes(self, spot: Spot, now: datetime) -> bool:
        """Whether a page may go there now, which is then remembered; outside an incident it always may."""
        before = self._at.get(spot)
        if spot.incident and before is not None and now - before < ONE_INSTANT:
            return False
        self._at[spot] = now
        return True


@dataclass(slots=True)
class Held:
    """The newest message of one channel for one plan: when it goes, whether pages may still join it, and the incidents
    that it tells of. `message` is its id, once it has one."""

    due_at: datetime
    joinable: bool = False
    incidents: set[str | None] = field(default_factory=set)
    message: str = ""


def joined(held: Held | None, incident: str | None, now: datetime) -> Held:
    """The message that carries a page of an incident: `held` itself, or a new one. The first of a plan is never
    delayed, and neither is another page of the same incident; those of others wait together."""
    if held is None or held.incidents <= {incident}:
        held = Held(now)
    elif not held.joinable:
        held = Held(held.due_at + BUNDLE, joinable=True)
    held.incidents.add(incident)
    return held


def silence(latest: datetime | None, wait: timedelta, now: datetime) -> tuple[bool, datetime]:
    """Whether an acknowledged incident has shown no activity for so long, `latest` being its last sign, and when to
    look again."""
    silent = latest is None or latest + wait <= now
    return silent, now + wait if silent or latest is None else latest + wait
