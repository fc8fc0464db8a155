"""Resource policies of contacts: with which accounts they are shared."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from imtui.domain.sharing import checked_policy
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.naming import contact_arn
from storage.tables_sharing import resource_policies


async def put(context: Context, ref: str, policy: str) -> None:
    """Give a contact this policy in place of the one that it had; raises ValidationFailed, NotFound."""
    arn = contact_arn(context.names, ref)
    async with context.change("ssm-contacts:PutContactPolicy", arn, policy=policy[:2000]) as unit:
        row = await contact_row(unit, context.names, arn)
        checked = checked_policy(policy, row.arn)
        p = resource_policies.c
        values = {"policy": checked, "updated_at": unit.now, "revision": p.revision + 1}
        changed = await unit.run(sa.update(resource_policies).where(p.arn == row.arn).values(values))
        if not changed.rowcount:
            new = {"id": str(uuid.uuid4()), "arn": row.arn, "policy": checked, "updated_at": unit.now}
            await unit.run(sa.insert(resource_policies).values(**new, region=context.names.region))
        unit.changed("contact", row.arn)


async def get(context: Context, ref: str) -> tuple[str, str | None]:
    """The ARN of a contact and its policy; None where it has none. Raises NotFound."""
    arn = contact_arn(context.names, ref)
    async with context.look("ssm-contacts:GetContactPolicy", arn) as reader:
        row = await contact_row(reader, context.names, arn)
        policy = sa.select(resource_policies.c.policy).where(resource_policies.c.arn == row.arn)
        return str(row.arn), await reader.scalar(policy)
