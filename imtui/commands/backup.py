"""`imtui backup FILE`."""

from __future__ import annotations

from dataclasses import replace

from imtui.commands.options import Options, UsageError
from imtui.commands.output import write_lines
from imtui.commands.session import run_with_context
from imtui.config import expanded
from imtui.domain.errors import Unavailable
from imtui.domain.text import shown
from imtui.services.context import Context
from storage.backup import copy


def run(options: Options, file: str) -> int:
    """Copy the database; says how large the copy is."""
    if not file:
        raise UsageError("backup: the name of the file is empty")
    target = expanded(file)

    async def work(context: Context) -> int:
        await context.acting_as(replace(context.caller, read_only=False)).may("imtui:Backup", "*")
        try:
            return await copy(context.database, target)
        except OSError as error:
            raise Unavailable(f"{target} cannot be written ({error.strerror or error}): there is no copy") from None

    size = run_with_context(options._replace(read_only=True), work)
    write_lines([f"{shown(str(target))}: {size:,} bytes"])
    return 0
