"""What users of other accounts may do here: what a resource policy says, and of that only to view and to use.

Whoever owns a contact or response plan shares it by its resource policy. A plan's rights cover its incidents, a
contact's cover its engagements and pages. To change, delete, tag or share on stays with the owner, whatever a policy
says.
"""

from __future__ import annotations

from collections.abc import Iterable

from imtui.domain import arns
from imtui.domain.access import Reach, account_of
from imtui.domain.errors import ValidationFailed
from imtui.domain.glob import like
from imtui.domain.policy import TAGS, Request, look_in
from imtui.domain.policy_conditions import Facts
from imtui.domain.sharing import BELONGING, Statement

_PLANS = (
    *("GetResponsePlan", "ListResponsePlans", "StartIncident"),
    *("GetIncidentRecord", "ListIncidentRecords", "UpdateIncidentRecord"),
    *("CreateTimelineEvent", "GetTimelineEvent", "ListTimelineEvents", "UpdateTimelineEvent"),
    *("ListRelatedItems", "UpdateRelatedItems", "ListIncidentFindings", "BatchGetIncidentFindings"),
)
_CONTACTS = (
    *("GetContact", "ListContacts", "ListContactChannels", "StartEngagement", "StopEngagement"),
    *("DescribeEngagement", "ListEngagements", "ListPagesByContact", "ListPagesByEngagement"),
    *("DescribePage", "ListPageReceipts", "ListPageResolutions", "AcceptPage"),
)
CONSUMED = frozenset(
    {f"ssm-incidents:{name}".lower() for name in _PLANS} | {f"ssm-contacts:{name}".lower() for name in _CONTACTS}
)
"""The actions of consumers, in small letters. A note is not theirs to delete, which the guide says, too."""

LISTS = frozenset(
    {
        *("ssm-contacts:listcontacts", "ssm-contacts:listengagements"),
        *("ssm-incidents:listresponseplans", "ssm-incidents:listincidentrecords"),
    }
)
"""The lists, asked for with the resource `*`, that show a consumer what is shared and nothing else."""


def shared_thing(resource: str) -> arns.Arn | None:
    """The contact or response plan under whose resource policy a resource is, itself or as a part of it."""
    try:
        named = arns.parse(resource)
    except ValidationFailed:
        return None
    for kind, parts in BELONGING.items():
        if named.service == _SERVICE_OF[kind] and named.kind in (kind, *parts):
            name = named.path if named.kind == kind else named.path.partition("/")[0]
            return arns.Arn(named.service, named.region, named.account, kind, name, named.partition)
    return None


def outright(caller: str, action: str, resource: str, reach: Reach) -> str:
    """Why nothing that is shared can allow this to a user of another account (by ARN); empty when a policy could."""
    if action.lower() not in CONSUMED:
        return "only users of its own account may do this: what is shared with others is theirs to view and to use"
    listed = reach is Reach.LISTED and action.lower() in LISTS
    if reach is Reach.OWNER or (resource == "*" and not listed):
        return f"this shows more than what is shared with account {account_of(caller)}"
    return ""


def unshared(statements: Iterable[Statement], caller: str, request: Request) -> str:
    """Why the resource policy with these statements does not allow a request of a user of another account (by ARN), as
    the end of a sentence; empty when it does."""
    account = account_of(caller)
    theirs = with_whom(statements, caller)
    if not theirs:
        return f"it is not shared with account {account}"
    if not any(_allows(each, request) for each in theirs):
        return f"what is shared with account {account} does not include this"
    return ""


def with_whom(statements: Iterable[Statement], caller: str) -> list[Statement]:
    """The statements that share with a user, by ARN: with everybody, with the account, or with this user."""
    account = account_of(caller)
    named = {"*", account, f"arn:aws:iam::{account}:root", caller}
    return [each for each in statements if account and not named.isdisjoint(each.principals)]


def parts_shared(
    statements: Iterable[Statement], caller: str, action: str, thing: arns.Arn, kind: str, facts: Facts
) -> list[str]:
    """Of which ids, as patterns, the parts of this kind of a contact or plan (`engagement`, `incident-record`) are
    shared with a user for an action; `*` is all of them. What depends on tags of the parts is left out."""
    found = []
    for each in with_whom(statements, caller):
        if not asks_for_tags([each]) and _about(each, action) and _holds(each, facts):
            found += [ids for text in each.resources if (ids := _ids(text, thing, kind)) is not None]
    return ["*"] if "*" in found else sorted(set(found))


def asks_for_tags(statements: Iterable[Statement]) -> bool:
    """Whether a decision by these may depend on the tags of the resource."""
    keys = [key for each in statements for condition in each.conditions for key in condition.keys]
    return any(key.startswith(TAGS) for key in keys)


_SERVICE_OF = {"contact": "ssm-contacts", "response-plan": "ssm-incidents"}


def _allows(statement: Statement, request: Request) -> bool:
    thing = shared_thing(request.resource)
    if thing is None or request.action.partition(":")[0].lower() != thing.service:
        return False
    covering = (request.resource, str(thing))
    covers = any(like(text, resource) for text in statement.resources for resource in covering)
    return covers and _about(statement, request.action) and _holds(statement, request.facts)


def _about(statement: Statement, action: str) -> bool:
    return any(like(text.lower(), action.lower()) for text in statement.actions)


def _holds(statement: Statement, facts: Facts) -> bool:
    look = look_in(facts) if statement.variables else None
    return all(condition.holds(facts, look) for condition in statement.conditions)


def _ids(text: str, thing: arns.Arn, kind: str) -> str | None:
    """Of which ids the parts of this kind are that a `Resource` names; None where it names no such parts."""
    if like(text, str(thing)):
        return "*"
    named = arns.parse(text)
    return named.path.partition("/")[2] if named.kind == kind else None
