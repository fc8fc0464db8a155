"""The replication set on the wire: one, of three Regions at most, and not deleted by mistake."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from storage import tables as t
from storage.alarms import raise_alarm
from tests.operations.aws.incident_calls import FOREIGN, NO_SET, call, start
from tests.organisation import organise

DAY = 24 * 3600


async def create(context: Context, *names: str, **given: Any) -> str:
    regions: dict[str, Any] = {name: {} for name in names or ("zz-local-1",)}
    return str((await call(context, "CreateReplicationSet", regions=regions, **given))["arn"])


async def get(context: Context, arn: str) -> dict[str, Any]:
    return dict((await call(context, "GetReplicationSet", arn=arn))["replicationSet"])


async def change(context: Context, arn: str, **action: Any) -> None:
    await call(context, "UpdateReplicationSet", arn=arn, actions=[action])


async def test_a_fresh_database_has_none_and_works_without(context: Context) -> None:
    assert await call(context, "ListReplicationSets") == {"replicationSetArns": []}
    await organise(context)
    await start(context)


async def test_a_set_comes_back_as_it_was_made(context: Context) -> None:
    given = {"eu-central-1": {"sseKmsKeyId": "key-1"}, "eu-west-1": {"sseKmsKeyId": "key-2"}}
    arn = (await call(context, "CreateReplicationSet", regions=given, tags={"owner": "ana"}))["arn"]
    assert arn.startswith("arn:aws:ssm-incidents::111122223333:replication-set/")
    found = await get(context, arn)
    assert (found["arn"], found["status"], found["deletionProtected"]) == (arn, "ACTIVE", False)
    assert (found["createdBy"], found["lastModifiedBy"]) == (context.caller.arn, context.caller.arn)
    assert found["regionMap"] == {
        name: {"sseKmsKeyId": key["sseKmsKeyId"], "status": "ACTIVE", "statusUpdateDateTime": context.now()}
        for name, key in given.items()
    }
    assert (await call(context, "ListReplicationSets"))["replicationSetArns"] == [arn]
    assert (await call(context, "ListTagsForResource", resourceArn=arn))["tags"] == {"owner": "ana"}
    assert await get(context, arn.rpartition("/")[2]) == found, "the id alone does"


async def test_there_is_one_set_and_a_retry_makes_no_other(context: Context) -> None:
    arn = await create(context, clientToken="once")
    assert await create(context, clientToken="once") == arn
    with pytest.raises(Conflict, match="already") as refused:
        await create(context)
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "REPLICATION_SET")


async def test_regions_are_named_well_and_three_at_most(context: Context) -> None:
    with pytest.raises(Invalid):
        await create(context, "a", "b", "c", "d")
    for wrong in ("Nowhere!", "a b", "-a", "\u202ea"):
        with pytest.raises(ValidationFailed):
            await create(context, wrong)
    with pytest.raises(ValidationFailed, match="for each Region, or for none"):
        await call(context, "CreateReplicationSet", regions={"a": {"sseKmsKeyId": "k"}, "b": {}})
    arn = await create(context, "eu-west-1")
    for name in ("eu-west-2", "eu-west-3"):
        await change(context, arn, addRegionAction={"regionName": name, "sseKmsKeyId": "key"})
    assert list((await get(context, arn))["regionMap"]) == ["eu-west-1", "eu-west-2", "eu-west-3"]
    with pytest.raises(ValidationFailed, match="at most 3"):
        await change(context, arn, addRegionAction={"regionName": "eu-south-1"})
    with pytest.raises(Conflict, match="already") as refused:
        await change(context, arn, addRegionAction={"regionName": "eu-west-2"})
    assert (refused.value.resource_id, refused.value.resource_type) == (arn, "REPLICATION_SET")
    with pytest.raises(Invalid):
        await call(context, "UpdateReplicationSet", arn=arn, actions=[])


async def test_a_region_is_deleted_a_day_after_it_was_added(context: Context, manual_clock: ManualClock) -> None:
    arn = await create(context, "eu-west-1")
    manual_clock.advance(DAY)
    await change(context, arn, addRegionAction={"regionName": "eu-west-2"})
    with pytest.raises(ValidationFailed, match="less than 24 hours ago"):
        await change(context, arn, deleteRegionAction={"regionName": "eu-west-2"})
    with pytest.raises(ValidationFailed, match="is not in the replication set"):
        await change(context, arn, deleteRegionAction={"regionName": "eu-west-9"})
    await change(context, arn, deleteRegionAction={"regionName": "eu-west-1"})
    assert list((await get(context, arn))["regionMap"]) == ["eu-west-2"]


@pytest.mark.parametrize("by", ["set", "last region"])
async def test_deleting_the_set_deletes_everything_but_only_when_nothing_protects_it(
    context: Context, manual_clock: ManualClock, by: str
) -> None:
    await organise(context)
    arn = await create(context, "eu-west-1", tags={"a": "b"})

    async def delete() -> None:
        if by == "set":
            await call(context, "DeleteReplicationSet", arn=arn)
        else:
            await change(context, arn, deleteRegionAction={"regionName": "eu-west-1"})

    await call(context, "UpdateDeletionProtection", arn=arn, deletionProtected=True)
    assert (await get(context, arn))["deletionProtected"] is True
    with pytest.raises(ValidationFailed, match="protection off"):
        await delete()
    await call(context, "UpdateDeletionProtection", arn=arn, deletionProtected=False)
    with pytest.raises(ValidationFailed, match="24 hours"):
        await delete()
    manual_clock.advance(DAY)
    incident = await start(context)
    await call(context, "CreateTimelineEvent", incidentRecordArn=incident, eventType="Note", eventData="x", eventTime=1)
    with pytest.raises(Conflict, match="incident #1") as refused:
        await delete()
    assert refused.value.dependents == ("incident #1",)
    await call(context, "UpdateIncidentRecord", arn=incident, status="RESOLVED")
    async with context.database.write(context.now()) as unit:
        await raise_alarm(unit, "check:late", "not of any incident")
        prune = {"id": "p", "kind": "prune", "due_at": unit.now, "engagement_id": None, "incident_id": None}
        unit.insert(t.timers, {**prune, "payload": {}})
    await delete()
    assert (await call(context, "ListReplicationSets"))["replicationSetArns"] == []
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(t.alarms.c.key)) == "check:late", "the program's own troubles go on"
        assert [row.kind for row in await reader.all(sa.select(t.timers.c.kind))] == ["prune"]
    assert (await call(context, "ListIncidentRecords"))["incidentRecordSummaries"] == []
    assert (await call(context, "ListResponsePlans"))["responsePlanSummaries"] == []
    assert await services.contacts.list_contacts(context) == []
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.tags)) == 0
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.audit)) > 0, "what was done stays known"
    await organise(context)
    await start(context)
    await create(context)


async def test_a_set_that_does_not_exist_is_named(context: Context) -> None:
    given: dict[str, dict[str, Any]] = {
        "GetReplicationSet": {},
        "DeleteReplicationSet": {},
        "UpdateDeletionProtection": {"deletionProtected": True},
        "UpdateReplicationSet": {"actions": [{"addRegionAction": {"regionName": "eu-west-1"}}]},
    }
    for name, more in given.items():
        with pytest.raises(NotFound) as refused:
            await call(context, name, arn=NO_SET, **more)
        assert (refused.value.resource_id, refused.value.resource_type) == (NO_SET, "REPLICATION_SET")
        with pytest.raises(ValidationFailed):
            await call(context, name, arn=FOREIGN, **more)
    with pytest.raises(ValidationFailed, match="token"):
        await call(context, "ListReplicationSets", nextToken="AAAA")
