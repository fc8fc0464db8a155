"""Resource policies: with whom a contact is shared, as JSON documents. Denials are refused, as the service does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from imtui.domain import arns
from imtui.domain.errors import ValidationFailed

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})


def checked_policy(text: str, contact: str) -> str:
    """The document as it was given; raises ValidationFailed for one that does not share this contact (an ARN) and its
    engagements, and nothing else, with somebody."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("it is not JSON") from None
    if not isinstance(document, Mapping):
        raise _wrong("expected an object with Version and Statement")
    _known(document, _DOCUMENT, "a policy")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise _wrong(f"Version is {VERSIONS[0]}")
    statements = document.get("Statement")
    for statement in [statements] if isinstance(statements, Mapping) else _list(statements, "Statement"):
        _statement(statement, contact)
    return text


def _statement(statement: Any, contact: str) -> None:
    if not isinstance(statement, Mapping):
        raise _wrong("each Statement is an object")
    _known(statement, _STATEMENT, "a statement")
    effect = statement.get("Effect")
    if effect == "Deny":
        raise _wrong("a policy that shares a contact may not deny: take the statement with Deny out")
    if effect != "Allow":
        raise _wrong("Effect is Allow")
    if not statement.get("Principal"):
        raise _wrong("Principal is missing: with whom the contact is shared")
    for action in _texts(statement.get("Action"), "Action"):
        if not action.startswith("ssm-contacts:"):
            raise _wrong(f"{action[:80]!r} is no action on contacts")
    for resource in _texts(statement.get("Resource"), "Resource"):
        _resource(resource, contact)
    if not isinstance(statement.get("Condition", {}), Mapping):
        raise _wrong("Condition is an object")


def _resource(resource: str, contact: str) -> None:
    """`resource` may say any Region, as the service's own examples do."""
    own = arns.parse(contact)
    try:
        named = arns.parse(resource)
    except ValidationFailed:
        raise _wrong(f"{resource[:120]!r} is no ARN") from None
    here = (named.service, named.account) == (own.service, own.account) and named.region in (own.region, "*")
    about = (named.kind == "contact" and named.path == own.path) or (
        named.kind in ("engagement", "page") and named.path.partition("/")[0] == own.path
    )
    if not (here and about):
        raise _wrong(f"{resource[:120]!r} is neither this contact nor its engagements")


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
