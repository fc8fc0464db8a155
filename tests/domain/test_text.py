"""Text from outside shows as text and as nothing else, and stands in its columns."""

from __future__ import annotations

import json
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.text import clean, cut, escaped, padded, shown, width
from imtui.operations.words import columns
from tests.domain.nasty import texts

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
any_text = st.text(st.characters(), max_size=60) | texts


def commands_in(text: str) -> list[str]:
    return [c for c in text if c in BIDI or (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c != "\n")]


@given(any_text, st.booleans())
def test_what_is_shown_gives_no_command_to_a_terminal(text: str, lines: bool) -> None:
    result = shown(text, lines=lines)
    assert commands_in(result) == []
    assert lines or "\n" not in result


@given(any_text, st.booleans())
def test_what_was_shown_once_is_shown_the_same_again(text: str, lines: bool) -> None:
    once = shown(text, lines=lines)
    assert shown(once, lines=lines) == once


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_what_is_kept_is_what_somebody_wrote(text: str) -> None:
    assert clean(text) == text.replace("\x00", "")


@given(any_text)
def test_what_is_kept_can_be_stored_and_sent(text: str) -> None:
    assert "\x00" not in clean(text)
    clean(text).encode("utf-8")


@given(any_text)
def test_marks_pile_up_over_no_other_line(text: str) -> None:
    run = 0
    for c in shown(text + "e" + "\u0301" * 9):
        run = run + 1 if unicodedata.combining(c) else 0
        assert run <= 4


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("❤️\u200d🔥", "❤️\u200d🔥"),
        ("pay\u200dpal", "paypal"),
        ("👍\u200d", "👍"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u3164b\u115f", "ab"),
        ("a\r\nb\rc\td", "a b c d"),
        ("\U000e0041\U000e0042", ""),
        ("Größe ≠ null", "Größe ≠ null"),
    ],
)
def test_what_is_dropped_and_what_stays(text: str, wanted: str) -> None:
    assert shown(text) == wanted


@given(any_text)
def test_json_for_programs_says_the_same_and_gives_no_command(text: str) -> None:
    written = escaped(json.dumps({text: text}, ensure_ascii=False))
    assert commands_in(written) == []
    assert json.loads(written) == {text: text}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=40))
def test_quoted_yaml_says_the_same_and_gives_no_command(text: str) -> None:
    dumped = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1000)
    written = escaped(dumped)
    assert commands_in(written) == []
    assert yaml.safe_load(written).encode("utf-16-le", "surrogatepass").decode("utf-16-le") == text


@given(any_text, st.integers(0, 80))
def test_a_cell_takes_the_columns_that_it_is_given(text: str, wanted: int) -> None:
    text = shown(text)
    assert width(padded(text, wanted)) == max(width(text), wanted)
    assert len(cut(text, 10)) <= 10


def test_wide_characters_and_marks_stand_in_their_columns() -> None:
    rows = [("日本語", "x"), ("abcdef", "x"), ("e\u0301tude", "x"), ("👍🏽", "x"), ("", "x")]
    assert [width(line.partition("x")[0]) for line in columns(rows)] == [8] * 5


@given(st.lists(st.tuples(any_text, any_text, any_text), min_size=1, max_size=5))
def test_columns_are_aligned_whatever_stands_in_them(rows: list[tuple[str, str, str]]) -> None:
    marked = [(a, f"|{b}", f"|{c}") for a, b, c in rows]
    first = max(width(shown(a)) for a, _, _ in marked)
    for line, (a, _, _) in zip(columns(marked), marked, strict=True):
        assert line.startswith(padded(shown(a), first) + "  |")
