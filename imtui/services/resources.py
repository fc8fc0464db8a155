"""What a call is about, as the ARN that policies and the audit log know it by.

Services take numbers, ids, aliases and names, and ARNs in which only the last part counts. Here each becomes the one
ARN of the row that the service will find; what cannot be found stays as it was given.
"""

from __future__ import annotations

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.arns import Names
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.services.lookup import incident_of, incident_row
from storage import tables as t
from storage.database import Reader

EVERYTHING = "*"
_BY_NAME = ("ssm-incidents", "ssm-contacts")


def is_plain(action: str, ref: str) -> bool:
    """Whether a reference is what it is called: no row need be read to know its ARN."""
    service = action.partition(":")[0]
    return ref == EVERYTHING or service not in _BY_NAME or (arns.is_arn(ref) and _kind(ref) not in _FOUND)


async def resolved(reader: Reader, names: Names, action: str, ref: str) -> str:
    """The ARN of what an action's reference names."""
    if is_plain(action, ref):
        return ref
    service, _, operation = action.partition(":")
    try:
        if arns.is_arn(ref):
            return await _found(reader, names, _kind(ref), ref) or ref
        if service == "ssm-incidents":
            by_plan = "ResponsePlan" in operation or operation == "StartIncident"
            return names.response_plan(ref) if by_plan else await _incident(reader, names, ref)
        return await _of_contacts(reader, names, operation, ref)
    except (NotFound, ValidationFailed):
        return ref


async def _of_contacts(reader: Reader, names: Names, operation: str, ref: str) -> str:
    if operation in ("AcceptPage", "ListEngagements"):
        return await _incident(reader, names, ref)
    if operation in ("StartEngagement", "StopEngagement", "DescribeEngagement"):
        return await _engagement(reader, names, operation, ref) or names.contact(ref)
    if "Rotation" in operation:
        return names.rotation(ref)
    of_channel = "Channel" in operation or operation == "SendActivationCode"
    if of_channel and operation not in ("ListContactChannels", "CreateContactChannel"):
        return await _channel(reader, ref) or ref
    return names.contact(ref)


_FOUND = frozenset({"incident-record", "contact-channel", "engagement", "page"})
"""The kinds of ARNs whose rows are found by their last part alone."""


def _kind(arn: str) -> str:
    return arn.split(":", 5)[-1].partition("/")[0]


async def _found(reader: Reader, names: Names, kind: str, arn: str) -> str | None:
    if kind == "incident-record":
        return await _incident(reader, names, arn)
    if kind == "engagement":
        return await _engagement(reader, names, "", arns.parse(arn).name)
    if kind == "page":
        row = await reader.first(sa.select(t.pages.c.contact_arn).where(t.pages.c.id == arns.parse(arn).name))
        return names.page(arns.parse(row.contact_arn).name, arns.parse(arn).name) if row else None
    return await _channel(reader, arn)


async def _incident(reader: Reader, names: Names, ref: str) -> str:
    return incident_of(await incident_row(reader, ref), names).arn


async def _engagement(reader: Reader, names: Names, operation: str, id_: str) -> str | None:
    """An engagement's ARN; to begin its next stage is to engage the contact that it is of."""
    e = t.engagements.c
    target: str | None = await reader.scalar(sa.select(e.target_arn).where(e.id == id_))
    if target is None or operation == "StartEngagement":
        return target
    return names.engagement(arns.parse(target).name, id_)


async def _channel(reader: Reader, ref: str) -> str | None:
    c = t.channels.c
    named = c.arn == ref if arns.is_arn(ref) else c.arn.endswith(f"/{ref}", autoescape=True)
    found: str | None = await reader.scalar(sa.select(c.arn).where(named))
    return found
