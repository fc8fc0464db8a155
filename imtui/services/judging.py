"""Judging a call by the policies of whoever makes it: for those who may not do everything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from imtui.domain.access import Reach, denied, facts_of
from imtui.domain.managed_policies import MANAGED
from imtui.domain.policy import TAGS, Decision, Request, asks_for_tags, evaluate, facts_of_tags, settled
from imtui.domain.policy_document import Policy, parse
from imtui.services import shared
from imtui.services.resources import resolved
from imtui.services.tags import tags_of

if TYPE_CHECKING:
    from imtui.services.context import Context
    from storage.database import Reader

_GIVEN_TAGS = "aws:requesttag/"


async def judge(
    context: Context,
    policies: Sequence[Policy],
    action: str,
    ref: str,
    parameters: Mapping[str, Any],
    reader: Reader | None = None,
    reach: Reach = Reach.ONE,
) -> str:
    """The ARN of what the caller may do this to, or the reference where nobody had to look. Raises AccessDenied."""
    if not context.foreign and settled(policies, action):
        return ref
    if reader is not None:
        return await _judge(context, reader, policies, action, ref, parameters, reach)
    async with context.database.read() as own:
        return await _judge(context, own, policies, action, ref, parameters, reach)


async def _judge(
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
    reason = await shared.refusal(context, reader, request, reach, about)
    return Decision(False, unshared=reason) if reason else decision


def named_policy(name: str, document: Mapping[str, Any]) -> Policy:
    """A stored policy. Of one that is known by its name, what the name means now counts."""
    return _parsed(name, json.dumps(MANAGED.get(name, document)))


@lru_cache(maxsize=512)
def _parsed(name: str, text: str) -> Policy:
    return parse(json.loads(text), name)
