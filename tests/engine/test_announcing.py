"""News of incidents for rooms and topics: every step once, each by itself, and none of it holds up a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.channels.protocol import Outcome, Outgoing, Rejected
from imtui.channels.topics import Topics
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage import tables as t
from tests.engine.conftest import Provider
from tests.organisation import organise

ROOM = "arn:aws:sns:zz-local-1:111122223333:ops-room"
TOPIC = "arn:aws:sns:zz-local-1:111122223333:managers"
SECTIONS: Mapping[str, Any] = {"topic": {"managers": {"url": "http://127.0.0.1:9/none"}}}


class Told(Topics):
    """Knows the topics that are configured, and hands them to the fake."""

    def __init__(self, config: Config, provider: Provider) -> None:
        super().__init__(config, provider)
        self._provider = provider

    async def send(self, message: Outgoing) -> Outcome:
        return await self._provider.send(message)


@pytest.fixture
async def team(context: Context) -> Context:
    made = await organise(context)
    async with context.database.write(context.now()) as unit:
        which = t.response_plans.c.arn == made.web
        values = {"chat_channel": [ROOM], "notification_targets": [TOPIC]}
        await unit.run(sa.update(t.response_plans).where(which).values(values))
    return context


@pytest.fixture
def news() -> Provider:
    return Provider()


@pytest.fixture
async def announcing(team: Context, manual_clock: ManualClock, provider: Provider, news: Provider) -> Engine:
    told = Told(Config(sections=SECTIONS), news)
    providers: dict[Route, Any] = {**dict.fromkeys(Route, provider), Route.TOPIC: told}
    return Engine(team.database, manual_clock, team.config, providers=providers)


async def test_a_topic_is_told_of_every_step(
    team: Context, announcing: Engine, news: Provider, manual_clock: ManualClock
) -> None:
    await services.incidents.start(team, "web")
    await announcing.tick()
    await services.incidents.update(team, 1, impact=1)
    await services.engagements.take(team, 1)
    await services.incidents.resolve(team, 1)
    await announcing.tick()
    assert {message.to for message in news.sent} == {"topic.managers"}
    assert [(m.subject, m.body) for m in sorted(news.sent, key=lambda m: m.at)] == [
        ("[High] #1 Web shop is down", "Incident started by manual."),
        ("[Critical] #1 Web shop is down", "ana changed impact to 1 (Critical)"),
        ("[Critical] #1 Web shop is down", "Ana acknowledged."),
        ("[Critical] #1 Web shop is down", "ana resolved the incident"),
    ]


async def test_a_room_that_is_not_configured_is_not_told_and_alarms_nobody(
    team: Context, announcing: Engine, news: Provider
) -> None:
    await services.incidents.start(team, "web")
    await announcing.tick()
    shown = {m.channel: (m.state, m.info) for m in await services.messages.recent(team) if m.kind == "notification"}
    assert shown == {"managers": ("Sent", "250 OK")}
    async with team.database.read() as reader:
        query = sa.select(t.messages.c.state, t.messages.c.info).where(t.messages.c.channel_arn == ROOM)
        assert [tuple(row) for row in await reader.all(query)] == [("CANCELLED", "not-configured")]
    assert (await services.health.report(team)).alarms == ()


async def test_nobody_left_to_page_is_told_too(
    team: Context, announcing: Engine, news: Provider, manual_clock: ManualClock
) -> None:
    await services.incidents.start(team, "web")
    for _ in range(6):
        await announcing.tick()
        manual_clock.advance(300)
    assert [m.body for m in news.sent][-1] == "Nobody is left to page, and nobody has acknowledged."


async def test_a_topic_that_fails_is_an_alarm_of_its_own_until_it_works_and_pages_go_out(
    team: Context, announcing: Engine, provider: Provider, news: Provider, manual_clock: ManualClock
) -> None:
    news.answers = [Rejected("HTTP 503")]
    await services.incidents.start(team, "web")
    await announcing.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    assert [alarm.key for alarm in (await services.health.report(team)).alarms] == ["provider:topic.managers"]
    manual_clock.advance(60)
    await announcing.tick()
    assert (await services.health.report(team)).alarms == ()
    assert len({m.id for m in news.sent}) == 1, "a repeat has the same id"


async def test_a_topic_that_refuses_for_good_is_in_the_timeline(
    team: Context, announcing: Engine, news: Provider
) -> None:
    news.answers = [Rejected("HTTP 410", permanent=True)]
    await services.incidents.start(team, "web")
    await announcing.tick()
    texts = [event.text for event in await services.timeline.events(team, 1)]
    assert "topic.managers could not be told: HTTP 410" in texts
