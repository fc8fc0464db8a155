"""`POST /hooks/sms` and `/hooks/voice`: people's replies, from a gateway with a token or signed by Twilio."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from imtui.api.bodies import body_of
from imtui.api.credentials import Credentials, Refused, address_of
from imtui.config import secret, web_address
from imtui.domain.access import Caller
from imtui.domain.contact import ChannelType
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.services import replies
from imtui.services.context import Context
from imtui.sources.documents import parse
from imtui.sources.replies import Fields, Reply, fields_of, from_document, from_form, signed

WAYS: Mapping[str, ChannelType] = {"sms": ChannelType.SMS, "voice": ChannelType.VOICE}
MOST_UNKNOWN_BYTES = 64 * 1024
"""How much is read of whom only the signature over it makes known."""

NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_SIGNATURE = "x-twilio-signature"

log = logging.getLogger(__name__)


class Replies:
    """The endpoint of replies. Raises ValidationFailed for settings that cannot work, before the first request."""

    def __init__(self, context: Context, credentials: Credentials) -> None:
        self._context = context
        self._credentials = credentials
        self._tokens: dict[ChannelType, str | None] = {}
        self._addresses: dict[ChannelType, str] = {}
        for name, way in WAYS.items():
            section = context.config.section(name)
            self._tokens[way] = secret(section, "auth_token")
            where = f"configuration: [{name}]"
            self._addresses[way] = web_address(section, where, "reply_url") if "reply_url" in section else ""

    async def answer(self, request: Request, way: ChannelType) -> Response:
        """Take in one reply. Raises Refused for a stranger, ValidationFailed for what is no reply, Unavailable."""
        form = request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")
        by_signature = form and _SIGNATURE in request.headers and "authorization" not in request.headers
        caller = None if by_signature else await self._credentials.caller(request)
        body = await (body_of(request, MOST_UNKNOWN_BYTES) if caller is None else body_of(request))
        if isinstance(body, Response):
            return body
        fields = fields_of(body) if form else []
        if caller is None:
            caller = self._twilio(request, way, fields)
        reply = from_form(way, fields) if form else from_document(way, parse(body))
        answer = await self._obeyed(caller, reply)
        if form:
            return Response(NOTHING_TO_SAY, media_type="text/xml")
        return JSONResponse({"results": [answer]})

    def _twilio(self, request: Request, way: ChannelType, fields: Fields) -> Caller:
        token = self._tokens[way]
        if token is None:
            raise Refused(403, f"no signature can be verified: [{way.value.lower()}] has no auth_token_env or _file")
        address = self._addresses[way] or str(request.url.replace(query=""))
        if "?" not in address and request.url.query:
            address += f"?{request.url.query}"
        if not signed(address, fields, token, request.headers[_SIGNATURE]):
            raise Refused(403, "this signature is not Twilio's for this address: see reply_url in docs/replies.md")
        return Caller("twilio", "twilio", "hook", self._context.names.user("twilio"), address=address_of(request))

    async def _obeyed(self, caller: Caller, reply: Reply) -> dict[str, Any]:
        try:
            return (await replies.take_in(self._context.acting_as(caller), reply)).document()
        except ImtuiError:
            raise
        except Exception as error:
            log.exception("a reply met a defect")
            raise Unavailable("this reply could not be taken in: nothing was changed") from error
