"""The audit log as `cloudtrail` has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from imtui import services
from imtui.domain import cloudtrail
from imtui.domain.audit import Place, Record
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def _lookup_events(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "cloudtrail", "LookupEvents", given)
    wanted = cloudtrail.wanted(given.get("LookupAttributes", ()), given.get("StartTime"), given.get("EndTime"))
    if given.get("EventCategory"):
        return {"Events": []}  # insights, the only category there is, are not made here
    before = Place(_EPOCH + where.after[0] * _MICROSECOND, where.after[1]) if where.after else None
    found, following = await services.audit.lookup(context, wanted, limit=where.limit, before=before)
    token = where.token(_key(found[-1])) if following else None
    return {"Events": [cloudtrail.event(record, context.names) for record in found], "NextToken": token}


def _key(record: Record) -> list[int]:
    return [(record.at - _EPOCH) // _MICROSECOND, record.id]


HANDLERS: Mapping[str, Handler] = {"LookupEvents": _lookup_events}
