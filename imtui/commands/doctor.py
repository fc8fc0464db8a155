"""`imtui doctor`: what is well, what is weak, what is wrong."""

from __future__ import annotations

import json
import sys

from imtui.commands.options import Options
from imtui.commands.session import run_with_context
from imtui.services.context import Context
from imtui.services.doctor import Finding, examine

_SIGNS = {"ok": "ok  ", "weak": "weak", "wrong": "WRONG"}


def run(options: Options) -> int:
    """Examine the database; status 1 when anything is wrong."""

    async def work(context: Context) -> list[Finding]:
        return await examine(context)

    found = run_with_context(options._replace(read_only=True), work)
    if options.json:
        document = [{"level": f.level, "subject": f.subject, "text": f.text} for f in found]
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        width = max(len(finding.subject) for finding in found)
        for finding in found:
            print(f"{_SIGNS[finding.level]:<6}{finding.subject:<{width}}  {finding.text}")
    sys.stdout.flush()
    return 1 if any(finding.level == "wrong" for finding in found) else 0
