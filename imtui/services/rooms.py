"""Chat rooms and notification topics of response plans: a plan is saved only with those that can be told."""

from __future__ import annotations

import uuid

from imtui.channels.configured import senders
from imtui.channels.protocol import Accepted, Outgoing
from imtui.channels.topics import Topics
from imtui.domain.announcement import destination, test_announcement
from imtui.domain.errors import ValidationFailed
from imtui.domain.incident import ResponsePlan
from imtui.domain.route import Route
from imtui.services.context import Context


def destinations(plan: ResponsePlan) -> dict[str, str]:
    """The sections of the configuration that the plan's rooms and topics stand for, with the field that names them."""
    rooms = {destination("chat", topic): "chat_channel" for topic in plan.chat_channel}
    return rooms | {destination("topic", topic): "notification_targets" for topic in plan.template.notification_targets}


def unknown(context: Context, plan: ResponsePlan) -> list[str]:
    """Those that are not configured here, so that nothing is sent to them."""
    sections = {kind: context.config.section(kind) for kind in ("chat", "topic")}
    return [to for to in destinations(plan) if to.partition(".")[2] not in sections[to.partition(".")[0]]]


async def test(context: Context, plan: ResponsePlan) -> None:
    """Send a test message to each room and topic that is configured; raises ValidationFailed for the first that does
    not take it. It is sent at once, outside any transaction: whoever saves the plan waits for the answer."""
    missing = unknown(context, plan)
    wanted = {to: field for to, field in destinations(plan).items() if to not in missing}
    if not wanted:
        return
    ways = senders(context.config)
    topics = ways[Route.TOPIC]
    assert isinstance(topics, Topics)
    try:
        words = test_announcement(plan.label, context.caller.name)
        for to, field in wanted.items():
            message = Outgoing(str(uuid.uuid4()), Route.TOPIC, to, words.subject, words.body, "", context.now())
            outcome = await topics.send(message)
            if not isinstance(outcome, Accepted):
                raise ValidationFailed(
                    f"the test message to [{to}] failed ({outcome.info}): nothing was saved, mend [{to}] first", field
                )
    finally:
        for way in ways.values():
            await way.close()
