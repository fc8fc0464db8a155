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
        access_keys,
        channels,
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
        handover,
        health,
        here,
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
        replies,
        response_plans,
        rooms,
        rotations,
        rules,
        schedules,
        tags,
        timeline,
        tokens,
        users,
    )

__all__ = [
    "access_keys",
    "channels",
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
    "handover",
    "health",
    "here",
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
    "replies",
    "response_plans",
    "rooms",
    "rotations",
    "rules",
    "schedules",
    "tags",
    "timeline",
    "tokens",
    "users",
]


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
