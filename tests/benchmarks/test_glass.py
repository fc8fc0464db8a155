"""What the benchmarks believe to see must be what a terminal shows, or they measure nothing."""

import pyte
import pytest

from benchmarks.glass import Glass
from benchmarks.watched import chosen, moved, titles

_PAINTED = (
    "\x1b[?1049h\x1b[?25l\x1b[>1u\x1b[1;1H\x1b[0;1;38;5;188;48;5;16m imtui \x1b[0m"
    "\x1b[2;1H  #7  1 Critical  Nobody can pay 7"
    "\x1b[3;1H▸ #10000…  2 High     Überlauf 漢字 10000001\x1b[3;38H▆"
    "\x1b[4;1Hgone\x1b[4;1H\x1b[2K\x1b[5;1Habcdef\x1b[5;3H\x1b[K"
    "\x1b[6;1Habcdef\x1b[2D\x1b[3X\x1b]22;default\x07\x1b[1;9Hright\r\nx\b\x1b[0m"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_glass_shows_what_a_terminal_shows_however_the_bytes_are_cut(size: int) -> None:
    screen, glass = pyte.Screen(40, 8), Glass(40, 8)
    pyte.Stream(screen).feed(_PAINTED.replace("\x1b[>1u", ""))  # pyte does not know this one
    data = _PAINTED.encode()
    for start in range(0, len(data), size):
        glass.feed(data[start : start + size])
    assert [line.rstrip() for line in glass.lines()] == [line.rstrip() for line in screen.display]


def test_a_key_is_not_answered_before_the_cursor_is_on_another_incident() -> None:
    glass = Glass(60, 4)
    glass.feed(b"\x1b[2;1H  #8  1 Critical   3 s   Mail is late 8".replace(b"  #8", "▸ #8".encode()))
    glass.feed(b"\x1b[3;1H  #7  1 Critical   3 s   Stock is gone 7")
    seen = moved(glass)
    assert (chosen(glass), titles(glass)) == ("#8", ["Mail is late 8", "Stock is gone 7"])
    glass.feed(b"\x1b[2;20H4 s")  # time passes
    assert not seen(glass)
    glass.feed("\x1b[2;1H  \x1b[3;1H▸ ".encode())
    assert seen(glass)
    glass.feed("\x1b[2;1H\x1b[2K  …".encode())  # a line that is still to be read
    assert not seen(glass)
