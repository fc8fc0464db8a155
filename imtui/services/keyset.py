"""Pages by keys: rows behind one that was seen, so that what is added or deleted meanwhile moves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def beyond(
    columns: Sequence[sa.ColumnElement[Any]], after: Sequence[Any], *, falling: bool = False
) -> sa.ColumnElement[bool]:
    """The rows behind the one with this key, in the order of these columns (all rising, or all `falling`)."""
    key = sa.tuple_(*(sa.literal(value, column.type) for column, value in zip(columns, after, strict=True)))
    return sa.tuple_(*columns) < key if falling else sa.tuple_(*columns) > key
