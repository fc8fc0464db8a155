"""Each operation described once: its words, parameters, handler and how its result reads.

The shell commands, the `:` line and the help are derived from these descriptions. The modules here import
nothing heavy: handlers reach the services, which load when they are first used.
"""

from __future__ import annotations

from imtui.operations import (
    access,
    acknowledging,
    audit,
    channels,
    configuration,
    contacts,
    drills,
    events,
    incidents,
    oncall,
    rehearsals,
    tokens,
)
from imtui.operations.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *acknowledging.OPERATIONS,
    *incidents.OPERATIONS,
    *rehearsals.OPERATIONS,
    *drills.OPERATIONS,
    *events.OPERATIONS,
    *configuration.OPERATIONS,
    *contacts.OPERATIONS,
    *channels.OPERATIONS,
    *oncall.OPERATIONS,
    *access.OPERATIONS,
    *tokens.OPERATIONS,
    *audit.OPERATIONS,
)

GROUPS = {
    "incident": "start, look at, edit and resolve incidents",
    "contacts": "people, their tags, and the card of those who page them",
    "channel": "the channels of a contact and their activation",
    "schedule": "on-call schedules: who, for how long, and what they leave for each other",
    "override": "other people on call for a time",
    "user": "people who may use the program, and what their policies allow",
    "access-key": "what programs sign their requests with",
    "token": "tokens for hooks",
}

__all__ = ["GROUPS", "OPERATIONS", "Operation"]
