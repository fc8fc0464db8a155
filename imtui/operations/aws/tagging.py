"""Tags of response plans, replication sets and incident records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context


async def _tag_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.tagging.tag(context, given["resourceArn"], given["tags"])
    return {}


async def _untag_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.tagging.untag(context, given["resourceArn"], given["tagKeys"])
    return {}


async def _list_tags_for_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"tags": await services.tagging.get(context, given["resourceArn"])}


HANDLERS: Mapping[str, Handler] = {
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "ListTagsForResource": _list_tags_for_resource,
}
