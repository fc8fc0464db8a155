"""Values between JSON and the program, by the shapes of the service models.

In the program a structure is a dictionary by the model's member names, an instant is a datetime in UTC, a blob is
bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from imtui.domain.errors import ImtuiError

_PATTERN_SECONDS = 0.1
_LEAST, _MOST = datetime(1, 1, 2, tzinfo=UTC).timestamp(), datetime(9999, 12, 30, tzinfo=UTC).timestamp()


class Malformed(ImtuiError):
    """A value is of another type than its member: the document is not what the operation takes."""

    code = "SerializationException"


class Problem(NamedTuple):
    """What is wrong with a member; `path` as clients write it, such as `incidentTemplate.impact`."""

    path: str
    text: str


def taken(shape: Any, value: Any, path: str = "") -> Any:
    """The program's value of a JSON value. Members that the model does not know are left out, as the services do;
    raises Malformed for a value of another type."""
    return _TAKEN[shape.type_name](shape, value, path)


def problems(shape: Any, value: Any, path: str = "") -> list[Problem]:
    """Where a value of the program is missing something or is out of its limits."""
    found: list[Problem] = []
    _check(shape, value, path, found)
    return found


def given(shape: Any, value: Any) -> Any:
    """The JSON value of a value of the program. Members without a value are left out."""
    kind = shape.type_name
    if kind == "structure":
        known = shape.members
        return {name: given(known[name], item) for name, item in value.items() if item is not None}
    if kind == "list":
        return [given(shape.member, item) for item in value]
    if kind == "map":
        return {str(key): given(shape.value, item) for key, item in value.items()}
    if kind == "timestamp":
        seconds = value.timestamp()
        return int(seconds) if seconds == int(seconds) else round(seconds, 3)
    if kind == "blob":
        return base64.b64encode(value).decode("ascii")
    if kind == "string":
        return str(value)
    return value


# ------------------------------------------------------------ taking


def _structure(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(path, "an object", value)
    known = shape.members
    return {
        name: taken(known[name], item, _below(path, name))
        for name, item in value.items()
        if name in known and item is not None
    }


def _list(shape: Any, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _wrong(path, "a list", value)
    return [taken(shape.member, item, f"{path}[{place}]") for place, item in enumerate(value)]


def _map(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(path, "an object", value)
    return {
        taken(shape.key, key, path): taken(shape.value, item, _below(path, str(key)))
        for key, item in value.items()
        if item is not None
    }


def _string(_: Any, value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "a string", value)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Malformed(f"{path or 'the document'}: half of a surrogate pair is no text")
    return value


def _whole(_: Any, value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in (_INF, -_INF):
        raise _wrong(path, "a whole number", value)
    if int(value) != value or abs(value) >= 2**63:
        raise _wrong(path, "a whole number", value)
    return int(value)


def _number(_: Any, value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == _INF:
        raise _wrong(path, "a number", value)
    return float(value)


def _flag(_: Any, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value)
    return value


def _instant(_: Any, value: Any, path: str) -> datetime:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                raise _wrong(path, "an instant", value) from None
        else:
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            if not _LEAST <= found.timestamp() <= _MOST:
                raise _wrong(path, "an instant of the years 1 to 9999", value)
            return found.astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _LEAST <= value <= _MOST:
        raise _wrong(path, "an instant, in seconds since 1970", value)
    return datetime.fromtimestamp(value, UTC)


def _blob(_: Any, value: Any, path: str) -> bytes:
    if not isinstance(value, str):
        raise _wrong(path, "bytes in base64", value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(path, "bytes in base64", value) from None


_INF = float("inf")
_TAKEN: dict[str, Callable[[Any, Any, str], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _whole,
    "long": _whole,
    "float": _number,
    "double": _number,
    "boolean": _flag,
    "timestamp": _instant,
    "blob": _blob,
}


def _wrong(path: str, wanted: str, value: Any) -> Malformed:
    return Malformed(f"{path or 'the document'}: {wanted} is expected, not {type(value).__name__}")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# ------------------------------------------------------------ limits


def _check(shape: Any, value: Any, path: str, found: list[Problem]) -> None:
    kind = shape.type_name
    if kind == "structure":
        _check_structure(shape, value, path, found)
    elif kind == "list":
        _check_size(shape, len(value), path, "have {} members", found)
        for place, item in enumerate(value):
            _check(shape.member, item, f"{path}[{place}]", found)
    elif kind == "map":
        _check_size(shape, len(value), path, "have {} entries", found)
        for key, item in value.items():
            _check(shape.key, key, f"{path} (key)", found)
            _check(shape.value, item, _below(path, key), found)
    elif kind == "string":
        _check_text(shape, value, path, found)
    elif kind == "blob":
        _check_size(shape, len(value), path, "have {} bytes", found)
    elif kind in ("integer", "long", "float", "double"):
        _check_size(shape, value, path, "be {}", found)


def _check_structure(shape: Any, value: Mapping[str, Any], path: str, found: list[Problem]) -> None:
    for name in shape.required_members:
        if value.get(name) is None:
            found.append(Problem(_below(path, name), "must be given"))
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        found.append(Problem(path, f"exactly one of {', '.join(shape.members)} must be given"))
    known = shape.members
    for name, item in value.items():
        _check(known[name], item, _below(path, name), found)


def _check_text(shape: Any, value: str, path: str, found: list[Problem]) -> None:
    if shape.enum:
        if value not in shape.enum:
            found.append(Problem(path, f"must be one of {', '.join(shape.enum)}"))
        return
    size = len(found)
    _check_size(shape, len(value), path, "have {} characters", found)
    pattern = shape.metadata.get("pattern")
    if len(found) == size and pattern and not _matches(shape.name, pattern, value):
        found.append(Problem(path, f"must match {pattern}"))


def _check_size(shape: Any, size: float, path: str, words: str, found: list[Problem]) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        found.append(Problem(path, "must " + words.format(f"at least {least}")))
    elif most is not None and size > most:
        found.append(Problem(path, "must " + words.format(f"at most {most}")))


def _matches(name: str, pattern: str, value: str) -> bool:
    """Patterns of ARNs are not asked: some take exponential time, and ARNs are taken apart by those who use them."""
    if name.lower().endswith("arn") or "arn:" in pattern:
        return True
    try:
        return _compiled(pattern).fullmatch(value, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


@cache
def _compiled(pattern: str) -> Any:
    import regex  # the models' patterns speak of classes of letters that the standard library does not know

    return regex.compile(pattern, regex.DOTALL | regex.VERSION0)
