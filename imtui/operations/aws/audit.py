"""The audit log as `cloudtrail` has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from imtui import services
from imtui.domain import cloudtrail
from imtui.domain.audit import Place, Record
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class WrongToken(ImtuiError):
    """The token is none of this question."""

    code = "InvalidNextTokenException"


class WrongTimes(ImtuiError):
    """The end is before the start."""

    code = "InvalidTimeRangeException"


class WrongAttributes(ImtuiError):
    """What is looked for is nothing that can be looked for."""

    code = "InvalidLookupAttributesException"


async def _lookup_events(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        where = await pages.place(context, "cloudtrail", "LookupEvents", given)
    except ValidationFailed as error:
        raise WrongToken(str(error)) from None
    start, end = given.get("StartTime"), given.get("EndTime")
    if start and end and start > end:
        raise WrongTimes("StartTime must not be after EndTime")
    try:
        wanted = cloudtrail.wanted(given.get("LookupAttributes", ()), start, end)
    except ValidationFailed as error:
        raise WrongAttributes(str(error)) from None
    if given.get("EventCategory"):
        return {"Events": []}  # insights, the only category there is, are not made here
    before = Place(_EPOCH + where.after[0] * _MICROSECOND, where.after[1]) if where.after else None
    found, following = await services.audit.lookup(context, wanted, limit=where.limit, before=before)
    token = where.token(_key(found[-1])) if following else None
    return {"Events": [cloudtrail.event(record, context.names) for record in found], "NextToken": token}


def _key(record: Record) -> list[int]:
    return [(record.at - _EPOCH) // _MICROSECOND, record.id]


HANDLERS: Mapping[str, Handler] = {"LookupEvents": _lookup_events}
