"""`imtui backup FILE`."""

from __future__ import annotations

from pathlib import Path

from imtui.commands.options import Options
from imtui.commands.session import run_with_context
from imtui.services.context import Context
from storage.backup import copy


def run(options: Options, file: str) -> int:
    """Copy the database; says how large the copy is."""
    target = Path(file).expanduser()

    async def work(context: Context) -> int:
        return await copy(context.database, target)

    size = run_with_context(options._replace(read_only=True), work)
    print(f"{target}: {size:,} bytes")
    return 0
