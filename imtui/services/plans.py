"""Escalation plans: stages of people and schedules, one after the other until somebody acknowledges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imtui.domain.contact import Contact, ContactType, check_alias
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.plan import Stage
from imtui.services import contacts
from imtui.services.context import Context
from imtui.services.lookup import contact_row


async def create(
    context: Context,
    alias: str,
    *,
    display_name: str = "",
    stages: Sequence[Stage],
    repeat: bool = False,
    tags: Mapping[str, str] | None = None,
) -> Contact:
    """Make an escalation plan. `repeat` begins it again until someone acknowledges."""
    arn = context.names.contact(check_alias(alias))
    _not_empty(stages)
    async with context.change("ssm-contacts:CreateContact", arn, displayName=display_name) as unit:
        return await contacts.create_in(
            unit,
            context,
            alias,
            ContactType.ESCALATION,
            display_name=display_name,
            stages=stages,
            repeat=repeat,
            tags=tags,
        )


async def get(context: Context, ref: str) -> Contact:
    """An escalation plan by alias or ARN; raises NotFound."""
    plan = await contacts.get(context, ref)
    if plan.type is not ContactType.ESCALATION:
        raise NotFound(f"{plan.alias} is not an escalation plan")
    return plan


async def list_plans(context: Context) -> list[Contact]:
    """All escalation plans, by alias."""
    return await contacts.list_contacts(context, ContactType.ESCALATION)


async def update(
    context: Context,
    ref: str,
    *,
    display_name: str | None = None,
    stages: Sequence[Stage] | None = None,
    repeat: bool | None = None,
    tags: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Contact:
    """Edit a plan; what is None stays. Running engagements keep the plan they began with."""
    if stages is not None:
        _not_empty(stages)
    async with context.change("ssm-contacts:UpdateContact", ref, displayName=display_name) as unit:
        row = await contact_row(unit, context.names, ref)
        if row.type != ContactType.ESCALATION.value:
            raise NotFound(f"{row.alias} is not an escalation plan")
        return await contacts.update_in(
            unit, row, display_name=display_name, stages=stages, repeat=repeat, tags=tags, revision=revision
        )


async def delete(context: Context, ref: str) -> None:
    """Delete a plan that no response plan uses; a Conflict names those that do."""
    async with context.change("ssm-contacts:DeleteContact", ref) as unit:
        row = await contact_row(unit, context.names, ref)
        if row.type != ContactType.ESCALATION.value:
            raise NotFound(f"{row.alias} is not an escalation plan")
        await contacts.delete_in(unit, row)


def _not_empty(stages: Sequence[Stage]) -> None:
    if not any(stage.targets for stage in stages):
        raise ValidationFailed("escalation plan: add at least one stage that engages somebody", "stages")
