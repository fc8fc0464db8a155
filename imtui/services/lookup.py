"""Finding what a person or program names: by ARN, id, number, alias or name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.arns import Names
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.incident import Impact, Incident, Status
from storage import tables as t
from storage.database import Reader

if TYPE_CHECKING:
    from imtui.services.context import Context

INCIDENT_RECORD = "INCIDENT_RECORD"
RESPONSE_PLAN = "RESPONSE_PLAN"
TIMELINE_EVENT = "TIMELINE_EVENT"
REPLICATION_SET = "REPLICATION_SET"
RESOURCE_POLICY = "RESOURCE_POLICY"
"""Types of resources in the errors of the wire."""

_MOST_NUMBER_DIGITS = 15


def incident_of(row: sa.Row[Any], names: Names) -> Incident:
    """A row of `incidents` as the record that callers get."""
    return Incident(
        number=row.number,
        id=row.id,
        arn=Names(row.account, names.region).incident(row.plan_name, row.id),
        plan_arn=row.plan_arn,
        title=row.title,
        impact=Impact(row.impact),
        status=Status(row.status),
        created_at=row.created_at,
        modified_at=row.modified_at,
        modified_by=row.modified_by,
        created_by=row.created_by,
        source=row.source,
        summary=row.summary,
        dedupe_key=row.dedupe_key,
        resource_arn=row.resource_arn,
        resolved_at=row.resolved_at,
        chat_channel=tuple(row.chat_channel),
        notification_targets=tuple(row.notification_targets),
        exhausted_at=row.exhausted_at,
        drill=row.drill,
        revision=row.revision,
    )


def _by(**columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(t.incidents).where(*(column == sa.bindparam(name) for name, column in columns.items()))


_i = t.incidents.c
_BY_NUMBER, _BY_ID = _by(number=_i.number), _by(id=_i.id)
_BY_ARN = _by(id=_i.id, plan=_i.plan_name, account=_i.account)
"""Made once: to look at one incident is what is asked most, and to put its query together would take as long."""


async def incident_row(reader: Reader, ref: str | int, *, lock: bool = False) -> sa.Row[Any]:
    """The incident that a number (`12`, `#12`), id or ARN names; raises NotFound. `lock` keeps it for the unit."""
    text = str(ref).strip()
    digits = text.removeprefix("#")
    values: dict[str, str | int] | None
    if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_NUMBER_DIGITS:
        query, values = _BY_NUMBER, {"number": int(digits)}
    elif arns.is_arn(text):
        query, values = _BY_ARN, _parts(arns.parse(text))
    else:
        query, values = _BY_ID, {"id": text}
    row = await reader.first(query.with_for_update() if lock else query, values) if values else None
    if row is None:
        raise NotFound(
            f"there is no incident {text[:120]}: `imtui incident list` shows those that exist", text, INCIDENT_RECORD
        )
    return row


def _parts(arn: arns.Arn) -> dict[str, str | int] | None:
    """What an incident has of its ARN: all of its parts must be right but the Region, which these ARNs do not have.
    None for the ARN of something else."""
    if arn.service != "ssm-incidents" or arn.kind != "incident-record":
        return None
    plan, _, incident_id = arn.path.rpartition("/")
    return {"id": incident_id, "plan": plan, "account": arn.account}


async def incident_arn(context: Context, ref: str | int) -> str:
    """The ARN of the incident that a number, id or ARN names, by which rights to it are asked for. An ARN is taken as
    it is; raises NotFound for a number or id that there is not, ValidationFailed for one from another account."""
    text = str(ref).strip()
    if arns.is_arn(text):
        arns.parse(text)
        return text
    expect_own(context, text)
    async with context.database.read() as reader:
        return incident_of(await incident_row(reader, ref), context.names).arn


def expect_own(context: Context, ref: str) -> None:
    """Numbers and ids are known to the owner's users: what they stand for is not told to those of other accounts."""
    if context.foreign:
        raise ValidationFailed(f"{ref[:80]!r} is no ARN: users of another account name what is shared by its ARN")


async def contact_row(reader: Reader, names: Names, ref: str) -> sa.Row[Any]:
    """The contact, schedule or escalation plan that an alias or ARN names; raises NotFound."""
    arn = ref if arns.is_arn(ref) else names.contact(ref)
    row = await reader.first(sa.select(t.contacts).where(t.contacts.c.arn == arn))
    if row is None:
        raise NotFound(f"there is no contact {ref[:80]}: give the alias or ARN of one that exists", arn, "CONTACT")
    return row


async def engagement_row(reader: Reader, names: Names, ref: str) -> sa.Row[Any]:
    """The engagement that an ARN or id names, locked for this transaction; raises NotFound."""
    e = t.engagements
    wanted = arns.parse(ref).name if arns.is_arn(ref) else ref
    row = await reader.first(sa.select(e).where(e.c.id == wanted).with_for_update())
    if row is None or (arns.is_arn(ref) and engagement_arn(names, row) != ref):
        raise NotFound(f"there is no engagement {ref[:120]}", ref, "ENGAGEMENT")
    return row


def engagement_arn(names: Names, row: sa.Row[Any]) -> str:
    """The ARN of a row of `engagements`."""
    return names.engagement(row.target_arn.rpartition("/")[2], row.id)


async def response_plan_row(reader: Reader, names: Names, ref: str) -> sa.Row[Any]:
    """The response plan that a name or ARN names; raises NotFound."""
    arn = response_plan_arn(names, ref)
    row = await reader.first(sa.select(t.response_plans).where(t.response_plans.c.arn == arn))
    if row is None:
        raise NotFound(
            f"there is no response plan {ref[:120]}: give the name or ARN of one that exists", arn, RESPONSE_PLAN
        )
    return row


def response_plan_arn(names: Names, ref: str) -> str:
    """The ARN of the response plan that a name or ARN names, whether it exists or not; raises ValidationFailed."""
    if not arns.is_arn(ref):
        return names.response_plan(ref)
    arns.parse(ref)
    return ref
