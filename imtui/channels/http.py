"""SMS and voice through a gateway that takes JSON over HTTP: 2xx is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from imtui.channels.protocol import Accepted, Outcome, Outgoing, Rejected, Unknown
from imtui.config import secret
from imtui.domain.contact import ChannelType
from imtui.domain.errors import ValidationFailed

if TYPE_CHECKING:
    import httpx

TIMEOUT = 15.0


class Gateway:
    """POSTs `{"id", "to", "body"}` for SMS and `{"id", "to", "say", "code"}` for voice."""

    at_once = 32

    def __init__(self, type_: ChannelType, section: Mapping[str, Any]) -> None:
        self.name = type_.value.lower()
        if kind := section.get("kind"):
            raise ValidationFailed(
                f"configuration: [{self.name}] kind {kind!r} is not supported: give the url of a gateway"
            )
        url = urlsplit(str(section.get("url", "")))
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValidationFailed(f"configuration: [{self.name}] url must start with http:// or https://")
        self._url = str(section["url"])
        self._timeout = float(section.get("timeout", TIMEOUT))
        token = secret(section, "token")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client: httpx.AsyncClient | None = None

    async def send(self, message: Outgoing) -> Outcome:
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, headers=self._headers)
        try:
            answer = await self._client.post(
                self._url, json=_document(message), headers={"Idempotency-Key": message.id}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            return Rejected(_text(error))
        except (httpx.HTTPError, OSError) as error:
            return Unknown(_text(error))
        status = answer.status_code
        if 200 <= status < 300:
            return Accepted(f"HTTP {status}")
        return Rejected(f"HTTP {status}", permanent=400 <= status < 500 and status not in (408, 409, 423, 425, 429))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _document(message: Outgoing) -> dict[str, str]:
    if message.type is ChannelType.VOICE:
        return {"id": message.id, "to": message.to, "say": message.body, "code": message.code}
    return {"id": message.id, "to": message.to, "body": message.body}


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")[:300]
