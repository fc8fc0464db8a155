"""The ARNs of what a caller names by an ARN, or by an alias or id alone: rights are asked for by them.

An ARN is taken as it is: whether such a thing exists is found out by whoever looks. Raises ValidationFailed for the
ARN of something else, NotFound for an id that there is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.arns import Names
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.services.context import Context
from imtui.services.lookup import expect_own
from storage import tables as t


def contact_arn(names: Names, ref: str) -> str:
    """Of a contact, escalation plan or on-call schedule, by its alias."""
    return _checked(ref, "contact") if arns.is_arn(ref) else names.contact(ref)


def rotation_arn(names: Names, ref: str) -> str:
    """Of a rotation, by its id."""
    return _checked(ref, "rotation") if arns.is_arn(ref) else names.rotation(ref)


async def channel_arn(context: Context, ref: str) -> str:
    """Of a contact channel, by its id."""
    c = t.channels.c
    which = sa.select(c.arn).where(c.arn.endswith(f"/{ref}", autoescape=True))
    return await _found(context, ref, "contact-channel", which, lambda arn: arn)


async def engagement_arn(context: Context, ref: str) -> str:
    """Of an engagement, by its id."""
    e = t.engagements.c
    names = context.names
    which = sa.select(e.target_arn).where(e.id == ref)
    return await _found(context, ref, "engagement", which, lambda arn: names.engagement(arn.rpartition("/")[2], ref))


async def page_arn(context: Context, ref: str) -> str:
    """Of a page, by its id."""
    p = t.pages.c
    names = context.names
    which = sa.select(p.contact_arn).where(p.id == ref)
    return await _found(context, ref, "page", which, lambda arn: names.page(arn.rpartition("/")[2], ref))


async def _found(context: Context, ref: str, kind: str, which: sa.Select[Any], named: Callable[[str], str]) -> str:
    if arns.is_arn(ref):
        return _checked(ref, kind)
    expect_own(context, ref)
    async with context.database.read() as reader:
        found = await reader.scalar(which)
    if found is None:
        raise NotFound(f"there is no {kind} {ref[:80]}", ref, kind.upper().replace("-", "_"))
    return named(found)


def _checked(ref: str, kind: str) -> str:
    arn = arns.parse(ref)
    if (arn.service, arn.kind) != ("ssm-contacts", kind):
        raise ValidationFailed(f"{ref[:120]} is the ARN of something else than a {kind}")
    return ref
