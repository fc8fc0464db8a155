"""E-mail over SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected, Unknown
from imtui.config import secret
from imtui.domain.contact import ChannelType, check_address
from imtui.domain.errors import ValidationFailed

TIMEOUT = 20.0
_PORTS = {"smtp": 25, "smtps": 465}


class Email:
    """One SMTP server. `smtps://` speaks TLS from the start; `smtp://` upgrades where the server offers it, and
    insists on it when a password would travel."""

    name = "email"
    at_once = 16

    def __init__(self, section: Mapping[str, Any]) -> None:
        url = urlsplit(str(section.get("smtp", "")))
        if url.scheme not in _PORTS or not url.hostname:
            raise ValidationFailed('configuration: [email] smtp must be a URL such as "smtp://127.0.0.1:1025"')
        if url.password:
            raise ValidationFailed("configuration: [email] give the password by password_env or password_file")
        try:
            self._port = url.port or _PORTS[url.scheme]
        except ValueError:
            raise ValidationFailed("configuration: [email] smtp has a port that is no number") from None
        self._host = url.hostname
        self._tls = url.scheme == "smtps"
        self._user = unquote(url.username) if url.username else section.get("user") or secret(section, "user")
        self._password = secret(section, "password")
        self._from = check_address(ChannelType.EMAIL, str(section.get("from", "")))
        self._timeout = float(section.get("timeout", TIMEOUT))

    async def send(self, message: Outgoing) -> Outcome:
        import aiosmtplib

        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            start_tls=None if not self._password or self._tls else True,
            timeout=self._timeout,
        )
        handed_over = False
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
                if self._user and self._password:
                    await client.login(str(self._user), self._password)
                handed_over = True
                _, answer = await client.send_message(self._compose(message))
                return Accepted(answer[:200])
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            return Rejected(f"{refusal.code} {refusal.message}"[:300], permanent=refusal.code >= 500)
        except aiosmtplib.SMTPResponseException as error:
            return Rejected(f"{error.code} {error.message}"[:300], permanent=error.code in (550, 551, 553, 554))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            text = str(error).splitlines()[0][:300] if str(error) else "no answer in time"
            return Unknown(text) if handed_over else Rejected(text)
        finally:
            client.close()

    async def close(self) -> None:
        return

    def _compose(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._from
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@imtui>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        return mail
