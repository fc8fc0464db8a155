"""Calls that a client may repeat: the same token with the same parameters does it once and is answered alike.

That it was done is written together with what it did, and so is its answer where the service knows it then; else that
is written right after. Answers are kept for a day (`imtui/engine/pruning.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.domain.errors import Conflict
from storage import tables as t
from storage.database import Database, Unit
from storage.glance import Glance

if TYPE_CHECKING:
    from imtui.services.context import Context

_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.05


class TokenUsed(Conflict):
    """A call with this token was carried out, or with other parameters."""


@dataclass(slots=True)
class Once:
    """A call by its action, such as `ssm-contacts:CreateContact`, the client's token and the other parameters."""

    action: str
    token: str
    parameters: Mapping[str, Any]
    claimed: bool = False
    """Whether this call has written that it is done."""

    answering: Callable[[Any], Mapping[str, Any]] | None = None
    """Makes the answer of what the service has done, where that is all that it needs."""

    answer: Mapping[str, Any] | None = None
    """What was made so: it is written together with what was done."""

    def answered(self, done: Any) -> None:
        """Make the answer now, inside the unit of work, if it can be."""
        if self.answering is not None:
            self.answer = self.answering(done)

    @property
    def fingerprint(self) -> str:
        """The same for the same parameters."""
        return hashlib.sha256(json.dumps(self.parameters, sort_keys=True, default=str).encode()).hexdigest()


async def begun(context: Context, once: Once) -> dict[str, Any] | None:
    """The answer that was given before; None when it has not been done. One that is under way is waited for.

    Raises TokenUsed for a token that was used with other parameters, and when the answer was lost.
    """
    if _never_seen(context, once):
        return None
    waited = 0.0
    while True:
        async with context.database.read() as reader:
            row = await reader.first(_row(context, once))
        if row is None:
            return None
        _check(row, once)
        if row.result.get("done"):
            return dict(row.result["answer"])
        if waited >= _PATIENCE_SECONDS:
            raise TokenUsed("a call with this token was carried out, but its answer was lost: look what it has made")
        await context.clock.pause(_LOOK_SECONDS)
        waited += _LOOK_SECONDS


async def expect_new(unit: Unit, calls: Sequence[tuple[Context, Once]]) -> None:
    """Raise Conflict when another call was faster than one of these, which are all of one caller."""
    fresh = {once.token: once for _, once in calls if not once.claimed}
    if not fresh:
        return
    context, once = calls[0]
    values = {"caller": context.caller.arn, "action": once.action, "tokens": list(fresh)}
    for row in await unit.all(_SEEN, values):
        _check(row, fresh[row.token])
        raise TokenUsed("a call with this token has just been carried out: repeat it to learn its answer")


def claim(unit: Unit, context: Context, once: Once) -> None:
    """Write, together with what it does first, that it is done, and its answer where that is known."""
    if once.claimed:
        return
    unit.insert(
        t.idempotency,
        {
            "caller": context.caller.arn,
            "action": once.action,
            "token": once.token,
            "fingerprint": once.fingerprint,
            "result": {} if once.answer is None else _kept(once.answer),
            "at": unit.now,
        },
    )
    once.claimed = True


async def finished(context: Context, once: Once, answer: Mapping[str, Any]) -> None:
    """Keep the answer unless it is kept already, also when the one who waits for it is gone."""
    if once.answer is not None:
        return

    async def keep() -> None:
        async with context.database.write(context.now()) as unit:
            await unit.run(sa.update(t.idempotency).where(*_which(context, once)).values(result=_kept(answer)))

    await asyncio.shield(asyncio.ensure_future(keep()))


def _which(context: Context, once: Once) -> tuple[sa.ColumnElement[bool], ...]:
    i = t.idempotency.c
    return i.caller == context.caller.arn, i.action == once.action, i.token == once.token


def _row(context: Context, once: Once) -> sa.Select[Any]:
    return sa.select(t.idempotency).where(*_which(context, once))


def _check(row: sa.Row[Any], once: Once) -> None:
    if row.fingerprint != once.fingerprint:
        raise TokenUsed("this client token was used with other parameters: use a new token for another call")


_i = t.idempotency.c
_SEEN = sa.select(t.idempotency).where(
    _i.caller == sa.bindparam("caller"),
    _i.action == sa.bindparam("action"),
    _i.token.in_(sa.bindparam("tokens", expanding=True)),
)


def _kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"done": True, "answer": json.loads(json.dumps(answer, default=str))}


def _never_seen(context: Context, once: Once) -> bool:
    """Whether it is certain, without a query, that the token is new: most are."""
    database = context.database
    glance = _glances.get(database)
    if glance is None:
        sql = "SELECT 1 FROM idempotency WHERE caller = ? AND action = ? AND token = ?"
        glance = _glances[database] = Glance(database, sql)
        database.at_close.append(glance.close)
    looked, found = glance.at(context.caller.arn, once.action, once.token)
    return looked and found is None


_glances: WeakKeyDictionary[Database, Glance] = WeakKeyDictionary()
