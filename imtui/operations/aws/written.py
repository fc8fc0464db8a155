"""Answers as they are written for people and scripts: JSON, text with tabs, a table; through a JMESPath query."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from imtui.domain.errors import ValidationFailed
from imtui.domain.text import shown

_WIDE = 200


def written(document: Any, output: str = "json", query: str = "") -> str:
    """The text of an answer; empty for one without content. Raises ValidationFailed for a query that is none."""
    plain = _plain(document)
    if query:
        plain = _searched(plain, query)
    if plain in ({}, None) and (not query or plain is None):
        return ""
    match output:
        case "text":
            return "\n".join("\t".join(cells) for cells in _lines(plain, ""))
        case "table":
            return _table(plain)
    return json.dumps(plain, indent=4, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """With instants as the AWS command line writes them."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def _searched(document: Any, query: str) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(query, document)
    except (JMESPathError, ValueError) as error:
        raise ValidationFailed(f"--query: {' '.join(str(error).split())[:200]}") from None


def _lines(value: Any, name: str) -> Iterator[list[str]]:
    """A line of the plain values of a structure in the order of their names, then a line for each that is inside."""
    if isinstance(value, dict):
        inner = {key: item for key, item in sorted(value.items()) if isinstance(item, dict | list)}
        flat = [_cell(item) for key, item in sorted(value.items()) if key not in inner]
        if flat:
            yield [*([name.upper()] if name else []), *flat]
        for key, item in inner.items():
            yield from _lines(item, key)
    elif isinstance(value, list):
        flat = [_cell(item) for item in value if not isinstance(item, dict | list)]
        if flat:
            yield [*([name.upper()] if name else []), *flat]
        for item in value:
            if isinstance(item, dict | list):
                yield from _lines(item, name)
    else:
        yield [_cell(value)]


def _cell(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, bool):
        return str(value)
    return shown(str(value))


def _table(value: Any) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = value if isinstance(value, list) else [value]
    if len(rows) == 1 and isinstance(rows[0], dict):
        lists = [item for item in rows[0].values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        if len(lists) == 1:
            rows = lists[0]
    names = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row)) or ["value"]
    table = Table(*names)
    for row in rows:
        cells = [row.get(name, "") for name in names] if isinstance(row, dict) else [row]
        table.add_row(*(Text(_cell(c) if not isinstance(c, dict | list) else json.dumps(c)) for c in cells))
    out = StringIO()
    Console(file=out, width=_WIDE, no_color=True).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
