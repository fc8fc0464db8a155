"""Policies as people write them: JSON documents of statements, taken apart and checked.

An error names the statement and the element that is to blame.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.glob import variables
from imtui.domain.policy_conditions import Condition, parse_conditions

MAX_CHARACTERS = 6144
"""Of a document, without its white space: as many as a managed policy of IAM may have."""

VERSIONS = ("2012-10-17", "2008-10-17")
_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_OF_STATEMENT = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
_PRINCIPALS = ("Principal", "NotPrincipal")
_SID = re.compile(r"[A-Za-z0-9 ]{0,128}")
_ACTION = re.compile(r"[A-Za-z0-9\-]{1,64}:[A-Za-z0-9*?]{1,128}")
_NAME = re.compile(r"[\w+=,.@\-]{1,128}", re.ASCII)
_RESOURCE_PARTS = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `actions` are in small letters; `other_actions` and `other_resources`: it is about all but those.
    `label` names it: by its Sid, or by its place in the document."""

    label: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    other_actions: bool = False
    other_resources: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether it is about every resource, whatever the circumstances."""
        return "*" in self.resources and not self.other_resources and not self.conditions


@dataclass(frozen=True, slots=True)
class Policy:
    """A named policy. `keys`: the condition keys that it asks for, in small letters. `variables`: whether `${…}` are
    filled in, as they are since version 2012-10-17."""

    name: str
    statements: tuple[Statement, ...]
    variables: bool = True
    keys: frozenset[str] = field(default_factory=frozenset)


def check_policy_name(name: str) -> str:
    """The name, or ValidationFailed."""
    if not _NAME.fullmatch(name):
        raise ValidationFailed("policy name: 1–128 letters, digits and any of _ + = , . @ -", "policy")
    return name


def document_of(text: str) -> dict[str, Any]:
    """A JSON text as a document; raises ValidationFailed, also for an element that stands twice."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise ValidationFailed("policy: nested too deeply", "policy") from None
    except ValidationFailed:
        raise
    except ValueError as error:
        raise ValidationFailed(f"policy: not a JSON document ({error})", "policy") from None
    if not isinstance(document, dict):
        raise ValidationFailed("policy: a JSON object with Version and Statement is expected", "policy")
    return document


def parse(document: Mapping[str, Any], name: str) -> Policy:
    """The policy that a document is; raises ValidationFailed, which names statement and element."""
    check_policy_name(name)
    size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    if size > MAX_CHARACTERS:
        raise _wrong("", f"{size} characters, at most {MAX_CHARACTERS} without white space: split it into two policies")
    _known("", document, _ELEMENTS)
    version = document.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise _wrong("Version", f"{' or '.join(VERSIONS)} is expected")
    if not isinstance(document.get("Id", ""), str):
        raise _wrong("Id", "a text is expected")
    written = document.get("Statement")
    listed = [written] if isinstance(written, dict) else written
    if not isinstance(listed, list) or not listed:
        raise _wrong("Statement", "a statement or a list of statements is expected")
    statements = tuple(_statement(each, number) for number, each in enumerate(listed, 1))
    labels = [each.label for each in statements]
    for label in labels:
        if labels.count(label) > 1:
            raise _wrong(label, "this Sid stands twice: give every statement its own")
    return Policy(name, statements, version == VERSIONS[0], _keys(statements))


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValidationFailed(f"policy: {twice[:80]!r} stands twice in one object", "policy")
    return found


def _wrong(where: str, what: str) -> ValidationFailed:
    return ValidationFailed(f"policy: {where}: {what}" if where else f"policy: {what}", "policy")


def _known(where: str, mapping: Mapping[str, Any], elements: frozenset[str]) -> None:
    for name in mapping:
        if name in _PRINCIPALS:
            raise _wrong(f"{where}: {name}", "a policy of a user names no principal: it is for whoever has it")
        if name not in elements:
            raise _wrong(where, f"unknown element {name[:80]!r}; there are {', '.join(sorted(elements))}")


def _statement(written: Any, number: int) -> Statement:
    label = f"statement {number}"
    if not isinstance(written, dict):
        raise _wrong(label, "an object is expected")
    sid = written.get("Sid", "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise _wrong(f"{label}: Sid", "at most 128 letters and digits")
    label = f'statement "{sid}"' if sid else label
    _known(label, written, _OF_STATEMENT)
    effect = written.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise _wrong(f"{label}: Effect", "Allow or Deny is expected")
    actions, other_actions = _either(label, written, "Action")
    resources, other_resources = _either(label, written, "Resource")
    for action in actions:
        if action != "*" and not _ACTION.fullmatch(action):
            raise _wrong(f"{label}: Action", f"{action[:80]!r} is not SERVICE:ACTION, such as ssm-incidents:Get*")
    for resource in resources:
        if resource != "*" and not _is_resource(resource):
            raise _wrong(f"{label}: Resource", f"{resource[:80]!r} is neither an ARN nor *")
    try:
        conditions = parse_conditions(written.get("Condition", {}))
    except ValidationFailed as error:
        raise _wrong(f"{label}: Condition", str(error)) from None
    lowered = tuple(action.lower() for action in actions)
    return Statement(label, effect == "Allow", lowered, resources, other_actions, other_resources, conditions)


def _is_resource(text: str) -> bool:
    if text.startswith("${"):
        return text.isprintable()
    return text.startswith("arn:") and text.isprintable() and (text.count(":") >= _RESOURCE_PARTS or text[-1] == "*")


def _either(label: str, written: Mapping[str, Any], element: str) -> tuple[tuple[str, ...], bool]:
    """The values of an element or of its opposite, and whether it is the opposite."""
    negative = f"Not{element}"
    if (element in written) == (negative in written):
        raise _wrong(label, f"either {element} or {negative} is expected")
    name = element if element in written else negative
    values = written[name]
    listed = [values] if isinstance(values, str) else values
    if not isinstance(listed, list) or not listed or not all(isinstance(each, str) and each for each in listed):
        raise _wrong(f"{label}: {name}", "a text or a list of texts is expected")
    return tuple(listed), name == negative


def _keys(statements: Sequence[Statement]) -> frozenset[str]:
    texts = [text for statement in statements for text in statement.resources]
    conditions = [condition for statement in statements for condition in statement.conditions]
    texts += [value for condition in conditions for value in condition.values]
    named = {name for text in texts for name in variables(text)}
    return frozenset({condition.key for condition in conditions} | named)
