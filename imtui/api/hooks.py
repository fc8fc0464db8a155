"""`POST /hooks/…`: events from other systems, acknowledged only after they are committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from imtui.api.batcher import Batcher
from imtui.api.credentials import Credentials, Refused
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.services.context import Context
from imtui.services.events import Intake
from imtui.sources import alertmanager, eventbridge
from imtui.sources.documents import MAX_BYTES, parse
from imtui.sources.signal import Signal

BODY_SECONDS = 30.0
RETRY_AFTER = "5"
DROPPED_BYTES = 4 * MAX_BYTES
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
        caller = await self._credentials.caller(request)
        read = SENDERS.get(request.path_params["sender"])
        if read is None:
            return failed(404, f"there is no such hook; there are {', '.join(sorted(SENDERS))}")
        body = await _body(request)
        if isinstance(body, Response):
            return body
        signals = read(parse(body))
        plan = request.query_params.get("response-plan") or None
        resolve = request.query_params.get("resolve", "").lower() not in _NO
        arrivals = [Intake(signal, plan, resolve) for signal in signals]
        results = await self._batcher.take_in(self._context.acting_as(caller), arrivals)
        return JSONResponse({"results": [result.document() for each in results for result in each]})


async def _body(request: Request) -> bytes | Response:
    """The body, or the answer to one that is too large or does not come.

    What is too large is read and dropped up to a bound, because a sender that is cut off while it sends sees a broken
    connection instead of the answer.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size <= MAX_BYTES:
                    parts.append(part)
                elif size > DROPPED_BYTES:
                    break
    except TimeoutError:
        return failed(408, "the body did not arrive in time", {"Connection": "close"})
    except ClientDisconnect:
        return failed(400, "the connection broke before the whole body was here")
    if size > MAX_BYTES:
        return failed(413, f"the body is larger than {MAX_BYTES // 1024 // 1024} MiB", {"Connection": "close"})
    return b"".join(parts)


def failed(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as callers get it: one sentence."""
    return JSONResponse({"message": message}, status, headers)
