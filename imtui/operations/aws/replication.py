"""The replication set and its Regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context

_ACTIVE = "ACTIVE"


async def _create_replication_set(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    regions = {name: members.get("sseKmsKeyId") for name, members in given["regions"].items()}
    return {"arn": await services.replication.create(context, regions, given.get("tags"))}


async def _get_replication_set(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    found = await services.replication.get(context, _arn(given))
    regions = {
        region.name: {
            "status": _ACTIVE,
            "statusUpdateDateTime": region.added_at,
            **({"sseKmsKeyId": region.kms_key} if region.kms_key else {}),
        }
        for region in found.regions
    }
    return {
        "replicationSet": {
            "arn": found.arn,
            "regionMap": regions,
            "status": _ACTIVE,
            "deletionProtected": found.protected,
            "createdBy": shapes.principal(context.names, found.created_by),
            "createdTime": found.created_at,
            "lastModifiedBy": shapes.principal(context.names, found.modified_by),
            "lastModifiedTime": found.modified_at,
        }
    }


async def _list_replication_sets(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "ssm-incidents", "ListReplicationSets", given, 100)
    found, token = pages.cut(await services.replication.list_sets(context), where, str)
    return {"replicationSetArns": found, "nextToken": token}


async def _update_replication_set(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    (action,) = given["actions"]  # the model lets one through
    if "addRegionAction" in action:
        added = action["addRegionAction"]
        await services.replication.add_region(context, _arn(given), added["regionName"], added.get("sseKmsKeyId"))
    else:
        await services.replication.delete_region(context, _arn(given), action["deleteRegionAction"]["regionName"])
    return {}


async def _update_deletion_protection(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.replication.protect(context, _arn(given), given["deletionProtected"])
    return {}


async def _delete_replication_set(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.replication.delete(context, _arn(given))
    return {}


def _arn(given: Mapping[str, Any]) -> str:
    ref: str = given["arn"]
    shapes.expect(ref, "replication-set", "arn")
    return ref


HANDLERS: Mapping[str, Handler] = {
    "CreateReplicationSet": _create_replication_set,
    "GetReplicationSet": _get_replication_set,
    "ListReplicationSets": _list_replication_sets,
    "UpdateReplicationSet": _update_replication_set,
    "UpdateDeletionProtection": _update_deletion_protection,
    "DeleteReplicationSet": _delete_replication_set,
}
