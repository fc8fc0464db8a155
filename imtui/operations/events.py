"""Taking in one event document from a file or standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.operations.files import File
from imtui.operations.operation import Operation, Parameter

if TYPE_CHECKING:
    from imtui.services.context import Context
    from imtui.services.events import EventResult


async def event(context: Context, file: File, response_plan: str | None, resolve: bool) -> list[EventResult]:
    from imtui.services.events import Intake
    from imtui.sources.documents import parse, signals

    found = signals(parse(file.data))
    if response_plan is not None:
        await services.response_plans.get(context, response_plan)  # one that does not exist is refused here
    taken = await services.events.take_in(context, [Intake(signal, response_plan, resolve) for signal in found])
    return [result for results in taken for result in results]


def document(results: list[EventResult]) -> dict[str, Any]:
    return {"results": [result.document() for result in results]}


OPERATIONS = (
    Operation(
        ("event",),
        "take in one event: a CloudWatch alarm, EventBridge, an SNS envelope, an Alertmanager webhook",
        (
            Parameter("file", "a JSON file, or - for standard input", file=True),
            Parameter("response_plan", "the plan to use when nothing else names one", option=True),
            Parameter("resolve", "the end of an alert resolves its incident", "flag", option=True, default=False),
        ),
        event,
        lambda results: [],
        document,
        pages=True,
        always_json=True,
        shell_only=True,
    ),
)
