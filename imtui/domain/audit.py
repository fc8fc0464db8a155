"""What the audit log knows of a call, and what one may ask it for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Record:
    """One call. `origin` is the way it came (terminal, command, api, hook, engine), `address` the machine or network
    address it came from, `error` the code of a refusal (None: it was done), `parameters` JSON as it is kept."""

    id: int
    request_id: str
    at: datetime
    caller: str
    login: str
    origin: str
    action: str
    resource: str
    parameters: str
    error: str | None
    message: str | None
    address: str | None
    access_key: str | None
    user_agent: str | None
    read_only: bool

    @property
    def service(self) -> str:
        """The part of the action before the colon, such as `ssm-incidents`."""
        return self.action.partition(":")[0]

    @property
    def event_name(self) -> str:
        """The action without its service, such as `StartIncident`."""
        return event_name(self.action)

    @property
    def result(self) -> str:
        """`ok`, or the code of the refusal."""
        return self.error or "ok"

    @property
    def values(self) -> dict[str, Any]:
        """The parameters; under `text` what is no JSON object (any more)."""
        try:
            found = json.loads(self.parameters)
        except (ValueError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {"text": self.parameters}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: those for which everything that is given holds. `event` is the name of an action without its
    service, `about` a text within the resource, `kind` the type within its ARN (`incident-record`), `since` inclusive,
    `until` exclusive, `failed` whether it was refused."""

    since: datetime | None = None
    until: datetime | None = None
    caller: str | None = None
    event: str | None = None
    service: str | None = None
    resource: str | None = None
    about: str | None = None
    kind: str | None = None
    origin: str | None = None
    request_id: str | None = None
    access_key: str | None = None
    read_only: bool | None = None
    failed: bool | None = None
    error: str | None = None


class Place(NamedTuple):
    """Where a page of records ends: the next one begins before it."""

    at: datetime
    id: int


def event_name(action: str) -> str:
    """An action such as `ssm-incidents:StartIncident` without its service."""
    service, colon, name = action.partition(":")
    return name if colon else service
