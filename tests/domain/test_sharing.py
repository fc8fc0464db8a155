"""Policies that share: what is one, and what is refused; see also `tests/operations/aws/test_sharing.py`."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given

from imtui.domain.errors import ValidationFailed
from imtui.domain.sharing import MAX, checked_policy
from tests.domain.nasty import json_values

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "ssm-incidents:*"}


@pytest.mark.parametrize("statement", [STATEMENT, [STATEMENT], [STATEMENT, STATEMENT | {"Resource": ["*"]}]])
def test_one_statement_or_several_are_kept_to_the_letter(statement: object) -> None:
    text = json.dumps({"Statement": statement}, indent=3)
    assert checked_policy(text) == text


def test_a_policy_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValidationFailed, match="at most 4000"):
        checked_policy(json.dumps({"Statement": STATEMENT, "Id": "x" * MAX}))


@given(json_values)
def test_any_document_is_a_policy_or_refused(value: object) -> None:
    for document in (value, {"Statement": value}, {"Statement": [value]}):
        text = json.dumps(document)
        with suppress(ValidationFailed):
            assert checked_policy(text) == text
