"""Tags are kept as they were typed, and nobody's change is lost."""

from __future__ import annotations

import pytest

from imtui import services
from imtui.domain.errors import Conflict, ValidationFailed
from imtui.domain.tags import parse_tags, tags_text
from imtui.services.context import Context
from tests.organisation import organise


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", {}),
        ("a=1\n\n  b = two words  \n", {"a": "1", "b": "two words"}),
        ("url=https://example.com/?a=b", {"url": "https://example.com/?a=b"}),
        ("empty=", {"empty": ""}),
    ],
)
def test_lines_are_tags(text: str, tags: dict[str, str]) -> None:
    assert parse_tags(text) == tags
    assert parse_tags(tags_text(tags)) == tags


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a=1\nnonsense", "line 2: write key=value"),
        ("=1", "line 1: write key=value"),
        ("a=1\na=2", "line 2: 'a' stands in an earlier line"),
        ("aws:a=1", "reserved"),
        (f"{'k' * 129}=1", "1–128"),
        ("\n".join(f"{number}=x" for number in range(51)), "at most 50"),
    ],
)
def test_a_wrong_line_is_told_at_the_field(text: str, words: str) -> None:
    with pytest.raises(ValidationFailed, match=words) as told:
        parse_tags(text)
    assert told.value.field == "tags"


async def test_a_change_in_between_is_a_conflict(context: Context) -> None:
    await organise(context)
    arn = (await services.incidents.start(context, "web")).incident.arn
    known = await services.tags.get(context, arn)
    assert await services.tags.change(context, arn, {"b": "2"}) == {"b": "2", "team": "shop"}
    with pytest.raises(Conflict):
        await services.tags.set_tags(context, arn, {"c": "3"}, known=known)
    assert await services.tags.change(context, arn, {"team": "web"}, {"b", "absent"}) == {"team": "web"}
    await services.tags.set_tags(context, arn, {"c": "3"}, known={"team": "web"})
    assert await services.tags.get(context, arn) == {"c": "3"}
