"""Tags: up to fifty keys with values on each resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import clean

MOST = 50


def checked_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Tags within the service's limits, or ValidationFailed."""
    found = {clean(str(key)): clean(str(value)) for key, value in (tags or {}).items()}
    if len(found) > MOST:
        raise ValidationFailed(f"tags: at most {MOST}, these are {len(found)}", "tags")
    for key, value in found.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise ValidationFailed(f"tag {key[:40]!r}: a key has 1–128 characters, a value at most 256", "tags")
        if key.lower().startswith("aws:"):
            raise ValidationFailed(f"tag {key[:40]!r}: keys that begin with aws: are reserved", "tags")
    return found


def tags_text(tags: Mapping[str, str]) -> str:
    """Tags as people write them: `key=value`, one a line."""
    return "\n".join(f"{key}={value}" for key, value in tags.items())


def parse_tags(text: str) -> dict[str, str]:
    """The tags of such lines; empty ones mean nothing. Raises ValidationFailed and names the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not key and not equals:
            continue
        if not equals or not key:
            raise ValidationFailed(f"line {number}: write key=value, such as team=shop", "tags")
        if key in found:
            raise ValidationFailed(f"line {number}: {key[:40]!r} stands in an earlier line, too", "tags")
        found[key] = value
    return checked_tags(found)


def parse_tag_words(words: Iterable[str]) -> tuple[dict[str, str], set[str]]:
    """What words of a command change: `key=value` sets a tag, `key-` takes it off. Raises ValidationFailed."""
    found = list(words)
    gone = {word[:-1] for word in found if "=" not in word and word.endswith("-")}
    return parse_tags("\n".join(word for word in found if "=" in word or not word.endswith("-"))), gone
