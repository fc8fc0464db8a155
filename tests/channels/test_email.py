"""E-mail to real servers: what any text becomes on its way, and what each way of being refused or left alone means."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from hypothesis import given, settings
from hypothesis import strategies as st

from imtui.channels.email import Email, _compose, _Unsendable
from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected, Unknown
from imtui.domain.contact import ChannelType, check_address
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route
from imtui.domain.text import cut, shown
from tests.domain.nasty import texts

AT = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def outgoing(subject: str = "subject", body: str = "body", to: str = "ana@example.com") -> Outgoing:
    return Outgoing("7d0f6c1e", Route.EMAIL, to, subject, body, "123456", AT)


class Mailbox:
    """What a server took: the envelopes, and the mails as they were sent."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        self.raw: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        self.raw.append(envelope.original_content)
        return "250 OK"

    def take(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw.pop(), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class Utf8(Controller):
    """A server that takes addresses of any letters."""

    def factory(self) -> smtp.SMTP:
        return smtp.SMTP(self.handler, enable_SMTPUTF8=True, hostname="mail.example.com")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=[Controller, Utf8], ids=["ascii", "utf-8"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Mailbox, Email, bool]]:
    """A real SMTP server, with what it took, a way to it, and whether it takes addresses beyond ASCII."""
    mailbox, port = Mailbox(), free_port()
    options = {"enable_SMTPUTF8": False} if request.param is Controller else {}
    controller = request.param(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield mailbox, email(port), request.param is Utf8
    finally:
        controller.stop()


def email(port: int, timeout: float = 10) -> Email:
    return Email({"smtp": f"smtp://127.0.0.1:{port}", "from": "incidents@example.com", "timeout": timeout})


LONG = "x" * 10_000
NASTY = (
    LONG,
    "日" * 10_000,
    "Größe ≠ null 🔥 👩\u200d👩\u200d👧",
    "a\r\nBcc: mallory@example.com\r\n\r\nbody",
    "\x1b[31mred\x00\u202e",
    "\ud800",
    ".\r\n..\n.x\n\nQUIT\n",
    "=?utf-8?q?=0D=0ABcc:_mallory@example.com?=",
    "From the beginning\nFrom again",
    "trailing space \n\ttab\n" + "y" * 2_000,
    "",
)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:24])
async def test_any_text_arrives_as_it_is_shown_and_adds_no_header(
    server: tuple[Mailbox, Email, bool], text: str
) -> None:
    mailbox, sender, _ = server
    assert isinstance(await sender.send(outgoing(text, text)), Accepted)
    raw = mailbox.raw[-1]
    mail = mailbox.take()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert {name.lower() for name in mail} == {
        *("from", "to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type", "content-transfer-encoding"),
    }
    assert mail["Message-ID"] == "<7d0f6c1e@imtui>"
    body = mail.get_content().replace("\r\n", "\n")
    assert body.rstrip("\n") == shown(text, lines=True).rstrip("\n")
    subject = "".join(part.decode(charset) for part, charset in _parts(raw))
    assert subject.strip() == cut(shown(text), 200).strip()
    assert mailbox.recipients.pop() == "ana@example.com"


def _parts(raw: bytes) -> list[tuple[bytes, str]]:
    """The subject as it was sent, in pieces with their character sets."""
    header = message_from_bytes(raw, policy=policy.compat32)["Subject"]
    return [
        (part.encode() if isinstance(part, str) else part, charset or "ascii")
        for part, charset in decode_header(header.replace("\r\n", ""))
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=60) | texts, st.text(st.characters(), max_size=60) | texts)
def test_any_text_can_be_composed(subject: str, body: str) -> None:
    data = _compose(outgoing(subject, body), "a@example.com", "b@example.com", utf8=False)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    mail = message_from_bytes(data, policy=policy.default)
    assert [name for name in mail if name.lower() in ("bcc", "cc", "to", "from")] == ["From", "To"]


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=30).map("{}@example.com".format) | st.emails())
def test_any_address_that_is_taken_can_be_composed_or_is_refused_for_good(address: str) -> None:
    try:
        known = check_address(ChannelType.EMAIL, address)
    except ValidationFailed:
        return
    for utf8 in (True, False):
        try:
            data = _compose(outgoing(), "a@example.com", known, utf8=utf8)
        except _Unsendable:
            continue
        assert b"\r\nBcc" not in data


@pytest.mark.parametrize("to", ["jörg@example.com", "ana@münchen.example", "ana..b@example.com", ".ana@example.com"])
async def test_addresses_beyond_the_usual_arrive_or_are_refused_for_good(
    server: tuple[Mailbox, Email, bool], to: str
) -> None:
    mailbox, sender, utf8 = server
    outcome = await sender.send(outgoing(to=to))
    if not utf8 and not to.partition("@")[0].isascii():
        assert outcome == Rejected("the mail server takes no addresses beyond ASCII (SMTPUTF8)", permanent=True)
        return
    assert isinstance(outcome, (Accepted, Rejected)), outcome
    if isinstance(outcome, Accepted):
        assert mailbox.recipients.pop() == to.replace("münchen", "xn--mnchen-3ya")


# ---------------------------------------------------------------- servers that refuse, leave, or say nothing

Turn = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@asynccontextmanager
async def answering(turn: Turn) -> AsyncIterator[Email]:
    """A way to a server that behaves like this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await turn(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            done.set()

    done = asyncio.Event()
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield email(listening.sockets[0].getsockname()[1], timeout=0.5)
        await done.wait()
    finally:
        listening.close()
        await listening.wait_closed()


OK = {"EHLO": "250 mail", "MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 go on", ".": "250 taken", "RSET": "250 OK"}
LEAVE, HANG = "leave", "hang"


def script(greeting: str = "220 mail", **changed: str) -> Turn:
    """A server that answers as usual except where it is told otherwise."""
    answers = {**OK, **{("." if name == "DOT" else name): answer for name, answer in changed.items()}}

    async def turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def answer(text: str) -> bool:
            if text == LEAVE:
                return False
            if text == HANG:
                await reader.read()
                return False
            writer.write(f"{text}\r\n".encode())
            await writer.drain()
            return True

        if not await answer(greeting):
            return
        while line := await reader.readline():
            word = line.split()[0].decode().upper()
            if not await answer(answers.get(word, "502 what?")):
                return
            if word == "DATA" and answers["DATA"].startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                if not await answer(answers["."]):
                    return

    return turn


LATER, NEVER = Rejected(""), Rejected("", permanent=True)


@pytest.mark.parametrize(
    ("turn", "meaning"),
    [
        (script(), Accepted()),
        (script("421 too busy"), LATER),
        (script("554 you are not welcome"), LATER),
        (script("HTTP/1.1 400 Bad Request"), LATER),
        (script(LEAVE), LATER),
        (script(HANG), LATER),
        (script(EHLO=LEAVE), LATER),
        (script(EHLO=HANG), LATER),
        (script(MAIL="550 sender unknown"), LATER),
        (script(MAIL="451 later"), LATER),
        (script(MAIL=LEAVE), LATER),
        (script(RCPT="550 no such user"), NEVER),
        (script(RCPT="551 moved"), NEVER),
        (script(RCPT="450 greylisted"), LATER),
        (script(RCPT="421 closing"), LATER),
        (script(RCPT="530 log in first"), LATER),
        (script(RCPT=LEAVE), LATER),
        (script(RCPT=HANG), LATER),
        (script(DATA="451 later"), LATER),
        (script(DATA="554 no"), NEVER),
        (script(DOT="451 disk full"), LATER),
        (script(DOT="554 this is spam"), NEVER),
        (script(DOT="552 too large", RSET=HANG), NEVER),
        (script(DOT="250 taken", RSET=LEAVE), Accepted()),
        (script(DOT=LEAVE), Unknown("")),
        (script(DOT=HANG), Unknown("")),
        (script(DOT="what?"), Unknown("")),
    ],
    ids=range(27),
)
async def test_each_way_of_being_refused_has_its_meaning(turn: Turn, meaning: Outcome) -> None:
    async with answering(turn) as sender:
        outcome = await sender.send(outgoing())
    assert type(outcome) is type(meaning), outcome
    assert getattr(outcome, "permanent", None) == getattr(meaning, "permanent", None), outcome
    assert outcome.info
    assert outcome.info.isprintable()


async def test_what_a_server_says_reaches_nobody_as_a_command() -> None:
    async with answering(script(RCPT="550-\x1b]0;owned\x07\r\n550 \x1b[31m" + "no " * 400)) as sender:
        outcome = await sender.send(outgoing())
    assert outcome.info.isprintable()
    assert outcome.info.startswith("550 ")
    assert len(outcome.info) <= 300


async def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    outcome = await email(free_port()).send(outgoing())
    assert isinstance(outcome, Rejected)
    assert not outcome.permanent


async def test_a_host_that_does_not_exist_has_taken_nothing() -> None:
    sender = Email({"smtp": "smtp://nowhere.invalid", "from": "a@example.com", "timeout": 5})
    outcome = await sender.send(outgoing())
    assert isinstance(outcome, Rejected)
    assert not outcome.permanent


async def test_a_password_never_travels_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = bytearray()

    async def turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        while line := await reader.readline():
            heard.extend(line)
            writer.write(b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n" if line.startswith(b"EHLO") else b"502 no\r\n")

    monkeypatch.setenv("SMTP_PASSWORD", "s3cret")
    async with answering(turn) as plain:
        section = {"smtp": f"smtp://me@127.0.0.1:{plain._port}", "from": "a@example.com"}
        outcome = await Email(section | {"password_env": "SMTP_PASSWORD", "timeout": 2}).send(outgoing())
    assert isinstance(outcome, Rejected)
    assert b"AUTH" not in heard
    assert b"MAIL" not in heard
