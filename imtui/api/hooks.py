"""`POST /hooks/…`: events from other systems and people's replies, acknowledged only after they are committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from imtui.api.batcher import Batcher
from imtui.api.bodies import body_of, failed
from imtui.api.credentials import Credentials, Refused
from imtui.api.replies import WAYS, Replies
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.services.context import Context
from imtui.services.events import Intake
from imtui.sources import alertmanager, eventbridge
from imtui.sources.documents import parse
from imtui.sources.signal import Signal

RETRY_AFTER = "5"
_NO = ("", "0", "false", "no")


def _events(document: Any) -> list[Signal]:
    return [eventbridge.signal(item) for item in (document if isinstance(document, list) else [document])]


def _alert_group(document: Any) -> list[Signal]:
    return [alertmanager.signal(document)]


SENDERS: dict[str, Callable[[Any], list[Signal]]] = {"eventbridge": _events, "alertmanager": _alert_group}


class Hooks:
    """The endpoint of all hooks."""

    def __init__(self, context: Context, batcher: Batcher) -> None:
        self._context = context
        self._batcher = batcher
        self._credentials = Credentials(context)
        self._replies = Replies(context, self._credentials)

    async def __call__(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Refused as refused:
            headers = {"WWW-Authenticate": 'Basic realm="imtui"'} if refused.status == 401 else {}
            return failed(refused.status, refused.message, headers)
        except Unavailable as error:
            return failed(503, str(error), {"Retry-After": RETRY_AFTER})
        except ImtuiError as error:
            return failed(400, str(error))

    def close(self) -> None:
        """Let go of the database."""
        self._credentials.close()

    async def _answer(self, request: Request) -> Response:
        sender = request.path_params["sender"]
        if sender in WAYS:
            return await self._replies.answer(request, WAYS[sender])
        caller = await self._credentials.caller(request)
        read = SENDERS.get(sender)
        if read is None:
            return failed(404, f"there is no such hook; there are {', '.join(sorted([*SENDERS, *WAYS]))}")
        body = await body_of(request)
        if isinstance(body, Response):
            return body
        signals = read(parse(body))
        plan = request.query_params.get("response-plan") or None
        resolve = request.query_params.get("resolve", "").lower() not in _NO
        arrivals = [Intake(signal, plan, resolve) for signal in signals]
        results = await self._batcher.take_in(self._context.acting_as(caller), arrivals)
        return JSONResponse({"results": [result.document() for each in results for result in each]})
