"""The `imtui` command: what can be said without loading anything heavy, and the way to everything else."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from imtui import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        try:
            sys.stdout.write(f"imtui {__version__}\n")
            sys.stdout.flush()
        except OSError:
            return 1
        return 0
    # What is loaded stays loaded: looking for garbage among it only delays the first frame and short commands.
    gc.disable()
    from imtui.commands import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
