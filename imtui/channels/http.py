"""JSON over HTTP, where 2xx means that it was taken over; and SMS and voice through a gateway that speaks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imtui.channels.protocol import MOST_WORDS, Accepted, Outcome, Outgoing, Rejected, Unknown, check_names
from imtui.config import seconds, secret, web_address
from imtui.domain.contact import ChannelType, compact
from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route
from imtui.domain.text import cut, shown

if TYPE_CHECKING:
    import httpx

TIMEOUT = 15.0
SETTINGS = (
    *("url", "timeout", "token_env", "token_file", "kind", "from"),
    *("reply_url", "auth_token_env", "auth_token_file"),  # of replies that come in: `imtui.api.replies` reads them
)
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


class Poster:
    """Posts JSON documents over connections that it keeps."""

    def __init__(self, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        self._timeout = timeout
        self._headers = dict(headers or {})
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, document: Mapping[str, Any], id_: str) -> Outcome:
        """Try once. What broke before anything was handed over is rejected; what broke afterwards, nobody knows."""
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, headers=self._headers)
        try:
            answer = await self._client.post(url, json=document, headers={"Idempotency-Key": id_})
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
            UnicodeError,
        ) as error:
            return Rejected(_text(error))
        except (httpx.HTTPError, OSError) as error:
            return Unknown(_text(error))
        status = answer.status_code
        if 200 <= status < 300:
            return Accepted(f"HTTP {status}")
        return Rejected(f"HTTP {status}", permanent=400 <= status < 500 and status not in (408, 409, 423, 425, 429))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


class Gateway:
    """POSTs `{"id", "to", "body"}` for SMS and `{"id", "to", "say", "code"}` for voice."""

    at_once = 32

    def __init__(self, type_: ChannelType, section: Mapping[str, Any]) -> None:
        self.name = type_.value.lower()
        where = f"configuration: [{self.name}]"
        if kind := section.get("kind"):
            raise ValidationFailed(f"{where} kind {kind!r} is not supported: give the url of a gateway")
        check_names(section, self.name, SETTINGS)
        self._url = web_address(section, where, "url")
        numbers(section, where)
        if "reply_url" in section:
            web_address(section, where, "reply_url")
        timeout = seconds(section, where, "timeout", TIMEOUT)
        token = secret(section, "token")
        if token and not token.isascii():
            raise ValidationFailed(f"{where} the token must be of ASCII characters, as it travels in a header")
        self._poster = Poster(timeout, {"Authorization": f"Bearer {token}"} if token else {})

    async def send(self, message: Outgoing) -> Outcome:
        return await self._poster.post(self._url, _document(message), message.id)

    async def close(self) -> None:
        await self._poster.close()


def numbers(section: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """The numbers that messages come from, as `from` names them: one, or several between commas. A short number has no
    country code. Raises ValidationFailed, which begins with `where`."""
    value = section.get("from", "")
    found = tuple(compact(part.strip()) for part in value.split(",")) if isinstance(value, str) and value else ()
    if not (isinstance(value, str) and all(_NUMBER.fullmatch(number) for number in found)):
        raise ValidationFailed(f"{where} from must be phone numbers between commas, such as +4915112345678")
    return found


def _document(message: Outgoing) -> dict[str, str]:
    if message.type is Route.VOICE:
        return {"id": message.id, "to": message.to, "say": message.body, "code": message.code}
    return {"id": message.id, "to": message.to, "body": message.body}


def _text(error: Exception) -> str:
    return cut(shown(f"{type(error).__name__}: {error}".rstrip(": ")), MOST_WORDS)
