"""What every service call stands on: who is calling, on which database, at what time.

`change` is the one way to alter anything and `look` the one way to read: both ask the policy first. A change
and its audit record are one transaction; a refusal is recorded in a transaction of its own, what was read with others
(`services/reads.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imtui.clock import Clock
from imtui.domain.access import Caller, Reach, account_of, authorize
from imtui.domain.access import reads as is_reading
from imtui.domain.arns import Names
from imtui.domain.audit import event_name
from imtui.domain.errors import AccessDenied, Conflict, ImtuiError, Unavailable
from imtui.domain.text import clean
from imtui.services import reads
from imtui.services.once import Once, claim, expect_new
from imtui.services.resources import is_plain, resolved
from storage import tables as t
from storage.database import Database, Reader, Unit

if TYPE_CHECKING:
    from imtui.config import Config


_MOST_RESOURCE = 2048
_MOST_AGENT = 256


class RequestId:
    """The id of one call as its answer tells it. One audit record bears it; further ones have ids of their own."""

    def __init__(self, id_: str) -> None:
        self._id: str | None = id_

    def take(self) -> str | None:
        """The id; None when a record has it already."""
        taken, self._id = self._id, None
        return taken


@dataclass(frozen=True)
class Context:
    """The surroundings of a call; immutable, cheap to copy for another caller."""

    database: Database
    clock: Clock
    names: Names
    caller: Caller
    config: Config
    once: Once | None = None
    """What is done at most once, however often a client asks for it."""
    request: RequestId | None = None
    """Of the call that is being answered, where it has an id."""

    @property
    def foreign(self) -> bool:
        """Whether the caller is a user of another account, who gets what is shared and nothing else."""
        return self.caller.bound and account_of(self.caller.arn) != self.names.account

    def now(self) -> datetime:
        """The program's present instant."""
        return self.clock.now()

    def doing(self, once: Once) -> Context:
        """The same surroundings for a call that is done at most once."""
        return replace(self, once=once)

    def acting_as(self, caller: Caller) -> Context:
        """The same surroundings for another caller."""
        return replace(self, caller=caller)

    def requested(self, request: RequestId) -> Context:
        """The same surroundings for a call with an id."""
        return replace(self, request=request)

    @asynccontextmanager
    async def change(self, action: str, arn: str, **parameters: Any) -> AsyncIterator[Unit]:
        """A unit of work the caller has the right to, committed together with its audit record.

        `arn` is what it is about, or a number, id, alias or name of that. `parameters` are what the audit log keeps:
        never secrets; `tags` are those that the call would give. Raises AccessDenied, and whatever the block raises.
        """
        try:
            arn = await self._demand(action, arn, parameters)
            async with self.database.write(self.now()) as unit:
                if self.foreign:  # sharing that ends meanwhile has ended
                    arn = await self._demand(action, arn, parameters, unit)
                elif not is_plain(action, arn):
                    arn = await resolved(unit, self.names, action, arn)
                if self.once is not None:
                    await expect_new(unit, [(self, self.once)])
                yield unit
                if self.once is not None:
                    claim(unit, self, self.once)
                unit.insert(t.audit, self._record(action, arn, parameters) | self._named())
                if not unit.told:
                    unit.changed("audit", "*")
        except Unavailable:
            raise  # the audit log is where the change would have been: both are away
        except ImtuiError as error:
            await self.refused(action, arn, parameters, error)
            raise

    @asynccontextmanager
    async def look(self, action: str, arn: str, reach: Reach = Reach.ONE) -> AsyncIterator[Reader]:
        """A consistent view the caller has the right to. A refusal is recorded, and so is what was read over the wire
        or by a command. `reach`: what a user of another account sees; of a list, what `services/consumers.py` says."""
        await self.may(action, arn, reach)
        try:
            async with self.database.read() as reader:
                yield reader
        except Unavailable:
            raise  # whoever comes again leaves a record
        except ImtuiError as error:
            reads.note(self.database, self.clock, self._record(action, arn, {}, error), self.request)
            raise
        reads.note(self.database, self.clock, self._record(action, arn, {}), self.request)

    async def may(self, action: str, arn: str, reach: Reach = Reach.ONE) -> None:
        """Raise AccessDenied unless the caller has this right. A refusal is recorded."""
        try:
            await self._demand(action, arn, {}, reach=reach)
        except AccessDenied as error:
            await self.refused(action, arn, {}, error)
            raise

    async def demand_also(self, reader: Reader, action: str, arn: str) -> None:
        """Raise AccessDenied unless the caller has this right, too, inside a unit of work that needs it: its refusal is
        the unit's, and recorded with it."""
        await self._demand(action, arn, {}, reader)

    async def _demand(
        self,
        action: str,
        arn: str,
        parameters: dict[str, Any],
        reader: Reader | None = None,
        reach: Reach = Reach.ONE,
    ) -> str:
        if not self.caller.bound:
            authorize(self.caller, action, arn)
            return arn
        from imtui.services.rights import demand  # most callers at the terminal are not bound by policies

        return await demand(self, action, arn, parameters, reader, reach)

    async def refused(self, action: str, arn: str, parameters: dict[str, Any], error: ImtuiError) -> None:
        """Record a call that was refused or failed; a database that cannot be written leaves no record."""
        if self.database.read_only:
            return
        async with self.database.write(self.now()) as unit:
            unit.insert(t.audit, self._record(action, arn, parameters, error) | self._named())
            unit.changed("audit", "*")

    def _named(self) -> dict[str, Any]:
        """The id of the call, unless another record bears it."""
        taken = self.request.take() if self.request is not None else None
        return {} if taken is None else {"request_id": taken}

    def _record(
        self, action: str, arn: str, parameters: dict[str, Any], error: ImtuiError | None = None
    ) -> dict[str, Any]:
        caller = self.caller
        return {
            "request_id": str(uuid.uuid4()),
            "at": self.now(),
            "caller": clean(caller.name),
            "login": clean(caller.login),
            "origin": caller.origin,
            "action": action,
            "resource": clean((isinstance(error, AccessDenied) and error.resource) or arn)[:_MOST_RESOURCE],
            "parameters": parameters,
            "error": error.code if error else None,
            "message": clean(str(error))[:1000] if error else None,
            "event_name": event_name(action),
            "address": clean(caller.address) or None,
            "access_key": clean(caller.access_key) or None,
            "user_agent": clean(caller.user_agent)[:_MOST_AGENT] or None,
            "read_only": is_reading(action),
        }


@asynccontextmanager
async def change_together(action: str, calls: Sequence[tuple[Context, str, dict[str, Any]]]) -> AsyncIterator[Unit]:
    """One unit of work for several calls of one caller, each with its ARN, which need not be looked up, and its
    parameters, and with the audit record that `Context.change` gives it. When one fails, nothing is changed or recorded
    for any: each is to be done alone then."""
    first = calls[0][0]
    named = [await context._demand(action, arn, parameters) for context, arn, parameters in calls]
    once = [(context, context.once) for context, _, _ in calls if context.once is not None]
    if len({call.token for _, call in once}) < len(once):
        raise Conflict("calls with the same token follow one another")
    try:
        async with first.database.write(first.now()) as unit:
            if once:
                await expect_new(unit, once)
            yield unit
            for context, call in once:
                claim(unit, context, call)
            await unit.flush()  # what cannot be kept fails before ids of calls are given away
            for (context, _, parameters), arn in zip(calls, named, strict=True):
                unit.insert(t.audit, context._record(action, arn, parameters) | context._named())
    except BaseException:
        for _, call in once:
            call.claimed = False
        raise


async def expect_revision(
    unit: Unit, table: sa.Table, key: sa.ColumnElement[bool], revision: int | None
) -> sa.Row[Any] | None:
    """The row to edit, locked for this transaction; `revision`, when given, must be the one the editor saw."""
    row = await unit.first(sa.select(table).where(key).with_for_update())
    if row is not None and revision is not None and row.revision != revision:
        raise Conflict("somebody else has changed this meanwhile: look at their version, then save yours again")
    return row
