"""Long texts and documents within a limit: what is shown is shorter and says so, what is stored stays whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from imtui.domain.text import cut

MARK = "shortened"
"""The member of a shortened document that says so."""

_STEPS = (4000, 2000, 1000, 500, 200, 80, 30, 10)


def text(value: str, most: int) -> str:
    """A text of at most so many characters; one that is longer ends with an ellipsis."""
    return cut(value, most)


def document(value: str, most: int) -> str:
    """A JSON document of at most so many characters: the one that `value` is, or as much of it as fits, with
    `"shortened": true`. What is no JSON is shortened as a text."""
    if len(value) <= most:
        return value
    try:
        found = json.loads(value, parse_constant=str)
    except (ValueError, RecursionError):
        return text(value, most)
    return _fitting(found, most)


def event_data(data: Mapping[str, Any], most: int, most_raw: int) -> str:
    """The data of a timeline event as a JSON document of at most so many characters; the triggering event in it, under
    `rawData`, is a document of at most `most_raw`."""
    found = {name: value for name, value in data.items() if value is not None}
    raw = found.get("rawData")
    if not isinstance(raw, str):
        whole = _dumped(found)
        return whole if len(whole) <= most else _fitting(found, most)
    rest = {name: value for name, value in found.items() if name != "rawData"}
    for limit in (most_raw, *(step for step in (8000, 6000, *_STEPS) if step < most_raw)):
        short = document(raw, limit)
        marked = {MARK: True} if short != raw else {}
        whole = _dumped({**rest, "rawData": short, **marked})
        if len(whole) <= most:
            return whole
    return _fitting({**rest, MARK: True}, most)


def _fitting(value: Any, most: int) -> str:
    """As much of a value as fits, as a document that is marked."""
    for step in _STEPS:
        shorter = _limited(value, step, depth=12)
        marked = {**shorter, MARK: True} if isinstance(shorter, dict) else {"value": shorter, MARK: True}
        whole = _dumped(marked)
        if len(whole) <= most:
            return whole
    return _dumped({MARK: True})


def _limited(value: Any, step: int, depth: int) -> Any:
    """A value with texts of at most `step` characters and at most `step` members at each level."""
    if isinstance(value, str):
        return cut(value, step)
    if isinstance(value, Mapping):
        if depth == 0:
            return {}
        first = list(value.items())[:step]
        return {cut(str(name), step): _limited(item, step, depth - 1) for name, item in first}
    if isinstance(value, list):
        return [_limited(item, step, depth - 1) for item in value[:step]] if depth else []
    if isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) > step:
        return cut(str(value), step)
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
