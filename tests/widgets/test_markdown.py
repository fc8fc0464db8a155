"""Any Markdown is text in lines that fit; nothing in it is a command, and none of it is slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.cells import wrapped
from widgets.markdown import markdown

MARKS = st.sampled_from(
    [
        *("# ", "- ", "1. ", "> ", "**", "_", "`", "```\n", "[", "](", ")", "<b>", "\n", "\n\n", "    ", "|", "~~"),
        *("|-|-|\n", "word", "日本語", "\x1b[2J", "\u202e", "👩\u200d🚒", "e\u0301", "---\n", "[ ] ", "&amp;", "\\"),
        *("![", "https://a.b/c", "\t"),
    ]
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain words\nand more", "plain words\nand more"),
        ("# Title\nText **strong** and *soft*, `code`", "Title\n\nText strong and soft, `code`"),
        ("- a\n- b\n  - c\n\nafter", "• a\n• b\n  • c\n\nafter"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n\n- b", "• a\n\n• b"),
        ("- [ ] open\n- [x] done", "[ ] open\n[x] done"),
        ("text\n> quoted\n> on", "text\n\n> quoted\n> on"),
        ("[page](https://a.b/c) <https://d.e>", "page (https://a.b/c) https://d.e"),
        ("![graph](https://a.b/c.png)", "image: graph (https://a.b/c.png)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("a <b>bold</b> <script>", "a <b>bold</b> <script>"),
        ("```sh\n$ ls\n  x\n```", "  $ ls\n    x"),
        ("|Name|State|\n|---|---|\n|a|down|\n|longer|up|", "Name    State\na       down \nlonger  up   "),
        ("a\n\n---\n\nb", f"a\n\n{'─' * 40}\n\nb"),
        ("a\n\n\n\n\nb *c*", "a\n\nb c"),
    ],
)
def test_what_is_seen(text: str, seen: str) -> None:
    assert "\n".join(line.rstrip() for line in markdown(text, 60).plain.split("\n")) == "\n".join(
        line.rstrip() for line in seen.split("\n")
    )


def test_lines_hang_below_their_bullet_and_wide_tables_become_lines() -> None:
    assert markdown("- one two three four", 12).plain == "• one two\n  three four"
    table = "|Name|What it does|\n|---|---|\n|a|many words that do not fit|"
    assert markdown(table, 20).plain == "Name: a\nWhat it does: many\nwords that do not\nfit"


@given(st.lists(MARKS, max_size=60).map("".join) | st.text(max_size=300), st.sampled_from([None, 12, 40]))
def test_any_text_is_text_that_fits(text: str, width: int | None) -> None:
    seen = markdown(text, width).plain
    assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in seen)
    assert not set(seen) & set("\u202e\u200d\u2028")
    if width == 40:
        assert all(cell_len(line) <= width for line in seen.split("\n"))


NASTY = {
    "quotes": ">" * 8000,
    "brackets": "[" * 8000,
    "emphasis": "*a " * 2600,
    "images": "![a](" * 1600,
    "lists": "".join("  " * depth + "- x\n" for depth in range(120)),
    "table": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + ("|x" * 100 + "|\n") * 38,
    "rules": "---\n" * 2000,
    "word": "*" + "x" * 8000,
    "tags": "<" * 8000,
}


@pytest.mark.parametrize("name", NASTY)
def test_nothing_is_slow(name: str) -> None:
    markdown("*warm*")
    text = NASTY[name][:8000]
    best = 1.0
    for width in (70, 71, 72):
        began = time.perf_counter()
        markdown(text, width)
        best = min(best, time.perf_counter() - began)
    assert best < 0.04  # 0.02 s on a machine that does nothing else


def test_what_is_cut_is_not_lost() -> None:
    text = "*a* " * 1000 + "the end"
    assert markdown(text, 60).plain.endswith("the end")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("  indented text", 12, ["  indented", "text"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("日本語日本語", 5, ["日本", "語日", "本語"]),
        ("a abcdefghij b", 4, ["a", "abcd", "efgh", "ij b"]),
    ],
)
def test_lines_break_between_words_and_within_long_ones(text: str, width: int, lines: list[str]) -> None:
    assert ["".join(part for part, _ in line) for line in wrapped([(text, "")], width)] == lines
