"""Resource policies on the wire: kept to the letter, none that denies, listed without gaps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imtui.domain.errors import NotFound, ValidationFailed
from imtui.services.context import Context
from tests.operations.aws.incident_calls import FOREIGN, NO_PLAN, call
from tests.organisation import organise


def policy(account: int = 0, **other: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"44445555{account:04}"},
        "Action": ["ssm-incidents:GetResponsePlan"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | other]}, indent=1)


async def put(context: Context, text: str) -> str:
    return str((await call(context, "PutResourcePolicy", resourceArn="web", policy=text))["policyId"])


async def test_a_policy_comes_back_to_the_letter_and_the_same_one_is_kept_once(context: Context) -> None:
    made = await organise(context)
    policy_id = await put(context, policy())
    assert await put(context, policy()) == policy_id
    answer = await call(context, "GetResourcePolicies", resourceArn=made.web)
    assert answer["resourcePolicies"] == [
        {"policyId": policy_id, "policyDocument": policy(), "ramResourceShareRegion": "zz-local-1"}
    ]
    await call(context, "DeleteResourcePolicy", resourceArn=made.web, policyId=policy_id)
    assert (await call(context, "GetResourcePolicies", resourceArn=made.web))["resourcePolicies"] == []
    with pytest.raises(NotFound) as refused:
        await call(context, "DeleteResourcePolicy", resourceArn=made.web, policyId=policy_id)
    assert (refused.value.resource_id, refused.value.resource_type) == (policy_id, "RESOURCE_POLICY")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (policy(Effect="Deny"), "denies"),
        (policy(Effect="deny"), "Effect Allow"),
        (policy(Principal=None), "Principal"),
        (policy(Action=[]), "Action"),
        ('{"Statement": []}', "Statement"),
        ('{"Statement": "x"}', "Statement"),
        ('{"Statement": ["x"]}', "no object"),
        ("[]", "Statement"),
        ("nonsense", "no JSON"),
        ("[" * 4000, "no JSON"),
        (" ", "JSON"),
    ],
)
async def test_what_is_no_policy_that_shares_is_refused(context: Context, text: str, why: str) -> None:
    await organise(context)
    with pytest.raises(ValidationFailed, match=why):
        await put(context, text)
    assert (await call(context, "GetResourcePolicies", resourceArn="web"))["resourcePolicies"] == []


async def test_a_plan_that_does_not_exist_is_named(context: Context) -> None:
    given = {
        "PutResourcePolicy": {"policy": policy()},
        "GetResourcePolicies": {},
        "DeleteResourcePolicy": {"policyId": "x"},
    }
    for name, more in given.items():
        with pytest.raises(NotFound) as refused:
            await call(context, name, resourceArn=NO_PLAN, **more)
        assert (refused.value.resource_id, refused.value.resource_type) == (NO_PLAN, "RESPONSE_PLAN")
        with pytest.raises(ValidationFailed):
            await call(context, name, resourceArn=FOREIGN, **more)


async def test_pages_are_whole_while_others_share(context: Context) -> None:
    await organise(context)
    made = {await put(context, policy(number)) for number in range(5)}
    answer = await call(context, "GetResourcePolicies", resourceArn="web", maxResults=2)
    seen = [found["policyId"] for found in answer["resourcePolicies"]]
    await call(context, "DeleteResourcePolicy", resourceArn="web", policyId=seen[-1])
    while "nextToken" in answer:
        answer = await call(
            context, "GetResourcePolicies", resourceArn="web", maxResults=2, nextToken=answer["nextToken"]
        )
        seen += [found["policyId"] for found in answer["resourcePolicies"]]
    assert (len(seen), set(seen)) == (5, made)
    with pytest.raises(ValidationFailed, match="token"):
        await call(context, "GetResourcePolicies", resourceArn="web", nextToken="AAAA")
