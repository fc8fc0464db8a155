"""Who is calling, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass

from imtui.domain.errors import AccessDenied

_READING = ("Get", "List", "Describe", "Lookup", "Show")


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or program: `name` is the user's alias, `login` the name the operating system knows, `origin`
    where the call came from (terminal, command, api, hook, engine). `address`, `access_key` and `user_agent`, as far as
    they are known, are for the audit log: the network address or machine, the key's id, the program that called."""

    name: str
    login: str
    origin: str
    arn: str
    read_only: bool = False
    address: str = ""
    access_key: str = ""
    user_agent: str = ""


def reads(action: str) -> bool:
    """Whether an action such as `ssm-incidents:GetIncidentRecord` changes nothing."""
    return action.partition(":")[2].startswith(_READING)


def authorize(caller: Caller, action: str, arn: str) -> None:
    """Raise AccessDenied unless the caller may do this. Every known caller is an administrator, as whoever can
    open the database file is trusted with it; a read-only caller may look and nothing else."""
    if caller.read_only and not reads(action):
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn} (this program is read-only)"
        )
