"""Whether an answer is what the service model promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from imtui.operations.aws import model
from imtui.operations.aws.values import problems

_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


def checked(service: str, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, once it has been found to have every required member, none that is unknown, the right types and the
    limits of the model. Members without a value are left out of it."""
    described = model.operation(service, operation)
    assert described is not None
    if described.output_shape is None:
        assert answer == {}
        return answer
    kept: dict[str, Any] = _kept(described.output_shape, answer, operation)
    assert problems(described.output_shape, kept) == []
    return kept


def _kept(shape: Any, value: Any, path: str) -> Any:
    assert isinstance(value, _TYPES[shape.type_name]), f"{path}: {value!r} is no {shape.type_name}"
    if shape.type_name in ("integer", "long", "float", "double"):
        assert not isinstance(value, bool), f"{path}: {value!r} is no number"
    if shape.type_name == "timestamp":
        assert value.tzinfo is not None, f"{path}: an instant without its time zone"
    if shape.type_name == "structure":
        assert set(value) <= set(shape.members), f"{path}: {sorted(set(value) - set(shape.members))} is unknown"
        return {
            name: _kept(shape.members[name], item, f"{path}.{name}") for name, item in value.items() if item is not None
        }
    if shape.type_name == "list":
        return [_kept(shape.member, item, f"{path}[{place}]") for place, item in enumerate(value)]
    if shape.type_name == "map":
        return {key: _kept(shape.value, item, f"{path}[{key!r}]") for key, item in value.items()}
    return value
