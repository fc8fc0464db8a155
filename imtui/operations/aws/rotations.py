"""Rotations, their overrides and shifts as `ssm-contacts` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from imtui import services
from imtui.domain.errors import ValidationFailed
from imtui.domain.oncall.rotation import Override, Shift
from imtui.domain.oncall.wire import recurrence_from_wire, recurrence_to_wire
from imtui.operations.aws.contacts import tags_from
from imtui.operations.aws.pages import Place, answer, cut, place
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.naming import contact_arn, rotation_arn
from imtui.services.overrides import OverrideRecord
from imtui.services.rotations import RotationRecord, RotationSpec
from imtui.services.shifts import ShiftPage

SERVICE = "ssm-contacts"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


async def _create_rotation(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    spec = RotationSpec(
        given["Name"],
        _people(context, given["ContactIds"]),
        given["TimeZoneId"],
        *recurrence_from_wire(given["Recurrence"]),
        start=given.get("StartTime"),
        tags=tags_from(given.get("Tags")),
    )
    return {"RotationArn": (await services.rotations.create(context, spec)).arn}


async def _get_rotation(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    return _shown(await services.rotations.get(context, _arn(context, given)))


async def _list_rotations(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListRotations", given)
    after = tuple(where.after) if where.after else None
    prefix = given.get("RotationNamePrefix") or ""
    found = await services.rotations.page(context, prefix, after=after, limit=where.limit + 1)
    page, token = answer(found, where, lambda rotation: (rotation.name, rotation.arn))
    return {"Rotations": [_shown(rotation) for rotation in page], "NextToken": token}


async def _update_rotation(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    people = given.get("ContactIds")
    await services.rotations.change(
        context,
        _arn(context, given),
        *recurrence_from_wire(given["Recurrence"]),
        contacts=None if people is None else _people(context, people),
        start=given.get("StartTime"),
        zone=given.get("TimeZoneId"),
    )
    return {}


async def _delete_rotation(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.rotations.delete(context, _arn(context, given))
    return {}


# ------------------------------------------------------------ overrides


async def _create_rotation_override(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    people = _people(context, given["NewContactIds"])
    times = given["StartTime"], given["EndTime"]
    made = await services.overrides.create(context, _arn(context, given), people, *times)
    return {"RotationOverrideId": made.id}


async def _get_rotation_override(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    found = await services.overrides.get(context, _arn(context, given), given["RotationOverrideId"])
    return {"RotationArn": found.rotation_arn, **_shown_override(found)}


async def _list_rotation_overrides(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListRotationOverrides", given)
    times = given["StartTime"], given["EndTime"]
    found = await services.overrides.list_overrides(context, _arn(context, given), *times)
    page, token = cut(sorted(found, key=_override_key), where, _override_key)
    return {"RotationOverrides": [_shown_override(override) for override in page], "NextToken": token}


async def _delete_rotation_override(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.overrides.delete(context, _arn(context, given), given["RotationOverrideId"])
    return {}


# ------------------------------------------------------------ shifts


async def _list_rotation_shifts(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListRotationShifts", given)
    begin, after = _begin(context, where, given.get("StartTime"))
    found = await services.shifts.of_rotation(
        context, _arn(context, given), begin, given["EndTime"], after=after, limit=where.limit
    )
    return _shown_shifts(found, where, begin)


async def _list_preview_rotation_shifts(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListPreviewRotationShifts", given)
    begin, after = _begin(context, where, given.get("StartTime"))
    start = given.get("RotationStartTime") or begin
    recurrence = recurrence_from_wire(given["Recurrence"])
    spec = RotationSpec("preview", tuple(given["Members"]), given["TimeZoneId"], *recurrence, start=start)
    made = [_override(each) for each in given.get("Overrides") or ()]
    found = await services.shifts.preview(context, spec, begin, given["EndTime"], made, after=after, limit=where.limit)
    return _shown_shifts(found, where, begin)


def _begin(context: Context, where: Place, asked: datetime | None) -> tuple[datetime, int | None]:
    """From when shifts are listed, and behind which the page goes on. All pages begin where the first did."""
    if where.after is None:
        return asked or context.now(), None
    begin, after = where.after
    return _EPOCH + begin * _MICROSECOND, after


def _override(given: Mapping[str, Any]) -> Override:
    begin, end = given.get("StartTime"), given.get("EndTime")
    if begin is None or end is None or end <= begin:
        raise ValidationFailed("Overrides: each has a StartTime and an EndTime after it", "Overrides")
    return Override(tuple(given.get("NewMembers") or ()), begin, end)


def _shown_shifts(found: ShiftPage, where: Place, begin: datetime) -> dict[str, Any]:
    token = None if found.after is None else where.token([(begin - _EPOCH) // _MICROSECOND, found.after])
    return {"RotationShifts": [_shown_shift(shift) for shift in found.shifts], "NextToken": token}


# ------------------------------------------------------------ both ways


def _arn(context: Context, given: Mapping[str, Any]) -> str:
    return rotation_arn(context.names, given["RotationId"])


def _people(context: Context, refs: Sequence[str]) -> tuple[str, ...]:
    return tuple(contact_arn(context.names, ref) for ref in refs)


def _shown(rotation: RotationRecord) -> dict[str, Any]:
    now = rotation.kept.now
    return {
        "RotationArn": rotation.arn,
        "Name": rotation.name,
        "ContactIds": list(now.contacts),
        "StartTime": now.start,
        "TimeZoneId": now.zone.key,
        "Recurrence": recurrence_to_wire(now.recurrence, now.coverage, now.on_calls),
    }


def _shown_override(override: OverrideRecord) -> dict[str, Any]:
    return {
        "RotationOverrideId": override.id,
        "NewContactIds": list(override.contacts),
        "StartTime": override.start,
        "EndTime": override.end,
        "CreateTime": override.created_at,
    }


def _override_key(override: OverrideRecord) -> tuple[int, str]:
    return (override.start - _EPOCH) // _MICROSECOND, override.id


def _shown_shift(shift: Shift) -> dict[str, Any]:
    details = None if shift.instead_of is None else {"OverriddenContactIds": list(shift.instead_of)}
    return {
        "ContactIds": list(shift.contacts),
        "StartTime": shift.start,
        "EndTime": shift.end,
        "Type": shift.type.value,
        "ShiftDetails": details,
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateRotation": _create_rotation,
    "CreateRotationOverride": _create_rotation_override,
    "DeleteRotation": _delete_rotation,
    "DeleteRotationOverride": _delete_rotation_override,
    "GetRotation": _get_rotation,
    "GetRotationOverride": _get_rotation_override,
    "ListPreviewRotationShifts": _list_preview_rotation_shifts,
    "ListRotationOverrides": _list_rotation_overrides,
    "ListRotationShifts": _list_rotation_shifts,
    "ListRotations": _list_rotations,
    "UpdateRotation": _update_rotation,
}
