"""ARNs, tags, codes and durations: whatever is given, they are right or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain import arns, codes
from imtui.domain.duration import countdown, duration
from imtui.domain.errors import ValidationFailed
from imtui.domain.tags import checked_tags
from tests.domain.nasty import texts

any_text = st.text(st.characters(), max_size=40) | texts
part = st.text(st.characters(exclude_characters=":"), max_size=12)


@given(any_text | st.builds(":".join, st.lists(part, max_size=8)).map("arn:".__add__))
def test_an_arn_that_is_taken_apart_is_the_same_put_together(text: str) -> None:
    with suppress(ValidationFailed):
        arn = arns.parse(text)
        with suppress(ValidationFailed):  # one that has just the greatest length may grow by a sign
            assert arns.parse(str(arn)) == arn
        assert text.startswith("arn:")


@given(st.from_regex(r"[a-z0-9_\-]{1,40}", fullmatch=True), st.uuids().map(str))
def test_the_arns_that_are_made_are_understood(name: str, uuid: str) -> None:
    names = arns.Names()
    for made, last in (
        (names.incident(name, uuid), uuid),
        (names.response_plan(name), name),
        (names.contact(name), name),
        (names.channel(name, uuid), uuid),
        (names.engagement(name, uuid), uuid),
        (names.page(name, uuid), uuid),
        (names.rule(name), name),
        (names.user(name), name),
    ):
        assert str(arns.parse(made)) == made
        assert arns.parse(made).name == last


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:", "arn:aws:x:y:z", "arn:aws:x:y:z:", "ARN:aws:x:y:z:w", "x" * 3000, "arn:" + ":" * 3000]
)
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed, match="not an ARN"):
        arns.parse(text)


@given(st.dictionaries(any_text, any_text, max_size=60))
def test_tags_that_are_taken_are_within_their_limits(tags: dict[str, str]) -> None:
    with suppress(ValidationFailed):
        found = checked_tags(tags)
        assert len(found) <= 50
        assert all(1 <= len(key) <= 128 and len(value) <= 256 for key, value in found.items())
        "".join((*found, *found.values())).encode()
        assert checked_tags(found) == found


@given(any_text)
def test_a_code_of_any_text_is_compared_and_no_other_passes(text: str) -> None:
    code = codes.new_code()
    assert codes.same(code, code)
    assert codes.same(f" {code[:3]} {code[3:]}\n", code)
    assert not codes.same(text, None)
    assert codes.same(text, "123456") == ("".join(text.split()) == "123456")


@given(st.floats(-1e12, 1e12))
def test_any_duration_reads_as_words(seconds: float) -> None:
    assert duration(seconds)[0].isdigit()
    assert countdown(seconds) == "now" or ":" in countdown(seconds)
