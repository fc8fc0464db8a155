"""Access keys: what programs sign their requests with. A secret is shown once, and kept encrypted."""

from __future__ import annotations

import secrets
import string
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from imtui.domain.errors import Conflict, NotFound, Unavailable
from imtui.services.context import Context
from imtui.services.secrets import key_for_opening, key_for_sealing
from imtui.services.users import arn_of, user_row
from storage.glance import Glance
from storage.secrets import Key
from storage.tables_access import access_keys, users

MAX_KEYS = 2
"""Of one user: one in use, and one to follow it."""

USED_EVERY = timedelta(minutes=1)
_PREFIX = "AKIA"
_LETTERS = string.ascii_uppercase + "234567"
_ID_LETTERS = 16
_SECRET_BYTES = 30
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key as it can be listed."""

    id: str
    user: str
    created_at: datetime
    last_used_at: datetime | None = None
    last_used_service: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A new access key with its secret, which is told this once."""

    key: AccessKey
    secret: str


@dataclass(frozen=True, slots=True, repr=False)
class Holder:
    """Whose access key it is, and the secret that their requests are signed with."""

    id: str
    user: str
    arn: str
    secret: str


async def create(context: Context, alias: str) -> Made:
    """Make an access key; a user has two at most, so that one can follow the other. Raises NotFound, Conflict."""
    id_ = _PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(_ID_LETTERS))
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    async with context.change("iam:CreateAccessKey", await arn_of(context, alias), accessKeyId=id_) as unit:
        await user_row(unit, alias)
        k = access_keys.c
        count = await unit.scalar(sa.select(sa.func.count()).select_from(access_keys).where(k.alias == alias))
        if int(count or 0) >= MAX_KEYS:
            raise Conflict(f"user {alias} has {MAX_KEYS} access keys already: delete one that is not used any more")
        key = await key_for_sealing(context, unit)
        row = {"id": id_, "alias": alias, "secret": key.seal(secret, id_), "created_at": unit.now}
        unit.insert(access_keys, row)
        unit.changed("user", alias)
        return Made(AccessKey(id_, alias, unit.now), secret)


async def list_keys(context: Context, alias: str) -> list[AccessKey]:
    """The access keys of a user, the oldest first; raises NotFound."""
    async with context.look("iam:ListAccessKeys", await arn_of(context, alias)) as reader:
        await user_row(reader, alias)
        k = access_keys.c
        rows = await reader.all(sa.select(access_keys).where(k.alias == alias).order_by(k.created_at, k.id))
    return [AccessKey(r.id, r.alias, r.created_at, r.last_used_at, r.last_used_service) for r in rows]


async def delete(context: Context, id_: str) -> str:
    """Delete an access key; servers refuse it at once. The alias of its user; raises NotFound."""
    k = access_keys.c
    row = await context.database.row(sa.select(k.alias).where(k.id == id_))
    arn = await arn_of(context, row.alias) if row is not None else "*"
    async with context.change("iam:DeleteAccessKey", arn, accessKeyId=id_) as unit:
        gone = await unit.run(sa.delete(access_keys).where(k.id == id_))
        if row is None or not gone.rowcount:
            raise NotFound(f"there is no access key {id_[:80]}: `imtui access-key list ALIAS` shows those of a user")
        unit.changed("user", row.alias)
        return str(row.alias)


class Verifier:
    """Finds the secrets of the access keys of many requests a second; a deleted one is unknown at once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._glance = Glance(context.database, "SELECT secret FROM access_keys WHERE id = ?")
        self._key: Key | None = None
        self._known: dict[tuple[str, str], Holder] = {}
        self._used: dict[str, datetime] = {}

    async def holder(self, id_: str) -> Holder | None:
        """Whose access key this is; None for one that does not exist (any more). Raises Unavailable when its secret
        cannot be decrypted here."""
        looked, sealed = self._glance.at(id_)
        if not looked:
            row = await self._context.database.row(sa.select(access_keys.c.secret).where(access_keys.c.id == id_))
            sealed = row.secret if row is not None else None
        if sealed is None:
            return None
        known = self._known.get((id_, sealed))
        if known is None:
            known = await self._opened(id_, sealed)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            if known is not None:
                self._known[id_, sealed] = known
        return known

    async def used(self, holder: Holder, service: str) -> None:
        """Remember that a key was used for a service; written once a minute at most. That it cannot be written now
        keeps no request from being answered."""
        now = self._context.now()
        last = self._used.get(holder.id)
        if self._context.database.read_only or (last is not None and timedelta() <= now - last < USED_EVERY):
            return
        self._used[holder.id] = now
        k = access_keys.c
        due = k.last_used_at.is_(None) | (k.last_used_at <= now - USED_EVERY)
        values = {"last_used_at": now, "last_used_service": service[:64]}
        with suppress(Unavailable):
            async with self._context.database.write(now) as unit:
                await unit.run(sa.update(access_keys).where(k.id == holder.id, due).values(values))

    def close(self) -> None:
        """Let go of the database."""
        self._glance.close()

    async def _opened(self, id_: str, sealed: str) -> Holder | None:
        if self._key is None:
            self._key = await key_for_opening(self._context)
        query = sa.select(users.c.alias, users.c.arn).join_from(access_keys, users).where(access_keys.c.id == id_)
        user = await self._context.database.row(query)
        return Holder(id_, user.alias, user.arn, self._key.open(sealed, id_)) if user is not None else None
