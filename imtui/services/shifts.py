"""The shifts of a rotation in pages: of one that stands, and of one that is thought of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall.rotation import Override, Shift, shifts
from imtui.services.context import Context
from imtui.services.naming import rotation_arn
from imtui.services.rotations import LATEST, RotationSpec, checked, rotation_row
from storage.rotas import load_rotations

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_FIRST_LOOK = timedelta(days=35)
_LONGEST_LOOK = timedelta(days=560)
_AT_ONCE = timedelta(days=10 * 366)
"""However few shifts there are, a page is searched for no further than this."""


class ShiftPage(NamedTuple):
    """Shifts in their order; `after`: the microsecond since 1970 behind which the first shift of the next page begins,
    None where there is no more."""

    shifts: list[Shift]
    after: int | None


async def of_rotation(
    context: Context, ref: str, begin: datetime, end: datetime, *, after: int | None = None, limit: int = 50
) -> ShiftPage:
    """The shifts of a rotation that touch a time, at most so many of those that begin behind `after`. Raises
    ValidationFailed, NotFound."""
    _check(begin, end)
    arn = rotation_arn(context.names, ref)
    async with context.look("ssm-contacts:ListRotationShifts", arn) as reader:
        row = await rotation_row(reader, context, arn)
        kept = (await load_rotations(reader, [row.arn]))[row.arn]
    earliest = min(version.rotation.start for version in kept.versions)
    return _page(kept.shifts, max(begin, earliest), end, after, limit)


async def preview(
    context: Context,
    spec: RotationSpec,
    begin: datetime,
    end: datetime,
    made: Sequence[Override] = (),
    *,
    after: int | None = None,
    limit: int = 50,
) -> ShiftPage:
    """The same of a rotation that does not stand; its people may be any names. Raises ValidationFailed."""
    _check(begin, end)
    await context.may("ssm-contacts:ListPreviewRotationShifts", "*")
    rotation = checked(spec, spec.contacts, context.now())
    earliest = max(begin, rotation.start)
    return _page(lambda low, high: shifts(rotation, low, high, made), earliest, end, after, limit)


def _check(begin: datetime, end: datetime) -> None:
    if end <= begin:
        raise ValidationFailed("EndTime: the time ends after it begins", "EndTime")


def _page(
    touching: Callable[[datetime, datetime], list[Shift]],
    begin: datetime,
    end: datetime,
    after: int | None,
    limit: int,
) -> ShiftPage:
    """Look through the time piece by piece, each longer than the one before, until the page is full."""
    end = min(end, LATEST)
    low = begin if after is None else max(begin, _EPOCH + after * _MICROSECOND)
    last_look = low + _AT_ONCE
    found: list[Shift] = []
    step = _FIRST_LOOK
    while low < end and low < last_look:
        high = min(low + step, end)
        for piece in touching(low, high):
            if (after is None or _position(piece.start) > after) and (not found or piece.start > found[-1].start):
                found.append(piece)
        if len(found) > limit:
            return ShiftPage(found[:limit], _position(found[limit - 1].start))
        low, step = high, min(step * 2, _LONGEST_LOOK)
    if low >= end:
        return ShiftPage(found, None)
    return ShiftPage(found, _position(low) - 1)


def _position(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
