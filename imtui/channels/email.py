"""E-mail over SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from imtui.channels.protocol import MOST_WORDS, Accepted, Outcome, Outgoing, Rejected, Unknown, check_names
from imtui.config import seconds, secret
from imtui.domain.contact import ChannelType, check_address
from imtui.domain.errors import ValidationFailed
from imtui.domain.text import cut, shown

if TYPE_CHECKING:
    import aiosmtplib

TIMEOUT = 20.0
SETTINGS = ("smtp", "from", "user", "user_env", "user_file", "password_env", "password_file", "timeout")
PERMANENT = frozenset({550, 551, 552, 553, 554, 556})
_PORTS = {"smtp": 25, "smtps": 465}
_WHERE = "configuration: [email]"
_MOST_SUBJECT = 200
_PLAIN_SUBJECT = 66


class Email:
    """One SMTP server. `smtps://` speaks TLS from the start; `smtp://` upgrades where the server offers it, and
    insists on it when a password would travel."""

    name = "email"
    at_once = 16

    def __init__(self, section: Mapping[str, Any]) -> None:
        check_names(section, self.name, SETTINGS)
        self._host, self._port, self._tls, name = _server(section.get("smtp", ""))
        self._user = name or section.get("user") or secret(section, "user")
        if self._user is not None and not isinstance(self._user, str):
            raise ValidationFailed(f"{_WHERE} user must be a text")
        self._password = secret(section, "password")
        if bool(self._user) != bool(self._password):
            raise ValidationFailed(f"{_WHERE} a user needs a password (password_env or password_file), and it a user")
        sender = section.get("from", "")
        try:
            self._from = check_address(ChannelType.EMAIL, sender if isinstance(sender, str) else "")
        except ValidationFailed as error:
            raise ValidationFailed(f"{_WHERE} from: {error}") from None
        self._timeout = seconds(section, _WHERE, "timeout", TIMEOUT)

    async def send(self, message: Outgoing) -> Outcome:
        import aiosmtplib

        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            start_tls=None if not self._password or self._tls else True,
            timeout=self._timeout,
        )
        stage = Stage.CONNECTING
        try:
            sender, to = _in_ascii(self._from), _in_ascii(message.to)
            utf8 = not (sender + to).isascii()
            data = _compose(message, sender, to, utf8=utf8)
            async with asyncio.timeout(self._timeout):
                await client.connect()
                if self._user and self._password:
                    await client.login(self._user, self._password)
                if utf8:
                    await _need_utf8(client)
                stage = Stage.ADDRESSING
                await client.mail(sender, options=["SMTPUTF8"] if utf8 else [], encoding="utf-8" if utf8 else "ascii")
                await client.rcpt(to, encoding="utf-8" if utf8 else "ascii")
                stage = Stage.HANDED_OVER
                answer = await client.data(data)
                return Accepted(_words(f"{answer.code} {answer.message}"))
        except _Unsendable as error:
            return Rejected(_words(str(error)), permanent=True)
        except aiosmtplib.SMTPSenderRefused as error:
            return Rejected(_words(f"the sender was refused: {error.code} {error.message}"))
        except aiosmtplib.SMTPResponseException as error:
            if stage is Stage.HANDED_OVER and not 400 <= error.code <= 599:
                return Unknown(_words(str(error.message)) or "an answer that is none")
            refused = stage is not Stage.CONNECTING and error.code in PERMANENT
            return Rejected(_words(f"{error.code} {error.message}"), permanent=refused)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError) as error:
            words = _words(str(error)) or "no answer in time"
            return Unknown(words) if stage is Stage.HANDED_OVER else Rejected(words)
        finally:
            client.close()

    async def close(self) -> None:
        return


class Stage(Enum):
    """How far one try has come. What breaks before the message was handed over has not arrived for certain."""

    CONNECTING = 1
    ADDRESSING = 2
    HANDED_OVER = 3


class _Unsendable(Exception):
    """This message cannot be sent by this server, however often it is tried."""


async def _need_utf8(client: aiosmtplib.SMTP) -> None:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if not client.supports_extension("smtputf8"):
        raise _Unsendable("the mail server takes no addresses beyond ASCII (SMTPUTF8)")


def _server(given: object) -> tuple[str, int, bool, str | None]:
    """Host, port, whether TLS is spoken from the start, and the user of an SMTP URL."""
    problem = f'{_WHERE} smtp must be a URL such as "smtp://127.0.0.1:1025"'
    try:
        url = urlsplit(given if isinstance(given, str) else "")
        host = url.hostname or ""
        host.encode("idna")
        port = url.port
    except ValueError:
        raise ValidationFailed(f"{problem}, with a port that is a number") from None
    if url.scheme not in _PORTS or not host or not host.isprintable() or " " in host or port == 0:
        raise ValidationFailed(problem)
    if url.password:
        raise ValidationFailed(f"{_WHERE} give the password by password_env or password_file")
    return host, port or _PORTS[url.scheme], url.scheme == "smtps", unquote(url.username) if url.username else None


def _in_ascii(address: str) -> str:
    """The address with its host as every mail server knows it."""
    name, _, host = address.rpartition("@")
    try:
        return f"{name}@{host.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise _Unsendable(f"there can be no host {host[:80]}") from None


def _compose(message: Outgoing, sender: str, to: str, *, utf8: bool) -> bytes:
    """The mail in lines that every server takes, however long the words in it are.

    The headers are written here: the library would read what looks like an encoded word (`=?utf-8?q?=0D=0A…?=`) in an
    alarm's name, and write the line end in it as one.
    """
    if not utf8 and not (sender + to).isascii():
        raise _Unsendable("the address has characters beyond ASCII")
    mail = EmailMessage(policy=(SMTPUTF8 if utf8 else SMTP).clone(cte_type="7bit"))
    try:
        mail.set_content(shown(message.body, lines=True))
        lines = [
            f"From: {sender}",
            f"To: {to}",
            f"Subject: {_encoded(cut(shown(message.subject), _MOST_SUBJECT))}",
            f"Date: {format_datetime(message.at)}",
            f"Message-ID: <{message.id}@imtui>",
            "Auto-Submitted: auto-generated",
        ]
        return "".join(f"{line}\r\n" for line in lines).encode() + mail.as_bytes()
    except (MessageError, ValueError, LookupError) as error:
        raise _Unsendable(f"this cannot be written as an e-mail ({error})") from None


def _encoded(subject: str) -> str:
    """A subject as it stands in a header: as it is when that is short and plain, else in encoded words."""
    if subject.isascii() and "=?" not in subject and len(subject) <= _PLAIN_SUBJECT:
        return subject
    return Header(subject, "utf-8", header_name="Subject", maxlinelen=76).encode(linesep="\r\n")


def _words(text: str) -> str:
    """What a server said, as one line."""
    return cut(shown(text).strip(), MOST_WORDS)
