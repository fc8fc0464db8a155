"""`imtui serve`: the engine and the wire in one process, until it is told to end."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn

from imtui.api.app import make_app
from imtui.domain.errors import Conflict, ValidationFailed
from imtui.services.context import Context

BACKLOG = 2048
REQUEST_SECONDS = 3
"""How long requests that have begun may still take when the server ends."""


class Tls(NamedTuple):
    """The files of the certificate with its chain, and of its key, in PEM."""

    certificate: str
    key: str

    def check(self) -> None:
        """Raise ValidationFailed where they are not usable."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key, password="")
        except FileNotFoundError:
            raise ValidationFailed(f"TLS: {self.certificate} and {self.key} must both be there") from None
        except (OSError, ValueError) as error:  # what OpenSSL raises is an OSError, too
            raise ValidationFailed(f"TLS: {self.certificate} and {self.key} do not go together: {error}") from None


async def serve(
    context: Context,
    listen: str,
    leads: Callable[[], bool],
    ready: Callable[[str], None],
    ending: Callable[[], None],
    tls: Tls | None = None,
) -> None:
    """Serve on HOST:PORT until SIGTERM or SIGINT; `ready` is called once, with the URL, and `ending` with the signal.

    Raises ValidationFailed for an address or files that cannot be meant, Conflict for an address that is taken.
    """
    if tls is not None:
        tls.check()
    listener, url = bind(listen)
    if tls is not None:
        url = url.replace("http://", "https://", 1)
    config = uvicorn.Config(
        make_app(context, leads),
        http="httptools",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=REQUEST_SECONDS,
        limit_concurrency=2000,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    server = _Server(config)

    def end() -> None:
        if not server.should_exit:
            ending()
        server.end()  # it takes no more requests, and finishes those that have begun

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    try:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await asyncio.wait([running, asyncio.ensure_future(server.begun.wait())], return_when=asyncio.FIRST_COMPLETED)
        if server.started:
            ready(url)
        await running
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        listener.close()


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it takes requests, leaves signals to us, and is silent while nobody asks."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()
        self._told = asyncio.Event()

    def end(self) -> None:
        """Take no more requests, finish those that have begun, and return."""
        self.should_exit = True
        self._told.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    async def main_loop(self) -> None:
        """uvicorn looks ten times a second whether it should end, for headers that we do not send."""
        await self.on_tick(0)
        await self._told.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def bind(listen: str) -> tuple[socket.socket, str]:
    """The listening socket of HOST:PORT and its URL."""
    host, digits = listen_address(listen)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, int(digits), type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ValidationFailed(f"--listen {listen[:80]!r}: {error.strerror or error}") from None
    # With its protocol named, asyncio sends small answers at once instead of waiting for the last one's receipt.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Conflict(f"cannot listen on {listen}: {error.strerror or error}; choose another port") from None
    listener.setblocking(False)
    port = listener.getsockname()[1]
    return listener, f"http://{f'[{host}]' if ':' in host else host}:{port}"


def listen_address(listen: str) -> tuple[str, str]:
    """The host and the port's digits of HOST:PORT; raises ValidationFailed for anything else."""
    host, colon, digits = listen.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not (digits.isascii() and digits.isdigit()) or len(digits) > 5 or int(digits) > 65535:
        raise ValidationFailed(f"--listen {listen[:80]!r}: expected HOST:PORT, such as 127.0.0.1:8710")
    return host, digits


def is_loopback(listen: str) -> bool:
    """Whether only this machine can reach the address."""
    host, _ = listen_address(listen)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
