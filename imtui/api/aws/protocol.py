"""The two ways in which requests and answers are written: JSON 1.1 with a target, and REST with JSON, both by the
service models."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from botocore.model import OperationModel

from imtui.operations.aws import SERVICES, model
from imtui.operations.aws.perform import Unknown
from imtui.operations.aws.values import Malformed, given, taken

MOST_BYTES = 1024 * 1024
_NO_CONTENT = 204
_VARIABLE = re.compile(r"\{(\w+)(\+?)\}")


class Called(NamedTuple):
    """An operation that a request is meant for; `path` has the members that stand in its path."""

    operation: OperationModel
    path: Mapping[str, str]

    @property
    def service(self) -> str:
        return str(self.operation.service_model.service_name)


def called(method: str, path: str, target: str) -> Called | None:
    """What a request is meant for, by its target or its raw path; None where it is meant for no service at all.

    Raises Unknown for an operation that its service does not have here.
    """
    if target:
        prefix, _, name = target.partition(".") if target.count(".") == 1 else target.rpartition(".")
        service = _targets().get(prefix)
        found = model.operation(service, name) if service else None
        if found is None:
            raise Unknown(f"there is no operation {target[:120]!r} here")
        return Called(found, {})
    for verb, pattern, name in _routes():
        match = pattern.fullmatch(path)
        if match and verb == method:
            found = model.operation("ssm-incidents", name)
            assert found is not None
            return Called(found, {key: urllib.parse.unquote(value) for key, value in match.groupdict().items()})
    return None


def request(call: Called, query: str, body: bytes) -> dict[str, Any]:
    """The members of a request as the program has them; raises Malformed."""
    shape: Any = call.operation.input_shape
    if shape is None:
        return {}
    document = _document(body)
    if call.operation.service_model.metadata["protocol"] == "json":
        return dict(taken(shape, document))
    members = shape.members
    for name, member in members.items():
        where = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if where == "uri":
            document[name] = call.path[key]
        elif where == "querystring":
            document.pop(name, None)
            values = urllib.parse.parse_qs(query, keep_blank_values=True).get(key)
            if values is not None:
                document[name] = (
                    [_plain(member.member, item) for item in values] if _many(member) else _plain(member, values[-1])
                )
    return dict(taken(shape, document))


def response(call: Called, members: Mapping[str, Any]) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    status = int(call.operation.http.get("responseCode") or 200)
    if status == _NO_CONTENT:
        return status, b""
    shape = call.operation.output_shape
    document = given(shape, members) if shape is not None else {}
    return status, json.dumps(document, separators=(",", ":")).encode()


def _many(member: Any) -> bool:
    return bool(member.type_name == "list")


def _plain(member: Any, text: str) -> Any:
    """A value of the query, which knows texts only."""
    match member.type_name:
        case "integer" | "long" if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
    return text


def _document(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON document") from None
    if not isinstance(document, dict):
        raise Malformed("the body must be a JSON object")
    return document


def _no_number(text: str) -> Any:
    raise ValueError(text)


@cache
def _targets() -> dict[str, str]:
    """The services by the first part of a target."""
    metadata = {name: model.service(name).metadata for name in SERVICES}
    return {str(found["targetPrefix"]): name for name, found in metadata.items() if "targetPrefix" in found}


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and name of every operation that is called by its path. A variable is one segment, so that no path
    takes long to be matched."""
    found = []
    service = model.service("ssm-incidents")
    for name in service.operation_names:
        http = service.operation_model(name).http
        path = "".join(
            f"(?P<{part[1:-1].rstrip('+')}>[^/]+)" if _VARIABLE.fullmatch(part) else re.escape(part)
            for part in re.split(r"(\{\w+\+?\})", http["requestUri"].partition("?")[0])
        )
        found.append((http["method"], re.compile(path), name))
    return found
