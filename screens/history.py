"""Lines that were typed at a prompt, kept for this login across sessions."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from imtui.config import state_folder
from imtui.domain.errors import ImtuiError
from imtui.domain.text import shown

MOST = 500
_MOST_BYTES = 1024 * 1024


class History:
    """The lines of one prompt, the newest last. What cannot be read or kept is done without: a prompt works on a
    machine without a disk, too. `kept`: across sessions."""

    def __init__(self, name: str, *, kept: bool = True) -> None:
        self._name = name
        self._kept = kept
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines, the newest last, no two alike in a row."""
        if self._lines is None:
            self._lines = self._read()
        return self._lines

    def add(self, text: str) -> None:
        """Keep a line."""
        line = shown(text).strip()
        if not line:
            return
        before = self.lines
        known = self._read() or before if self._kept else before  # another session may have added some
        self._lines = [*(known if known[-1:] != [line] else known[:-1]), line][-MOST:]
        if self._kept:
            try:
                self._write(self._lines)
            except (OSError, ImtuiError):
                self._kept = False  # from here on only this session remembers

    def _file(self) -> Path:
        return state_folder() / self._name

    def _read(self) -> list[str]:
        if not self._kept:
            return []
        try:
            with self._file().open("rb") as stream:
                text = stream.read(_MOST_BYTES + 1).decode("utf-8")
        except (OSError, ImtuiError, UnicodeDecodeError):
            return []
        if len(text) > _MOST_BYTES:
            return []
        lines: list[str] = []
        for line in map(str.strip, map(shown, text.split("\n"))):
            if line and lines[-1:] != [line]:
                lines.append(line)
        return lines[-MOST:]

    def _write(self, lines: list[str]) -> None:
        """All of it, or nothing, and for nobody else's eyes."""
        file = self._file()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=file.parent, prefix=f".{self._name}-")  # its mode is 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write("\n".join(lines) + "\n")
            os.replace(made, file)
        except BaseException:
            with suppress(OSError):
                os.unlink(made)
            raise


def recalled(lines: list[str], place: int, by: int, beginning: str) -> int | None:
    """The place of the next older (`by` -1) or newer (`by` 1) line with this beginning; `len(lines)` stands for what
    was typed, None for nowhere."""
    at = place + by
    while 0 <= at < len(lines):
        if lines[at].startswith(beginning) and lines[at] != beginning:
            return at
        at += by
    return len(lines) if by > 0 and place < len(lines) else None
