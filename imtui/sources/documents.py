"""JSON as senders send it: read strictly, and known for what it is."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.sources.signal import Signal

MAX_BYTES = 16 * 1024 * 1024
_DEPTH = 100


def parse(text: str | bytes) -> Any:
    """The document; raises ValidationFailed for what is not JSON by its standard, or what could not be written again:
    no NaN, no number beyond all bounds, nothing too deep. Of a name that stands twice in an object the last counts."""
    try:
        document = json.loads(text, parse_constant=_refused, parse_float=_finite, parse_int=_whole)
    except UnicodeDecodeError:
        raise ValidationFailed("this is not JSON: it is not encoded in UTF-8") from None
    except RecursionError:
        raise ValidationFailed("this JSON is nested too deeply") from None
    except ValueError as error:
        raise ValidationFailed(f"this is not JSON: {str(error)[:200]}") from None
    _shallow(document)
    return document


def signals(document: Any) -> list[Signal]:
    """The events of any document that is understood: EventBridge (one or a list), an SNS envelope, an alarm's SNS
    message, an Alertmanager webhook. Raises ValidationFailed, and takes a list as a whole or not at all."""
    if isinstance(document, list):
        found: list[Signal] = []
        for index, item in enumerate(document):
            try:
                found += signals(item) if not isinstance(item, list) else _no_list()
            except ValidationFailed as error:
                raise ValidationFailed(f"event {index + 1} of {len(document)}: {error}", error.field) from None
        return found
    from imtui.sources import alertmanager, cloudwatch, eventbridge, sns
    from imtui.sources.signal import event_id

    if isinstance(document, Mapping):
        if "TopicArn" in document and "Type" in document:
            return [sns.signal(document)]
        if "groupKey" in document:
            return [alertmanager.signal(document)]
        if "AlarmName" in document and "NewStateValue" in document:
            key = f"{document.get('AlarmArn') or document['AlarmName']} {document.get('StateChangeTime')}"
            return [cloudwatch.notification(event_id(key), document)]
    return [eventbridge.signal(document)]


def _no_list() -> list[Signal]:
    raise ValidationFailed("a list within a list")


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:40]} is larger than a number can be")
    return number


def _whole(digits: str) -> int:
    if len(digits) > sys.int_info.default_max_str_digits:
        raise ValueError(f"the number {digits[:20]}… has {len(digits)} digits")
    return int(digits)


def _shallow(document: Any) -> None:
    """Nothing nested so deep that it could not be written again."""
    level = [document]
    for _ in range(_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise ValidationFailed(f"this JSON is nested more than {_DEPTH} deep")
