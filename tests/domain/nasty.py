"""What hypothesis draws from: JSON of any shape, text of any kind, and a real document with one node replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

WORDS = (
    "",
    " ",
    "x",
    "\x00",
    "\ud800",
    "\x1b[31m\x9b31m",
    "\u202egnp.exe\u2066",
    "a\u200bb\ufeff\u2060",
    "e" + "\u0301" * 40,
    "👩\u200d👩\u200d👧 ❤️\u200d🔥",
    "日本語",
    "a\r\nBcc: x@example.com\n\n.\n",
    "\u2028\u2029\x85\x0b\x0c\t",
    "x" * 10_000,
    "日" * 3_000,
    "arn:",
    "arn:aws:x:::y",
    "2026-03-01T03:10:00.123456789Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "${x} %s {0} *y &z !Ref",
)
texts = st.text(st.characters(), max_size=40) | st.sampled_from(WORDS)
scalars: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
)
json_values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=10
)
WRONG: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**4000, [], {}, [[]], [None], [{}], {"": ""}, {"a": [1]}, *WORDS)


def places(document: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every node of a document."""
    yield at
    if isinstance(document, (dict, list)):
        for key, child in document.items() if isinstance(document, dict) else enumerate(document):
            yield from places(child, (*at, key))


def replaced(document: Any, at: tuple[Any, ...], value: Any) -> Any:
    """The document with the value at that place."""
    if not at:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[at[0]] = replaced(document[at[0]], at[1:], value)
    return copy
