"""Event rules: any pattern is understood or refused, and what is understood matches as a slow obvious reading does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.rules import check_pattern, matches
from tests.documents import alarm, alert_group, task_stopped
from tests.domain.nasty import json_values, places, scalars

few = st.sampled_from(["a", "b", "ab", "", "abc", "source"])
values: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-1, 2) | st.just(1.0) | few
events = st.dictionaries(
    few,
    st.recursive(values, lambda x: st.lists(x, max_size=3) | st.dictionaries(few, x, max_size=3), max_leaves=6),
    max_size=4,
)
wanted = st.lists(values | few.map(lambda text: {"prefix": text}), min_size=1, max_size=3)
patterns = st.recursive(
    st.dictionaries(few, wanted, min_size=1, max_size=3),
    lambda inner: st.dictionaries(few, inner | wanted, min_size=1, max_size=3),
    max_leaves=4,
)


def obvious(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Every field named by the pattern stands in the event, and one of its values is one of the wanted."""
    answers = []
    for name, want in pattern.items():
        if name not in event:
            answers.append(False)
            continue
        here = event[name] if isinstance(event[name], list) else [event[name]]
        if isinstance(want, dict):
            answers.append(any(isinstance(item, dict) and obvious(want, item) for item in here))
            continue
        hits = []
        for want_one in want:
            for item in here:
                if isinstance(want_one, dict):
                    hits.append(isinstance(item, str) and item[: len(want_one["prefix"])] == want_one["prefix"])
                else:
                    same_kind = isinstance(want_one, bool) == isinstance(item, bool)
                    hits.append(same_kind and want_one == item)
        answers.append(any(hits))
    return all(answers)


@given(patterns, events)
def test_a_pattern_matches_as_the_obvious_reading_says(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    check_pattern(pattern)
    assert matches(pattern, event) is obvious(pattern, event)


@given(json_values, json_values)
def test_a_pattern_of_any_json_is_refused_or_never_breaks(pattern: Any, event: Any) -> None:
    with suppress(ValidationFailed):
        check_pattern(pattern)
        for document in (event, {"detail": event}, alarm(), dict.fromkeys(pattern, event)):
            if isinstance(document, Mapping):
                assert matches(pattern, document) in (True, False)


@pytest.mark.parametrize("event", [alarm(), task_stopped(), alert_group()], ids=["alarm", "task", "alert"])
def test_a_pattern_made_of_an_event_matches_it_and_no_other_value(event: dict[str, Any]) -> None:
    for at in places(event):
        if not at or any(isinstance(step, int) for step in at):
            continue
        value: Any = event
        for step in at:
            value = value[step]
        if isinstance(value, (dict, list)):
            continue
        for item, right in ((value, True), ("no such value", False)):
            pattern: Any = [item]
            for step in reversed(at):
                pattern = {step: pattern}
            assert matches(pattern, event) is right, at


@given(scalars)
def test_only_texts_begin_with_a_prefix(value: Any) -> None:
    assert matches({"a": [{"prefix": ""}]}, {"a": value}) is isinstance(value, str)


@pytest.mark.parametrize(
    "pattern",
    [
        None,
        {},
        [],
        "x",
        {"a": "x"},
        {"a": []},
        {"a": {}},
        {"a": [[]]},
        {"a": [{}]},
        {"a": [{"suffix": "x"}]},
        {"a": [{"prefix": 5}]},
        {"a": [{"prefix": "x", "suffix": "y"}]},
        {"a": [float("nan")]},
        {"a": [float("inf")]},
        {5: ["x"]},
    ],
)
def test_what_is_not_understood_is_refused_when_it_is_written(pattern: Any) -> None:
    with pytest.raises(ValidationFailed, match="event pattern"):
        check_pattern(pattern)


def test_a_pattern_without_bottom_is_refused() -> None:
    pattern: Any = ["x"]
    for _ in range(500):
        pattern = {"a": pattern}
    with pytest.raises(ValidationFailed, match="deep"):
        check_pattern(pattern)
