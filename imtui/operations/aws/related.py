"""Related items of an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import incident_arn


async def _list_related_items(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "ssm-incidents", "ListRelatedItems", given, 100)
    after = (shapes.instant_of(where.after), where.after[1]) if where.after else None
    try:
        read = await services.related.behind(context, await _incident(context, given), after, where.limit + 1)
    except NotFound as error:  # the service knows no better word for it in a list
        raise ValidationFailed(str(error), "incidentRecordArn") from error
    found, token = pages.answer(read, where, lambda item: shapes.instant_key(item.added_at, item.id))
    return {"relatedItems": [shapes.related_item(item) for item in found], "nextToken": token}


async def _update_related_items(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    arn = await _incident(context, given)
    update = given["relatedItemsUpdate"]
    if "itemToAdd" in update:
        added = update["itemToAdd"]
        identifier = added["identifier"]
        await services.related.add_value(context, arn, added.get("title", ""), identifier["value"], identifier["type"])
    else:
        removed = update["itemToRemove"]
        await services.related.remove_value(context, arn, removed["type"], removed["value"])
    return {}


async def _incident(context: Context, given: Mapping[str, Any]) -> str:
    shapes.expect(given["incidentRecordArn"], "incident-record", "incidentRecordArn")
    return await incident_arn(context, given["incidentRecordArn"])


HANDLERS: Mapping[str, Handler] = {
    "ListRelatedItems": _list_related_items,
    "UpdateRelatedItems": _update_related_items,
}
