"""What a command writes: to whatever standard output and standard error are, as nothing but text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO

from imtui.domain.errors import ImtuiError
from imtui.domain.text import cut, escaped, shown

_MOST_WORDS = 2000


class OutputLost(ImtuiError):
    """What the command was to do is done, but what came of it could not be written."""


def write_lines(lines: Iterable[str]) -> None:
    """Lines for people. What a terminal would take for a command is written as an escape."""
    write("".join(f"{escaped(line)}\n" for line in lines))


def write_document(document: Any) -> None:
    """A document for programs, as JSON."""
    import json

    text = json.dumps(document, ensure_ascii=not _speaks_unicode(sys.stdout), indent=2)
    write(escaped(text) + "\n")


def write(text: str) -> None:
    """Write to standard output; raises OutputLost when that cannot be done."""
    out = sys.stdout
    if out is None:
        raise OutputLost("done, but standard output is closed: the result cannot be written")
    try:
        encoding = out.encoding or "utf-8"
        out.write(text.encode(encoding, "backslashreplace").decode(encoding))
        out.flush()
    except BrokenPipeError:
        hush()
        raise
    except OSError as error:
        hush()
        raise OutputLost(f"done, but the result could not be written ({error.strerror})") from None


def say(text: str) -> None:
    """One line on standard error, where there is one."""
    if sys.stderr is None:  # print would take standard output instead
        return
    with suppress(OSError):
        print(f"imtui: {cut(' '.join(shown(text).split()), _MOST_WORDS)}", file=sys.stderr, flush=True)


def hush() -> None:
    """Nothing more goes to standard output: what is still buffered would be complained about at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _speaks_unicode(stream: TextIO | None) -> bool:
    return ((stream.encoding if stream else None) or "utf-8").lower().replace("-", "").startswith("utf")
