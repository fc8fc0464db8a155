"""The picture with which the program begins, as the terminal library's own comparison has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens import scenes


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_first_picture(
    tmp_path: Path, size: tuple[int, int], snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "imtui.db")
    asyncio.run(scenes.prepare(path))

    async def settle(pilot: Any) -> None:
        await scenes.opened_list(pilot)
        await scenes.show(pilot, ())

    assert snap_compare(scenes.program(path, monkeypatch), terminal_size=size, run_before=settle)
