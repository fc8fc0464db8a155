"""Who acts at this machine. Light: every command begins with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from imtui.domain.errors import Conflict, Unavailable, ValidationFailed
from imtui.domain.managed_policies import ADMINISTRATOR
from imtui.domain.user import check_user
from imtui.services.context import Context
from storage.database import Database
from storage.glance import Glance
from storage.tables_access import users


async def acting_here(context: Context) -> Context:
    """The same surroundings as they are for whoever is at this machine: a known user is bound by the policies. Where
    there is no user at all yet, the login becomes the first one, an administrator."""
    database, caller = context.database, context.caller
    looks_only = database.read_only or caller.read_only
    mine = sa.select(users.c.arn).where(users.c.alias == caller.name)
    arn = await _glanced(database, "SELECT arn FROM users WHERE alias = ?", caller.name, mine)
    if arn is None and not looks_only:
        anybody = sa.select(users.c.alias).limit(1)
        if await _glanced(database, "SELECT alias FROM users WHERE alias >= ? LIMIT 1", "", anybody) is None:
            await _first(context)
            row = await database.row(mine)
            arn = row.arn if row is not None else None
    return context if arn is None else context.acting_as(replace(caller, arn=arn, bound=True))


async def _glanced(database: Database, sql: str, parameter: str, query: sa.Select[Any]) -> str | None:
    """One value; on SQLite without setting up anything, as every command asks for it."""
    glance = Glance(database, sql)
    looked, value = glance.at(parameter)
    glance.close()
    if looked:
        return value if value is None else str(value)
    row = await database.row(query)
    return None if row is None else str(row[0])


async def _first(context: Context) -> None:
    """Make the login name an administrator. Of several programs that start at once, one does it; where it cannot be
    written now, a later one does."""
    from imtui.services.users import PolicyText, create  # only a fresh database needs it

    alias = login_alias(context.caller.login)
    with suppress(Conflict, Unavailable):
        await create(context, alias, policies=[PolicyText(ADMINISTRATOR)])


def login_alias(login: str) -> str:
    """A login name as an alias: what an alias may not hold becomes a hyphen."""
    try:
        return check_user(login)
    except ValidationFailed:
        return "".join(c if c.isalnum() or c in "+=,.@_-" else "-" for c in login)[:64] or "administrator"
