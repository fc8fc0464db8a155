"""Noticing at once that a file is written to, where the system tells (Linux's inotify): who watches sleeps meanwhile.

It only says when to look. What it misses (another machine's writes, a system that does not tell) is found by looking
now and then all the same.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from contextlib import suppress
from pathlib import Path

_MODIFY, _IGNORED = 0x2, 0x8000
_EVENT = struct.Struct("iIII")
_BYTES = 65536


class Stirring:
    """Tells of writes to one file. Raises OSError where that cannot be told of."""

    def __init__(self, path: Path) -> None:
        self.stirred = asyncio.Event()
        self.over = False
        """The file is gone, and another may stand in its place."""
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            begin, add = libc.inotify_init1, libc.inotify_add_watch
        except AttributeError:
            raise OSError("this system does not tell of writes") from None
        self._descriptor = int(begin(os.O_NONBLOCK | os.O_CLOEXEC))
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if add(self._descriptor, os.fsencode(path), ctypes.c_uint32(_MODIFY)) < 0:
            os.close(self._descriptor)
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def listen(self) -> None:
        """Tell of the next write, or of one since the last that was told of: only once, however many follow."""
        self.stirred.clear()
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def _read(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        with suppress(OSError):
            data, place = os.read(self._descriptor, _BYTES), 0
            while place + _EVENT.size <= len(data):
                _, mask, _, length = _EVENT.unpack_from(data, place)
                self.over |= bool(mask & _IGNORED)
                place += _EVENT.size + length
        self.stirred.set()

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
