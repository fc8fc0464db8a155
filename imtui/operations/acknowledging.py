"""Acknowledging a page by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter

if TYPE_CHECKING:
    from imtui.domain.engagement import Acknowledgement
    from imtui.services.context import Context


async def acknowledge(context: Context, code: str) -> Acknowledgement:
    return await services.engagements.acknowledge(context, code)


def lines(done: Acknowledgement) -> list[str]:
    verb = "had acknowledged already" if done.already else "acknowledged"
    incidents = [f"#{number} {shown(title)}" for number, title in done.incidents]
    about = incidents + [shown(subject) for subject in done.subjects]
    return [f"{shown(done.label)} {verb}: {what}" for what in about] or [f"{shown(done.label)} {verb}"]


def document(done: Acknowledgement) -> dict[str, Any]:
    return {
        "contact": done.person,
        "already": done.already,
        "incidents": [{"number": number, "title": title} for number, title in done.incidents],
        "subjects": list(done.subjects),
    }


OPERATIONS = (
    Operation(
        ("ack",),
        "acknowledge a page by the code it carries",
        (Parameter("code", "the six digits of the message"),),
        acknowledge,
        lines,
        document,
    ),
)
