"""By which way a message goes out."""

from __future__ import annotations

from enum import StrEnum


class Route(StrEnum):
    """The three types of contact channels, and the chat rooms and notification topics of incidents."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    VOICE = "VOICE"
    TOPIC = "TOPIC"

    @property
    def label(self) -> str:
        return {"EMAIL": "e-mail", "SMS": "SMS", "VOICE": "voice", "TOPIC": "room or topic"}[self.value]
