"""A plan is saved only with rooms and topics that can be told, where they are configured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from imtui import services
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.errors import AccessDenied, ValidationFailed
from imtui.domain.incident import Impact, IncidentTemplate
from imtui.services.context import Context
from tests.channels.test_topics import Room

TOPIC = "arn:aws:sns:zz-local-1:111122223333:managers"
CHAT = "arn:aws:sns:zz-local-1:111122223333:ops-room"
TEMPLATE = IncidentTemplate("Web", Impact.HIGH, notification_targets=(TOPIC,))
YAML = f"""
Resources:
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: web
      IncidentTemplate: {{Title: Web, Impact: 2, NotificationTargets: [{{SnsTopicArn: "{TOPIC}"}}]}}
"""


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def configured(context: Context, room: Room) -> Context:
    return replace(context, config=Config(sections={"topic": {"managers": {"url": room.url}}}))


async def test_saving_a_plan_sends_a_test_message(configured: Context, room: Room) -> None:
    plan = await services.response_plans.create(configured, "web", template=TEMPLATE, chat_channel=[CHAT])
    assert [message["subject"] for message in room.got] == ["Response plan web"]
    assert await services.response_plans.warnings(configured, "web") == [
        "nobody is engaged: incidents of this plan page nobody",
        "[chat.ops-room] is not configured here, so nothing is sent to it",
    ]
    await services.response_plans.update(configured, replace(plan, display_name="Shop"))
    assert len(room.got) == 2


async def test_a_plan_whose_topic_fails_is_refused_and_nothing_is_saved(configured: Context, room: Room) -> None:
    room.status = 404
    with pytest.raises(ValidationFailed, match="HTTP 404") as error:
        await services.response_plans.create(configured, "web", template=TEMPLATE)
    assert error.value.field == "notification_targets"
    assert await services.response_plans.list_plans(configured) == []


async def test_whoever_may_not_save_a_plan_sends_no_test_message(configured: Context, room: Room) -> None:
    watcher = configured.acting_as(Caller("wall", "wall", "test", configured.names.user("wall"), True))
    with pytest.raises(AccessDenied):
        await services.response_plans.create(watcher, "web", template=TEMPLATE)
    assert room.got == []


async def test_a_template_is_applied_after_a_test_message_once(configured: Context, room: Room) -> None:
    await services.configuration.apply(configured, [("team.yaml", YAML)], dry_run=True)
    assert room.got == []
    await services.configuration.apply(configured, [("team.yaml", YAML)])
    assert len(room.got) == 1
    again = await services.configuration.apply(configured, [("team.yaml", YAML)])
    assert [difference.action for difference in again] == ["keep"]
    assert len(room.got) == 1, "what does not differ needs no test"


async def test_a_template_whose_topic_fails_is_refused_with_its_place(configured: Context, room: Room) -> None:
    room.status = 500
    with pytest.raises(ValidationFailed, match=r"team.yaml:7: .*IncidentTemplate.*HTTP 500"):
        await services.configuration.apply(configured, [("team.yaml", YAML)])
    assert await services.response_plans.list_plans(configured) == []
    await services.configuration.apply(configured, [("team.yaml", YAML)], skip_test=True)
    assert len(await services.response_plans.list_plans(configured)) == 1
