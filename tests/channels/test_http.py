"""SMS and voice over HTTP: what is handed over, and what each answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from imtui.channels.email import Email
from imtui.channels.http import Gateway
from imtui.channels.protocol import Accepted, Outgoing, Rejected, Unknown
from imtui.domain.contact import ChannelType
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route

AT = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def message(type_: ChannelType) -> Outgoing:
    return Outgoing("id-1", Route(type_.value), "+4915112345678", "subject", "what is said", "123456", AT)


class Answering:
    """A gateway that answers as it is told, and remembers what it got."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        self.got: list[dict[str, Any]] = []
        self.headers = ""
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.headers = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(x for x in self.headers.lower().split("\r\n") if x.startswith("content-length:"))
        self.got.append(json.loads(await reader.readexactly(int(length.partition(":")[2]))))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def gateway() -> AsyncIterator[Answering]:
    answering = Answering()
    server = await asyncio.start_server(answering.handle, "127.0.0.1", 0)
    answering.port = server.sockets[0].getsockname()[1]
    yield answering
    server.close()
    await server.wait_closed()


def url(gateway: Answering) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{gateway.port}/send", "timeout": 5}


async def test_sms_and_voice_have_the_documented_shapes(gateway: Answering) -> None:
    for type_, wanted in (
        (ChannelType.SMS, {"id": "id-1", "to": "+4915112345678", "body": "what is said"}),
        (ChannelType.VOICE, {"id": "id-1", "to": "+4915112345678", "say": "what is said", "code": "123456"}),
    ):
        sender = Gateway(type_, url(gateway))
        assert isinstance(await sender.send(message(type_)), Accepted)
        await sender.close()
        assert gateway.got.pop() == wanted


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", lambda o: isinstance(o, Accepted)),
        (b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", lambda o: isinstance(o, Rejected) and o.permanent),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", lambda o: isinstance(o, Rejected) and not o.permanent),
        (b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", lambda o: isinstance(o, Rejected) and not o.permanent),
        (b"", lambda o: isinstance(o, Unknown)),
        (b"nonsense\r\n\r\n", lambda o: isinstance(o, Unknown)),
    ],
)
async def test_each_answer_has_its_meaning(gateway: Answering, answer: bytes, right: Callable[[object], bool]) -> None:
    gateway.answer = answer
    sender = Gateway(ChannelType.SMS, url(gateway))
    outcome = await sender.send(message(ChannelType.SMS))
    await sender.close()
    assert right(outcome), outcome


async def test_a_gateway_that_is_not_there_has_taken_nothing() -> None:
    sender = Gateway(ChannelType.SMS, {"url": "http://127.0.0.1:9/none", "timeout": 5})
    outcome = await sender.send(message(ChannelType.SMS))
    await sender.close()
    assert isinstance(outcome, Rejected)
    assert not outcome.permanent


async def test_a_token_travels_as_a_header(gateway: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "s3cret")
    sender = Gateway(ChannelType.SMS, url(gateway) | {"token_env": "GATEWAY_TOKEN"})
    await sender.send(message(ChannelType.SMS))
    await sender.close()
    assert "Bearer s3cret" in gateway.headers


@pytest.mark.parametrize(
    "make",
    [
        lambda: Gateway(ChannelType.SMS, {"url": "ftp://x"}),
        lambda: Gateway(ChannelType.SMS, {"kind": "pigeon"}),
        lambda: Gateway(ChannelType.SMS, {"url": "http://x", "token_env": "NOT_SET_ANYWHERE"}),
        lambda: Email({"smtp": "http://x", "from": "a@example.com"}),
        lambda: Email({"smtp": "smtp://user:secret@x", "from": "a@example.com"}),
        lambda: Email({"smtp": "smtp://x", "from": "nobody"}),
        lambda: Email({"smtp": "smtp://x:port", "from": "a@example.com"}),
    ],
)
def test_a_section_that_cannot_work_is_refused_before_the_first_page(make: Callable[[], object]) -> None:
    with pytest.raises(ValidationFailed, match=r"configuration|e-mail"):
        make()
