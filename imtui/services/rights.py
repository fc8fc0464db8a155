"""What the callers whom policies bind may do. A changed policy counts from the next call on, in every program.

Light: every command asks. Who may do everything is known by the names of the policies; the rest is `judging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.domain.access import Reach, authorize, denied
from imtui.domain.managed_policies import ADMINISTRATOR, NAMES
from storage.database import Database, Reader
from storage.glance import Glance
from storage.tables_access import user_policies, users

if TYPE_CHECKING:
    from imtui.domain.policy_document import Policy
    from imtui.services.context import Context


async def demand(
    context: Context,
    action: str,
    ref: str,
    parameters: Mapping[str, Any],
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
    held = await held_by(context.database, caller.name)
    if held is None:
        raise denied(caller, action, ref, f"because there is no user {caller.name} any more")
    if held.everything and not context.foreign:
        return ref
    from imtui.services.judging import judge

    return await judge(context, held.policies, action, ref, parameters, reader, reach)


class Held:
    """The policies that a user has, as they were at a stamp."""

    def __init__(self, stamp: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.stamp = stamp
        self._documents = documents

    @property
    def everything(self) -> bool:
        """Whether they allow everything: those that are known by name deny nothing."""
        return ADMINISTRATOR in self._documents and all(name in NAMES for name in self._documents)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        from imtui.services.judging import named_policy

        return tuple(named_policy(name, document) for name, document in self._documents.items())


async def held_by(database: Database, alias: str) -> Held | None:
    """The policies of a user as they are now; None for one who does not exist (any more)."""
    rights = _RIGHTS.get(database)
    if rights is None:
        rights = _RIGHTS[database] = _Rights(database)
    return await rights.of(database, alias)


class _Rights:
    """The policies of a database's users, read again when a user's stamp is another one."""

    def __init__(self, database: Database) -> None:
        self._stamp = Glance(database, "SELECT stamp FROM users WHERE alias = ? AND deleted_at IS NULL")
        self._known: dict[str, Held] = {}
        database.at_close.append(self._stamp.close)

    async def of(self, database: Database, alias: str) -> Held | None:
        looked, stamp = self._stamp.at(alias)
        if not looked:
            row = await database.row(_stamp_of(alias))
            stamp = row.stamp if row is not None else None
        if stamp is None:
            return None
        known = self._known.get(alias)
        if known is None or known.stamp != stamp:
            known = self._known[alias] = await _fresh(database, alias)
        return known


def _stamp_of(alias: str) -> sa.Select[Any]:
    return sa.select(users.c.stamp).where(users.c.alias == alias, users.c.deleted_at.is_(None))


async def _fresh(database: Database, alias: str) -> Held:
    p = user_policies.c
    async with database.read() as reader:
        stamp = await reader.scalar(_stamp_of(alias))
        rows = await reader.all(sa.select(user_policies).where(p.alias == alias).order_by(p.name))
    return Held(stamp or "", {row.name: row.document for row in rows})


_RIGHTS: WeakKeyDictionary[Database, _Rights] = WeakKeyDictionary()
