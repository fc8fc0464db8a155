"""`imtui doctor`: what is well, what is weak, what is wrong."""

from __future__ import annotations

from imtui.commands.options import Options
from imtui.commands.output import write_document, write_lines
from imtui.commands.session import run_with_context
from imtui.operations.words import columns
from imtui.services.context import Context
from imtui.services.doctor import Finding, examine

_SIGNS = {"ok": "ok", "weak": "weak", "wrong": "WRONG"}


def run(options: Options) -> int:
    """Examine the database; status 1 when anything is wrong."""

    async def work(context: Context) -> list[Finding]:
        return await examine(context)

    found = run_with_context(options._replace(read_only=True), work)
    if options.json:
        write_document([{"level": f.level, "subject": f.subject, "text": f.text} for f in found])
    else:
        write_lines(columns((_SIGNS[f.level], f.subject, f.text) for f in found))
    return 1 if any(finding.level == "wrong" for finding in found) else 0
