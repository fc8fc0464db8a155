"""Who is calling, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from imtui.domain.errors import AccessDenied

if TYPE_CHECKING:
    from imtui.domain.policy_conditions import Facts

_READING = ("Get", "List", "Describe", "Lookup", "Show", "Simulate")


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or program: `name` is the user's alias, `login` the name the operating system knows, `origin`
    where the call came from (terminal, command, api, hook, engine). `bound`: the policies of the user decide what they
    may do; who is not bound is trusted with the database, as whoever can open its file is. `facts` are condition keys
    and values that come with the call, such as `aws:SourceIp`. `address`, `access_key` and `user_agent`, as far as
    they are known, are for the audit log: the network address or machine, the key's id, the program that called."""

    name: str
    login: str
    origin: str
    arn: str
    read_only: bool = False
    address: str = ""
    access_key: str = ""
    user_agent: str = ""
    bound: bool = False
    facts: tuple[tuple[str, str], ...] = ()


class Reach(Enum):
    """How much of the database a call may show to a user of another account."""

    ONE = "what it names"
    LISTED = "a list, which holds for them only what is shared"
    OWNER = "more than what is shared"


def reads(action: str) -> bool:
    """Whether an action such as `ssm-incidents:GetIncidentRecord` changes nothing."""
    return action.partition(":")[2].startswith(_READING)


def authorize(caller: Caller, action: str, arn: str) -> None:
    """Raise AccessDenied when a caller who may only look would change something."""
    if caller.read_only and not reads(action):
        raise denied(caller, action, arn, "this program is read-only")


def denied(caller: Caller, action: str, resource: str, reason: str, about: str = "") -> AccessDenied:
    """What a refused caller is told; `about` is the resource for the audit log, where that is another name."""
    text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} ({reason})"
    return AccessDenied(text, about or resource)


def facts_of(caller: Caller, now: datetime, region: str, resource: str) -> Facts:
    """The condition keys that are known about every call, in small letters. `now` is aware."""
    account = account_of(caller.arn)
    found = {
        "aws:username": caller.name,
        "aws:userid": caller.name,
        "aws:principalarn": caller.arn,
        "aws:principalaccount": account,
        "aws:principaltype": "User",
        "aws:currenttime": now.isoformat(),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:requestedregion": region,
        **{key.lower(): value for key, value in caller.facts},
    }
    if owner := account_of(resource):
        found["aws:resourceaccount"] = owner
    return {key: (value,) for key, value in found.items() if value}


def account_of(arn: str) -> str:
    """The account in an ARN; empty where there is none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
