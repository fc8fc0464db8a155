"""What the engine hands over, and what a provider may answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imtui.domain.errors import ValidationFailed
from imtui.domain.route import Route

MOST_WORDS = 300
"""How much of a provider's answer is kept."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way. `id` is the same on every try, so that a provider or a person can tell a repeat."""

    id: str
    type: Route
    to: str
    subject: str
    body: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the message over."""

    info: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message did not go out; `permanent` when trying again cannot help."""

    info: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The message may have gone out: the connection broke, or nobody answered, after it was handed over."""

    info: str


Outcome = Accepted | Rejected | Unknown


class Sender(Protocol):
    """A provider. `send` never raises for what can go wrong on the way; it answers."""

    name: str
    at_once: int
    """How many messages may be on their way through it at one time."""

    async def send(self, message: Outgoing) -> Outcome:
        """Try once to hand the message over."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def check_names(section: Iterable[str], name: str, known: tuple[str, ...]) -> None:
    """Raise ValidationFailed for settings that nobody reads, so that a typing error is seen."""
    if unknown := sorted(str(setting) for setting in section if setting not in known):
        raise ValidationFailed(
            f"configuration: [{name}] has no {', '.join(unknown)[:80]}; there are {', '.join(known)}"
        )
