"""Resource policies of response plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import response_plan_arn


async def _put_resource_policy(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"policyId": await services.sharing.put(context, _plan(context, given), given["policy"])}


async def _get_resource_policies(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "ssm-incidents", "GetResourcePolicies", given, 100)
    after = (shapes.instant_of(where.after), where.after[1]) if where.after else None
    read = await services.sharing.behind(context, _plan(context, given), after, where.limit + 1)
    found, token = pages.answer(read, where, lambda policy: shapes.instant_key(policy.at, policy.id))
    policies = [
        {"policyId": policy.id, "policyDocument": policy.policy, "ramResourceShareRegion": policy.region}
        for policy in found
    ]
    return {"resourcePolicies": policies, "nextToken": token}


async def _delete_resource_policy(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.sharing.delete(context, _plan(context, given), given["policyId"])
    return {}


def _plan(context: Context, given: Mapping[str, Any]) -> str:
    shapes.expect(given["resourceArn"], "response-plan", "resourceArn")
    return response_plan_arn(context.names, given["resourceArn"])


HANDLERS: Mapping[str, Handler] = {
    "PutResourcePolicy": _put_resource_policy,
    "GetResourcePolicies": _get_resource_policies,
    "DeleteResourcePolicy": _delete_resource_policy,
}
