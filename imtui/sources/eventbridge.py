"""EventBridge events, as the service delivers them to a target."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.sources import cloudwatch
from imtui.sources.signal import Signal, event_id, instant


def signal(document: Any) -> Signal:
    """One event; raises ValidationFailed for a document that is none."""
    if not isinstance(document, Mapping):
        raise ValidationFailed("event: expected an object with source, detail-type and detail")
    source, detail_type, detail = document.get("source"), document.get("detail-type"), document.get("detail")
    if not isinstance(source, str) or not source or not isinstance(detail_type, str) or not detail_type:
        raise ValidationFailed("event: source and detail-type must be texts", "source")
    if not isinstance(detail, Mapping):
        raise ValidationFailed("event: detail must be an object", "detail")
    given = document.get("id")
    id_ = event_id(given) if isinstance(given, str) and given else str(uuid.uuid4())
    if source == cloudwatch.SOURCE and detail_type == cloudwatch.DETAIL_TYPE:
        return cloudwatch.state_change(id_, document)
    listed = document.get("resources")
    first = next((x for x in listed if isinstance(x, str) and x), None) if isinstance(listed, list) else None
    return Signal(
        id=id_,
        source=source,
        detail_type=detail_type,
        event=document,
        cause=detail_type,
        at=instant(document.get("time")),
        resource_arn=first,
        related=(("INVOLVED_RESOURCE", first.rpartition(":")[2], {"arn": first}),)
        if first and first.startswith("arn:")
        else (),
    )
