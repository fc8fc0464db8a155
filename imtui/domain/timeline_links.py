"""What an event of a timeline tells of, so that one can go there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from imtui.domain import arns
from imtui.domain.errors import ValidationFailed
from imtui.domain.timeline import TimelineEvent


class Where(StrEnum):
    """The kinds of things one can go to. CONTACT: a person or an escalation plan."""

    CONTACT = "contact"
    RESPONSE_PLAN = "response plan"
    MESSAGE = "notification"
    ITEM = "related item"
    INCIDENT = "incident"


class Link(NamedTuple):
    """Something to go to; `ref` is its ARN, or its id where it has none."""

    where: Where
    ref: str


_NAMED = {"message": Where.MESSAGE, "item": Where.ITEM, "incident": Where.INCIDENT}
_KINDS: Mapping[str, Where] = {
    "contact": Where.CONTACT,
    "contact-channel": Where.CONTACT,
    "response-plan": Where.RESPONSE_PLAN,
    "incident-record": Where.INCIDENT,
}


def links(event: TimelineEvent) -> list[Link]:
    """What one can go to from an event, the most telling first; never the incident itself."""
    texts = {name: value for name, value in event.data.items() if isinstance(value, str)}
    found = [Link(where, texts[name]) for name, where in _NAMED.items() if name in texts]
    values = [texts[name] for name in ("contact", "subject", "plan", "from", "responsePlan") if name in texts]
    values += [value for reference in event.references for value in reference.values()]
    found += [link for value in values if (link := link_of(value)) is not None]
    return [link for link in dict.fromkeys(found) if event.incident_id not in link.ref]


def link_of(arn: str) -> Link | None:
    """Where an ARN leads to; None for what is not of this program."""
    try:
        parsed = arns.parse(arn)
    except ValidationFailed:
        return None
    where = _KINDS.get(parsed.kind)
    if where is None:
        return None
    if parsed.kind == "contact-channel":
        alias = parsed.path.partition("/")[0]
        return Link(where, arns.Names(parsed.account, parsed.region).contact(alias))
    return Link(where, parsed.name if where is Where.INCIDENT else arn)
