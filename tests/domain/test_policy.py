"""Policies decide as IAM's do: nobody gets in by a pattern, a case or a missing fact, and nobody waits for one."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.glob import compiled, like, matches
from imtui.domain.managed_policies import MANAGED, NAMES, managed_name
from imtui.domain.policy import Request, asks_for_tags, covering, evaluate, facts_of_tags, settled
from imtui.domain.policy_document import Policy, document_of, parse

PLAN = "arn:aws:ssm-incidents::111122223333:response-plan/web"
INCIDENT = "arn:aws:ssm-incidents::111122223333:incident-record/web/0b1c"
ANA = "arn:aws:ssm-contacts:zz-local-1:111122223333:contact/ana"
FACTS = {
    "aws:username": ("ana",),
    "aws:principalarn": ("arn:aws:iam::111122223333:user/ana",),
    "aws:sourceip": ("203.0.113.7",),
    "aws:securetransport": ("false",),
    "aws:currenttime": ("2026-03-01T03:10:00+00:00",),
    "aws:epochtime": ("1772334600",),
    "aws:sourcearn": ("arn:aws:cloudwatch:zz-local-1:111122223333:alarm:web:down",),
    "aws:multifactorauthage": ("60",),
    "aws:tagkeys": ("team", "site"),
    "aws:resourcetag/team": ("shop",),
}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def policy(*statements: dict[str, Any], version: str = "2012-10-17", name: str = "own") -> Policy:
    return parse({"Version": version, "Statement": list(statements)}, name)


def allowed(one: Policy, action: str = "ssm-incidents:GetIncidentRecord", resource: str = INCIDENT) -> bool:
    return evaluate([one], Request(action, resource, FACTS)).allowed


@pytest.mark.parametrize(
    ("action", "asked", "fits"),
    [
        ("*", "ssm-contacts:GetContact", True),
        ("ssm-contacts:GetContact", "ssm-contacts:GetContact", True),
        ("SSM-Contacts:getcontact", "ssm-contacts:GetContact", True),
        ("ssm-contacts:Get*", "ssm-contacts:GetContactChannel", True),
        ("ssm-contacts:Get*", "ssm-contacts:ListContacts", False),
        ("ssm-contacts:Get*", "ssm-incidents:GetIncidentRecord", False),
        ("ssm-contacts:GetContac?", "ssm-contacts:GetContact", True),
        ("ssm-contacts:GetContact?", "ssm-contacts:GetContact", False),
        ("ssm-contacts:*Contact*", "ssm-contacts:ListContacts", True),
        ("ssm-contacts:GetContact", "ssm-contacts:GetContactChannel", False),
        (["ssm-contacts:GetContact", "events:PutRule"], "events:PutRule", True),
    ],
)
def test_actions(action: Any, asked: str, fits: bool) -> None:
    assert allowed(policy(statement(Action=action)), asked, ANA) is fits
    other = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
    assert allowed(policy(other), asked, ANA) is not fits


@pytest.mark.parametrize(
    ("resource", "asked", "fits"),
    [
        ("*", "*", True),
        ("*", ANA, True),
        (ANA, ANA, True),
        (ANA, "*", False),
        (ANA, ANA.upper(), False),
        ("arn:aws:ssm-contacts:*:*:contact/*", ANA, True),
        ("arn:aws:ssm-contacts:*:*:contact/an?", ANA, True),
        ("arn:aws:ssm-contacts:*:*:contact/b*", ANA, False),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${aws:username}", ANA, True),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${aws:userid}", ANA, False),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${aws:userid, 'ana'}", ANA, True),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${aws:username", ANA, False),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${*}", ANA, False),
        ([PLAN, ANA], ANA, True),
        ("arn:aws:ssm-incidents::*:incident-record/web/*", INCIDENT, True),
        ("arn:aws:ssm-incidents::*:incident-record/database/*", INCIDENT, False),
        (PLAN, INCIDENT, True),
        ("arn:aws:ssm-incidents::*:response-plan/database", INCIDENT, False),
        (INCIDENT, PLAN, False),
    ],
)
def test_resources(resource: Any, asked: str, fits: bool) -> None:
    assert allowed(policy(statement(Resource=resource)), resource=asked) is fits
    other = {"Effect": "Allow", "Action": "*", "NotResource": resource}
    assert allowed(policy(other), resource=asked) is not fits


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"aws:username": "ana"}}, True),
        ({"StringEquals": {"AWS:UserName": ["ben", "ana"]}}, True),
        ({"StringEquals": {"aws:username": "Ana"}}, False),
        ({"StringEquals": {"aws:username": "a*"}}, False),
        ({"StringEquals": {"aws:userid": "ana"}}, False),
        ({"StringEqualsIfExists": {"aws:userid": "ana"}}, True),
        ({"StringEqualsIfExists": {"aws:username": "ben"}}, False),
        ({"StringNotEquals": {"aws:username": "ben"}}, True),
        ({"StringNotEquals": {"aws:username": ["ben", "ana"]}}, False),
        ({"StringNotEquals": {"aws:userid": "ana"}}, True),
        ({"StringEqualsIgnoreCase": {"aws:username": "ANA"}}, True),
        ({"StringNotEqualsIgnoreCase": {"aws:username": "ANA"}}, False),
        ({"StringLike": {"aws:username": "a*"}}, True),
        ({"StringLike": {"aws:username": "?n?"}}, True),
        ({"StringNotLike": {"aws:username": "a*"}}, False),
        ({"StringLike": {"aws:username": "${*}na"}}, False),
        ({"StringEquals": {"aws:ResourceTag/Team": "shop"}}, True),
        ({"StringEquals": {"aws:ResourceTag/site": "b"}}, False),
        ({"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/${aws:username}"}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": 61}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}, False),
        ({"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "60"}}, True),
        ({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "59.5"}}, True),
        ({"NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": "60.5"}}, False),
        ({"NumericEquals": {"aws:MultiFactorAuthAge": "60.0"}}, True),
        ({"NumericNotEquals": {"aws:MultiFactorAuthAge": "60"}}, False),
        ({"NumericEquals": {"aws:username": "1"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-03-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T04:00:00+01:00"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T04:11:00+01:00"}}, True),
        ({"DateEquals": {"aws:EpochTime": "2026-03-01T03:10:00Z"}}, True),
        ({"DateNotEquals": {"aws:EpochTime": "1772334600"}}, False),
        ({"DateLessThanEquals": {"aws:EpochTime": "1772334600"}}, True),
        ({"DateGreaterThanEquals": {"aws:CurrentTime": "2026-03-02"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Bool": {"aws:username": "false"}}, False),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.7"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:VpcSourceIp": "203.0.113.0/24"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:*:down"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:z*:web:down"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/${aws:username}"}}, True),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/b*"}}, True),
        ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}, False),
        ({"ArnLike": {"aws:username": "arn:aws:iam::*:user/*"}}, False),
        ({"Null": {"aws:userid": "true"}}, True),
        ({"Null": {"aws:username": "true"}}, False),
        ({"Null": {"aws:username": False}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "site", "x"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, False),
        ({"ForAllValues:StringEquals": {"aws:absent": ["team"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["x"]}}, False),
        ({"ForAnyValue:StringEquals": {"aws:absent": ["team"]}}, False),
        ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["team"]}}, True),
        ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["team"]}}, False),
        ({"ForAnyValue:StringLike": {"aws:TagKeys": "s*"}}, True),
        ({"StringEquals": {"aws:username": "ana", "aws:userid": "x"}}, False),
        ({"StringEquals": {"aws:username": "ana"}, "Bool": {"aws:SecureTransport": "true"}}, False),
        ({}, True),
    ],
)
def test_conditions(condition: dict[str, Any], holds: bool) -> None:
    assert allowed(policy(statement(Condition=condition))) is holds
    denying = policy(statement(), statement(Effect="Deny", Condition=condition))
    assert allowed(denying) is not holds


def test_a_mapped_address_is_the_address_it_maps() -> None:
    one = policy(statement(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    assert evaluate([one], Request("a:b", "*", {"aws:sourceip": ("::ffff:203.0.113.9",)})).allowed


def test_an_explicit_deny_wins_wherever_it_stands() -> None:
    allow, deny = statement(), statement(Effect="Deny", Sid="Never", Action="ssm-incidents:*")
    for policies in (
        [policy(allow, deny)],
        [policy(deny, allow)],
        [policy(allow, name="one"), policy(deny)],
        [policy(deny), policy(allow, name="one")],
    ):
        decision = evaluate(policies, Request("ssm-incidents:StartIncident", PLAN, FACTS))
        assert (decision.allowed, decision.explicit) == (False, True)
        assert decision.reason == 'statement "Never" of policy own denies it'
        assert evaluate(policies, Request("ssm-contacts:GetContact", ANA, FACTS)).allowed


def test_what_nothing_allows_is_denied() -> None:
    decision = evaluate([policy(statement(Action="events:*"))], Request("ssm-incidents:StartIncident", PLAN))
    assert (decision.allowed, decision.explicit, decision.reason) == (
        False,
        False,
        "no statement of its policies allows it",
    )
    assert not evaluate([], Request("ssm-incidents:StartIncident", PLAN)).allowed


def test_the_deciding_statement_is_named() -> None:
    one = policy(statement(Action="events:*"), statement())
    assert evaluate([one], Request("ssm:GetDocument", "*")).reason == "statement 2 of policy own allows it"


def test_variables_mean_nothing_in_the_older_version() -> None:
    resource = "arn:aws:ssm-contacts:zz-local-1:111122223333:contact/${aws:username}"
    assert not allowed(policy(statement(Resource=resource), version="2008-10-17"), resource=ANA)
    assert not allowed(parse({"Statement": statement(Resource=resource)}, "own"), resource=ANA)


def test_what_a_variable_holds_is_no_pattern() -> None:
    one = policy(statement(Resource="arn:aws:ssm-contacts:*:*:contact/${aws:username}"))
    assert not evaluate([one], Request("ssm-contacts:GetContact", ANA, {"aws:username": ("*",)})).allowed
    assert not evaluate([one], Request("ssm-contacts:GetContact", ANA, {"aws:username": ("ana", "ben")})).allowed


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Effect": "allow"}, "statement 1: Effect: Allow or Deny"),
        ({"Effect": None}, "statement 1: Effect"),
        ({"Sid": "Mine", "Effect": "Maybe"}, 'statement "Mine": Effect'),
        ({"Sid": "no/slash"}, "statement 1: Sid"),
        ({"Action": []}, "statement 1: Action"),
        ({"Action": 3}, "statement 1: Action"),
        ({"Action": "GetContact"}, "'GetContact' is not SERVICE:ACTION"),
        ({"Action": "ssm-*:GetContact"}, "is not SERVICE:ACTION"),
        ({"NotAction": "events:*"}, "either Action or NotAction"),
        ({"NotResource": "*"}, "either Resource or NotResource"),
        ({"Resource": "contact/ana"}, "neither an ARN nor"),
        ({"Resource": ["*", ""]}, "statement 1: Resource"),
        ({"Principal": "*"}, "names no principal"),
        ({"Akshun": "x"}, "unknown element 'Akshun'"),
        ({"Condition": []}, "statement 1: Condition"),
        ({"Condition": {"StringEquals": {}}}, "StringEquals"),
        ({"Condition": {"StringIs": {"aws:username": "x"}}}, "no operator 'StringIs'"),
        ({"Condition": {"ForSome:StringEquals": {"aws:username": "x"}}}, "no operator"),
        ({"Condition": {"NullIfExists": {"aws:username": "true"}}}, "no operator"),
        ({"Condition": {"Bool": {"aws:SecureTransport": "maybe"}}}, "not true or false"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "300.1.1.1"}}}, "not an IP address"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}}, "not an instant"),
        ({"Condition": {"NumericEquals": {"x": "many"}}}, "not a number"),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "ana"}}}, "not an ARN"),
        ({"Condition": {"StringEquals": {"aws:username": {"x": 1}}}}, "a value or a list of values"),
    ],
)
def test_a_wrong_statement_is_told_by_statement_and_element(elements: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationFailed) as told:
        policy(statement(**elements))
    assert words in str(told.value)
    assert str(told.value).startswith("policy: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a JSON document"),
        ("[]", "a JSON object"),
        ("{}", "Statement"),
        ('{"Statement": []}', "Statement"),
        ('{"Statement": ["x"]}', "statement 1: an object"),
        ('{"Version": "2020-01-01", "Statement": {}}', "Version"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "'Version' stands twice"),
        (
            '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}',
            "'Effect' stands twice",
        ),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({"Statement": statement(Resource=["arn:aws:a:b:c:" + "x" * 6200])}), "at most 6144"),
        (json.dumps({"Statement": [statement(Sid="A"), statement(Sid="A")]}), "this Sid stands twice"),
    ],
)
def test_a_wrong_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValidationFailed, match=words):
        parse(document_of(text), "own")


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 129, "ä"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed, match="policy name"):
        parse({"Statement": statement()}, name)


def test_the_managed_policies_decide_as_the_guide_says() -> None:
    managed = {name: parse(MANAGED[name], name) for name in NAMES}

    def may(name: str, action: str) -> bool:
        return evaluate([managed[name]], Request(action, "*")).allowed

    assert all(may("administrator", action) for action in ("iam:CreateUser", "ssm-contacts:AcceptPage"))
    assert [may("resolver", f"ssm-incidents:{x}") for x in ("StartIncident", "UpdateRelatedItems", "GetResponsePlan")]
    assert not any(
        may("resolver", action)
        for action in (
            "ssm-incidents:CreateResponsePlan",
            "ssm-incidents:DeleteIncidentRecord",
            "ssm-contacts:GetContact",
        )
    )
    assert all(
        may("viewer", action)
        for action in ("ssm-incidents:GetIncidentRecord", "ssm:DescribeDocument", "cloudtrail:LookupEvents")
    )
    assert not any(may("viewer", action) for action in ("ssm-incidents:StartIncident", "imtui:CreateToken"))


def test_managed_policies_answer_to_the_names_that_aws_gave_them() -> None:
    assert managed_name("resolver") == "resolver"
    assert managed_name("AWSIncidentManagerResolverAccess") == "resolver"
    assert managed_name("arn:aws:iam::aws:policy/AWSIncidentManagerResolverAccess") == "resolver"
    assert managed_name("arn:aws:iam::aws:policy/AdministratorAccess") == "administrator"
    assert managed_name("own.json") is None


def test_only_what_can_depend_on_the_resource_is_looked_up() -> None:
    administrator = parse(MANAGED["administrator"], "administrator")
    assert settled([administrator], "ssm-incidents:StartIncident")
    denied = policy(statement(Effect="Deny", Action="ssm-incidents:*", Resource=PLAN))
    assert not settled([administrator, denied], "ssm-incidents:StartIncident")
    assert settled([administrator, denied], "ssm-contacts:GetContact")
    assert not settled([policy(statement(Condition={"Null": {"aws:username": "false"}}))], "a:b")
    assert not settled([policy({"Effect": "Allow", "Action": "*", "NotResource": "*"})], "a:b")
    tagged = policy(statement(Action="ssm-contacts:*", Condition={"StringEquals": {"aws:ResourceTag/a": "b"}}))
    assert asks_for_tags([tagged], "ssm-contacts:GetContact")
    assert not asks_for_tags([tagged], "events:PutRule")
    filled = policy(statement(Resource="arn:aws:a:b:c:${aws:ResourceTag/owner}"))
    assert asks_for_tags([filled], "a:b")


def test_an_incident_is_covered_by_its_response_plan_and_nothing_else_by_anything() -> None:
    assert covering(INCIDENT) == (INCIDENT, PLAN)
    assert covering(ANA) == (ANA,)
    assert covering("arn:aws:ssm-incidents::1:incident-record/") == ("arn:aws:ssm-incidents::1:incident-record/",)


def test_tags_are_facts_in_any_case() -> None:
    assert facts_of_tags("aws:ResourceTag/", {"Team": "a", "team": "b"}) == {"aws:resourcetag/team": ("a", "b")}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 1000, "a" * 2000 + "b"),
        ("a*" * 1000 + "b", "a" * 2000),
        ("*" * 2000 + "b", "a" * 2000),
        ("?*" * 1000 + "b", "a" * 2000),
        ("*" + "?" * 1900 + "b", "a" * 2000),
    ],
)
def test_a_hostile_pattern_takes_no_time(pattern: str, text: str) -> None:
    begin = time.process_time()
    assert not like(pattern, text)
    assert time.process_time() - begin < 0.5


def _obvious(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_obvious(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _obvious(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=7), st.text("ab*?", max_size=7))
def test_patterns_match_as_the_obvious_way_does(pattern: str, text: str) -> None:
    assert like(pattern, text) is _obvious(pattern, text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_variable_matches_exactly_what_it_holds(value: str, text: str) -> None:
    assert matches(compiled("${x}", lambda _: value), text) is (value == text)


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)))
def test_no_value_of_an_element_is_a_defect(value: Any) -> None:
    for element in ("Sid", "Effect", "Action", "Resource", "Condition"):
        try:
            policy(statement(**{element: value}))
        except ValidationFailed:
            continue
