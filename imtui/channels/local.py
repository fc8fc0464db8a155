"""Nothing is configured: the message stays in the built-in outbox, which the program shows."""

from __future__ import annotations

from imtui.channels.protocol import Accepted, Outcome, Outgoing


class Local:
    """Keeps messages on this machine."""

    name = "local"
    at_once = 500

    async def send(self, message: Outgoing) -> Outcome:
        return Accepted("kept on this machine: no provider is configured for this channel")

    async def close(self) -> None:
        return
