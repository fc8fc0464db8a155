"""What is new is counted since one last looked, and who looks, too, is known while they do."""

from __future__ import annotations

from collections.abc import Callable

from imtui import services
from imtui.clock import ManualClock
from imtui.services.context import Context
from imtui.services.looks import PROGRAM
from imtui.services.presence import LASTS
from tests.organisation import hand_out, organise


async def test_who_was_away_is_told_what_happened_and_what_waits(
    make_context: Callable[..., Context], manual_clock: ManualClock
) -> None:
    ana, ben = make_context("ana"), make_context("ben")
    await organise(ana)
    assert await services.looks.away(ana) is None, "who was never here has missed nothing"
    await services.looks.looked(ana, {PROGRAM})
    manual_clock.advance(60)
    first = (await services.incidents.start(ben, "web")).incident
    assert await services.looks.away(ana) is None, "a minute is no absence"
    manual_clock.advance(3600)
    second = (await services.incidents.start(ben, "web", title="Another")).incident
    await services.incidents.resolve(ben, second.id)
    await hand_out(ana, first.id, ana.names.contact("ana"), ana.names.channel("ana", "1" * 8), "123456")
    missed = await services.looks.away(ana)
    assert missed is not None
    assert missed[1:] == (2, 1, 1, 1)
    assert (ana.now() - missed.since).total_seconds() == 3660
    await services.engagements.acknowledge(ana, "123456")
    await services.looks.looked(ana, {PROGRAM})
    manual_clock.advance(3600)
    assert await services.looks.away(ana) is None, "nothing happened since"


async def test_updates_are_counted_since_the_last_look_at_each_tab(
    make_context: Callable[..., Context], manual_clock: ManualClock
) -> None:
    ana, ben = make_context("ana"), make_context("ben")
    await organise(ana)
    incident = (await services.incidents.start(ben, "web")).incident
    assert await services.looks.updates(ana, incident.id) == {}, "a first visit counts nothing"
    manual_clock.advance(1)
    await services.looks.looked(ana, {f"{incident.id}/timeline", f"{incident.id}/notes"})
    manual_clock.advance(1)
    await services.timeline.add_note(ben, incident.id, "Looking")
    await services.incidents.update(ben, incident.id, title="Other")
    found = await services.looks.updates(ana, incident.id)
    assert found == {"timeline": 2, "notes": 1, "engagements": 0, "related": 0, "properties": 1}
    manual_clock.advance(1)
    await services.looks.looked(ana, {f"{incident.id}/timeline"})
    manual_clock.advance(1)
    await services.incidents.update(ana, incident.id, title="My own")
    found = await services.looks.updates(ana, incident.id)
    assert (found["timeline"], found["notes"], found["properties"]) == (1, 1, 0)
    assert await services.looks.updates(ben, incident.id) == {}


async def test_who_looks_is_known_until_they_leave_or_are_gone(
    make_context: Callable[..., Context], manual_clock: ManualClock
) -> None:
    ana, ben, wall = make_context("ana"), make_context("ben"), make_context("wall", read_only=True)
    await organise(ana)
    one = (await services.incidents.start(ben, "web")).incident
    two = (await services.incidents.start(ben, "web", title="Two")).incident
    for session, who in (("a", ana), ("b", ben), ("b2", ben), ("w", wall)):
        await services.presence.enter(who, session, one.id)
    assert await services.presence.here(ana, one.id, "a") == ["ben"], "once, and nobody who may only look"
    await services.presence.enter(ben, "b", two.id)
    assert await services.presence.here(ana, one.id, "a") == ["ben"]
    await services.presence.leave(ben, "b2")
    assert await services.presence.here(ana, one.id, "a") == []
    assert await services.presence.here(ana, two.id) == ["ben"]
    manual_clock.advance(LASTS.total_seconds() + 1)
    assert await services.presence.here(ana, two.id) == [], "its program has died"
