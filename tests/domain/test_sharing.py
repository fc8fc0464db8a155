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
        policy(Resource="*"),
        json.dumps({"Statement": STATEMENT}),
    ],
)
def test_what_shares_this_contact_is_kept_as_it_is(text: str) -> None:
    assert checked_policy(text, ANA) == text


def test_a_response_plan_is_shared_with_its_incidents_and_no_others() -> None:
    plan = "arn:aws:ssm-incidents::111122223333:response-plan/web"
    own = [plan, "arn:aws:ssm-incidents::111122223333:incident-record/web/*"]
    text = policy(Action=["ssm-incidents:GetIncidentRecord"], Resource=own)
    assert checked_policy(text, plan) == text
    for other in (plan + "-2", "arn:aws:ssm-incidents::111122223333:incident-record/db/*", ANA):
        with pytest.raises(ValidationFailed, match="neither response-plan web"):
            checked_policy(policy(Action="ssm-incidents:GetIncidentRecord", Resource=other), plan)


def test_a_policy_that_is_too_long_is_refused_and_a_contact_may_have_a_longer_one() -> None:
    plan = "arn:aws:ssm-incidents::111122223333:response-plan/web"
    long = policy(Sid="x" * 4000, Action="ssm-incidents:GetIncidentRecord", Resource=plan)
    with pytest.raises(ValidationFailed, match="at most 4,000"):
        checked_policy(long, plan)
    assert checked_policy(policy(Sid="x" * 4000), ANA)
    with pytest.raises(ValidationFailed, match="at most 395,000"):
        checked_policy(policy(Sid="x" * 395_000), ANA)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (policy(Effect="Deny"), "cannot be denied"),
        (policy(Effect="allow"), "Effect"),
        (policy(Principal=None), "Principal"),
        (policy(Action="ssm-incidents:GetIncidentRecord"), "no action of ssm-contacts"),
        (policy(Action=[]), "Action"),
        (policy(Action=[1]), "Action"),
        (policy(Resource="arn:aws:ssm-contacts:*:111122223333:contact/ben"), "neither contact ana"),
        (policy(Resource="arn:aws:ssm-contacts:*:111122223333:engagement/ben/*"), "neither contact ana"),
        (policy(Resource="arn:aws:ssm-contacts:*:222222222222:contact/ana"), "neither contact ana"),
        (policy(Resource="arn:aws:ssm-contacts:eu-west-1:111122223333:contact/ana"), "neither contact ana"),
        (policy(Resource="x"), "no ARN"),
        (policy(NotAction="x"), "has no NotAction"),
        (policy(Condition="x"), "Condition"),
        (policy(Condition={"StringIs": {"aws:SourceIp": "x"}}), "there is no operator 'StringIs'"),
        (
            json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT, STATEMENT | {"Effect": "Deny"}]}),
            "cannot be denied",
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
