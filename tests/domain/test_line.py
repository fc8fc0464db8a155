"""A half-typed line is taken apart where a shell would."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.line import unquoted, word_start, words_before


@pytest.mark.parametrize(
    ("line", "before", "last"),
    [
        ("", [], ""),
        ("inc", [], "inc"),
        ("incident ", ["incident"], ""),
        ("  incident  no", ["incident"], "no"),
        ("a 'b c' d", ["a", "b c"], "d"),
        ("a 'b c", ["a"], "'b c"),
        ('a "b \\" c', ["a"], '"b \\" c'),
        ("a b\\ c", ["a"], "b\\ c"),
        ("--title='x y' z", ["--title=x y"], "z"),
        ("a \\", ["a"], "\\"),
    ],
)
def test_the_last_word_is_where_one_types(line: str, before: list[str], last: str) -> None:
    assert words_before(line) == before
    assert line[word_start(line) :] == last


@given(st.lists(st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1), max_size=4))
def test_what_a_shell_quotes_is_read_as_it_was(words: list[str]) -> None:
    assert words_before(shlex.join(words) + " ") == words
    assert [unquoted(shlex.quote(word)) for word in words] == words


@given(st.text("ab '\"\\"))
def test_nothing_one_types_breaks_it(line: str) -> None:
    assert 0 <= word_start(line) <= len(line)
    words_before(line)
    unquoted(line)
