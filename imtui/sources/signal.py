"""What every sender's document becomes: one event, in the form that rules match."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from imtui.domain.text import clean

MAX_ID = 200
MAX_KEY_BYTES = 1000
"""How long the name of an alert may be: it is a key, and PostgreSQL's index takes no more than 2,700 bytes."""
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """What an event says about an alert: it fires, it is quiet again, or neither."""

    EVENT = "event"
    FIRING = "firing"
    QUIET = "quiet"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Signal:
    """One event from outside. `event` is what rules match and what is kept. `cause` is appended to the title of the
    incident. `alert` names the alert across its events (an alarm's ARN, an Alertmanager group), `began_quiet` says
    that it was quiet just before this event. `plan` is the response plan that the event itself names. `related` are
    items (type, title, value) for the incident."""

    id: str
    source: str
    detail_type: str
    event: Mapping[str, Any]
    cause: str
    incident_source: str = "aws.events"
    at: datetime | None = None
    resource_arn: str | None = None
    alert: str | None = None
    state: State = State.EVENT
    began_quiet: bool = False
    plan: str | None = None
    related: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


def event_id(text: str) -> str:
    """A sender's id as a key: whole, or its digest when it is too long for one."""
    if len(text) <= MAX_ID and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def alert_key(text: str) -> str:
    """An alert's name as a key: whole, or its beginning and its digest when it is too long or too strange for one."""
    kept = clean(text)
    if kept and len(kept.encode()) <= MAX_KEY_BYTES:
        return kept
    return f"{kept[:100]}… sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def instant(text: object) -> datetime | None:
    """An ISO 8601 instant as senders write it; None for anything else, and for the year 1, by which some say that
    there is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return at if at >= _EARLIEST else None
