"""Whether policies allow a request: an explicit Deny wins, then an Allow, and what nothing allows is denied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imtui.domain.glob import Look, compiled, like, matches
from imtui.domain.policy_conditions import Facts
from imtui.domain.policy_document import Policy, Statement

TAGS = "aws:resourcetag/"
"""How the condition keys of a resource's tags begin."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do. `facts` are the condition keys, in small letters, with their values."""

    action: str
    resource: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of it, and the statement that decided; none where nothing allows it. `unshared`: why what belongs to
    another account is not allowed, although the user's own policies allow it."""

    allowed: bool
    statement: str = ""
    policy: str = ""
    unshared: str = ""

    @property
    def explicit(self) -> bool:
        """Whether it is a statement that denies it, rather than none that allows it."""
        return not self.allowed and bool(self.statement)

    @property
    def reason(self) -> str:
        """The decision's grounds, as the end of a sentence."""
        if self.unshared:
            return self.unshared
        if not self.statement:
            return "no statement of its policies allows it"
        return f"{self.statement} of policy {self.policy} {'allows' if self.allowed else 'denies'} it"


def evaluate(policies: Sequence[Policy], request: Request) -> Decision:
    """Decide on a request."""
    allowed: Decision | None = None
    for policy in policies:
        for statement in policy.statements:
            if allowed is not None and statement.allows:
                continue
            if _about(statement, request.action) and _holds(statement, policy, request):
                decision = Decision(statement.allows, statement.label, policy.name)
                if not statement.allows:
                    return decision
                allowed = decision
    return allowed or Decision(False)


def settled(policies: Sequence[Policy], action: str) -> bool:
    """Whether an action is allowed whatever the resource and the circumstances: then they need not be looked at."""
    about = [each for policy in policies for each in policy.statements if _about(each, action)]
    return any(each.everywhere for each in about) and all(each.allows for each in about)


def asks_for_tags(policies: Sequence[Policy], action: str) -> bool:
    """Whether the decision on an action may depend on the tags of the resource."""
    return any(
        key.startswith(TAGS)
        for policy in policies
        if any(_about(statement, action) for statement in policy.statements)
        for key in policy.keys
    )


def covering(resource: str) -> tuple[str, ...]:
    """The resources that a right may be given on: the resource itself, and for an incident its response plan too:
    whoever has access to a response plan has access to all incidents that began from it."""
    head, found, rest = resource.partition(":incident-record/")
    plan = rest.partition("/")[0]
    return (resource, f"{head}:response-plan/{plan}") if found and plan else (resource,)


def facts_of_tags(prefix: str, tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The condition keys of tags; like all of them, they are the same in small and capital letters."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in tags.items():
        name = f"{prefix}{key}".lower()
        found[name] = (*found.get(name, ()), value)
    return found


def _about(statement: Statement, action: str) -> bool:
    named = any(like(pattern, action.lower()) for pattern in statement.actions)
    return named is not statement.other_actions


def _holds(statement: Statement, policy: Policy, request: Request) -> bool:
    look = look_in(request.facts) if policy.variables else None
    patterns = [compiled(text, look) for text in statement.resources]
    named = any(matches(pattern, resource) for pattern in patterns for resource in covering(request.resource))
    if named is statement.other_resources:
        return False
    return all(condition.holds(request.facts, look) for condition in statement.conditions)


def look_in(facts: Facts) -> Look:
    """How variables such as `${aws:username}` are filled in; what has several values is not."""

    def value(name: str) -> str | None:
        given = facts.get(name, ())
        return given[0] if len(given) == 1 else None

    return value
