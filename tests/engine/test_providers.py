"""Providers that are down, slow, refuse, or hang: who is told, who is paged all the same, and what is repeated."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from imtui import services
from imtui.channels.email import Email
from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected, Unknown
from imtui.clock import ManualClock, SystemClock
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.engine.heartbeat import Heartbeat
from imtui.services.context import Context
from storage import tables as t
from storage.alarms import raise_alarm
from storage.opening import open_database
from tests.engine.conftest import Provider
from tests.organisation import organise


async def texts(context: Context) -> list[str]:
    return [event.text for event in await services.timeline.events(context, 1)]


async def test_a_page_refused_for_good_is_an_alarm_and_the_plan_goes_on(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    provider.answers = [Rejected("550 no such user", permanent=True)]
    await services.incidents.start(context, "web")
    await engine.tick()
    assert len(provider.take()) == 1
    assert any("failed for good: 550 no such user" in text for text in await texts(context))
    assert not (await services.health.report(context)).ok
    async with context.database.read() as reader:
        receipts = [row.type for row in await reader.all(sa.select(t.receipts.c.type))]
    assert receipts == ["ERROR"]
    manual_clock.advance(300)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["+4915100000001"]


async def test_a_provider_that_is_down_is_tried_again_with_the_same_id_and_its_alarm_ends(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    provider.answers = [Rejected("connection refused")] * 3
    await services.incidents.start(context, "web")
    await engine.tick()
    assert any(alarm.key.startswith("provider:") for alarm in (await services.health.report(context)).alarms)
    for wait in (9.0, 1.0, 20.0, 40.0):
        manual_clock.advance(wait)
        await engine.tick()
    ids = [message.id for message in provider.sent]
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert (await services.health.report(context)).alarms == ()


async def test_an_unknown_outcome_is_repeated_and_said(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    provider.answers = [Unknown("no answer in time")]
    await services.incidents.start(context, "web")
    await engine.tick()
    manual_clock.advance(10)
    await engine.tick()
    assert len({message.id for message in provider.sent}) == 1
    assert len(provider.sent) == 2
    assert any("may not have arrived" in text for text in await texts(context))
    assert [m.uncertain for m in await services.messages.recent(context)] == [True]


class Hanging:
    """A provider that takes a message and never answers."""

    name = "hanging"
    at_once = 1

    def __init__(self) -> None:
        self.taken = asyncio.Event()

    async def send(self, message: Outgoing) -> Outcome:
        self.taken.set()
        await asyncio.Event().wait()
        return Accepted()

    async def close(self) -> None:
        return


class Telling(Provider):
    """Says when it was handed something."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()

    async def send(self, message: Outgoing) -> Outcome:
        self.taken.set()
        return await super().send(message)


async def test_a_provider_that_hangs_holds_up_no_other(tmp_path: Path, context: Context) -> None:
    database, clock = await open_database(str(tmp_path / "own.db"))
    here = Context(database, clock, context.names, context.caller, context.config)
    made = await organise(here)
    hanging, mail = Hanging(), Telling()
    providers: dict[Route, Any] = {
        Route.SMS: hanging,
        Route.VOICE: hanging,
        Route.EMAIL: mail,
    }
    engine = Engine(database, SystemClock(), context.config, providers=providers)
    running = asyncio.create_task(engine.run())
    try:
        await services.channels.test(here, made.ana_sms)
        async with asyncio.timeout(10):
            await hanging.taken.wait()
            await services.incidents.start(here, "web")
            await mail.taken.wait()
    finally:
        engine.stop()
        await running
        await database.close()


class Inbox:
    """What a real SMTP server took."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        from email import message_from_bytes

        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content))
        return answer


@pytest.fixture
def smtp() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server on this machine."""
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


async def test_a_page_reaches_a_real_mailbox_and_its_code_acknowledges(
    context: Context, smtp: tuple[Inbox, int], provider: Provider, manual_clock: ManualClock
) -> None:
    inbox, port = smtp
    inbox.answers = ["451 try later"]
    await organise(context)
    section = {"smtp": f"smtp://127.0.0.1:{port}", "from": "incidents@example.com"}
    providers: dict[Route, Any] = {**dict.fromkeys(Route, provider), Route.EMAIL: Email(section)}
    engine = Engine(context.database, manual_clock, context.config, providers=providers)
    await services.incidents.start(context, "web", title="Größe ≠ \x1b[31m null")
    await engine.tick()
    assert inbox.mails == []
    manual_clock.advance(10)
    await engine.tick()
    await engine.close()
    mail = inbox.mails[0]
    assert mail["To"] == "ana@example.com"
    assert mail["Message-ID"].endswith("@imtui>")
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    body = payload.decode()
    assert "Impact: 2 (High)" in body
    assert "\x1b" not in body
    code = body.split("Acknowledgement code: ")[1][:6]
    done = await services.engagements.acknowledge(context, code)
    assert done.label == "Ana"
    assert provider.sent == []


async def test_the_heartbeat_stops_while_anything_is_wrong(context: Context, engine: Engine) -> None:
    assert not await engine._well()
    await engine.tick()
    assert await engine._well()
    async with context.database.write(context.now()) as unit:
        await raise_alarm(unit, "check:late", "steps are overdue")
    assert not await engine._well()


async def test_the_heartbeat_pings_and_survives_a_watcher_that_is_away() -> None:
    pinged = asyncio.Event()
    count = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        await reader.readuntil(b"\r\n\r\n")
        count += 1
        status = b"500 Oh no" if count == 1 else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if count == 2:
            pinged.set()

    async def well() -> bool:
        return True

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clock = Impatient()
    beating = asyncio.create_task(Heartbeat({"url": f"http://127.0.0.1:{port}/ping"}, clock).run(well))
    async with asyncio.timeout(10):
        await pinged.wait()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    server.close()
    await server.wait_closed()
    assert count >= 2


class Impatient(SystemClock):
    """Waits for nothing."""

    async def pause(self, seconds: float) -> None:
        await super().pause(0.01)
