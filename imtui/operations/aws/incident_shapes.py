"""What several operations of `ssm-incidents` say alike: people, rooms, topics, related items, and what they name."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from imtui.domain import arns, shortening
from imtui.domain.arns import Names
from imtui.domain.errors import ValidationFailed
from imtui.domain.timeline import RelatedItem

MOST_TITLE = 200
_MOST_ROOMS = 5
_MOST_TOPICS = 10
_MOST_ARN = 1000


def expect(ref: str, kind: str, field: str) -> None:
    """Raise ValidationFailed for an ARN of something else; a name or number is left to those who look it up."""
    if not arns.is_arn(ref):
        return
    found = arns.parse(ref)
    if (found.service, found.kind) != ("ssm-incidents", kind):
        raise ValidationFailed(f"{ref[:120]} is the ARN of a {found.kind}: give that of a {kind}", field)


def principal(names: Names, who: str) -> str:
    """The ARN of who did something; what the program did by itself is its own user's."""
    return who if arns.is_arn(who) else names.user(who or "imtui")


def optional_arn(text: str | None) -> str | None:
    """An ARN, or None for what is none or too long to be shown as one."""
    return text if text and arns.is_arn(text) and len(text) <= _MOST_ARN else None


def title(text: str) -> str:
    """A title within its limit."""
    return shortening.text(text, MOST_TITLE)


# ------------------------------------------------------------ rooms and topics


def rooms(topics: Sequence[str]) -> dict[str, Any]:
    """The chat channel of these topics; the wire has room for five."""
    return {"chatbotSns": list(topics[:_MOST_ROOMS])} if topics else {"empty": {}}


def topics_of_rooms(channel: Mapping[str, Any] | None) -> list[str] | None:
    """The topics of a chat channel that was given, none for the empty one; None when nothing was given."""
    return None if channel is None else list(channel.get("chatbotSns", ()))


def targets(topics: Sequence[str]) -> list[dict[str, str]]:
    """Notification targets of these topics."""
    return [{"snsTopicArn": topic} for topic in topics[:_MOST_TOPICS]]


def topics_of_targets(given: Sequence[Mapping[str, str]] | None) -> list[str] | None:
    """The topics of notification targets that were given; None when nothing was given."""
    return None if given is None else [target["snsTopicArn"] for target in given]


# ------------------------------------------------------------ related items

_MOST_VALUE = {"arn": _MOST_ARN, "url": 1000, "metricDefinition": 4000}


def related_item(item: RelatedItem) -> dict[str, Any]:
    """A related item as the wire has it."""
    value = {
        kind: shortening.text(text, _MOST_VALUE.get(kind, 4000)) if isinstance(text, str) else text
        for kind, text in item.value.items()
    }
    return {
        "generatedId": generated_id(item.type, item.id),
        "identifier": {"type": item.type, "value": value},
        "title": title(item.title) or None,
    }


def generated_id(type_: str, id_: str) -> str:
    """The id of a related item in the form that the wire wants."""
    try:
        digits = uuid.UUID(id_).hex
    except ValueError:
        digits = hashlib.sha256(id_.encode()).hexdigest()[:32]
    return f"related-item/{type_}/{digits.upper()}"


# ------------------------------------------------------------ keys of pages


def instant_key(at: datetime, *rest: Any) -> list[Any]:
    """A key that begins with an instant, as a token holds it."""
    return [at.isoformat(), *rest]


def instant_of(key: Sequence[Any]) -> datetime:
    """The instant of such a key."""
    return datetime.fromisoformat(key[0])
