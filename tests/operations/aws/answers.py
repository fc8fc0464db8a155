"""Answers held against the service models: no member that they do not know, none missing that they promise."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from imtui.operations.aws import model, values
from imtui.operations.aws.perform import perform
from imtui.services.context import Context

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
    "blob": bytes,
}


async def call(context: Context, service: str, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Do an operation as a client would: through the JSON of its request; its answer is checked."""
    described = model.operation(service, operation)
    assert described is not None, f"{service} has no {operation}"
    shape = described.input_shape
    sent = json.loads(json.dumps(values.given(shape, given))) if shape else {}
    return checked(service, operation, await perform(context, service, operation, values.taken(shape, sent)))


def checked(service: str, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the members that have no value, when it is what the model promises."""
    described = model.operation(service, operation)
    assert described is not None, f"{service} has no {operation}"
    shape = described.output_shape
    if shape is None:
        assert answer == {}, f"{operation} answers nothing"
        return answer
    found: dict[str, Any] = _without_none(answer)
    _check(shape, found, operation)
    json.dumps(values.given(shape, found))
    return found


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value


def _check(shape: Any, value: Any, path: str) -> None:
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), path
        assert not set(value) - set(shape.members), f"{path}: the model does not know {set(value) - set(shape.members)}"
        missing = [name for name in shape.required_members if name not in value]
        assert not missing, f"{path}: {missing} must be there"
        for name, item in value.items():
            _check(shape.members[name], item, f"{path}.{name}")
    elif kind == "list":
        assert isinstance(value, list), path
        for index, item in enumerate(value):
            _check(shape.member, item, f"{path}[{index}]")
    elif kind == "map":
        assert isinstance(value, dict), path
        for key, item in value.items():
            _check(shape.key, key, f"{path} (key)")
            _check(shape.value, item, f"{path}.{key}")
    else:
        _check_one(shape, value, path)


def _check_one(shape: Any, value: Any, path: str) -> None:
    kind = shape.type_name
    assert isinstance(value, _TYPES[kind]), f"{path}: {kind} is expected, not {type(value).__name__}"
    assert kind == "boolean" or not isinstance(value, bool), path
    if isinstance(value, datetime):
        assert value.tzinfo is not None, f"{path}: an instant has an offset"
    if isinstance(value, str):
        assert not shape.enum or value in shape.enum, f"{path}: {value!r} is none of {shape.enum}"
        limits = shape.metadata
        assert limits.get("min", 0) <= len(value) <= limits.get("max", len(value)), f"{path}: {len(value)} long"
