"""Who signs requests: the users of access keys, whom their policies bind."""

from __future__ import annotations

from starlette.requests import Request

from imtui.domain.access import Caller
from imtui.services.access_keys import Holder, Verifier
from imtui.services.context import Context, RequestId


class Callers:
    """Turns an access key into the caller it stands for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._verifier = Verifier(context)

    async def key(self, id_: str) -> Holder | None:
        """Whose key this is, with its secret; None when there is no such key (any more)."""
        return await self._verifier.holder(id_)

    async def context(self, key: Holder, service: str, request: Request, request_id: str) -> Context:
        """The surroundings of a call that was signed with the key."""
        await self._verifier.used(key, service)
        address = request.client.host if request.client else ""
        secure = "true" if request.scope["scheme"] == "https" else "false"
        agent = request.headers.get("user-agent", "")
        caller = Caller(
            key.user,
            key.user,
            "api",
            key.arn,
            bound=True,
            facts=(("aws:SourceIp", address), ("aws:SecureTransport", secure), ("aws:UserAgent", agent)),
            address=address,
            access_key=key.id,
            user_agent=agent,
        )
        return self._context.acting_as(caller).requested(RequestId(request_id))

    def close(self) -> None:
        """Let go of the database."""
        self._verifier.close()
