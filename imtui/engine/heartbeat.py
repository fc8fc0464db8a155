"""A ping to somebody outside, sent only while all is well: when it stops, they learn that the watcher is down."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from imtui.clock import Clock
from imtui.domain.errors import ImtuiError, ValidationFailed

SECONDS = 60.0
TIMEOUT = 10.0

log = logging.getLogger(__name__)


class Heartbeat:
    """Pings `[heartbeat] url` every minute, or every `seconds`."""

    def __init__(self, section: Mapping[str, Any], clock: Clock) -> None:
        url = urlsplit(str(section.get("url", "")))
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValidationFailed("configuration: [heartbeat] url must start with http:// or https://")
        self._url = str(section["url"])
        try:
            self._seconds = float(section.get("seconds", SECONDS))
        except (TypeError, ValueError):
            raise ValidationFailed("configuration: [heartbeat] seconds must be a number") from None
        if not 1 <= self._seconds <= 86_400:
            raise ValidationFailed("configuration: [heartbeat] seconds: from 1 to 86400")
        self._clock = clock

    async def run(self, well: Callable[[], Awaitable[bool]]) -> None:
        """Ping until cancelled; a ping that does not get through is only logged, the next one follows."""
        import httpx

        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            while True:
                try:
                    if await well():
                        (await client.get(self._url)).raise_for_status()
                except (httpx.HTTPError, OSError, ImtuiError) as error:
                    log.warning("the heartbeat did not get through: %s", error)
                await self._clock.pause(self._seconds)
