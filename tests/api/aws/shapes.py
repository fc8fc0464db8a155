"""Requests made from the service models' own shapes: valid ones, and ones that are wrong in one place each."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import regex

_TEXT = {
    "arn": "arn:aws:ssm-incidents::111122223333:response-plan/web",
    "contacts": "arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ana",
    "uuid": "2b1d3c4e-aaaa-4bbb-8ccc-0123456789ab",
}
_WORDS = ("ana", "A", "1", "eu-west-1", "related-item/OTHER/0123456789ABCDEF0123456789ABCDEF", "{}", _TEXT["uuid"])
_MOST_LONG = 30_000
"""Longer values than this are not made to reach a limit: the whole request must stay under one MiB."""


class Case(NamedTuple):
    """A document for an operation. `valid`: its members are all of their types and within their limits."""

    label: str
    document: dict[str, Any]
    valid: bool


def cases(shape: Any) -> Iterator[Case]:
    """The least request, the whole one, and one for each thing that may be wrong with a member."""
    if shape is None:
        yield Case("nothing", {}, True)
        return
    whole = valid(shape)
    yield Case("whole", whole, True)
    yield Case("least", valid(shape, least=True), True)
    for name in shape.required_members:
        yield Case(f"without {name}", {key: item for key, item in whole.items() if key != name}, False)
    for path, inner in _places(shape, whole, ()):
        name = ".".join(map(str, path))
        yield Case(f"{name}: wrong type", _with(whole, path, _wrong_type(inner)), False)
        for label, value, fits in _edges(inner):
            yield Case(f"{name}: {label}", _with(whole, path, value), fits)


def valid(shape: Any, least: bool = False, depth: int = 0) -> Any:
    """A JSON value that fits; `least`: without what is not needed."""
    match shape.type_name:
        case "structure":
            names = [name for name in shape.members if not least or name in shape.required_members]
            if getattr(shape, "is_tagged_union", False):
                names = list(shape.members)[:1]
            if depth > 6:
                names = [name for name in names if name in shape.required_members]
            return {name: valid(shape.members[name], least, depth + 1) for name in names}
        case "list":
            count = max(shape.metadata.get("min", 0), 0 if least else 1)
            return [valid(shape.member, least, depth + 1)] * count
        case "map":
            count = max(shape.metadata.get("min", 0), 0 if least else 1)
            key = valid(shape.key)
            return {key: valid(shape.value, least, depth + 1)} if count else {}
        case "string":
            return _text(shape)
        case "integer" | "long" | "float" | "double":
            return max(shape.metadata.get("min", 1), min(1, shape.metadata.get("max", 1)))
        case "boolean":
            return True
        case "timestamp":
            return 1_772_334_600
        case "blob":
            return "eA=="
    raise NotImplementedError(shape.type_name)


def _text(shape: Any) -> str:
    if shape.enum:
        return str(shape.enum[0])
    pattern, least, most = (shape.metadata.get(name) for name in ("pattern", "min", "max"))
    if "arn" in shape.name.lower():
        return _TEXT["contacts"] if "ontacts" in shape.name else _TEXT["arn"]
    for word in _WORDS:
        text = word * max(1, -(-(least or 0) // len(word)))
        if (not pattern or regex.compile(pattern, regex.DOTALL).fullmatch(text)) and len(text) <= (most or 10**9):
            return text
    raise NotImplementedError(f"{shape.name}: {pattern}")


def _places(shape: Any, value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value within a valid document, with its shape."""
    if path:
        yield path, shape
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _places(shape.members[name], item, (*path, name))
    elif shape.type_name == "list" and value:
        yield from _places(shape.member, value[0], (*path, 0))
    elif shape.type_name == "map" and value:
        key, item = next(iter(value.items()))
        yield from _places(shape.value, item, (*path, key))


def _wrong_type(shape: Any) -> Any:
    return "x" if shape.type_name in ("structure", "list", "map", "integer", "long", "boolean", "timestamp") else [1]


def _edges(shape: Any) -> Iterator[tuple[str, Any, bool]]:
    """At each limit, and one past it."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    match shape.type_name:
        case "integer" | "long":
            if least is not None:
                yield "at least", least, True
                yield "below", least - 1, False
            if most is not None:
                yield "at most", most, True
                yield "above", most + 1, False
            yield "a fraction", 1.5, False
        case "string" if shape.enum:
            yield "none of them", "NONE_OF_THEM", False
        case "string":
            if most is not None and most <= _MOST_LONG:
                yield "too long", "a" * (most + 1), False
            if least:
                yield "too short", "a" * (least - 1), False
        case "list":
            if most is not None and most <= 1000:
                yield "too many", [valid(shape.member)] * (most + 1), False
            if least:
                yield "too few", [], False


def _with(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed
