"""What is shared with users of other accounts, read anew for each call: sharing that has ended counts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.access import Reach, facts_of
from imtui.domain.consumer import asks_for_tags, outright, parts_shared, shared_thing, unshared
from imtui.domain.errors import ValidationFailed
from imtui.domain.policy import TAGS, Request, facts_of_tags
from imtui.domain.sharing import Statement, statements
from imtui.services.resources import EVERYTHING, resolved
from imtui.services.tags import tags_of
from storage import tables as t
from storage.database import Reader
from storage.tables_sharing import resource_policies

if TYPE_CHECKING:
    from imtui.services.context import Context

_LIKE_ESCAPE = "\\"
_SEE_INCIDENT = "ssm-incidents:GetIncidentRecord"
_p = resource_policies.c


async def refusal(context: Context, reader: Reader, request: Request, reach: Reach, about: str = "") -> str:
    """Why what is shared does not allow a request of the caller, who is of another account, as the end of a sentence;
    empty when it does. `about`: the incident that it is for, which must be shared, too."""
    reason = outright(context.caller.arn, request.action, request.resource, reach)
    if reason or request.resource == EVERYTHING:
        return reason
    reason = await _unshared(context, reader, request)
    if about and not reason:
        incident = await resolved(reader, context.names, _SEE_INCIDENT, about)
        facts = facts_of(context.caller, context.now(), context.names.region, incident)
        unseen = await _unshared(context, reader, Request(_SEE_INCIDENT, incident, facts))
        reason = unseen and f"the incident that it is for, {about}, is not shared"
    return reason


async def contacts(context: Context, reader: Reader) -> sa.ColumnElement[bool]:
    """What holds for the rows of `contacts` that a list may show the caller."""
    actions = ("ssm-contacts:ListContacts", "ssm-contacts:GetContact")
    return t.contacts.c.arn.in_(await _listed(context, reader, "ssm-contacts", actions))


async def plans(context: Context, reader: Reader) -> sa.ColumnElement[bool]:
    """The same for the rows of `response_plans`."""
    actions = ("ssm-incidents:ListResponsePlans", "ssm-incidents:GetResponsePlan")
    return t.response_plans.c.arn.in_(await _listed(context, reader, "ssm-incidents", actions))


async def incidents(context: Context, reader: Reader) -> sa.ColumnElement[bool]:
    """The same for the rows of `incidents`."""
    i = t.incidents.c

    def of(plan: arns.Arn) -> sa.ColumnElement[bool]:
        return sa.and_(i.plan_name == plan.name, i.account == plan.account)

    actions = ("ssm-incidents:ListIncidentRecords", _SEE_INCIDENT)
    return await _parts(context, reader, actions, "incident-record", of, i.id)


async def engagements(context: Context, reader: Reader) -> sa.ColumnElement[bool]:
    """The same for the rows of `engagements`."""
    e = t.engagements.c

    def of(contact: arns.Arn) -> sa.ColumnElement[bool]:
        return e.target_arn == str(contact)

    actions = ("ssm-contacts:ListEngagements", "ssm-contacts:DescribeEngagement")
    return await _parts(context, reader, actions, "engagement", of, e.id)


async def _unshared(context: Context, reader: Reader, request: Request) -> str:
    thing = shared_thing(request.resource)
    found = await _statements(reader, _p.arn == str(thing)) if thing is not None else {}
    here = [each for known in found.values() for each in known]
    facts = dict(request.facts)
    if asks_for_tags(here):
        facts |= facts_of_tags(TAGS, await tags_of(reader, request.resource))
    return unshared(here, context.caller.arn, Request(request.action, request.resource, facts))


async def _listed(context: Context, reader: Reader, service: str, actions: Sequence[str]) -> list[str]:
    """The ARNs of the contacts or plans that are shared with the caller for any of these actions."""
    found = []
    for arn, known in (await _statements(reader, _p.arn.startswith(f"arn:aws:{service}:"))).items():
        facts = dict(facts_of(context.caller, context.now(), context.names.region, arn))
        if asks_for_tags(known):
            facts |= facts_of_tags(TAGS, await tags_of(reader, arn))
        if not all(unshared(known, context.caller.arn, Request(action, arn, facts)) for action in actions):
            found.append(arn)
    return found


async def _parts(
    context: Context,
    reader: Reader,
    actions: Sequence[str],
    kind: str,
    of: Callable[[arns.Arn], sa.ColumnElement[bool]],
    id_: sa.ColumnElement[str],
) -> sa.ColumnElement[bool]:
    """What holds for the rows that are parts of what is shared: of a contact or plan, with an id that is shared."""
    service = actions[0].partition(":")[0]
    shown = []
    for arn, known in (await _statements(reader, _p.arn.startswith(f"arn:aws:{service}:"))).items():
        thing = arns.parse(arn)
        facts = facts_of(context.caller, context.now(), context.names.region, arn)
        ids = {
            each for action in actions for each in parts_shared(known, context.caller.arn, action, thing, kind, facts)
        }
        if ids:
            shown.append(of(thing) if "*" in ids else sa.and_(of(thing), sa.or_(*(_like(id_, each) for each in ids))))
    return sa.or_(sa.false(), *shown)


def _like(id_: sa.ColumnElement[str], pattern: str) -> sa.ColumnElement[bool]:
    """Ids are in small letters, and not every database tells small from capital letters here."""
    if pattern != pattern.lower():
        return sa.false()
    escaped = pattern.replace(_LIKE_ESCAPE, _LIKE_ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")
    return id_.like(escaped.replace("*", "%").replace("?", "_"), escape=_LIKE_ESCAPE)


async def _statements(reader: Reader, which: sa.ColumnElement[bool]) -> dict[str, list[Statement]]:
    """What resource policies say as they are now, by the ARN of what they share."""
    found: dict[str, list[Statement]] = {}
    for row in await reader.all(sa.select(_p.arn, _p.policy).where(which).order_by(_p.arn, _p.id)):
        found.setdefault(row.arn, []).extend(_parsed(row.policy, row.arn))
    return found


@lru_cache(maxsize=128)
def _parsed(policy: str, arn: str) -> tuple[Statement, ...]:
    """The statements of a text; none of one that is no policy."""
    try:
        return tuple(statements(policy, arn))
    except ValidationFailed:
        return ()
