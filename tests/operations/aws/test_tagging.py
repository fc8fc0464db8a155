"""Tags on the wire of what incidents are made of: added, replaced, taken off, fifty at most."""

from __future__ import annotations

import pytest

from imtui.domain.errors import NotFound, QuotaExceeded, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from tests.operations.aws.incident_calls import FOREIGN, MISSING, NO_PLAN, NO_SET, call, start
from tests.organisation import organise


async def tags(context: Context, ref: str) -> dict[str, str]:
    return dict((await call(context, "ListTagsForResource", resourceArn=ref))["tags"])


async def resource(context: Context, kind: str) -> str:
    made = await organise(context)
    if kind == "plan":
        return made.web
    if kind == "set":
        return str((await call(context, "CreateReplicationSet", regions={"eu-west-1": {}}))["arn"])
    arn = await start(context)
    await call(context, "UntagResource", resourceArn=arn, tagKeys=["team"])
    return arn


@pytest.mark.parametrize("kind", ["plan", "set", "incident"])
async def test_tags_are_added_replaced_and_taken_off(context: Context, kind: str) -> None:
    arn = await resource(context, kind)
    assert await tags(context, arn) == {}
    await call(context, "TagResource", resourceArn=arn, tags={"team": "shop", "tier": "1"})
    await call(context, "TagResource", resourceArn=arn, tags={"tier": "2", "empty": ""})
    assert await tags(context, arn) == {"team": "shop", "tier": "2", "empty": ""}
    await call(context, "UntagResource", resourceArn=arn, tagKeys=["tier", "never-there"])
    assert await tags(context, arn) == {"team": "shop", "empty": ""}


async def test_the_name_of_a_plan_does_as_well(context: Context) -> None:
    made = await organise(context)
    await call(context, "TagResource", resourceArn="web", tags={"a": "b"})
    assert await tags(context, made.web) == {"a": "b"}


async def test_a_tagged_incident_is_found_by_its_tag(context: Context) -> None:
    from imtui import services

    await organise(context)
    arn = await start(context)
    await start(context)
    await call(context, "TagResource", resourceArn=arn, tags={"cause": "disk"})
    page = await services.incident_list.page(context, text="tag:cause=disk")
    assert [row.number for row in page.rows] == [1]


async def test_a_resource_has_fifty_tags_at_most(context: Context) -> None:
    made = await organise(context)
    await call(context, "TagResource", resourceArn=made.web, tags={f"k{n}": "" for n in range(50)})
    with pytest.raises(QuotaExceeded) as refused:
        await call(context, "TagResource", resourceArn=made.web, tags={"one": "more"})
    assert (refused.value.resource_id, refused.value.resource_type) == (made.web, "RESPONSE_PLAN")
    await call(context, "TagResource", resourceArn=made.web, tags={"k0": "changed"})
    assert len(await tags(context, made.web)) == 50


async def test_keys_that_the_model_forbids_are_refused(context: Context) -> None:
    made = await organise(context)
    for wrong in ({"aws:own": "x"}, {"": "x"}, {"a\x00": "x"}, {}, {"k": "\u202e"}):
        with pytest.raises((Invalid, ValidationFailed)):
            await call(context, "TagResource", resourceArn=made.web, tags=wrong)
    assert await tags(context, made.web) == {}


@pytest.mark.parametrize(
    ("arn", "kind"), [(MISSING, "INCIDENT_RECORD"), (NO_PLAN, "RESPONSE_PLAN"), (NO_SET, "REPLICATION_SET")]
)
async def test_what_does_not_exist_is_named(context: Context, arn: str, kind: str) -> None:
    for name, more in (
        ("TagResource", {"tags": {"a": "b"}}),
        ("UntagResource", {"tagKeys": ["a"]}),
        ("ListTagsForResource", {}),
    ):
        with pytest.raises(NotFound) as refused:
            await call(context, name, resourceArn=arn, **more)
        assert (refused.value.resource_id, refused.value.resource_type) == (arn, kind)
        with pytest.raises(ValidationFailed):
            await call(context, name, resourceArn=FOREIGN, **more)
