"""The filters of the wire, `{"key": …, "condition": {"after" | "before" | "equals": …}}`, as conditions on rows. All
filters of a request hold; of the values of one, any."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain import arns
from imtui.domain.arns import Names
from imtui.domain.errors import ValidationFailed
from imtui.domain.incident import Status
from storage import tables as t

Filters = Sequence[Mapping[str, Any]]
_Condition = Callable[[str, Mapping[str, Any]], sa.ColumnElement[bool]]
_ESCAPE = "\\"


def of_incidents(filters: Filters, names: Names) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows of `incidents`: creationTime, impact, status, createdBy. Raises ValidationFailed."""
    i = t.incidents.c

    def created_by(key: str, condition: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        callers = _texts(key, condition)
        return i.created_by.in_([who if arns.is_arn(who) else names.user(who) for who in callers])

    def status(key: str, condition: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        wanted = _texts(key, condition)
        if set(wanted) - set(Status):
            raise ValidationFailed(f"filters: {key} is {' or '.join(Status)}", "filters")
        return i.status == wanted[0] if len(wanted) == 1 else i.status.in_(wanted)  # one alone has its index

    return _all(
        filters,
        {
            "creationTime": lambda key, condition: _time(i.created_at, key, condition),
            "impact": lambda key, condition: i.impact.in_(_numbers(key, condition)),
            "status": status,
            "createdBy": created_by,
        },
    )


def of_events(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows of `timeline`: eventTime, eventType, eventReference. Raises ValidationFailed."""
    e = t.timeline.c

    def reference(key: str, condition: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        written = sa.cast(e.refs, sa.String)
        patterns = [_containing(json.dumps(value)) for value in _texts(key, condition)]
        return sa.or_(sa.false(), *(written.like(pattern, escape=_ESCAPE) for pattern in patterns))

    return _all(
        filters,
        {
            "eventTime": lambda key, condition: _time(e.event_time, key, condition),
            "eventType": lambda key, condition: e.type.in_(_texts(key, condition)),
            "eventReference": reference,
        },
    )


def _all(filters: Filters, known: Mapping[str, _Condition]) -> list[sa.ColumnElement[bool]]:
    found = []
    for one in filters:
        make = known.get(one["key"])
        if make is None:
            raise ValidationFailed(f"filters: {one['key'][:50]!r} is none of {', '.join(known)}", "filters")
        found.append(make(one["key"], one["condition"]))
    return found


def _time(column: sa.ColumnElement[datetime], key: str, condition: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    after: datetime | None = condition.get("after")
    before: datetime | None = condition.get("before")
    if after is not None:
        return column > after
    if before is not None:
        return column < before
    raise ValidationFailed(f"filters: {key} is compared by after or before", "filters")


def _texts(key: str, condition: Mapping[str, Any]) -> list[str]:
    values = condition.get("equals", {}).get("stringValues")
    if values is None:
        raise ValidationFailed(f"filters: {key} is compared by equals with stringValues", "filters")
    return [value.replace("\x00", "") for value in values]


def _numbers(key: str, condition: Mapping[str, Any]) -> list[int]:
    equals = condition.get("equals", {})
    values = equals.get("integerValues")
    if values is None:  # some clients write numbers as texts
        values = [int(text) for text in equals.get("stringValues", ()) if text.isascii() and text.isdigit()]
        if not values:
            raise ValidationFailed(f"filters: {key} is compared by equals with integerValues", "filters")
    return [value for value in values if 1 <= value <= 5]


def _containing(text: str) -> str:
    return "%" + text.replace(_ESCAPE, _ESCAPE * 2).replace("%", "\\%").replace("_", "\\_") + "%"
