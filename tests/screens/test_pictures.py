"""Pictures of the screens and dialogs, at the size of a small terminal and of a large one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens import scenes

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A team, a resolved incident, and one whose second person has just been paged."""
    path = str(tmp_path / "imtui.db")
    asyncio.run(scenes.prepare(path))
    return path


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
@pytest.mark.parametrize("name", scenes.SCENES)
def test_picture(
    location: str, name: str, size: tuple[int, int], snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def settle(pilot: Any) -> None:
        await scenes.opened_list(pilot)
        await scenes.show(pilot, scenes.SCENES[name])

    assert snap_compare(scenes.program(location, monkeypatch), terminal_size=size, run_before=settle)
