"""Files and standard input as operations take them in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from imtui.domain.errors import ValidationFailed

MAX_BYTES = 16 * 1024 * 1024


class File(NamedTuple):
    """What a file, or standard input, held."""

    name: str
    data: bytes

    def text(self) -> str:
        """The content as text; raises ValidationFailed, which names the line, when it is not in UTF-8."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise ValidationFailed(f"{self.name}:{line}: not encoded in UTF-8") from None


def read(name: str) -> File:
    """A file, or standard input for `-`; raises ValidationFailed when it cannot be read or is too large."""
    if not name:
        raise ValidationFailed("the name of the file is empty")
    try:
        if name == "-":
            if sys.stdin is None:
                raise ValidationFailed("-: standard input is closed")
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValidationFailed(f"{name}: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise ValidationFailed(f"{name}: more than {MAX_BYTES // 1024 // 1024} MiB")
    return File(name, data)
