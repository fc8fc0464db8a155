"""Hook tokens: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.services.context import Context
from storage import tables as t
from storage.glance import Glance

_NAME = re.compile(r"[A-Za-z0-9._\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it can be listed; the token itself is not kept."""

    name: str
    created_at: datetime
    created_by: str


async def create(context: Context, name: str) -> str:
    """Make a token; this is the only time it is told."""
    if not _NAME.fullmatch(name):
        raise ValidationFailed("token name: 1–64 letters, digits, '.', '-' and '_'", "name")
    token = f"imtui_{secrets.token_urlsafe(32)}"
    async with context.change("imtui:CreateToken", name) as unit:
        if await unit.first(sa.select(t.tokens.c.name).where(t.tokens.c.name == name)):
            raise Conflict(f"there is a token {name!r} already: delete it first, or take another name")
        row = {"name": name, "hash": _hash(token), "created_at": unit.now, "created_by": context.caller.name}
        unit.insert(t.tokens, row)
        unit.changed("token", name)
    return token


async def list_tokens(context: Context) -> list[Token]:
    """All tokens by name."""
    async with context.look("imtui:ListTokens", "*") as reader:
        rows = await reader.all(sa.select(t.tokens).order_by(t.tokens.c.name))
    return [Token(row.name, row.created_at, row.created_by) for row in rows]


async def delete(context: Context, name: str) -> None:
    """Delete a token; servers refuse it at once."""
    async with context.change("imtui:DeleteToken", name) as unit:
        gone = await unit.run(sa.delete(t.tokens).where(t.tokens.c.name == name))
        if not gone.rowcount:
            raise NotFound(f"there is no token {name!r}")
        unit.changed("token", name)


async def verify(context: Context, token: str) -> str | None:
    """The name of the token, or None when there is no such token (any more)."""
    async with context.database.read() as reader:
        name: str | None = await reader.scalar(sa.select(t.tokens.c.name).where(t.tokens.c.hash == _hash(token)))
    return name


class Verifier:
    """Verifies the tokens of many requests a second; a deleted token is refused at once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._glance = Glance(context.database, "SELECT name FROM tokens WHERE hash = ?")

    async def name(self, token: str) -> str | None:
        """The name of the token, or None when there is no such token (any more)."""
        known, name = self._glance.at(_hash(token))
        return name if known else await verify(self._context, token)

    def close(self) -> None:
        """Let go of the database."""
        self._glance.close()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
