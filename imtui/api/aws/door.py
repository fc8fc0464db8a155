"""The door of the wire: from a request to its answer."""

from __future__ import annotations

import logging
import uuid

from botocore.model import OperationModel
from starlette.requests import Request
from starlette.responses import Response

from imtui.api.aws import errors, protocol, signature
from imtui.api.aws.callers import Callers
from imtui.api.aws.throttle import Throttle
from imtui.api.bodies import body_of
from imtui.domain.errors import ImtuiError
from imtui.operations.aws.perform import Unknown, perform
from imtui.services.context import Context

_log = logging.getLogger(__name__)
_TYPES = {"json": "application/x-amz-json-1.1", "rest-json": "application/json"}


class TooLarge(ImtuiError):
    """The body is larger than any operation takes."""

    code = "RequestEntityTooLargeException"


class Door:
    """Answers the requests of AWS clients: who signed it, what it asks for, and what comes of it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._callers = Callers(context)
        self._throttle = Throttle(context.clock)

    def wanted(self, request: Request) -> bool:
        """Whether a request is meant for a service, rightly or wrongly."""
        headers = request.headers
        return (
            "x-amz-target" in headers
            or "x-amz-date" in headers
            or headers.get("authorization", "").startswith("AWS4-")
            or protocol.called(request.method, _path(request), "") is not None
        )

    async def __call__(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        service = ""
        try:
            call = protocol.called(request.method, _path(request), request.headers.get("x-amz-target", ""))
            if call is None:
                raise Unknown(f"there is no operation at {request.method} {_path(request)[:120]!r}")
            service = call.service
            body = await body_of(request, protocol.MOST_BYTES)
            if isinstance(body, Response):
                if body.status_code != 413:
                    return body
                raise TooLarge("Request must be smaller than 1048576 bytes")
            context = await self._who(request, call.operation, body, request_id)
            members = protocol.request(call, request.scope["query_string"].decode("latin-1"), body)
            answer = await perform(context, service, call.operation.name, members)
            status, content = protocol.response(call, answer)
            headers = {"Content-Type": _TYPES[call.operation.service_model.metadata["protocol"]]}
        except ImtuiError as error:
            status, headers, content = errors.answer(service, error)
            headers["Content-Type"] = _TYPES["json"]
        except Exception:
            _log.exception("a request of the wire (%s) met a defect", request_id)
            status, headers, content = errors.answer(
                service, ImtuiError("this is a defect of imtui: its log shows where")
            )
            headers["Content-Type"] = _TYPES["json"]
        headers["x-amzn-RequestId"] = request_id
        return Response(content, status, headers)

    def close(self) -> None:
        """Let go of the database."""
        self._callers.close()

    async def _who(self, request: Request, operation: OperationModel, body: bytes, request_id: str) -> Context:
        """The context of whoever signed the request."""
        came = signature.Request(request.method, _target(request), _headers(request), body)
        found = signature.signed(came)
        if "x-amz-security-token" in came.headers:
            raise signature.UnknownKey("The security token included in the request is invalid: keys here have none")
        key = await self._callers.key(found.key)
        if key is None:
            raise signature.UnknownKey("The security token included in the request is invalid: no such access key")
        model = operation.service_model
        signature.check(came, found, model.signing_name, key.secret, self._context.clock.wall())
        self._throttle.take(found.key)
        return await self._callers.context(key, model.signing_name, request, request_id)


def _path(request: Request) -> str:
    return str(request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]) or str(request.scope["path"])


def _target(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{_path(request)}?{query}" if query else _path(request)


def _headers(request: Request) -> dict[str, str]:
    """All headers by their name in lower case; what came more than once is one, as it is signed."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
