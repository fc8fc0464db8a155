"""What the callers whom policies bind may do. A changed policy counts from the next call on, in every program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.domain.access import Reach, authorize, denied, facts_of
from imtui.domain.managed_policies import MANAGED
from imtui.domain.policy import TAGS, Decision, Request, asks_for_tags, evaluate, facts_of_tags, settled
from imtui.domain.policy_document import Policy, parse
from imtui.services import consumers
from imtui.services.resources import resolved
from imtui.services.tags import tags_of
from storage.database import Database, Reader
from storage.tables_access import user_policies, users
from storage.watch import Glance

if TYPE_CHECKING:
    from imtui.services.context import Context

_GIVEN_TAGS = "aws:requesttag/"


async def demand(
    context: Context,
    action: str,
    ref: str,
    parameters: Mapping[str, Any] | None = None,
    reader: Reader | None = None,
    reach: Reach = Reach.ONE,
) -> str:
    """The ARN of what the caller may do this to, or the reference where nobody had to look. Raises AccessDenied.

    `parameters` are those of the call; its `tags` are what `aws:RequestTag` and `aws:TagKeys` mean, its `incident` is
    what a user of another account must see, too. `reader`: a view to look with, where there is one already.
    """
    caller = context.caller
    authorize(caller, action, ref)
    if not caller.bound:
        return ref
    policies = await policies_of(context.database, caller.name)
    if policies is None:
        raise denied(caller, action, ref, f"because there is no user {caller.name} any more")
    if not context.foreign and settled(policies, action):
        return ref
    if reader is None:
        async with context.database.read() as own:
            return await _demand(context, own, policies, action, ref, parameters or {}, reach)
    return await _demand(context, reader, policies, action, ref, parameters or {}, reach)


async def _demand(
    context: Context,
    reader: Reader,
    policies: Sequence[Policy],
    action: str,
    ref: str,
    parameters: Mapping[str, Any],
    reach: Reach,
) -> str:
    arn = await resolved(reader, context.names, action, ref)
    facts = dict(facts_of(context.caller, context.now(), context.names.region, arn))
    if asks_for_tags(policies, action):
        facts |= facts_of_tags(TAGS, await tags_of(reader, arn))
    given, gone = parameters.get("tags"), parameters.get("removed", ())
    if isinstance(given, Mapping):
        facts |= facts_of_tags(_GIVEN_TAGS, given)
        facts["aws:tagkeys"] = (*given, *gone)
    about = str(parameters.get("incident") or "")
    decision = await decide(context, reader, policies, Request(action, arn, facts), reach, about)
    if not decision.allowed:
        # to others, a refusal tells no more of what there is than they said themselves
        named = ref if context.foreign else arn
        raise denied(context.caller, action, named, f"because {decision.reason}", about=arn)
    return arn


async def decide(
    context: Context,
    reader: Reader,
    policies: Sequence[Policy],
    request: Request,
    reach: Reach = Reach.ONE,
    about: str = "",
) -> Decision:
    """Whether the caller, who has these policies, may do this. A user of another account needs both: a policy of their
    own that allows it, and a resource policy that shares it; so is the incident that it is `about`, if any."""
    decision = evaluate(policies, request)
    if not (decision.allowed and context.foreign):
        return decision
    reason = await consumers.refusal(context, reader, request, reach, about)
    return Decision(False, unshared=reason) if reason else decision


async def policies_of(database: Database, alias: str) -> tuple[Policy, ...] | None:
    """The policies of a user as they are now; None for one who does not exist (any more)."""
    rights = _RIGHTS.get(database)
    if rights is None:
        rights = _RIGHTS[database] = _Rights(database)
    return await rights.of(database, alias)


def named_policy(name: str, document: Mapping[str, Any]) -> Policy:
    """A stored policy. Of one that is known by its name, what the name means now counts."""
    return _parsed(name, json.dumps(MANAGED.get(name, document)))


@lru_cache(maxsize=512)
def _parsed(name: str, text: str) -> Policy:
    return parse(json.loads(text), name)


class _Rights:
    """The policies of a database's users, read again when a user's stamp is another one."""

    def __init__(self, database: Database) -> None:
        self._stamp = Glance(database, "SELECT stamp FROM users WHERE alias = ? AND deleted_at IS NULL")
        self._known: dict[str, tuple[str, tuple[Policy, ...]]] = {}
        database.at_close.append(self._stamp.close)

    async def of(self, database: Database, alias: str) -> tuple[Policy, ...] | None:
        looked, stamp = self._stamp.at(alias)
        if not looked:
            row = await database.row(_stamp_of(alias))
            stamp = row.stamp if row is not None else None
        if stamp is None:
            return None
        known = self._known.get(alias)
        if known is None or known[0] != stamp:
            known = self._known[alias] = await _fresh(database, alias)
        return known[1]


def _stamp_of(alias: str) -> sa.Select[Any]:
    return sa.select(users.c.stamp).where(users.c.alias == alias, users.c.deleted_at.is_(None))


async def _fresh(database: Database, alias: str) -> tuple[str, tuple[Policy, ...]]:
    p = user_policies.c
    async with database.read() as reader:
        stamp = await reader.scalar(_stamp_of(alias))
        rows = await reader.all(sa.select(user_policies).where(p.alias == alias).order_by(p.name))
    return stamp or "", tuple(named_policy(row.name, row.document) for row in rows)


_RIGHTS: WeakKeyDictionary[Database, _Rights] = WeakKeyDictionary()
