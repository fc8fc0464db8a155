"""An error, a broken connection or a server that closes after each answer must not be counted for what it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from benchmarks.signed import Measured, send

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CLOSES = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"
FAILS = b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno"


async def measured(answers: Sequence[bytes], clients: int = 1) -> tuple[Measured, int]:
    """What the client measures at a server that answers so, and how often it connected. An empty answer breaks off."""
    left, connections = list(answers), 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while left and await reader.read(100):
            answer = left.pop(0)
            writer.write(answer)
            if not answer or b"close" in answer:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        found = await send(url, [b"GET / HTTP/1.1\r\n\r\n"] * len(answers), clients)
    return found, connections


@pytest.mark.parametrize(
    ("answers", "errors", "connections"),
    [([OK] * 5, 0, 1), ([CLOSES] * 5, 0, 5), ([OK, FAILS, OK], 1, 1), ([OK, b"", OK], 1, 2)],
)
async def test_every_answer_counts_once_and_every_error_is_told(
    answers: list[bytes], errors: int, connections: int
) -> None:
    found, used = await measured(answers)
    assert (len(found.each), len(found.errors), used) == (len(answers), errors, connections)
