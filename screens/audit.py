"""The audit log: who did what, from where, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from imtui import services
from imtui.domain.audit import Record
from imtui.domain.filter import Facts, Field, Fields, Kind
from imtui.domain.text import cut, shown
from screens.arranging import whole
from screens.listing import ListScreen
from widgets.virtual_table import Cell, Column

_LONGEST = 6000


class AuditScreen(ListScreen[Record]):
    """The newest records first."""

    HEADING: ClassVar[str] = "Audit"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("When", 14),
        Column("Who", 14, narrow=10),
        Column("From", 18, narrow=10),
        Column("What", 24, narrow=18),
        Column("Result", 18, narrow=10),
        Column("On", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Field("who", Kind.TEXT, "alias or login name"),
        Field("what", Kind.TEXT, "the action, such as StartIncident"),
        Field("on", Kind.TEXT, "the resource"),
        Field("from", Kind.TEXT, "network address, machine, or the way it came"),
        Field("result", Kind.TEXT, "ok, or the error"),
        Field("is", Kind.CHOICE, "refused: nothing was changed", ("change", "read", "refused")),
        Field("id", Kind.TEXT, "request id"),
        Field("key", Kind.TEXT, "access key"),
        Field("since", Kind.INSTANT, "when it was, or how long ago"),
    )
    NEWEST: ClassVar[int] = 500
    NOUNS: ClassVar[tuple[str, str]] = ("record", "records")
    EMPTY: ClassVar[str] = "No record yet. Every change and every refusal appears here, with who, when and from where."

    def concerns(self, topics: frozenset[str], incidents: frozenset[str]) -> bool:
        """Whatever changes, somebody has changed it."""
        return bool(topics)

    async def load(self) -> list[Record]:
        found, _ = await services.audit.lookup(self.context, limit=self.NEWEST)
        return found

    def key(self, item: Record) -> str:
        return str(item.id)

    def name_of(self, item: Record) -> str:
        return item.request_id

    def draw(self, item: Record, now: datetime) -> Sequence[Cell]:
        return (
            (self.short(item.at, now), "dim"),
            (shown(item.caller), "strong"),
            (shown(item.address or item.origin), ""),
            (shown(item.event_name), "dim" if item.read_only else ""),
            (shown(_result(item)), "loud" if item.error else "good"),
            (shown(item.resource), ""),
        )

    def facts(self, item: Record) -> Facts:
        facts = {
            "who": (item.caller, item.login),
            "what": item.action,
            "on": item.resource,
            "from": (item.address or "", item.origin),
            "result": item.result,
            "is": ("read" if item.read_only else "change", *(("refused",) if item.error else ())),
            "id": item.request_id,
            "key": item.access_key or "",
            "since": item.at,
        }
        return whole(facts, item.message or "", item.parameters)

    def ranks(self, item: Record) -> Sequence[Any]:
        return (item.at, item.caller, item.address or item.origin, item.event_name, item.result, item.resource)

    def copied_of(self, item: Record) -> str:
        return item.request_id

    def line_of(self, item: Record) -> str:
        parts = (self.local(item.at), item.caller, item.address or item.origin, item.action, item.result, item.resource)
        return " ".join("  ".join(parts).split("\n"))

    def opened(self, item: Record) -> None:
        came = f"{item.address} ({item.origin})" if item.address else item.origin
        facts = {
            "When": self.local(item.at),
            "Who": f"{item.caller}, login name {item.login}",
            "From": came,
            "Access key": item.access_key,
            "Program": item.user_agent,
            "What": f"{item.action} ({'reads' if item.read_only else 'changes'})",
            "On": item.resource,
            "Result": f"{item.error}: {item.message}" if item.error else "ok",
            "Request id": item.request_id,
            "Record": str(item.id),
        }
        text = "\n".join(f"{name}: {shown(value)}" for name, value in facts.items() if value)
        if item.values:
            text += f"\n\nParameters:\n{cut(json.dumps(item.values, indent=2, ensure_ascii=False), _LONGEST)}"
        self.read(f"{item.event_name} by {item.caller}", text)


def _result(item: Record) -> str:
    """The result in few letters."""
    return item.result.removesuffix("Exception")
