"""Running one operation and printing what came of it."""

from __future__ import annotations

from typing import Any

from imtui.commands.options import Options, UsageError
from imtui.commands.output import say, write_document, write_lines
from imtui.commands.session import run_with_context, warn_when_nobody_pages
from imtui.operations import Operation
from imtui.operations.files import read
from imtui.operations.operation import Parameter
from imtui.services.context import Context


def act(options: Options, operation: Operation, values: dict[str, Any]) -> int:
    """Run it; the exit status."""
    filled = {parameter.name: _filled(parameter, values[parameter.name]) for parameter in operation.parameters}
    for parameter in operation.parameters:
        _check_text(parameter.name, filled[parameter.name])

    async def work(context: Context) -> Any:
        result = await operation.handler(context, **filled)
        if operation.pages:
            await warn_when_nobody_pages(context)
        return result if operation.follow is None else await operation.follow(context, result, say)

    result = run_with_context(options, work)
    if operation.document is not None and (options.json or operation.always_json):
        write_document(operation.document(result))
    else:
        write_lines(operation.lines(result))
    return 0 if operation.status is None else operation.status(result)


def _filled(parameter: Parameter, value: Any) -> Any:
    """Files are read before anything is opened: a bad one leaves no trace, and waiting for input can be broken off."""
    if not parameter.file or value is None:
        return value
    if isinstance(value, list):
        return [name if name in parameter.known else read(name) for name in value]
    return value if value in parameter.known else read(value)


def _check_text(name: str, value: Any) -> None:
    """Names of files may be of any bytes; everything else is text."""
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and any("\ud800" <= c <= "\udfff" for c in text):
            raise UsageError(f"{name.replace('_', ' ')}: not a text in this terminal's encoding")
