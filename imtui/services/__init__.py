"""What a caller can do, one module per area. Screens, commands and the wire enter here, and only here.

The modules load when they are first used, so that a program which has not acted yet pays nothing:
`from imtui import services` and then `services.incidents.start(context, …)`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imtui.services import (
        channels,
        conditions,
        configuration,
        contact_card,
        contacts,
        context,
        doctor,
        drafts,
        drills,
        engagements,
        events,
        exporting,
        filters,
        findings,
        handover,
        health,
        incident_list,
        incidents,
        looks,
        messages,
        oncall,
        oncall_calendars,
        overrides,
        plans,
        preparation,
        presence,
        rehearsals,
        related,
        replication,
        replies,
        response_plans,
        rooms,
        rotations,
        rules,
        schedules,
        sharing,
        tagging,
        tags,
        timeline,
        tokens,
    )

__all__ = [
    "channels",
    "conditions",
    "configuration",
    "contact_card",
    "contacts",
    "context",
    "doctor",
    "drafts",
    "drills",
    "engagements",
    "events",
    "exporting",
    "filters",
    "findings",
    "handover",
    "health",
    "incident_list",
    "incidents",
    "looks",
    "messages",
    "oncall",
    "oncall_calendars",
    "overrides",
    "plans",
    "preparation",
    "presence",
    "rehearsals",
    "related",
    "replication",
    "replies",
    "response_plans",
    "rooms",
    "rotations",
    "rules",
    "schedules",
    "sharing",
    "tagging",
    "tags",
    "timeline",
    "tokens",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
