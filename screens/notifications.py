"""Notifications: every message, what became of it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from imtui import services
from imtui.domain.duration import countdown
from imtui.domain.filter import Facts, Field, Fields, Kind
from imtui.domain.text import shown
from imtui.services.messages import Message
from screens.arranging import whole
from screens.listing import ListScreen
from widgets.virtual_table import Cell, Column

_STYLES = {
    "Sent": "good",
    "Kept here": "warn",
    "Failed": "loud",
    "Waiting": "warn",
    "Sending": "warn",
    "Cancelled": "dim",
}


class NotificationsScreen(ListScreen[Message]):
    """The outbox with its receipts."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {"acknowledge"}
    TOPICS: ClassVar[frozenset[str]] = frozenset({"message"})
    HEADING: ClassVar[str] = "Notifications"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("When", 14),
        Column("State", 10),
        Column("To", 16, narrow=12),
        Column("By", 14, narrow=9),
        Column("Subject", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Field("state", Kind.CHOICE, "what became of it", tuple(state.lower() for state in _STYLES)),
        Field("to", Kind.TEXT, "name or address of who gets it"),
        Field("by", Kind.TEXT, "the channel it goes by"),
        Field("kind", Kind.CHOICE, "what it is", ("page", "activation", "test", "notification")),
        Field("incident", Kind.NUMBER, "number of the incident it is about"),
        Field("since", Kind.INSTANT, "when it was sent or made, or how long ago"),
        Field("subject", Kind.TEXT, "what it is about"),
        Field("tries", Kind.NUMBER, "how often it was tried"),
        Field("is", Kind.CHOICE, "uncertain: an earlier try may have arrived", ("uncertain",)),
    )
    NEWEST: ClassVar[int] = 500
    NOUNS: ClassVar[tuple[str, str]] = ("message", "messages")
    EMPTY: ClassVar[str] = "No message yet. Pages, activation codes and test pages appear here."

    async def load(self) -> list[Message]:
        return await services.messages.recent(self.context, limit=self.NEWEST)

    def headline(self) -> Sequence[tuple[str, str]]:
        context = self.host.context
        missing = [name for name in ("email", "sms", "voice") if context and not context.config.section(name)]
        text = f"   not configured, kept here: {', '.join(missing)}" if 0 < len(missing) < 3 else ""
        return (("Notifications", ""), (text, "warn"))

    def key(self, item: Message) -> str:
        return item.id

    def draw(self, item: Message, now: datetime) -> Sequence[Cell]:
        state = item.state
        if state == "Waiting" and item.due_at > now:
            state = f"in {countdown((item.due_at - now).total_seconds())}"
        uncertain = " (an earlier try may have arrived)" if item.uncertain else ""
        failed = f"  {item.info}" if item.state in ("Failed", "Waiting") and item.info else ""
        return (
            (self.short(item.sent_at or item.created_at, now), "dim"),
            (state, _STYLES.get(item.state, "")),
            (shown(item.person), "strong"),
            (shown(item.channel), ""),
            (shown(item.subject + uncertain + failed), ""),
        )

    def facts(self, item: Message) -> Facts:
        facts = {
            "state": item.state,
            "to": (item.person, item.address),
            "by": item.channel,
            "kind": item.kind,
            "incident": item.incidents,
            "since": item.sent_at or item.created_at,
            "subject": item.subject,
            "tries": item.attempts,
            "is": ("uncertain",) if item.uncertain else (),
        }
        return whole(facts, item.info)

    def ranks(self, item: Message) -> Sequence[Any]:
        return (item.sent_at or item.created_at, item.state, item.person, item.channel, item.subject)

    def copied_of(self, item: Message) -> str:
        return item.body

    def line_of(self, item: Message) -> str:
        when = self.local(item.sent_at or item.created_at)
        return " ".join(f"{when}  {item.state}  {item.person}  {item.channel}  {item.subject}".split("\n"))

    def opened(self, item: Message) -> None:
        facts = [
            f"To: {item.person}, {item.channel} ({item.address})",
            f"State: {item.state}, {item.attempts} tries{f': {item.info}' if item.info else ''}",
            f"Queued: {self.local(item.created_at)}   sent: {self.local(item.sent_at) or '–'}",
            f"Id: {item.id}",
        ]
        self.read(item.subject, "\n".join(facts) + f"\n\n{item.body}")

    def act_acknowledge(self) -> None:
        from screens.incident_acts import acknowledge

        self.perform(lambda: acknowledge(self))
