"""The shell commands: what they are given, what they print, how they end."""

from __future__ import annotations

from collections.abc import Sequence

from imtui.commands.options import Options, UsageError, split, usage
from imtui.commands.output import hush, say
from imtui.domain.errors import ImtuiError

DONE, FAILED, USAGE = 0, 1, 2


def run(words: Sequence[str]) -> int:
    """Run a command line; the exit status. Errors are one line on standard error."""
    debug = "--debug" in words
    try:
        options, rest = split(words)
        return _run(options, rest)
    except UsageError as error:
        return usage(str(error))
    except ImtuiError as error:
        if debug:
            raise
        return failed(str(error))
    except KeyboardInterrupt:
        return failed("interrupted")
    except BrokenPipeError:  # whoever read the output has seen enough
        hush()
        return FAILED
    except Exception as error:
        if debug:
            raise
        return failed(f"this is a defect of imtui ({type(error).__name__}: {error}); --debug shows where")


def failed(text: str) -> int:
    """Say in one line what is wrong."""
    say(text)
    return FAILED


def _run(options: Options, words: list[str]) -> int:
    if not words:
        from imtui.commands.program import run as program

        return program(options)
    from imtui.operations.aws import SERVICES

    if words[0] in SERVICES:
        from imtui.commands.aws import run as operate

        return operate(options, words[0], words[1:])
    from imtui.commands.parser import parse

    chosen = parse(words)
    return chosen if isinstance(chosen, int) else chosen.run(options)
