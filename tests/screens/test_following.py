"""The picture follows the database whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.app import following as following_module
from imtui.app.following import Following, News
from imtui.clock import ManualClock
from imtui.domain.errors import Unavailable
from imtui.services.context import Context
from imtui.services.health import Health
from screens.incidents import IncidentsScreen
from storage import tables as t
from storage.opening import open_database
from storage.watch import Watcher, prune_changes
from tests.organisation import hand_out
from tests.screens.conftest import Opened, text_of, until


class Record:
    """A picture that only remembers."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.healths = 0
        self.reason = ""
        self.bells = 0
        self.defects: list[Exception] = []
        self.changed = asyncio.Event()

    async def news(self, news: News) -> None:
        self.told.append(news)
        self.changed.set()

    def health(self, health: Health) -> None:
        self.healths += 1

    def lost(self, reason: str) -> None:
        self.reason = reason
        self.changed.set()

    def ring(self) -> None:
        self.bells += 1

    def defect(self, error: Exception) -> None:
        self.defects.append(error)

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(10):
            while not true():
                self.changed.clear()
                await self.changed.wait()


async def touch(context: Context, count: int, topic: str = "incident") -> None:
    async with context.database.write(context.now()) as unit:
        for number in range(count):
            unit.changed(topic, f"r{number}", f"i{number}")


async def test_the_first_step_reads_everything_and_the_next_only_what_changed(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    assert await following.step()
    assert picture.told == [News(anew=True)]
    assert not await following.step()
    await touch(team, 1)
    assert await following.step()
    assert picture.told[1:] == [News(frozenset({"incident"}), frozenset({"i0"}))]


async def test_no_change_of_a_flood_is_left_for_the_next_wake_up(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    await following.step()
    await touch(team, 12_345)
    await following.step()
    assert len(picture.told[1].incidents) == 12_345
    assert not await following.step()


async def test_who_was_away_while_changes_were_pruned_reads_everything_anew(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    await touch(team, 3)
    await following.step()
    await touch(team, 100)
    async with team.database.write(team.now()) as unit:
        await prune_changes(unit, 10)
    await following.step()
    assert picture.told[1] == News(anew=True)
    await touch(team, 1)
    await following.step()
    assert not picture.told[2].anew


class Parked(ManualClock):
    """A clock that moves when told, and knows when who is followed has nothing to do until it does."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.parked = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        with self.resting() if seconds == following_module.GATHER_SECONDS else nullcontext():
            await super().pause(seconds)

    @contextmanager
    def resting(self) -> Iterator[None]:
        self.parked.set()
        try:
            yield
        finally:
            self.parked.clear()

    async def step(self, seconds: float) -> None:
        """Move, and let everything happen that this makes happen."""
        self.advance(seconds)
        for _ in range(20):
            await asyncio.sleep(0)  # noqa: TID251
        async with asyncio.timeout(10):
            await self.parked.wait()


class Timed(Record):
    """A picture that remembers when it was told of what."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock
        self.at: list[tuple[float, frozenset[str]]] = []
        self.health_at: list[float] = []

    async def news(self, news: News) -> None:
        self.at.append((self._clock.monotonic(), news.incidents))
        await super().news(news)

    def health(self, health: Health) -> None:
        self.health_at.append(self._clock.monotonic())


@pytest.mark.parametrize("topic", ["incident", "contact"])
async def test_a_flood_of_another_program_is_read_four_times_a_second_and_its_last_change_is_shown(
    team: Context, monkeypatch: pytest.MonkeyPatch, topic: str
) -> None:
    clock = Parked(team.now())

    class Seen(Watcher):
        async def wait(self, timeout: float | None = None, *, real: bool = False) -> bool:
            with clock.resting():
                return await super().wait(timeout, real=real)

    monkeypatch.setattr(following_module, "Watcher", Seen)
    others, _ = await open_database(str(team.database.path))
    picture = Timed(clock)
    task = asyncio.create_task(Following(replace(team, clock=clock), picture).run())
    committed: dict[str, float] = {}
    try:
        await picture.until(lambda: picture.told)
        for _ in range(50):
            await clock.step(0.1)
        assert picture.told == [News(anew=True)], "nothing changes, nothing is read"
        picture.at.clear()
        picture.health_at.clear()
        began = clock.monotonic()
        for number in range(300):
            async with others.write(clock.now()) as unit:
                unit.changed(topic, f"r{number}", f"i{number}")
            committed[f"i{number}"] = clock.monotonic()
            await clock.step(0.01)
        ended = clock.monotonic()
        for _ in range(20):
            await clock.step(0.1)
    finally:
        task.cancel()
        await others.close()
    told = {incident: at for at, incidents in picture.at for incident in incidents}
    assert told.keys() == committed.keys()
    assert max(told[incident] - at for incident, at in committed.items()) <= 0.5
    assert told["i0"] - committed["i0"] <= 0.1 + 0.01, "the first is shown at once"
    assert len(told) == sum(len(incidents) for _, incidents in picture.at), "nothing is read twice"
    assert 10 <= len(picture.at) <= 14, "in three seconds"
    assert all(later - at >= 0.25 - 1e-9 for (at, _), (later, _) in pairwise(picture.at))
    if topic == "contact":
        assert len(picture.health_at) <= 1, "contacts are nothing that health tells of"
    else:
        assert 3 <= len([at for at in picture.health_at if began <= at <= ended]) <= 4
        assert all(later - at >= 1.0 - 1e-9 for at, later in pairwise(picture.health_at))
        assert picture.health_at[-1] >= committed["i299"], "it tells of the last change, too"


async def test_what_the_screen_does_not_show_is_not_read(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as (app, pilot):
        read, seen = 0, set[str]()
        reload, news = IncidentsScreen.reload, app.news

        async def counted(screen: IncidentsScreen) -> None:
            nonlocal read
            read += 1
            await reload(screen)

        async def told(news_: News) -> None:
            await news(news_)
            seen.update(news_.topics)

        monkeypatch.setattr(IncidentsScreen, "reload", counted)
        monkeypatch.setattr(app, "news", told)
        for topic in ("contact", "plan", "rule"):
            await touch(team, 10, topic)
        await until(pilot, lambda: seen == {"contact", "plan", "rule"})
        assert read == 0
        await touch(team, 1)
        await until(pilot, lambda: "incident" in seen)
        assert read == 1


async def test_a_renewal_of_the_lease_reads_nothing(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    await following.step()
    looked = picture.healths
    async with team.database.write(team.now()) as unit:
        await unit.run(sa.update(t.settings).where(t.settings.c.key == "nothing").values(value=1))
    assert not await following.step()
    assert picture.healths == looked


async def test_the_bell_rings_once_for_a_page_and_never_for_a_code(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    await following.step()
    started = await services.incidents.start(team, "web")
    names = team.names
    channel = names.channel("ana", "11111111-1111-4111-8111-111111111111")
    await hand_out(team, started.incident.id, names.contact("ana"), channel, "123456")

    async def state(**values: Any) -> None:
        async with team.database.write(team.now()) as unit:
            await unit.run(sa.update(t.messages).values(**values))
            unit.changed("message", message)
        await following.step()

    message = (await services.messages.recent(team))[0].id
    await state(state="PENDING", sent_at=None)
    assert picture.bells == 0
    await state(state="CLAIMED", claimed_until=team.now())
    assert picture.bells == 0
    await state(state="SENT", sent_at=team.now(), provider="local", claimed_until=None)
    assert picture.bells == 1
    await state(info="acknowledged meanwhile")
    assert picture.bells == 1
    await services.channels.create(team, "ana", "other", "EMAIL", "other@example.com")
    await state(state="SENT", sent_at=team.now(), provider="local")
    code = next(message for message in await services.messages.recent(team) if message.kind == "activation")
    async with team.database.write(team.now()) as unit:
        unit.changed("message", code.id)
    await following.step()
    assert picture.bells == 1


async def test_a_page_that_a_provider_took_rings_no_bell(team: Context) -> None:
    picture = Record()
    following = Following(team, picture)
    await following.step()
    started = await services.incidents.start(team, "web")
    names = team.names
    channel = names.channel("ana", "11111111-1111-4111-8111-111111111111")
    await hand_out(team, started.incident.id, names.contact("ana"), channel, "123456")
    async with team.database.write(team.now()) as unit:
        await unit.run(sa.update(t.messages).values(provider="smtp"))
        unit.changed("message", (await services.messages.recent(team))[0].id)
    await following.step()
    assert picture.bells == 0


@pytest.mark.parametrize("error", [Unavailable("the database is locked"), RuntimeError("boom")])
async def test_it_goes_on_whatever_the_first_reading_meets(
    team: Context, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_module, "RETRY_SECONDS", 0.01)
    real, fails = services.health.report, 3

    async def report(context: Context) -> Health:
        nonlocal fails
        fails -= 1
        if fails >= 0:
            raise error
        return await real(context)

    monkeypatch.setattr(services.health, "report", report)
    picture = Record()
    task = asyncio.create_task(Following(team, picture).run())
    try:
        await picture.until(lambda: picture.reason)
        await picture.until(lambda: picture.told and not picture.reason)
        assert picture.told == [News(anew=True)]
        assert bool(picture.defects) == isinstance(error, RuntimeError)
        await touch(team, 1)
        await picture.until(lambda: len(picture.told) > 1)
    finally:
        task.cancel()


async def test_a_screen_that_cannot_be_read_is_said_and_the_next_change_is_shown(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as (app, pilot):
        real = services.incident_list.page

        async def broken(context: Context, **values: Any) -> int:
            raise ZeroDivisionError("nobody expected this")

        monkeypatch.setattr(services.incident_list, "page", broken)
        await services.incidents.start(team, "web", title="First")
        await until(pilot, lambda: "this is a defect of imtui (ZeroDivisionError" in text_of(app).replace("\n", " "))
        monkeypatch.setattr(services.incident_list, "page", real)
        await services.incidents.start(team, "web", title="Second")
        await until(pilot, lambda: "First" in text_of(app) and "Second" in text_of(app))


async def test_a_database_that_is_away_is_a_banner_until_it_is_back(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_module, "RETRY_SECONDS", 0.05)
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        real = services.incident_list.page

        async def away(context: Context, **values: Any) -> int:
            raise Unavailable("the database cannot be used now")

        monkeypatch.setattr(services.incident_list, "page", away)
        await services.incidents.start(replace(team), "web", title="Meanwhile")
        await until(pilot, lambda: "the database cannot be used now" in text_of(app))
        assert "Web shop is down" in text_of(app)
        monkeypatch.setattr(services.incident_list, "page", real)
        await until(pilot, lambda: "Meanwhile" in text_of(app) and "cannot be used" not in text_of(app))
