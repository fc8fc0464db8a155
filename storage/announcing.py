"""News of an incident into the outbox, for each chat room and notification topic that it names."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from imtui.domain.announcement import News, announcement, destination
from imtui.domain.incident import Impact, Incident
from imtui.domain.route import Route
from storage import tables as t
from storage.database import Unit


def announce(unit: Unit, incident: sa.Row[Any] | Incident, news: News, sentence: str) -> None:
    """Tell every room and topic of the incident, in one sentence. Where one is not configured, the engine says so."""
    words = announcement(incident.number, incident.title, Impact(incident.impact), bool(incident.drill), sentence)
    rooms = {("chat", topic) for topic in incident.chat_channel}
    rooms |= {("topic", topic) for topic in incident.notification_targets}
    for section, topic in sorted(rooms):
        message_id = str(uuid.uuid4())
        payload = {
            "to": destination(section, topic),
            "news": news.value,
            "incident": incident.id,
            "subject": words.subject,
            "body": words.body,
        }
        unit.insert(
            t.messages,
            {
                "id": message_id,
                "kind": "notification",
                "state": "PENDING",
                "due_at": unit.now,
                "created_at": unit.now,
                "contact_arn": None,
                "channel_arn": topic,
                "channel_type": Route.TOPIC.value,
                "plan_arn": None,
                "retry_seconds": 0,
                "payload": payload,
                "code": None,
            },
        )
        unit.changed("message", message_id)
