"""Another account gets what a resource policy shares with it, no more, whatever the policy says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain import arns
from imtui.domain.access import Reach
from imtui.domain.consumer import outright, parts_shared, shared_thing, unshared
from imtui.domain.glob import like
from imtui.domain.policy import Request
from imtui.domain.policy_conditions import Facts
from imtui.domain.sharing import Statement, statements

OWNER, ACCOUNT = "111122223333", "999988887777"
EVE = f"arn:aws:iam::{ACCOUNT}:user/eve"
ANA = f"arn:aws:ssm-contacts:zz-local-1:{OWNER}:contact/ana"
WEB = f"arn:aws:ssm-incidents::{OWNER}:response-plan/web"
ENGAGEMENT = f"arn:aws:ssm-contacts:zz-local-1:{OWNER}:engagement/ana/6f2a"
PAGE = f"arn:aws:ssm-contacts:zz-local-1:{OWNER}:page/ana/77b1"
INCIDENT = f"arn:aws:ssm-incidents::{OWNER}:incident-record/web/c0de"


def shared(of: str, **changed: Any) -> list[Statement]:
    """What the policy of a contact or plan says that shares it all with the account, with members changed."""
    everything = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "*", "Resource": "*"}
    return statements(json.dumps({"Version": "2012-10-17", "Statement": [everything | changed]}), of)


@pytest.mark.parametrize(
    ("principal", "may"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ACCOUNT}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True),
        ({"AWS": EVE}, True),
        ({"AWS": [OWNER, EVE]}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/zoe"}, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, False),
        ({"AWS": "9999*"}, False),
        ({"AWS": "222222222222"}, False),
        ({"AWS": "arn:aws:iam::222222222222:root"}, False),
        ({"AWS": "eve"}, False),
    ],
)
def test_it_is_shared_with_whom_the_principal_names_and_nobody_else(principal: Any, may: bool) -> None:
    reason = unshared(shared(ANA, Principal=principal), EVE, Request("ssm-contacts:GetContact", ANA))
    assert reason == ("" if may else f"it is not shared with account {ACCOUNT}")


@pytest.mark.parametrize(
    ("of", "changed", "action", "resource", "may"),
    [
        (ANA, {}, "ssm-contacts:GetContact", ANA, True),
        (ANA, {"Action": "ssm-contacts:Get*"}, "ssm-contacts:GetContact", ANA, True),
        (ANA, {"Action": "ssm-contacts:getcontact"}, "ssm-contacts:GetContact", ANA, True),
        (ANA, {"Action": "ssm-contacts:Get*"}, "ssm-contacts:StartEngagement", ANA, False),
        (ANA, {"Resource": ANA}, "ssm-contacts:DescribeEngagement", ENGAGEMENT, True),
        (ANA, {"Resource": ANA}, "ssm-contacts:DescribePage", PAGE, True),
        (ANA, {"Resource": ANA.replace("zz-local-1", "*")}, "ssm-contacts:GetContact", ANA, True),
        (ANA, {"Resource": ENGAGEMENT}, "ssm-contacts:DescribeEngagement", ENGAGEMENT, True),
        (ANA, {"Resource": ENGAGEMENT}, "ssm-contacts:GetContact", ANA, False),
        (ANA, {"Resource": ENGAGEMENT}, "ssm-contacts:DescribePage", PAGE, False),
        (ANA, {}, "ssm-contacts:ListContactChannels", ANA.replace("contact/", "contact-channel/") + "/1", False),
        (ANA, {}, "ssm-contacts:AcceptPage", INCIDENT, False),
        (WEB, {}, "ssm-contacts:AcceptPage", INCIDENT, False),
        (WEB, {}, "ssm-incidents:StartIncident", WEB, True),
        (WEB, {"Resource": WEB}, "ssm-incidents:GetIncidentRecord", INCIDENT, True),
        (WEB, {"Resource": INCIDENT}, "ssm-incidents:GetIncidentRecord", INCIDENT, True),
        (WEB, {"Resource": INCIDENT[:-2] + "*"}, "ssm-incidents:GetIncidentRecord", INCIDENT, True),
        (WEB, {"Resource": INCIDENT}, "ssm-incidents:GetIncidentRecord", INCIDENT + "0", False),
        (WEB, {"Resource": INCIDENT}, "ssm-incidents:GetResponsePlan", WEB, False),
        (WEB, {}, "ssm-incidents:GetResponsePlan", "*", False),
        (WEB, {}, "ssm-incidents:GetResponsePlan", "nonsense", False),
    ],
)
def test_a_policy_shares_what_it_names_with_all_that_belongs_to_it(
    of: str, changed: dict[str, Any], action: str, resource: str, may: bool
) -> None:
    reason = unshared(shared(of, **changed), EVE, Request(action, resource))
    assert reason == ("" if may else f"what is shared with account {ACCOUNT} does not include this")


@pytest.mark.parametrize(
    ("condition", "facts", "may"),
    [
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:sourceip": ("203.0.113.7",)}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:sourceip": ("198.51.100.7",)}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc123def45"}}, {}, False),
        ({"StringLike": {"aws:PrincipalArn": "*:user/${aws:username}"}}, {"aws:principalarn": (EVE,)}, False),
        (
            {"StringLike": {"aws:PrincipalArn": "*:user/${aws:username}"}},
            {"aws:principalarn": (EVE,), "aws:username": ("eve",)},
            True,
        ),
    ],
)
def test_it_is_shared_only_while_the_conditions_hold(condition: Any, facts: Facts, may: bool) -> None:
    reason = unshared(shared(ANA, Condition=condition), EVE, Request("ssm-contacts:GetContact", ANA, facts))
    assert (reason == "") is may


def test_a_thing_without_a_policy_is_shared_with_nobody() -> None:
    assert unshared([], EVE, Request("ssm-contacts:GetContact", ANA)) == f"it is not shared with account {ACCOUNT}"


def test_a_user_without_an_account_is_not_everybody() -> None:
    request = Request("ssm-contacts:GetContact", ANA)
    assert unshared(shared(ANA, Principal={"AWS": "eve"}), "eve", request)


@pytest.mark.parametrize(
    "action",
    [
        *("ssm-incidents:UpdateResponsePlan", "ssm-incidents:DeleteResponsePlan", "ssm-incidents:CreateResponsePlan"),
        *("ssm-incidents:DeleteIncidentRecord", "ssm-incidents:DeleteTimelineEvent", "ssm-incidents:TagResource"),
        *("ssm-incidents:UntagResource", "ssm-incidents:ListTagsForResource", "ssm-incidents:PutResourcePolicy"),
        *("ssm-incidents:GetResourcePolicies", "ssm-incidents:DeleteResourcePolicy"),
        *("ssm-incidents:UpdateReplicationSet", "ssm-incidents:GetReplicationSet"),
        *("ssm-contacts:UpdateContact", "ssm-contacts:DeleteContact", "ssm-contacts:CreateContact"),
        *("ssm-contacts:CreateContactChannel", "ssm-contacts:UpdateContactChannel", "ssm-contacts:GetContactChannel"),
        *("ssm-contacts:TagResource", "ssm-contacts:ListTagsForResource", "ssm-contacts:PutContactPolicy"),
        *("ssm-contacts:GetContactPolicy", "ssm-contacts:CreateRotation", "ssm-contacts:ListRotations"),
        *("events:PutEvents", "iam:CreateUser", "imtui:ApplyConfiguration", "cloudtrail:LookupEvents"),
    ],
)
def test_what_is_the_owners_is_the_owners(action: str) -> None:
    assert outright(EVE, action, ANA, Reach.ONE).startswith("only users of its own account may do this")
    assert outright(EVE, action, "*", Reach.LISTED).startswith("only users of its own account may do this")


@pytest.mark.parametrize(
    ("action", "resource", "reach", "may"),
    [
        ("ssm-contacts:GetContact", ANA, Reach.ONE, True),
        ("ssm-contacts:GetContact", ANA, Reach.OWNER, False),
        ("ssm-contacts:GetContact", "*", Reach.ONE, False),
        ("ssm-contacts:GetContact", "*", Reach.LISTED, False),
        ("ssm-contacts:AcceptPage", "*", Reach.ONE, False),
        ("ssm-contacts:ListContacts", "*", Reach.ONE, False),
        ("ssm-contacts:ListContacts", "*", Reach.LISTED, True),
        ("ssm-incidents:ListIncidentRecords", "*", Reach.LISTED, True),
        ("ssm-incidents:ListIncidentRecords", "*", Reach.OWNER, False),
    ],
)
def test_a_list_that_is_not_narrowed_to_what_is_shared_is_not_shown(
    action: str, resource: str, reach: Reach, may: bool
) -> None:
    reason = outright(EVE, action, resource, reach)
    assert reason == ("" if may else f"this shows more than what is shared with account {ACCOUNT}")


@pytest.mark.parametrize(
    ("resource", "thing"),
    [
        (ANA, ANA),
        (ENGAGEMENT, ANA),
        (PAGE, ANA),
        (WEB, WEB),
        (INCIDENT, WEB),
        (ANA.replace("contact/", "contact-channel/") + "/1", None),
        (ANA.replace("ssm-contacts", "ssm-incidents"), None),
        (f"arn:aws:ssm-contacts:zz-local-1:{OWNER}:rotation/1", None),
        ("ana", None),
        ("*", None),
    ],
)
def test_what_belongs_to_what_is_told_by_the_arn(resource: str, thing: str | None) -> None:
    found = shared_thing(resource)
    assert (str(found) if found else None) == thing


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({}, ["*"]),
        ({"Resource": WEB}, ["*"]),
        ({"Resource": [INCIDENT, INCIDENT[:-4] + "*"]}, ["*"]),
        ({"Resource": INCIDENT}, ["c0de"]),
        ({"Resource": [INCIDENT[:-2] + "?f", INCIDENT]}, ["c0?f", "c0de"]),
        ({"Action": "ssm-incidents:StartIncident"}, []),
        ({"Principal": {"AWS": "222222222222"}}, []),
        ({"Condition": {"StringEquals": {"aws:RequestedRegion": "zz-local-1"}}}, []),
        ({"Condition": {"StringNotEquals": {"aws:ResourceTag/secret": "yes"}}}, []),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalArn": "${aws:ResourceTag/secret}"}}}, []),
    ],
)
def test_a_list_of_incidents_holds_those_that_are_shared(changed: dict[str, Any], ids: list[str]) -> None:
    action = "ssm-incidents:GetIncidentRecord"
    found = parts_shared(shared(WEB, **changed), EVE, action, arns.parse(WEB), "incident-record", {})
    assert found == ids


_IDS = st.text("ab-1", min_size=1, max_size=6)
_PATTERNS = st.text("ab-1*?", min_size=1, max_size=6)
_RECORDS = f"arn:aws:ssm-incidents::{OWNER}:incident-record/web/"


@given(
    _IDS,
    st.lists(
        st.one_of(st.just(WEB), st.just("*"), _PATTERNS.map(lambda text: _RECORDS + text)), min_size=1, max_size=3
    ),
    st.sampled_from(["*", "ssm-incidents:GetIncidentRecord", "ssm-incidents:Get*", "ssm-incidents:StartIncident"]),
    st.sampled_from(["*", ACCOUNT, "222222222222"]),
)
def test_a_list_holds_exactly_the_incidents_that_can_be_looked_at(
    id_: str, resources: list[str], action: str, principal: str
) -> None:
    known = shared(WEB, Resource=resources, Action=action, Principal={"AWS": principal})
    asked = "ssm-incidents:GetIncidentRecord"
    ids = parts_shared(known, EVE, asked, arns.parse(WEB), "incident-record", {})
    seen = not unshared(known, EVE, Request(asked, _RECORDS + id_))
    assert any(like(pattern, id_) for pattern in ids) is seen
