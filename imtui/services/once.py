"""Calls that a client may repeat: the same token with the same parameters does it once and is answered alike.

That it was done is written together with what it did; its answer right after that. Answers are kept for a day
(`imtui/engine/pruning.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imtui.domain.errors import Conflict
from storage import tables as t

if TYPE_CHECKING:
    from imtui.services.context import Context
    from storage.database import Unit

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

    @property
    def fingerprint(self) -> str:
        """The same for the same parameters."""
        return hashlib.sha256(json.dumps(self.parameters, sort_keys=True, default=str).encode()).hexdigest()


async def begun(context: Context, once: Once) -> dict[str, Any] | None:
    """The answer that was given before; None when it has not been done. One that is under way is waited for.

    Raises TokenUsed for a token that was used with other parameters, and when the answer was lost.
    """
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


async def claim(unit: Unit, context: Context, once: Once) -> None:
    """Write, together with what it does first, that it is done; raises TokenUsed when another call was faster."""
    if once.claimed:
        return
    row = await unit.first(_row(context, once))
    if row is not None:
        _check(row, once)
        raise TokenUsed("a call with this token has just been carried out: repeat it to learn its answer")
    unit.insert(
        t.idempotency,
        {
            "caller": context.caller.arn,
            "action": once.action,
            "token": once.token,
            "fingerprint": once.fingerprint,
            "result": {},
            "at": unit.now,
        },
    )
    once.claimed = True


async def finished(context: Context, once: Once, answer: Mapping[str, Any]) -> None:
    """Keep the answer, also when the one who waits for it is gone."""

    async def keep() -> None:
        async with context.database.write(context.now()) as unit:
            value = {"done": True, "answer": json.loads(json.dumps(answer, default=str))}
            await unit.run(sa.update(t.idempotency).where(*_which(context, once)).values(result=value))

    await asyncio.shield(asyncio.ensure_future(keep()))


def _which(context: Context, once: Once) -> tuple[sa.ColumnElement[bool], ...]:
    i = t.idempotency.c
    return i.caller == context.caller.arn, i.action == once.action, i.token == once.token


def _row(context: Context, once: Once) -> sa.Select[Any]:
    return sa.select(t.idempotency).where(*_which(context, once))


def _check(row: sa.Row[Any], once: Once) -> None:
    if row.fingerprint != once.fingerprint:
        raise TokenUsed("this client token was used with other parameters: use a new token for another call")
