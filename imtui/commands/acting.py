"""Running one operation and printing what came of it."""

from __future__ import annotations

import json
import sys
from typing import Any

from imtui.commands.options import Options
from imtui.commands.session import run_with_context, warn_when_nobody_pages
from imtui.operations import Operation
from imtui.services.context import Context


def act(options: Options, operation: Operation, values: dict[str, Any]) -> int:
    """Run it; the exit status."""

    async def work(context: Context) -> Any:
        result = await operation.handler(context, **values)
        if operation.pages:
            await warn_when_nobody_pages(context)
        return result

    result = run_with_context(options, work)
    if operation.document is not None and (options.json or operation.always_json):
        text = json.dumps(operation.document(result), ensure_ascii=False, indent=2)
        sys.stdout.write(_encodable(text) + "\n")
    else:
        for line in operation.lines(result):
            sys.stdout.write(_encodable(line) + "\n")
    sys.stdout.flush()
    return 0


def _encodable(text: str) -> str:
    """What this terminal can write."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
