"""Sharing response plans with other accounts by resource policies."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from imtui.domain.errors import NotFound, QuotaExceeded
from imtui.domain.sharing import checked_policy
from imtui.domain.text import clean
from imtui.services.context import Context
from imtui.services.keyset import beyond
from imtui.services.lookup import RESOURCE_POLICY, RESPONSE_PLAN, response_plan_row
from storage.tables_sharing import resource_policies

MOST = 100
_p = resource_policies.c


class SharedBy(NamedTuple):
    """A resource policy: its document, and the Region it was given in."""

    id: str
    policy: str
    region: str
    at: datetime


async def put(context: Context, plan: str, policy: str) -> str:
    """Add a policy to a response plan; its id. One that is there already is not added again."""
    policy = checked_policy(clean(policy), context.names.response_plan(plan.rpartition("/")[2]))
    async with context.change("ssm-incidents:PutResourcePolicy", plan, policy=policy) as unit:
        row = await response_plan_row(unit, context.names, plan)
        known = await unit.all(sa.select(_p.id, _p.policy).where(_p.arn == row.arn))
        same = next((each.id for each in known if each.policy == policy), None)
        if same is not None:
            return str(same)
        if len(known) >= MOST:
            raise QuotaExceeded(f"{row.name} has {MOST} policies already: delete one first", row.arn, RESPONSE_PLAN)
        policy_id = str(uuid.uuid4())
        unit.insert(
            resource_policies,
            {
                "id": policy_id,
                "arn": row.arn,
                "policy": policy,
                "region": context.names.region,
                "updated_at": unit.now,
            },
        )
        unit.changed("plan", row.arn)
        return policy_id


async def behind(context: Context, plan: str, after: tuple[datetime, str] | None, limit: int) -> list[SharedBy]:
    """So many policies of a response plan behind the one that was given then and has this id."""
    async with context.look("ssm-incidents:GetResourcePolicies", plan) as reader:
        row = await response_plan_row(reader, context.names, plan)
        which = [_p.arn == row.arn]
        if after is not None:
            which.append(beyond((_p.updated_at, _p.id), after))
        query = sa.select(resource_policies).where(*which).order_by(_p.updated_at, _p.id).limit(limit)
        return [SharedBy(each.id, each.policy, each.region, each.updated_at) for each in await reader.all(query)]


async def delete(context: Context, plan: str, policy_id: str) -> None:
    """Take a policy off a response plan; raises NotFound."""
    async with context.change("ssm-incidents:DeleteResourcePolicy", plan, policyId=policy_id) as unit:
        row = await response_plan_row(unit, context.names, plan)
        gone = await unit.run(sa.delete(resource_policies).where(_p.arn == row.arn, _p.id == policy_id))
        if not gone.rowcount:
            raise NotFound(f"{row.name} has no policy {policy_id[:80]}", policy_id, RESOURCE_POLICY)
        unit.changed("plan", row.arn)
