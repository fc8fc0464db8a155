"""Requests signed beforehand, and a bare client that sends them: so that a server is measured and not who asks it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
"""One that both servers know."""


class Key(NamedTuple):
    """An access key with its secret."""

    id: str
    secret: str


class Measured(NamedTuple):
    """The seconds until each answer, in no order, the seconds that all took, and what went wrong."""

    each: Sequence[float]
    whole: float
    errors: Sequence[str]


def signed(url: str, key: Key, service: str, target: str, document: Any, headers: Mapping[str, str]) -> bytes:
    """A whole request as it goes over the connection, to look where there is no document; its signature is good for
    a quarter of an hour."""
    method, body = ("GET", b"") if document is None else ("POST", json.dumps(document).encode())
    asked = AWSRequest(method, url + target, {"Host": url.removeprefix("http://"), **headers}, body)
    SigV4Auth(Credentials(*key), service, REGION).add_auth(asked)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def send(url: str, requests: Sequence[bytes], clients: int) -> Measured:
    """Send all requests over so many connections, each of which waits for its answer before it asks again. A server
    that closes is connected to again, as every client does."""
    host, _, port = url.removeprefix("http://").partition(":")
    waiting, each, errors = list(reversed(requests)), [], []

    async def client() -> None:
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while waiting:
            request = waiting.pop()
            started = time.perf_counter()
            try:
                if connection is None:
                    connection = await asyncio.open_connection(host, int(port))
                fault, stays = await _asked(*connection, request)
            except (OSError, EOFError, asyncio.IncompleteReadError) as error:
                fault, stays = f"{type(error).__name__}: {error}", False
            each.append(time.perf_counter() - started)
            if fault:
                errors.append(fault)
            if not stays and connection is not None:
                connection[1].close()
                connection = None
        if connection is not None:
            connection[1].close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Measured(each, time.perf_counter() - started, errors)


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[str, bool]:
    """What was wrong with the answer, if anything, and whether the connection stays."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    fault = "" if head.partition(b"\r\n")[0].split()[1] in (b"200", b"201") else (head + body).decode(errors="replace")
    return fault, b"\r\nconnection: close\r\n" not in head
