"""`imtui ssm-incidents …`, `imtui ssm-contacts …`: one operation on the local database, as the AWS command line has
it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imtui.commands.options import Options, UsageError
from imtui.commands.output import write
from imtui.commands.session import run_with_context, warn_when_nobody_pages
from imtui.domain.errors import ValidationFailed
from imtui.domain.text import escaped
from imtui.operations.files import read
from imtui.services.context import Context

_PAGING = ("StartIncident", "StartEngagement", "SendActivationCode")


def run(options: Options, service: str, words: Sequence[str]) -> int:
    """Do it; the exit status."""
    from imtui.operations.aws import line

    if not words or words[0] in ("help", "--help", "-h"):
        write(_help(service))
        return 0
    if len(words) == 2 and words[1] in ("help", "--help", "-h"):
        write(_options(service, words[0]))
        return 0
    try:
        asked = line.parse([service, *words], lambda name: read(name).text())
    except ValidationFailed as error:
        raise UsageError(str(error)) from None

    async def work(context: Context) -> str:
        from imtui.operations.aws.perform import perform
        from imtui.operations.aws.written import written

        answer = await perform(context, asked.service, asked.operation, asked.given)
        if asked.operation in _PAGING:
            await warn_when_nobody_pages(context)
        return written(answer, asked.output, asked.query)

    text = run_with_context(options, work)
    if text:
        write("".join(f"{escaped(row)}\n" for row in text.split("\n")))
    return 0


def _help(service: str) -> str:
    from imtui.operations.aws import line

    names = "\n".join(f"  {name}" for name in sorted(line.operations(service)))
    return f"usage: imtui {service} OPERATION [--OPTION VALUE …]\n\noperations:\n{names}\n"


def _options(service: str, word: str) -> str:
    from imtui.operations.aws import line, model

    name = line.operations(service).get(word)
    if name is None:
        raise UsageError(f"{service}: there is no operation {word[:60]!r}")
    shape: Any = model.shape(service, name)
    needed = set(shape.required_members) if shape else set()
    rows = [
        f"  --{option:<28}{members.type_name}{', needed' if member in needed else ''}"
        for option, member in line.options(service, name).items()
        for members in [shape.members[member]]
    ]
    more = "  --cli-input-json JSON|file://…\n  --output json|text|table\n  --query JMESPATH"
    return f"usage: imtui {service} {word} [--OPTION VALUE …]\n\noptions:\n" + "\n".join([*rows, more]) + "\n"
