"""The derived pages of the documentation say what the program says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_pages_of_keys_and_commands_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("write_pages", DOCS / "write_pages.py")
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    assert (DOCS / "keys.md").read_text(encoding="utf-8") == pages.keys()
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == pages.commands()
