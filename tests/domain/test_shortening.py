"""What is too long is shown as a valid document that says it was shortened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.shortening import document, event_data, text
from tests.domain.nasty import WORDS, json_values


def test_a_text_within_its_limit_stays_and_a_longer_one_says_so() -> None:
    assert text("x" * 200, 200) == "x" * 200
    assert text("x" * 201, 200) == "x" * 199 + "…"


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ({"a": "x" * 20_000}, "a"),
        ({"a": ["x" * 100] * 1000}, "a"),
        ({f"k{n}": n for n in range(1, 5000)}, "k1"),
        ([{"deep": "x" * 300}] * 500, "value"),
        ("x" * 20_000, "value"),
        ({"a": '"' * 20_000}, "a"),
    ],
)
def test_a_long_document_becomes_a_shorter_one_that_is_marked(value: Any, member: str) -> None:
    short = document(json.dumps(value), 10_000)
    assert len(short) <= 10_000
    found = json.loads(short)
    assert found["shortened"] is True
    assert found[member], "something of it is left"


def test_what_is_no_document_is_cut_as_a_text() -> None:
    assert document("[" * 20_000, 100) == "[" * 99 + "…"
    assert document("not json " * 50, 20) == "not json not json n…"
    assert document("[NaN]", 100) == "[NaN]"
    assert json.loads(document("[NaN, " + "1, " * 99 + "2]", 60))["shortened"] is True


@given(json_values, st.integers(40, 300))
def test_any_document_fits_and_is_valid(value: Any, most: int) -> None:
    short = document(json.dumps(value), most)
    assert len(short) <= most
    json.loads(short)


@given(st.dictionaries(st.sampled_from(("text", "by", "rawData")), st.sampled_from(WORDS)), st.integers(60, 12_000))
def test_the_data_of_any_event_fits_and_is_valid(data: dict[str, str], most: int) -> None:
    short = event_data(data, most, most // 2)
    assert len(short) <= most
    found = json.loads(short)
    assert found.get("shortened") or found == data
