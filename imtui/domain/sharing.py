"""Resource policies: documents that share a response plan or contact with other accounts."""

from __future__ import annotations

import json
from typing import Any

from imtui.domain.errors import ValidationFailed

MAX = 4000


def checked_policy(text: str) -> str:
    """A policy as it was given; raises ValidationFailed unless it is a JSON document whose statements allow something
    to somebody. Policies that deny are not supported, as the guide says."""
    if not text.strip() or len(text) > MAX:
        raise ValidationFailed(f"policy: a JSON document of at most {MAX} characters", "policy")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationFailed("policy: this is no JSON document", "policy") from None
    statements = document.get("Statement") if isinstance(document, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise ValidationFailed("policy: a Statement must say what is allowed", "policy")
    for number, statement in enumerate(statements, 1):
        _check_statement(statement, number)
    return text


def _check_statement(statement: Any, number: int) -> None:
    if not isinstance(statement, dict):
        raise ValidationFailed(f"policy: statement {number} is no object", "policy")
    if statement.get("Effect") == "Deny":
        raise ValidationFailed(
            f"policy: statement {number} denies, and what is shared cannot be denied: leave it out", "policy"
        )
    if statement.get("Effect") != "Allow":
        raise ValidationFailed(f"policy: statement {number} needs the Effect Allow", "policy")
    for name in ("Principal", "Action"):
        if not statement.get(name):
            raise ValidationFailed(f"policy: statement {number} needs a {name}", "policy")
