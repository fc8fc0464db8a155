"""A resource policy shares this contact and nothing else, and denies nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from imtui.domain.errors import ValidationFailed
from imtui.domain.sharing import checked_policy
from tests.domain.nasty import json_values

ANA = "arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ana"
STATEMENT: dict[str, Any] = {
    "Sid": "PrincipalAccess",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
    "Action": ["ssm-contacts:GetContact", "ssm-contacts:StartEngagement"],
    "Resource": [
        "arn:aws:ssm-contacts:*:111122223333:contact/ana",
        "arn:aws:ssm-contacts:*:111122223333:engagement/ana/*",
    ],
}


def policy(**changed: Any) -> str:
    """A policy as the guide shows it, with members of its statement changed."""
    return json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | changed]}, indent=1)


@pytest.mark.parametrize(
    "text",
    [
        policy(),
        policy(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc123def45"}}),
        policy(Action="ssm-contacts:*", Resource=ANA),
        json.dumps({"Statement": STATEMENT}),
    ],
)
def test_what_shares_this_contact_is_kept_as_it_is(text: str) -> None:
    assert checked_policy(text, ANA) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (policy(Effect="Deny"), "may not deny"),
        (policy(Effect="allow"), "Effect"),
        (policy(Principal=None), "Principal"),
        (policy(Action="ssm-incidents:GetIncidentRecord"), "no action on contacts"),
        (policy(Action=[]), "Action"),
        (policy(Action=[1]), "Action"),
        (policy(Resource="arn:aws:ssm-contacts:*:111122223333:contact/ben"), "neither this contact"),
        (policy(Resource="arn:aws:ssm-contacts:*:111122223333:engagement/ben/*"), "neither this contact"),
        (policy(Resource="arn:aws:ssm-contacts:*:222222222222:contact/ana"), "neither this contact"),
        (policy(Resource="arn:aws:ssm-contacts:eu-west-1:111122223333:contact/ana"), "neither this contact"),
        (policy(Resource="*"), "no ARN"),
        (policy(NotAction="x"), "has no NotAction"),
        (policy(Condition="x"), "Condition"),
        (
            json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT, STATEMENT | {"Effect": "Deny"}]}),
            "may not deny",
        ),
        ("{", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "Statement"),
        ('{"Version": "2012-10-17"}', "Statement"),
        ('{"Version": "2030-01-01", "Statement": []}', "Version"),
    ],
)
def test_what_shares_nothing_or_something_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValidationFailed, match=words) as told:
        checked_policy(text, ANA)
    assert told.value.field == "Policy"


@given(json_values)
def test_any_document_is_a_policy_or_refused(value: Any) -> None:
    with pytest.raises(ValidationFailed):
        checked_policy(json.dumps(value), ANA)
