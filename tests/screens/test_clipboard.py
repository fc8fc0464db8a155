"""A text that was copied must be the one that is pasted: in a plain terminal, in tmux and in GNU screen, over SSH."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from imtui import services
from imtui.services.context import Context
from tests.screens.conftest import Opened, text_of, until
from widgets import clipboard
from widgets.clipboard import MOST, copy

TEXT = "#1 Kasse – 日本\nzweite Zeile"


async def written(text: str, environment: Mapping[str, str]) -> tuple[str, int]:
    """What reaches the terminal, and how much was left out."""
    parts: list[str] = []
    left_out = await copy(text, parts.append, environment)
    return "".join(parts), left_out


def pasted(sequence: str) -> str:
    """What the terminal's clipboard holds then."""
    found = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found, sequence[:100]
    return base64.b64decode(found[1]).decode()


async def test_a_plain_terminal_is_told_the_whole_text() -> None:
    sequence, left_out = await written(TEXT, {})
    assert (pasted(sequence), left_out) == (TEXT, 0)


async def test_what_terminals_do_not_take_is_counted_and_no_character_is_halved() -> None:
    text = "x" + "日" * MOST
    sequence, left_out = await written(text, {})
    got = pasted(sequence)
    assert text.startswith(got)
    assert MOST - 3 < len(got.encode()) <= MOST
    assert left_out == len(text.encode()) - len(got.encode())


async def test_screen_passes_it_on_in_pieces() -> None:
    text = TEXT * 100
    sequence, _ = await written(text, {"STY": "1234.pts-0.host"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sequence, re.DOTALL)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sequence
    assert all(len(piece) <= 250 for piece in pieces)
    assert pasted("".join(pieces)) == text


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tmux that keeps what it is given; `fails` makes it an old one without -w, `hangs` one that answers never."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "tmux"
    program.write_text(
        "#!/bin/sh\n"
        f'cd "{tmp_path}"\n'
        "[ -e fails ] && exit 1\n"
        "[ -e hangs ] && exec sleep 60\n"
        '[ "$*" = "load-buffer -w -" ] || exit 2\n'
        "cat > taken.part && mv taken.part taken\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path


async def test_tmux_takes_it_whole_and_the_terminal_is_told_nothing(tmux: Path) -> None:
    text = TEXT * 10_000
    assert await written(text, {"TMUX": "/tmp/tmux-0/default,1,0", "STY": "x"}) == ("", 0)
    assert (tmux / "taken").read_text() == text


async def test_the_program_goes_on_while_tmux_works(tmux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmux / "hangs").touch()
    monkeypatch.setattr(clipboard, "_TMUX_SECONDS", 0.3)
    work = asyncio.ensure_future(written(TEXT, {"TMUX": "x"}))
    await asyncio.sleep(0.05)  # noqa: TID251
    assert not work.done()
    sequence, _ = await work
    assert pasted(sequence) == TEXT


async def test_an_old_tmux_or_none_is_no_reason_to_lose_it(tmux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmux / "fails").touch()
    assert pasted((await written(TEXT, {"TMUX": "x"}))[0]) == TEXT
    monkeypatch.setenv("PATH", str(tmux))
    assert pasted((await written(TEXT, {"TMUX": "x"}))[0]) == TEXT


async def test_the_program_says_what_was_copied_and_what_was_not(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        parts: list[str] = []
        assert app._driver is not None
        app._driver.write = parts.append  # type: ignore[method-assign, assignment]
        await pilot.press("y")
        await until(pilot, lambda: "copied: " in text_of(app))
        assert next(pasted(part) for part in parts if part.startswith("\x1b]52")) == "#1 Web shop is down"
        app.copied("x" * (MOST + 1234))
        await until(pilot, lambda: "without its last 1,234 bytes" in text_of(app))
