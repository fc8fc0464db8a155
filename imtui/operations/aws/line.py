"""A line with one operation, in the grammar of the AWS command line: `ssm-incidents start-incident
--response-plan-arn web --title …`. The shell, the `:` line and the chat rooms take it alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from botocore import xform_name

from imtui.domain import shorthand
from imtui.domain.errors import ValidationFailed
from imtui.operations.aws import model
from imtui.operations.aws.values import taken

OUTPUTS = ("json", "text", "table")
_IGNORED = ("region", "endpoint-url", "profile", "no-cli-pager", "no-paginate")
"""What the AWS command line knows, and means nothing here: there is but this database."""


class Line(NamedTuple):
    """An operation with its members, and how its answer is to be written."""

    service: str
    operation: str
    given: dict[str, Any]
    output: str = "json"
    query: str = ""


def parse(words: Sequence[str], read: Callable[[str], str] | None = None) -> Line:
    """The words after the program's name, the service first. `read` reads a file that is named by `file://`; without
    it none may be named. Raises ValidationFailed in words."""
    service, *rest = words
    if not rest or rest[0].startswith("-"):
        raise ValidationFailed(f"{service}: which operation? {', '.join(sorted(operations(service))[:6])} …")
    name = operations(service).get(rest[0])
    if name is None:
        near = _near(rest[0], operations(service))
        raise ValidationFailed(f"{service}: there is no operation {rest[0][:60]!r}{near}")
    document: dict[str, Any] = {}
    plain = {"output": "json", "query": ""}
    shape: Any = model.shape(service, name)
    known = options(service, name)
    for option, values in _options(rest[1:]):
        if option in plain:
            plain[option] = _one(option, values)
        elif option == "cli-input-json":
            document = {**_object(_text(_one(option, values), read)), **document}
        elif option in known:
            document[known[option]] = _value(shape.members[known[option]], option, values, read)
        elif option.startswith("no-") and _is_flag(shape, known.get(option[3:])):
            document[known[option[3:]]] = False
        elif option not in _IGNORED:
            raise ValidationFailed(f"{rest[0]}: there is no option --{option[:60]}{_near(option, known)}")
    if plain["output"] not in OUTPUTS:
        raise ValidationFailed(f"--output: one of {', '.join(OUTPUTS)}")
    return Line(service, name, taken(shape, document), plain["output"], plain["query"])


@cache
def operations(service: str) -> dict[str, str]:
    """The operations of a service by the words that name them."""
    return {xform_name(name, "-"): name for name in model.service(service).operation_names}


@cache
def options(service: str, operation: str) -> dict[str, str]:
    """The members of an operation by the options that name them."""
    return {xform_name(name, "-"): name for name, _ in model.members(model.shape(service, operation))}


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with the words that follow it."""
    name, values = "", []
    words = [
        f"--{word}" if place and words[place - 1] == "--" else word
        for place, word in enumerate(words)
        if word != "--"  # chat rooms make one long dash of two, or part it from its word
    ]
    for word in words:
        if not word.startswith("--"):
            if not name:
                raise ValidationFailed(f"{word[:60]!r}: an option such as --title is expected")
            values.append(word)
            continue
        if name:
            yield name, values
        name, equals, value = word[2:].partition("=")
        values = [value] if equals else []
    if name:
        yield name, values


def _joined(shape: Any, values: list[str]) -> list[str]:
    """A text of several words may do without quotes, as people write in chat rooms; and what a chat room has broken
    into lines is put together again."""
    kind = shape.type_name
    if len(values) < 2 or kind not in ("string", "timestamp"):
        return values
    return ["".join(values) if kind == "timestamp" or shape.name.lower().endswith("arn") else " ".join(values)]


def _one(option: str, values: list[str]) -> str:
    if len(values) != 1:
        raise ValidationFailed(f"--{option}: {'a value is missing' if not values else 'one value is expected'}")
    return values[0]


def _value(shape: Any, option: str, values: list[str], read: Callable[[str], str] | None) -> Any:
    """The JSON value of the words of an option."""
    kind, values = shape.type_name, _joined(shape, values)
    if kind == "boolean" and not values:
        return True
    if kind == "list" and len(values) != 1:
        return [_single(shape.member, option, _text(word, read)) for word in values]
    text = _text(_one(option, values), read)
    if kind == "list" and not text.lstrip().startswith("["):
        inner = _single(shape.member, option, text)
        return inner if isinstance(inner, list) else [inner]
    return _single(shape, option, text)


def _single(shape: Any, option: str, text: str) -> Any:
    match shape.type_name:
        case "structure" | "map" | "list":
            if text.lstrip().startswith(("{", "[")):
                try:
                    return json.loads(text)
                except (ValueError, RecursionError):
                    raise ValidationFailed(f"--{option}: this is no JSON document") from None
            return _fitted(shape, shorthand.parse(text))
        case "integer" | "long":
            try:
                return int(text)
            except ValueError:
                raise ValidationFailed(f"--{option}: a whole number is expected") from None
        case "boolean":
            if text.lower() not in ("true", "false"):
                raise ValidationFailed(f"--{option}: true or false is expected")
            return text.lower() == "true"
    return text


def _fitted(shape: Any, value: Any) -> Any:
    """What shorthand cannot say: whether a text is a number, and whether one item is a list."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        known = shape.members
        return {name: _fitted(known[name], item) if name in known else item for name, item in value.items()}
    if kind == "map" and isinstance(value, dict):
        return {name: _fitted(shape.value, item) for name, item in value.items()}
    if kind == "list":
        return [_fitted(shape.member, item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, str) and kind in ("integer", "long", "boolean"):
        return _single(shape, "", value)
    return value


def _is_flag(shape: Any, name: str | None) -> bool:
    return name is not None and bool(shape.members[name].type_name == "boolean")


def _text(word: str, read: Callable[[str], str] | None) -> str:
    if not word.startswith("file://"):
        return word
    if read is None:
        raise ValidationFailed("file:// is for a shell: write the document itself")
    return read(word.removeprefix("file://"))


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValidationFailed("--cli-input-json: a JSON object is expected")
    return found


def _near(word: str, known: dict[str, str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word[:60], known, 1)
    return f": do you mean {found[0]}?" if found else ""
