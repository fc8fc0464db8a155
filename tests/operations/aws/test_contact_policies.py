"""A contact is shared by a policy that comes back as it was given; one that denies or tells of others is refused."""

from __future__ import annotations

from typing import Any

import pytest

from imtui.domain.errors import NotFound, ValidationFailed
from imtui.services.context import Context
from tests.domain.test_sharing import policy
from tests.operations.aws.answers import call


async def do(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    return await call(context, "ssm-contacts", operation, given)


async def ana(context: Context) -> str:
    plan: dict[str, Any] = {"Stages": []}
    return str((await do(context, "CreateContact", Alias="ana", Type="PERSONAL", Plan=plan))["ContactArn"])


async def test_the_policy_comes_back_word_for_word_is_replaced_and_goes_with_its_contact(context: Context) -> None:
    arn = await ana(context)
    assert await do(context, "GetContactPolicy", ContactArn=arn) == {"ContactArn": arn}
    await do(context, "PutContactPolicy", ContactArn=arn, Policy=policy())
    assert (await do(context, "GetContactPolicy", ContactArn="ana"))["Policy"] == policy()
    await do(context, "PutContactPolicy", ContactArn="ana", Policy=policy(Principal="*"))
    assert (await do(context, "GetContactPolicy", ContactArn=arn))["Policy"] == policy(Principal="*")
    await do(context, "DeleteContact", ContactId="ana")
    with pytest.raises(NotFound):
        await do(context, "GetContactPolicy", ContactArn=arn)
    assert await ana(context) == arn
    assert "Policy" not in await do(context, "GetContactPolicy", ContactArn=arn), "a new contact is shared with nobody"
    with pytest.raises(NotFound):
        await do(context, "PutContactPolicy", ContactArn="zoe", Policy=policy())


@pytest.mark.parametrize("text", [policy(Effect="Deny"), "[" * 100_000])
async def test_a_policy_that_denies_or_is_none_changes_nothing(context: Context, text: str) -> None:
    await ana(context)
    with pytest.raises(ValidationFailed):
        await do(context, "PutContactPolicy", ContactArn="ana", Policy=text)
    assert "Policy" not in await do(context, "GetContactPolicy", ContactArn="ana")
