"""The terminal is read without looking at the time, and nothing typed is lost or late by it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from textual import events

from imtui.app.driver import Ending, QuietDriver


class Reader(QuietDriver):
    """Reads a pipe in place of a terminal, without a program."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self._debug = False
        self.ending = self.exit_event = Ending()
        self.keys: Queue[str] = Queue()
        self.gone = threading.Event()

    def hung_up(self) -> None:
        self.gone.set()

    def process_message(self, message: Any) -> None:
        if isinstance(message, events.Key):
            self.keys.put(message.key)


@pytest.fixture
def typed() -> Iterator[tuple[Reader, int]]:
    reading, writing = os.pipe()
    reader = Reader(reading)
    thread = threading.Thread(target=reader.run_input_thread)
    thread.start()
    try:
        yield reader, writing
    finally:
        reader.ending.set()
        thread.join(5)
        assert not thread.is_alive(), "a reader that nobody types to must end when it is told to"
        for descriptor in (reading, writing):
            os.close(descriptor)
        reader.ending.close()


def test_what_is_typed_is_told_key_by_key(typed: tuple[Reader, int]) -> None:
    reader, writing = typed
    os.write(writing, "jä".encode() + b"\x1b[B")
    assert [reader.keys.get(timeout=5) for _ in range(3)] == ["j", "ä", "down"]


def test_a_lone_escape_is_told_though_nothing_follows(typed: tuple[Reader, int]) -> None:
    reader, writing = typed
    os.write(writing, b"\x1b")
    assert reader.keys.get(timeout=5) == "escape"


def test_a_character_that_comes_in_two_parts_is_one(typed: tuple[Reader, int]) -> None:
    reader, writing = typed
    for part in (b"\xc3", b"\xa4"):
        os.write(writing, part)
    assert reader.keys.get(timeout=5) == "ä"


def test_it_begins_again_after_it_has_ended() -> None:
    ending = Ending()
    ending.set()
    ending.clear()
    assert not ending.is_set()
    ending.set()
    assert os.read(ending.reading, 10) == b"."
    ending.close()


def test_a_terminal_that_is_gone_is_not_read_again_and_again() -> None:
    reading, writing = os.pipe()
    reader = Reader(reading)
    thread = threading.Thread(target=reader.run_input_thread)
    thread.start()
    os.close(writing)
    assert reader.gone.wait(5), "it must be told as if the line had dropped"
    thread.join(5)
    assert not thread.is_alive()
    os.close(reading)
    reader.ending.close()
