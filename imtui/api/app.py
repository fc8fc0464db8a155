"""The web application: its routes, and what answers to everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from imtui.api.aws.door import Door
from imtui.api.batcher import Batcher
from imtui.api.bodies import failed
from imtui.api.health import HealthPages
from imtui.api.hooks import Hooks
from imtui.services.context import Context


def make_app(context: Context, leads: Callable[[], bool]) -> Starlette:
    """The application for one database; `leads` says whether the engine of this process is the leader."""
    batcher = Batcher()
    hooks = Hooks(context, batcher)
    pages = HealthPages(context, leads)
    door = Door(context)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        batcher.start()
        try:
            yield
        finally:
            await batcher.stop()
            hooks.close()
            door.close()

    async def hook(request: Request) -> Response:
        return await hooks(request)

    async def rest(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # there are no web sockets here
        request = Request(scope, receive)
        if not door.wanted(request):
            raise HTTPException(404)
        await (await door(request))(scope, receive, send)

    app = Starlette(
        routes=[
            Route("/healthz", pages.healthz),
            Route("/metrics", pages.metrics),
            Route("/hooks/{sender}", hook, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _not_found},
        lifespan=lifespan,
    )
    app.router.default = rest  # no pattern of a path matches whatever may stand in one, such as the end of a line
    return app


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    texts = {404: "there is nothing here", 405: "this path takes another method"}
    return failed(error.status_code, texts.get(error.status_code, error.detail), dict(error.headers or {}))
