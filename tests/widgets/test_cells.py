"""Columns stay in line whatever stands in them."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from widgets.cells import fit, span, steady

HOSTILE = (
    "日本語のタイトル",
    "👩\u200d🚒 fire",
    "❤\ufe0f",
    "👍🏽 ok",
    "e\u0301\u0301clair",
    "x" * 10_000,
    "",
    "🇩🇪 flag",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [1, 2, 7, 20])
@pytest.mark.parametrize("right", [False, True])
def test_a_text_takes_exactly_the_cells_of_its_column(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right)) == width


def test_no_terminal_is_asked_to_join_emoji() -> None:
    assert steady("👩\u200d🚒 👍🏽 ❤\ufe0f") == "👩🚒 👍 ❤"


def test_only_the_digit_that_ticks_is_painted() -> None:
    assert span([("next 2:59", "warn")], [("next 2:58", "warn")]) == (8, 9)
    assert span([("日本 1", ""), ("x", "dim")], [("日本 2", ""), ("x", "dim")]) == (5, 6)
    assert span([("same", "a")], [("same", "a")]) == (0, 0)


def test_a_change_of_style_alone_is_painted() -> None:
    assert span([("ab", ""), ("cd", "dim")], [("ab", ""), ("cd", "loud")]) == (2, 4)


def test_what_has_become_shorter_is_painted_to_its_old_end() -> None:
    assert span([("abcdef", "")], [("abc", "")]) == (3, 6)
