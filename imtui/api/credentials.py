"""Who posts to a hook: `Authorization: Bearer TOKEN`, or the token as the Basic password."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from starlette.requests import Request

from imtui.domain.access import Caller
from imtui.services.context import Context
from imtui.services.tokens import Verifier


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """No token, or a wrong one; `status` is 401 or 403."""

    status: int
    message: str


class Credentials:
    """Turns a request's token into the caller it stands for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._verifier = Verifier(context)

    async def caller(self, request: Request) -> Caller:
        """The caller; raises Refused, or Unavailable when the database is away."""
        token = _token(request.headers.get("authorization", ""))
        if token is None:
            raise Refused(401, "a token is needed: make one with `imtui token create NAME`")
        name = await self._verifier.name(token)
        if name is None:
            raise Refused(403, "this token is not known (any more)")
        return Caller(name, name, "hook", self._context.names.user(name), address=address_of(request))

    def close(self) -> None:
        """Let go of the database."""
        self._verifier.close()


def address_of(request: Request) -> str:
    """The network address that a request came from; empty where there is none."""
    return request.client.host if request.client else ""


def _token(header: str) -> str | None:
    scheme, _, value = header.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value or None
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        return decoded.partition(":")[2] or None
    return None
