"""Event rules: whether an event matches a pattern, by exact values and prefixes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from imtui.domain.errors import ValidationFailed

_DEPTH = 20


def check_pattern(pattern: Any, _depth: int = 0) -> None:
    """Raise ValidationFailed, naming the place, for a pattern that `matches` does not understand."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise ValidationFailed("event pattern: an object with at least one field", "EventPattern")
    if _depth > _DEPTH:
        raise ValidationFailed(f"event pattern: nested more than {_DEPTH} deep", "EventPattern")
    for name, wanted in pattern.items():
        if not isinstance(name, str):
            raise ValidationFailed("event pattern: the names of fields are texts", "EventPattern")
        if isinstance(wanted, Mapping):
            check_pattern(wanted, _depth + 1)
            continue
        if not isinstance(wanted, list) or not wanted:
            raise ValidationFailed(
                f'event pattern: {name[:60]!r} needs a list of values, such as ["ALARM"]', "EventPattern"
            )
        for item in wanted:
            if isinstance(item, Mapping):
                if list(item) != ["prefix"] or not isinstance(item["prefix"], str):
                    raise ValidationFailed(
                        f"event pattern: {name[:60]!r} uses {', '.join(map(repr, item))[:80]}: only exact values and "
                        'prefixes ({"prefix": "text"}) are supported',
                        "EventPattern",
                    )
            elif isinstance(item, list):
                raise ValidationFailed(f"event pattern: {name[:60]!r} holds a list within a list", "EventPattern")
            elif isinstance(item, float) and not math.isfinite(item):
                raise ValidationFailed(f"event pattern: {name[:60]!r} holds {item}, which is no number", "EventPattern")


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether every field of the pattern is matched by the event. A list in the event matches by any member."""
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            inner = event.get(name)
            members = inner if isinstance(inner, list) else [inner]
            if not any(isinstance(member, Mapping) and matches(wanted, member) for member in members):
                return False
            continue
        if name not in event:
            return False
        value = event[name]
        found = value if isinstance(value, list) else [value]
        if not any(_is(item, member) for item in wanted for member in found):
            return False
    return True


def _is(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, str) and value.startswith(wanted["prefix"])
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    return bool(wanted == value)
