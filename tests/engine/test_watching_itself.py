"""The engine watches itself, the clock and the file, and says what it finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.channels.protocol import Outcome, Outgoing, Rejected
from imtui.clock import ManualClock, SystemClock
from imtui.config import Config
from imtui.engine import pruning
from imtui.engine.engine import CHECK_SECONDS, Engine
from imtui.engine.standing_still import Watchman
from imtui.services.context import Context
from storage import tables as t
from storage.integrity import DAMAGE
from storage.opening import open_database
from storage.watch import changes_since
from tests.engine.conftest import Provider
from tests.organisation import organise

MakeEngine = Callable[[str], Engine]


async def alarms(context: Context) -> dict[str, str]:
    return {alarm.key: alarm.text for alarm in (await services.health.report(context)).alarms}


async def states(context: Context) -> list[str]:
    async with context.database.read() as reader:
        return [row.state for row in await reader.all(sa.select(t.messages.c.state).order_by(t.messages.c.created_at))]


async def test_a_page_that_failed_for_good_is_an_alarm_until_somebody_sees_to_the_incident(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    for act in ("take", "resolve"):
        provider.answers = [Rejected("550 no such user", permanent=True)]
        incident = (await services.incidents.start(context, "web")).incident
        await engine.tick()
        assert any(key.startswith("page:") for key in await alarms(context))
        if act == "take":
            await services.engagements.take(context, incident.id)
        else:
            await services.incidents.resolve(context, incident.id)
        assert await alarms(context) == {}
        manual_clock.advance(3600)
        await engine.tick()
        provider.sent.clear()


async def test_a_leader_that_comes_back_does_not_undo_what_the_next_has_sent(
    context: Context, make_engine: MakeEngine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    one, two = make_engine("one"), make_engine("two")
    await one.tick()
    await services.incidents.start(context, "web")
    real = provider.send

    async def stalls(message: Outgoing) -> Outcome:
        """The machine stands still while the provider refuses; meanwhile the other takes over, sends and leaves."""
        provider.send = real  # type: ignore[method-assign]
        manual_clock.advance(10)
        await two.tick()
        await two._lease.release()
        return Rejected("421 try later")

    provider.send = stalls  # type: ignore[method-assign]
    await one.tick()
    assert await states(context) == ["SENT"]
    await one.tick()
    assert one.is_leader
    assert await states(context) == ["SENT"]
    manual_clock.advance(120)
    await one.tick()
    assert len(provider.take()) == 1


async def test_a_claim_that_nothing_comes_of_is_sent_again_and_said(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    begin, engine._begin = engine._begin, lambda claim: None  # type: ignore[method-assign]
    await engine.tick()
    engine._begin = begin  # type: ignore[method-assign]
    assert await states(context) == ["CLAIMED"]
    manual_clock.advance(61)
    await engine.tick()
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com"]
    texts = [event.text for event in await services.timeline.events(context, 1)]
    assert any("an earlier try may have arrived too" in text for text in texts)
    manual_clock.advance(CHECK_SECONDS)
    await engine.tick()
    assert await alarms(context) == {}


@pytest.mark.parametrize(
    ("real", "counted", "said"),
    [
        (1.3, 1.3, None),
        (4.0, 4.0, None),
        (61.3, 61.3, "stood still for 1 min"),
        (601.3, 1.3, "set forward by 10 min"),
        (-118.7, 1.3, "set back by 2 min"),
    ],
)
def test_time_that_does_not_pass_as_it_should_is_noticed(real: float, counted: float, said: str | None) -> None:
    clock = SystemClock()
    at, count = clock.wall(), clock.monotonic()

    class Clock(SystemClock):
        def wall(self) -> datetime:
            return at

        def monotonic(self) -> float:
            return count

    watchman = Watchman(Clock())
    assert watchman.look(0) is None
    at, count = at + timedelta(seconds=real), count + counted
    found = watchman.look(1.3)
    assert found is None if said is None else said in (found or "")


async def test_a_clock_that_jumped_is_shown_for_an_hour_and_degrades_nothing(
    context: Context, engine: Engine, manual_clock: ManualClock
) -> None:
    await engine.tick()
    engine._notices.append("the clock of this machine was set back by 2 min")
    manual_clock.advance(CHECK_SECONDS)
    await engine.tick()
    health = await services.health.report(context)
    assert health.ok
    assert [alarm.text for alarm in health.alarms] == ["the clock of this machine was set back by 2 min"]
    manual_clock.advance(pruning.NOTICES.total_seconds() + 1)
    await engine.tick()
    assert await alarms(context) == {}


async def test_changes_that_nobody_will_ask_for_are_forgotten(
    context: Context, engine: Engine, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "CHANGES", 5)
    for number in range(20):
        async with context.database.write(context.now()) as unit:
            unit.changed("incident", str(number))
    await engine.tick()
    async with context.database.read() as reader:
        kept = await changes_since(reader, 0)
    assert [change.ref for change in kept] == ["16", "17", "18", "19", "one"]


async def test_a_damaged_file_is_found_without_being_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "imtui.db"
    database, clock = await open_database(str(path))
    async with database.write(clock.now()) as unit:
        for number in range(400):
            unit.insert(
                t.tokens, {"name": f"{number}", "hash": f"{number}" * 20, "created_at": unit.now, "created_by": ""}
            )
        root = await unit.scalar(
            sa.text("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'tokens' AND type = 'index' LIMIT 1")
        )
    await database.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xde\xad" * 2048)
    database, clock = await open_database(str(path))
    engine = Engine(database, clock, Config())
    try:
        await engine.tick()
        engine._known.set()
        await engine._examine()
        async with database.read() as reader:
            text = await reader.scalar(sa.select(t.alarms.c.text).where(t.alarms.c.key == DAMAGE))
        assert text is not None
        assert "restore it from a backup" in text
    finally:
        await engine.close()
        await database.close()
