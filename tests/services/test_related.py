"""Related items of any text: an ARN, a link, a metric, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.errors import ValidationFailed
from imtui.services.related import recognised
from tests.domain.nasty import texts


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "http://",
        "http://[",
        "http://[::1",
        "https:///path",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "HTTP",
        "arn:",
        "arn:aws:x:y:z:",
        "http://x/\x1b[31m",
        "http://x/\u202e",
        "x" * 4001,
    ],
)
def test_what_is_neither_an_arn_nor_a_link_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed):
        recognised(text)


@given(texts | st.text("htps:/[]@.%x ", max_size=30).map("http://".__add__), st.sampled_from(["OTHER", "METRIC"]))
def test_any_text_is_an_item_or_refused(text: str, type_: str) -> None:
    with suppress(ValidationFailed):
        value = recognised(text, type_)
        assert list(value) in (["arn"], ["url"], ["metricDefinition"])
        assert recognised(next(iter(value.values())), type_) == value
