"""Pages of long answers. A token says after which item the next page begins, so that what is added or deleted meanwhile
moves nothing; it is signed with a secret of the database and good for the very question it was given for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from imtui.domain.errors import ValidationFailed
from imtui.operations.aws.model import page_limit
from imtui.services.context import Context
from storage import tables as t
from storage.database import Database

T = TypeVar("T")

USUAL = 50
_SETTING = "page-tokens"
_SIGNED = 16
_known: WeakKeyDictionary[Database, bytes] = WeakKeyDictionary()


class Place(NamedTuple):
    """Where a page begins: behind the item with the key `after` (None: at the beginning), with `limit` items."""

    after: Any
    limit: int
    question: str
    secret: bytes

    def token(self, key: Any) -> str:
        """The token of the page that begins behind the item with this key, which JSON must be able to hold."""
        body = json.dumps(key, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_signature(self.secret, self.question, body) + body).decode("ascii")


async def place(context: Context, service: str, operation: str, given: Mapping[str, Any], most: int = USUAL) -> Place:
    """Where the page begins that a request asks for; raises ValidationFailed for a token that is none of this
    question."""
    names = page_limit(service, operation)
    token_name, limit_name = (names[0], names[2]) if names else _names(given)
    asked = {name: item for name, item in given.items() if name not in (token_name, limit_name)}
    question = json.dumps([service, operation, asked], sort_keys=True, default=str)
    secret = await _secret(context)
    limit = min(int(given.get(limit_name) or most), most)
    token = given.get(token_name)
    return Place(_key(token, question, secret, token_name) if token else None, limit, question, secret)


def cut(items: Sequence[T], where: Place, key: Callable[[T], Any]) -> tuple[list[T], str | None]:
    """A page of items that are all known, in the ascending order of their keys, and the token of the next."""
    after = where.after
    rest = [item for item in items if after is None or _beyond(key(item), after)]
    page = rest[: where.limit]
    return page, where.token(key(page[-1])) if len(rest) > len(page) else None


def answer(page: Sequence[T], where: Place, key: Callable[[T], Any]) -> tuple[Sequence[T], str | None]:
    """The page of items of which one more than `limit` were read, and the token of the next."""
    if len(page) <= where.limit:
        return page, None
    page = page[: where.limit]
    return page, where.token(key(page[-1]))


def _beyond(key: Any, after: Any) -> bool:
    return bool((list(key) if isinstance(key, tuple) else key) > after)


def _names(given: Mapping[str, Any]) -> tuple[str, str]:
    return ("nextToken", "maxResults") if "nextToken" in given or "maxResults" in given else ("NextToken", "MaxResults")


def _key(token: str, question: str, secret: bytes, name: str) -> Any:
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, ValueError):
        raw = b""
    body = raw[_SIGNED:]
    if not hmac.compare_digest(raw[:_SIGNED], _signature(secret, question, body)):
        raise ValidationFailed("this is no token of this question: begin again without one", name)
    return json.loads(body)


def _signature(secret: bytes, question: str, body: bytes) -> bytes:
    return hmac.digest(secret, hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest() + body, "sha256")[
        :_SIGNED
    ]


async def _secret(context: Context) -> bytes:
    """The database's own secret, made when it is first needed."""
    database = context.database
    if database not in _known:
        query = sa.select(t.settings.c.value).where(t.settings.c.key == _SETTING)
        async with database.read() as reader:
            stored = await reader.scalar(query)
        if stored is None and database.read_only:
            stored = secrets.token_hex()
        elif stored is None:
            async with database.write(context.now()) as unit:
                stored = await unit.scalar(query)
                if stored is None:
                    stored = secrets.token_hex()
                    unit.insert(t.settings, {"key": _SETTING, "value": stored})
        _known[database] = bytes.fromhex(stored)
    return _known[database]
