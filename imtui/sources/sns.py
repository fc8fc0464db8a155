"""SNS envelopes: a notification whose message is an alarm's, or an EventBridge event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.sources import cloudwatch, eventbridge
from imtui.sources.documents import parse
from imtui.sources.signal import Signal, event_id, instant


def signal(document: Mapping[str, Any]) -> Signal:
    """The event of a notification; a message that is no known document is an event of its own with the text."""
    if document.get("Type") != "Notification":
        raise ValidationFailed("SNS: only notifications are events, this is a subscription message", "Type")
    text = document.get("Message")
    if not isinstance(text, str):
        raise ValidationFailed("SNS: Message must be a text", "Message")
    given = document.get("MessageId")
    id_ = event_id(given) if isinstance(given, str) and given else str(uuid.uuid4())
    message: Any = None
    if text.lstrip().startswith("{"):
        try:
            message = parse(text)
        except ValidationFailed:
            message = None
    if isinstance(message, Mapping):
        with suppress(ValidationFailed):  # what only looks like one of these is an event of its own: nothing is lost
            if "AlarmName" in message:
                return cloudwatch.notification(id_, message)
            if "detail-type" in message:
                return eventbridge.signal(message)
    subject = document.get("Subject")
    topic = str(document.get("TopicArn") or "")
    event = {
        "version": "0",
        "id": id_,
        "detail-type": "SNS Notification",
        "source": "aws.sns",
        "time": document.get("Timestamp"),
        "resources": [topic] if topic else [],
        "detail": {"subject": subject, "message": message if isinstance(message, Mapping) else text},
    }
    cause = (
        subject if isinstance(subject, str) and subject else text.strip().splitlines()[0][:120] if text.strip() else ""
    )
    return Signal(
        id=id_,
        source="aws.sns",
        detail_type="SNS Notification",
        event=event,
        cause=cause or "SNS notification",
        at=instant(document.get("Timestamp")),
        resource_arn=topic or None,
    )
