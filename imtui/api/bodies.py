"""Bodies of requests, read within bounds, and errors as callers get them."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from imtui.sources.documents import MAX_BYTES

BODY_SECONDS = 30.0
DROPPED = 4


async def body_of(request: Request, most: int = MAX_BYTES) -> bytes | Response:
    """The body, or the answer to one that is larger than `most` bytes or does not come.

    What is too large is read and dropped up to a bound, because a sender that is cut off while it sends sees a broken
    connection instead of the answer.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size <= most:
                    parts.append(part)
                elif size > DROPPED * most:
                    break
    except TimeoutError:
        return failed(408, "the body did not arrive in time", {"Connection": "close"})
    except ClientDisconnect:
        return failed(400, "the connection broke before the whole body was here")
    if size > most:
        bound = f"{most // 1024 // 1024} MiB" if most >= 1024 * 1024 else f"{most // 1024} KiB"
        return failed(413, f"the body is larger than {bound}", {"Connection": "close"})
    return b"".join(parts)


def failed(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as callers get it: one sentence."""
    return JSONResponse({"message": message}, status, headers)
