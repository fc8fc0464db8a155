"""What people type for the AWS command line must mean here what it means there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.domain.shorthand import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("word", "word"),
        ("a,b", ["a", "b"]),
        ("Key=team,Value=web", {"Key": "team", "Value": "web"}),
        ("a=1,b=2", {"a": "1", "b": "2"}),
        ("a=x,y,b=z", {"a": ["x", "y"], "b": "z"}),
        ("a=[x,y],b=z", {"a": ["x", "y"], "b": "z"}),
        ("a={b=c,d=[e]}", {"a": {"b": "c", "d": ["e"]}}),
        ("Stages=[{DurationInMinutes=1,Targets=[]}]", {"Stages": [{"DurationInMinutes": "1", "Targets": []}]}),
        ("a='b, c',d=e", {"a": "b, c", "d": "e"}),
        ('a="b \\" c"', {"a": 'b " c'}),
        ("a=b\\,c", {"a": "b,c"}),
        ("a=", {"a": ""}),
        ("arn=arn:aws:x:y:1:z/w,b=c", {"arn": "arn:aws:x:y:1:z/w", "b": "c"}),
        ("", []),
    ],
)
def test_it_means_what_it_means_there(text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["a={b=c", "a=[b", "a='b", "a=1,a=2", "a=" + "[" * 50, "a={b}"])
def test_what_is_not_whole_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValidationFailed, match="shorthand"):
        parse(text)


@given(st.text(st.sampled_from("ab=,[]{}'\"\\ "), max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        parse(text)
    except ValidationFailed:
        pass
