"""What a half-typed filter could become, for the prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from imtui.domain.filter import Facts, Fields, Kind, complete
from imtui.domain.filter_words import last, plain
from imtui.domain.text import shown

SAVED = "@"
"""Before the name of a saved filter."""

_HEADS = tuple(":=<>")
"""What the beginning of a word ends with that waits for its value."""

_MOST_VALUES = 200
_LONGEST_VALUE = 40


def completions(
    text: str,
    fields: Fields,
    values: Mapping[str, Sequence[str]] | None = None,
    saved: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """What the last word of the line could become, each with a hint. `values`: what occurs in a field; `saved`: saved
    filters by name, which stand in for `@name`."""
    text = text[begin(text) :]
    typed = plain(last(text.rstrip()).signs)
    if typed.startswith(SAVED):
        name = typed.removeprefix(SAVED).casefold()
        kept = [(known, found) for known, found in (saved or {}).items() if known.casefold().startswith(name)]
        return [(shown(found), f"saved as {SAVED}{shown(known)}") for known, found in kept]
    return complete(text.rstrip() if text.rstrip()[-1:] in _HEADS else text, fields, values)


def begin(text: str) -> int:
    """Where the word that is completed begins: the last one, or the field that waits for its value (`impact: `)."""
    word = last(text)
    if not word.signs and text.rstrip()[-1:] in _HEADS:
        word = last(text.rstrip())
    return word.start


def values_in(facts: Iterable[Facts], fields: Fields) -> dict[str, list[str]]:
    """The short texts and tags that occur in each field, for completion, in order. Those with hidden signs are left
    out: nobody could type them, and they do not belong in a line that one types."""
    texts = [field.name for field in fields if field.kind is Kind.TEXT]
    tags = [field.name for field in fields if field.kind is Kind.TAGS]
    found: dict[str, set[str]] = {name: set() for name in (*texts, *tags)}
    for fact in facts:
        for name in texts:
            value = fact.get(name)
            found[name].update((value,) if isinstance(value, str) else value or ())
        for name in tags:
            for key, value in (fact.get(name) or {}).items():
                found[name] |= {key, f"{key}={value}"}
    return {name: offered(values) for name, values in found.items()}


def offered(values: Iterable[str]) -> list[str]:
    """Those of the values that are short and can be typed, in order."""
    return sorted(filter(_offered, values), key=str.casefold)[:_MOST_VALUES]


def _offered(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_VALUE and shown(value) == value
