"""What the program itself writes into an incident's timeline."""

from __future__ import annotations

import uuid
from datetime import datetime
from itertools import count
from typing import Any

from imtui.domain.text import clean
from imtui.domain.timeline import EventType
from storage import tables as t
from storage.database import Unit

_seq = count()


def next_seq() -> int:
    """Orders what one process records at one instant."""
    return next(_seq) & 0x7FFFFFFF


def say(unit: Unit, incident_id: str, type_: EventType, text: str, *, at: datetime | None = None, **data: Any) -> str:
    """Add an automatic event; `text` is the sentence people read, `data` what programs do. Returns its id."""
    event_id = str(uuid.uuid4())
    unit.insert(
        t.timeline,
        {
            "id": event_id,
            "incident_id": incident_id,
            "type": type_.value,
            "event_time": at or unit.now,
            "updated_at": unit.now,
            "data": {"text": clean(text), **data},
            "refs": [],
            "seq": next_seq(),
        },
    )
    unit.changed("timeline", event_id, incident_id)
    return event_id
