"""Operations of the services in the `:` line and in chat rooms: `@aws ssm-incidents start-incident …`.

What AWS's models say is read from a file of some size: while one types, that is done beside the program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imtui.domain.asking import Question
from imtui.operations.aws import SERVICES
from imtui.operations.completion_reading import Reading
from imtui.operations.operation import Operation

if TYPE_CHECKING:
    from imtui.operations.aws.line import Line
    from imtui.services.context import Context

_CALLED = ("@aws", "aws")
_PAGING = ("StartIncident", "StartEngagement", "SendActivationCode")
_loading: dict[str, threading.Thread] = {}


def addressed(words: Sequence[str]) -> list[str]:
    """The words without the name that a chat room calls the program by."""
    return list(words[1:] if words[:1] and words[0].lower() in _CALLED else words)


def is_meant(words: Sequence[str]) -> bool:
    """Whether a line names an operation of a service."""
    return bool(words) and words[0] in SERVICES


def operation(words: Sequence[str]) -> tuple[Operation, dict[str, Any]]:
    """The operation of a line with its arguments; raises ValidationFailed in words."""
    from imtui.operations.aws import line

    asked = line.parse(words)
    described = Operation(
        (words[0], words[1]),
        f"{asked.operation} of {asked.service}",
        (),
        _do,
        lambda answer: _lines(asked, answer),
        pages=asked.operation in _PAGING,
        question=_question if _asks(asked) else None,
    )
    return described, {"asked": asked}


def reading(before: Sequence[str], word: str) -> Reading:
    """What a half-typed line may become."""
    service = before[0]
    if not _is_loaded(service):
        return Reading(f"{service} …")
    from imtui.operations.aws import line, model

    known = line.operations(service)
    if len(before) == 1:
        wrong = "" if any(name.startswith(word) for name in known) else f"{service} has no {word!r}"
        return Reading(f"{service} OPERATION", tuple((name, known[name]) for name in sorted(known)), wrong=wrong)
    name = known.get(before[1])
    if name is None:
        return Reading(wrong=f"{service} has no {before[1]!r}")
    taken = model.shape(service, name)
    needed = set(taken.required_members) if taken else set()
    options = line.options(service, name)
    usage = " ".join([*before[:2], *(f"--{o} {o.upper()}" for o, m in options.items() if m in needed)])
    if word and not word.startswith("-"):
        return Reading(usage)
    given = {text.partition("=")[0] for text in before}
    offers = ((f"--{o}", "needed" if m in needed else "") for o, m in options.items() if f"--{o}" not in given)
    return Reading(usage, tuple(sorted(offers, key=lambda offer: not offer[1])))


def _is_loaded(service: str) -> bool:
    """Whether the model is there; else it is loaded beside the program."""
    if service not in _loading:
        _loading[service] = threading.Thread(target=_load, args=(service,), daemon=True, name=f"load {service}")
        _loading[service].start()
    return not _loading[service].is_alive()


def _load(service: str) -> None:
    from imtui.operations.aws import line

    line.operations(service)


async def _do(context: Context, asked: Line) -> Mapping[str, Any]:
    from imtui.operations.aws.perform import perform

    return await perform(context, asked.service, asked.operation, asked.given)


def _lines(asked: Line, answer: Mapping[str, Any]) -> Iterable[str]:
    from imtui.operations.aws.written import written

    return written(answer, asked.output, asked.query).splitlines() or [f"{asked.operation}: done"]


def _asks(asked: Line) -> bool:
    """Whether it pages, resolves or deletes."""
    resolves = asked.operation == "UpdateIncidentRecord" and asked.given.get("status") == "RESOLVED"
    return asked.operation in _PAGING or asked.operation.startswith("Delete") or resolves


async def _question(_: Context, asked: Line) -> Question:
    what = ", ".join(str(value) for value in asked.given.values() if isinstance(value, str))[:300]
    verb = {"Delete": "Delete", "Update": "Resolve"}.get(asked.operation[:6], "Send")
    return Question(f"{asked.operation}?", what or asked.service, verb)
