"""Reading the terminal without looking at the time: Textual's own reader wakes ten times a second, typed or not."""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from threading import Event
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

ESCAPE_SECONDS = 0.1
"""How often one looks whether an escape that has begun goes on."""

_BYTES = 4096


class Ending(Event):
    """The reader shall end. A reader that sleeps is woken by its pipe."""

    def __init__(self) -> None:
        super().__init__()
        self.reading, self._writing = os.pipe()

    def set(self) -> None:
        super().set()
        os.write(self._writing, b".")

    def clear(self) -> None:
        if self.is_set():
            os.read(self.reading, _BYTES)
        super().clear()

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self.reading)
        os.close(self._writing)


class QuietDriver(LinuxDriver):
    """Textual's driver, whose reader sleeps until something is typed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ending = self.exit_event = Ending()

    def close(self) -> None:
        super().close()
        self.ending.close()

    def hung_up(self) -> None:
        """There is no terminal any more: to go on reading would take all of a processor. The line has dropped."""
        os.kill(os.getpid(), signal.SIGHUP)

    def _read(self) -> bytes:
        """What was typed; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, _BYTES)
        except OSError:
            return b""

    def run_input_thread(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        try:
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(self.ending.reading, selectors.EVENT_READ)
                while not self.ending.is_set():
                    begun = parser._timeout_time is not None
                    ready = selector.select(ESCAPE_SECONDS if begun else None)
                    if any(key.fd == self.fileno for key, _ in ready):
                        data = self._read()
                        if not data:
                            self.hung_up()
                            return
                        text = decode(data)
                        for message in parser.feed(text) if text else ():
                            self.process_message(message)
                    for message in parser.tick():
                        self.process_message(message)
        finally:
            with suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass
