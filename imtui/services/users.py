"""Users and their policies."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.access import Caller, Reach, facts_of
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.managed_policies import MANAGED, NAMES, managed_name
from imtui.domain.policy import TAGS, Decision, Request, facts_of_tags
from imtui.domain.policy_document import check_policy_name, document_of, parse
from imtui.domain.text import clean
from imtui.domain.user import check_user
from imtui.services.context import Context
from imtui.services.judging import decide, named_policy
from imtui.services.resources import resolved
from imtui.services.tags import tags_of
from storage.database import Reader, Unit
from storage.tables_access import access_keys, user_policies, users

MAX_POLICIES = 10
MAX_DISPLAY_NAME = 200
_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as it is given: the name of one that is known by name, or a name of its own and a JSON text."""

    name: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A user. `policies` are documents by name."""

    alias: str
    arn: str
    display_name: str
    created_at: datetime
    policies: Mapping[str, Mapping[str, Any]]


async def create(
    context: Context,
    alias: str,
    *,
    display_name: str = "",
    policies: Sequence[PolicyText] = (),
    account: str | None = None,
) -> User:
    """Make a user. Without a policy a user may do nothing. Raises ValidationFailed, Conflict."""
    check_user(alias)
    account = account or context.names.account
    if not (len(account) == _ACCOUNT_DIGITS and account.isascii() and account.isdigit()):
        raise ValidationFailed('account: 12 digits, such as "111122223333"', "account")
    display_name = clean(display_name).strip()
    if len(display_name) > MAX_DISPLAY_NAME:
        raise ValidationFailed(f"display name: at most {MAX_DISPLAY_NAME} characters", "display_name")
    given = [_document(each) for each in policies]
    documents = dict(given)
    if len(documents) < len(given):
        raise ValidationFailed("policies: two of them have the same name: rename one of the files", "policy")
    if len(documents) > MAX_POLICIES:
        raise ValidationFailed(f"policies: at most {MAX_POLICIES} for one user", "policy")
    arn = replace(context.names, account=account).user(alias)
    async with context.change("iam:CreateUser", arn, policies=sorted(documents)) as unit:
        row = await unit.first(sa.select(users.c.deleted_at).where(users.c.alias == alias))
        if row is not None and row.deleted_at is None:
            raise Conflict(f"there is a user {alias} already: attach policies to this one, or take another alias")
        await unit.run(sa.delete(users).where(users.c.alias == alias))
        unit.insert(users, _row(unit, alias, arn, account, display_name))
        for name, document in documents.items():
            unit.insert(user_policies, {"alias": alias, "name": name, "document": document})
        unit.changed("user", alias)
        return User(alias, arn, display_name, unit.now, documents)


async def list_users(context: Context) -> list[User]:
    """All users by alias."""
    async with context.look("iam:ListUsers", "*") as reader:
        rows = await reader.all(sa.select(users).where(users.c.deleted_at.is_(None)).order_by(users.c.alias))
        held = await reader.all(sa.select(user_policies).order_by(user_policies.c.name))
    documents: dict[str, dict[str, Any]] = {}
    for each in held:
        documents.setdefault(each.alias, {})[each.name] = each.document
    return [_user(row, documents.get(row.alias, {})) for row in rows]


async def get(context: Context, alias: str) -> User:
    """A user with the documents of the policies; raises NotFound."""
    async with context.look("iam:GetUser", await arn_of(context, alias)) as reader:
        row = await user_row(reader, alias)
        return _user(row, await _documents(reader, alias))


async def delete(context: Context, alias: str) -> None:
    """Delete a user with policies and access keys: from now on nothing is allowed in that name."""
    async with context.change("iam:DeleteUser", await arn_of(context, alias)) as unit:
        await user_row(unit, alias)
        await unit.run(sa.delete(user_policies).where(user_policies.c.alias == alias))
        await unit.run(sa.delete(access_keys).where(access_keys.c.alias == alias))
        await _touch(unit, alias, deleted_at=unit.now)


async def attach(context: Context, alias: str, policy: PolicyText) -> User:
    """Give a user a policy; one of the same name is replaced. Raises ValidationFailed."""
    name, document = _document(policy)
    async with context.change("iam:AttachUserPolicy", await arn_of(context, alias), policy=name) as unit:
        row = await user_row(unit, alias)
        held = await _documents(unit, alias)
        if name not in held and len(held) >= MAX_POLICIES:
            raise ValidationFailed(f"policies: at most {MAX_POLICIES} for one user; detach one first", "policy")
        await unit.run(sa.delete(user_policies).where(_held(alias, name)))
        unit.insert(user_policies, {"alias": alias, "name": name, "document": document})
        await _touch(unit, alias)
        return _user(row, dict(sorted({**held, name: document}.items())))


async def detach(context: Context, alias: str, name: str) -> User:
    """Take a policy from a user; raises NotFound when the user does not have it."""
    name = managed_name(name) or name
    async with context.change("iam:DetachUserPolicy", await arn_of(context, alias), policy=name) as unit:
        row = await user_row(unit, alias)
        held = await _documents(unit, alias)
        if held.pop(name, None) is None:
            has = f"it has {', '.join(sorted(held))}" if held else "it has none"
            raise NotFound(f"user {alias} has no policy {name[:80]}: {has}")
        await unit.run(sa.delete(user_policies).where(_held(alias, name)))
        await _touch(unit, alias)
        return _user(row, held)


async def can(context: Context, alias: str, action: str, resource: str) -> Decision:
    """Whether a user may do something to a resource (an ARN, or what a person types for one), and which statement
    decides. Nothing is done."""
    if ":" not in action:
        raise ValidationFailed(f"{action[:80]!r} is no action: write SERVICE:ACTION, such as events:PutRule")
    async with context.look("iam:SimulatePrincipalPolicy", await arn_of(context, alias)) as reader:
        user = await user_row(reader, alias)
        policies = [named_policy(name, document) for name, document in (await _documents(reader, alias)).items()]
        arn = await resolved(reader, context.names, action, resource)
        caller = Caller(alias, alias, context.caller.origin, user.arn, bound=True)
        facts = dict(facts_of(caller, context.now(), context.names.region, arn))
        facts |= facts_of_tags(TAGS, await tags_of(reader, arn))
        acting = context.acting_as(caller)
        return await decide(acting, reader, policies, Request(action, arn, facts), Reach.LISTED)


async def user_row(reader: Reader, alias: str) -> sa.Row[Any]:
    """The user of this alias; raises NotFound."""
    row = await reader.first(sa.select(users).where(users.c.alias == alias, users.c.deleted_at.is_(None)))
    if row is None:
        raise NotFound(f"there is no user {alias[:80]}: `imtui user list` shows those that exist")
    return row


async def arn_of(context: Context, alias: str) -> str:
    """The ARN of a user, who may be of another account; that of this account where there is none."""
    row = await context.database.row(sa.select(users.c.arn).where(users.c.alias == alias))
    return row.arn if row is not None else context.names.user(alias)


async def _documents(reader: Reader, alias: str) -> dict[str, Mapping[str, Any]]:
    p = user_policies.c
    rows = await reader.all(sa.select(p.name, p.document).where(p.alias == alias).order_by(p.name))
    return {row.name: row.document for row in rows}


def _document(given: PolicyText) -> tuple[str, Mapping[str, Any]]:
    """The name and the document of a policy that is given; raises ValidationFailed for a wrong one."""
    if given.text is None:
        name = managed_name(given.name)
        if name is None:
            known = ", ".join(NAMES)
            raise ValidationFailed(f"there is no policy {given.name[:80]!r}: give {known}, or a JSON file", "policy")
        return name, MANAGED[name]
    if managed_name(check_policy_name(given.name)):
        raise ValidationFailed(f"policy {given.name}: another policy has this name: rename the file", "policy")
    document = document_of(given.text)
    parse(document, given.name)
    return given.name, document


def _row(unit: Unit, alias: str, arn: str, account: str, display_name: str) -> dict[str, Any]:
    return {
        "alias": alias,
        "arn": arn,
        "account": account,
        "display_name": display_name,
        "created_at": unit.now,
        "stamp": uuid.uuid4().hex,
    }


async def _touch(unit: Unit, alias: str, **values: Any) -> None:
    """Every program reads this user anew."""
    await unit.run(sa.update(users).where(users.c.alias == alias).values(stamp=uuid.uuid4().hex, **values))
    unit.changed("user", alias)


def _held(alias: str, name: str) -> sa.ColumnElement[bool]:
    return (user_policies.c.alias == alias) & (user_policies.c.name == name)


def _user(row: sa.Row[Any], documents: Mapping[str, Mapping[str, Any]]) -> User:
    return User(row.alias, row.arn, row.display_name, row.created_at, documents)
