"""`imtui serve`: headless, for a jump host or a service manager."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import threading
from typing import Any

from imtui.api.server import Tls, is_loopback, listen_address, serve
from imtui.commands.options import Options, UsageError
from imtui.commands.session import opened
from imtui.domain.errors import ValidationFailed
from imtui.engine.engine import Engine

START_SECONDS = 2.0
"""How long the first election may take before the address is announced all the same."""

END_SECONDS = 4.5
"""After so long it ends in any case. Nothing is lost by that: whatever has been answered is committed, and the lease
runs out by itself."""


def run(
    options: Options, listen: str, insecure: bool, tls_certificate: str | None = None, tls_key: str | None = None
) -> int:
    """Serve until SIGTERM or SIGINT."""
    if (tls_certificate is None) is not (tls_key is None):
        raise UsageError("--tls-certificate and --tls-key go together")
    tls = Tls(tls_certificate, tls_key) if tls_certificate and tls_key else None
    try:
        listen_address(listen)
    except ValidationFailed as error:
        raise UsageError(str(error)) from None
    if not insecure and tls is None and not is_loopback(listen):
        raise ValidationFailed(
            f"--listen {listen}: other machines could reach this address without encryption; "
            "give --tls-certificate and --tls-key, listen on 127.0.0.1 behind a proxy with TLS, or say --insecure"
        )
    if options.read_only:
        raise ValidationFailed("serve takes events in and pages people: it cannot be read-only")
    _log_to_standard_error(options.debug)
    gc.freeze()
    gc.enable()
    asyncio.run(_serve(options, listen, tls))
    return 0


async def _serve(options: Options, listen: str, tls: Tls | None) -> None:
    async with opened(options, "server") as context:
        await context.may("imtui:Serve", "*")
        engine = None if options.no_engine else Engine(context.database, context.clock, context.config)
        working = asyncio.create_task(engine.run(), name="engine") if engine else None

        def leads() -> bool:
            return engine is not None and engine.is_leader

        def ready(url: str) -> None:
            print(f"imtui: listening on {url}", file=sys.stderr, flush=True)

        try:
            if engine is not None:
                await engine.elected(START_SECONDS)
            await serve(context, listen, leads, ready, _end_in_time, tls)
        finally:
            if engine is not None and working is not None:
                engine.stop()
                await working


def _log_to_standard_error(debug: bool) -> None:
    """What went wrong, a line each; where, only with --debug. What strangers send to the port is no news."""

    class Lines(logging.Formatter):
        def formatException(self, ei: Any) -> str:  # noqa: N802
            return super().formatException(ei) if debug else f"{ei[0].__name__}: {ei[1]}"

        def format(self, record: logging.LogRecord) -> str:
            text = super().format(record)
            return text if debug else " ".join(text.split())

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines("imtui: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.INFO if debug else logging.ERROR)


def _end_in_time() -> None:
    """A database that somebody else holds locked must not keep this process."""
    deadline = threading.Timer(END_SECONDS, os._exit, (0,))
    deadline.daemon = True
    deadline.start()
