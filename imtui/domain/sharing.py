"""Resource policies: with whom a contact or response plan is shared, as JSON documents. Denials are refused, as the
guide says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from imtui.domain import arns
from imtui.domain.errors import ValidationFailed
from imtui.domain.policy_conditions import Condition, parse_conditions

MOST = {"contact": 395_000, "response-plan": 4000}
"""Characters of a policy, by what it shares."""

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
BELONGING: Mapping[str, tuple[str, ...]] = {"contact": ("engagement", "page"), "response-plan": ("incident-record",)}
"""What is shared together with a resource, by their kinds: all whose path begins with its name."""


class Statement(NamedTuple):
    """Allows `actions` on `resources` to `principals`, as they are written, where all `conditions` hold; `*` is
    everybody. `variables`: whether `${…}` are filled in."""

    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    variables: bool


def checked_policy(text: str, shared: str) -> str:
    """The document as it was given; raises ValidationFailed for one that does not share this contact or response plan
    (its ARN), with what belongs to it and nothing else, with somebody."""
    most = MOST[arns.parse(shared).kind]
    if not text.strip() or len(text) > most:
        raise _wrong(f"a JSON document of at most {most:,} characters is expected")
    statements(text, shared)
    return text


def statements(text: str, shared: str) -> list[Statement]:
    """What a policy allows; raises ValidationFailed like `checked_policy`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("it is no JSON document") from None
    if not isinstance(document, Mapping):
        raise _wrong("expected an object with Version and Statement")
    _known(document, _DOCUMENT, "a policy")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise _wrong(f"Version is {VERSIONS[0]}")
    found = document.get("Statement")
    listed = [found] if isinstance(found, Mapping) else _list(found, "Statement")
    variables = document.get("Version", VERSIONS[0]) == VERSIONS[0]
    return [_statement(each, number, arns.parse(shared), variables) for number, each in enumerate(listed, 1)]


def _statement(statement: Any, number: int, shared: arns.Arn, variables: bool) -> Statement:
    if not isinstance(statement, Mapping):
        raise _wrong(f"statement {number} is no object")
    _known(statement, _STATEMENT, f"statement {number}")
    if statement.get("Effect") == "Deny":
        raise _wrong(f"statement {number} denies, and what is shared cannot be denied: leave it out")
    if statement.get("Effect") != "Allow":
        raise _wrong(f"statement {number} needs the Effect Allow")
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    if not principal:
        raise _wrong(f"statement {number} needs a Principal: with whom it is shared")
    actions = _texts(statement.get("Action"), "Action")
    for action in actions:
        if action != "*" and not action.startswith(f"{shared.service}:"):
            raise _wrong(f"{action[:80]!r} is no action of {shared.service}")
    resources = _texts(statement.get("Resource", "*"), "Resource")
    for resource in resources:
        _resource(resource, shared)
    try:
        conditions = parse_conditions(statement.get("Condition", {}))
    except ValidationFailed as error:
        raise _wrong(f"Condition: {error}") from None
    return Statement(tuple(_texts(principal, "Principal")), tuple(actions), tuple(resources), conditions, variables)


def _resource(resource: str, shared: arns.Arn) -> None:
    """`resource` may say any Region, as the service's own examples do."""
    if resource == "*":
        return
    try:
        named = arns.parse(resource)
    except ValidationFailed:
        raise _wrong(f"{resource[:120]!r} is no ARN") from None
    here = (named.service, named.account) == (shared.service, shared.account) and named.region in (shared.region, "*")
    own = named.kind == shared.kind and named.path == shared.path
    if not (here and (own or (named.kind in BELONGING[shared.kind] and named.path.partition("/")[0] == shared.path))):
        raise _wrong(f"{resource[:120]!r} is neither {shared.kind} {shared.path} nor belongs to it")


def _texts(value: Any, name: str) -> Sequence[str]:
    found = [value] if isinstance(value, str) else _list(value, name)
    if not all(isinstance(item, str) and item for item in found):
        raise _wrong(f"{name} is a text or a list of texts")
    return found


def _list(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, list) or not value:
        raise _wrong(f"{name} is missing")
    return value


def _known(value: Mapping[str, Any], members: frozenset[str], what: str) -> None:
    if unknown := sorted(str(name)[:40] for name in value if name not in members):
        raise _wrong(f"{what} has no {unknown[0]}")


def _wrong(text: str) -> ValidationFailed:
    return ValidationFailed(f"policy: {text}", "Policy")
