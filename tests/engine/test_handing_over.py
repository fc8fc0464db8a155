"""Who is paged again is paged; who hands over is left alone, and silence afterwards is loud."""

from __future__ import annotations

import pytest

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.access import Caller
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.timeline import EventType
from imtui.engine.engine import Engine
from imtui.services.context import Context
from tests.engine.conftest import Provider
from tests.organisation import organise


@pytest.fixture
async def started(context: Context) -> Context:
    """Ana's context, with an incident for which she is paged."""
    await organise(context)
    ana = context.acting_as(Caller("ana", "ana", "test", context.names.user("ana")))
    await services.incidents.start(ana, "web")
    return ana


def whom(provider: Provider) -> list[str]:
    return [address for address, _ in provider.take()]


async def test_somebody_who_has_acknowledged_is_paged_again(
    started: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await engine.tick()
    assert whom(provider) == ["ana@example.com"]
    await services.engagements.take(started, 1)
    manual_clock.advance(60)
    assert await services.handover.messages(started, ["ana"]) == [("Ana", "e-mail")]
    await services.handover.page_again(started, 1, "ana")
    await engine.tick()
    assert whom(provider) == ["ana@example.com"]
    manual_clock.advance(300)
    await engine.tick()
    assert whom(provider) == ["+4915100000001"]
    said = [event.text for event in await services.timeline.events(started, 1, types={EventType.ESCALATION})]
    assert "ana paged Ana again" in said


async def test_who_was_never_engaged_is_not_paged_again(started: Context, engine: Engine, provider: Provider) -> None:
    await engine.tick()
    provider.take()
    with pytest.raises(Conflict, match="Ben has not been engaged in #1 yet"):
        await services.handover.page_again(started, 1, "ben")
    await services.incidents.resolve(started, 1)
    with pytest.raises(Conflict, match="resolved"):
        await services.handover.page_again(started, 1, "ana")
    await engine.tick()
    assert whom(provider) == []


async def test_who_hands_over_is_not_paged_any_more(
    started: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await engine.tick()
    assert whom(provider) == ["ana@example.com"]
    manual_clock.advance(60)
    await services.handover.hand_over(started, 1, "ben", "look at the disk")
    await engine.tick()
    assert whom(provider) == ["ben@example.com"]
    manual_clock.advance(300)  # Ana's SMS would be due
    await engine.tick()
    assert whom(provider) == []
    event = (await services.timeline.events(started, 1, contact=started.names.contact("ben")))[0]
    assert event.text == "Ana handed over to Ben: look at the disk"


async def test_silence_after_a_handover_is_loud(
    started: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await engine.tick()
    await services.engagements.take(started, 1)
    manual_clock.advance(60)
    await services.handover.hand_over(started, 1, "ben")
    await engine.tick()
    assert whom(provider) == ["ana@example.com", "ben@example.com"]
    assert (await services.incidents.get(started, 1)).exhausted_at is None
    for _ in range(4):
        manual_clock.advance(600)
        await engine.tick()
    assert (await services.incidents.get(started, 1)).exhausted_at is not None
    await services.engagements.take(started, 1)
    assert (await services.incidents.get(started, 1)).exhausted_at is None
    states = {line.label: line.status for line in await services.engagements.for_incident(started, 1)}
    assert states["Ana"] == "Acknowledged"


async def test_the_other_one_answers_and_all_is_calm(
    started: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await engine.tick()
    await services.engagements.take(started, 1)
    await services.handover.hand_over(started, 1, "ben")
    ben = started.acting_as(Caller("ben", "ben", "test", started.names.user("ben")))
    await services.engagements.take(ben, 1)
    for _ in range(4):
        manual_clock.advance(600)
        await engine.tick()
    assert (await services.incidents.get(started, 1)).exhausted_at is None
    assert whom(provider) == ["ana@example.com"]


async def test_nothing_is_handed_over_to_nobody(started: Context, engine: Engine, provider: Provider) -> None:
    await engine.tick()
    provider.take()
    await services.contacts.create(started, "chidi", display_name="Chidi")
    for contact, error, words in (
        ("chidi", ValidationFailed, "cannot be paged at once"),
        ("ana", ValidationFailed, "this is yourself"),
        ("nobody", NotFound, "no contact"),
    ):
        with pytest.raises(error, match=words):
            await services.handover.hand_over(started, 1, contact)
    with pytest.raises(ValidationFailed, match="at most 500"):
        await services.handover.hand_over(started, 1, "ben", "x" * 501)
    lines = await services.engagements.for_incident(started, 1)
    assert [line.label for line in lines if line.running and line.engaged_at] == ["Ana"]
