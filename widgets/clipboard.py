"""Copying to the clipboard of the machine one sits at, over SSH too: through tmux or GNU screen where one is inside."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from contextlib import suppress

MOST = 70_000
"""What terminals take in one OSC 52 sequence, in bytes before encoding."""

_TMUX_SECONDS = 2.0
_SCREEN_PIECE = 240
"""GNU screen passes on so much in one piece: older ones take no more than 256 bytes."""


async def copy(text: str, write: Callable[[str], object], environment: Mapping[str, str]) -> int:
    """Put a text on the clipboard; how many bytes of it were left out because terminals take no more. `write` writes
    to the terminal."""
    data = text.encode("utf-8", "replace")
    if environment.get("TMUX") and await _by_tmux(data):
        return 0
    taken = data if len(data) <= MOST else data[:MOST].decode("utf-8", "ignore").encode()
    sequence = f"\x1b]52;c;{base64.b64encode(taken).decode('ascii')}\x07"
    inside_screen = environment.get("STY") and not environment.get("TMUX")
    write(_through_screen(sequence) if inside_screen else sequence)
    return len(data) - len(taken)


async def _by_tmux(data: bytes) -> bool:
    """Whether tmux took it, for its own buffer and for the terminal around it."""
    piped, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = ("tmux", "load-buffer", "-w", "-")
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=piped, stdout=nowhere, stderr=nowhere)
    except OSError:
        return False
    try:
        async with asyncio.timeout(_TMUX_SECONDS):
            await process.communicate(data)
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode == 0


def _through_screen(sequence: str) -> str:
    """In pieces that GNU screen hands to its terminal as they are."""
    pieces = (sequence[at : at + _SCREEN_PIECE] for at in range(0, len(sequence), _SCREEN_PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
