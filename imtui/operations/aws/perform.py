"""Doing an operation of the wire: its members checked by the model, its answer once for each token of a client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from imtui.domain.errors import ImtuiError
from imtui.operations.aws import model
from imtui.operations.aws.values import Problem, problems
from imtui.services.context import Context
from imtui.services.once import Once, TokenUsed, begun, finished

_TOKENS = ("IdempotencyToken", "clientToken")
"""Members that are tokens also where the model does not mark them as such."""

_SHARED = ("incidentRecordArn", "responsePlanArn", "arn", "ContactId")
"""Members that name what a user of another account does something to."""

Handler = Callable[[Context, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""Does an operation: with the members of its request as the program has them, to the members of its answer."""


class Unknown(ImtuiError):
    """There is no such operation."""

    code = "UnknownOperationException"


class Invalid(ImtuiError):
    """Members are missing or out of their limits."""

    code = "ValidationException"

    def __init__(self, found: list[Problem]) -> None:
        count = f"{len(found)} validation error{'' if len(found) == 1 else 's'} detected"
        super().__init__(f"{count}: " + "; ".join(f"{path or 'the request'} {text}" for path, text in found[:20]))
        self.found = found


def handler(service: str, name: str) -> Handler:
    """What does an operation; raises Unknown."""
    from imtui.operations.aws.registry import HANDLERS

    found = HANDLERS.get(service, {}).get(name)
    if found is None or model.operation(service, name) is None:
        raise Unknown(f"{service} has no operation {name[:80]!r} here")
    return found


async def perform(context: Context, service: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Do an operation for the caller of the context. `given` are its members as `values.taken` gives them.

    Raises Unknown, Invalid, and what the services raise.
    """
    do = handler(service, name)
    described = model.operation(service, name)
    assert described is not None
    wrong = problems(described.input_shape, given) if described.input_shape else []
    if wrong:
        raise Invalid(wrong)
    member = next((member for member in (*described.idempotent_members, *_TOKENS) if given.get(member)), None)
    if member is None:
        return await do(context, given)
    once = Once(f"{service}:{name}", str(given[member]), {k: v for k, v in given.items() if k != member})
    known = await begun(context, once)
    if known is not None:
        if context.foreign:  # what was shared when it was done may not be shared any more
            about = next((given[each] for each in _SHARED if given.get(each)), "*")
            await context.may(f"{service}:{name}", str(about))
        return known
    try:
        result = await do(context.doing(once), given)
    except TokenUsed:  # a client that got no answer in time has sent it again, and the first has just been carried out
        known = await begun(context, once)
        if known is None:
            raise
        return known
    await finished(context, once, result)
    return result
