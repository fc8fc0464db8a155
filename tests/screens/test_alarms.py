"""What is wrong can be seen, and taken notice of; leaving says what stops."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.app import program as program_module
from imtui.config import Config
from imtui.services.context import Context
from screens.alarms import AlarmsScreen
from screens.details import DetailsScreen
from storage import tables as t
from storage.alarms import raise_alarm
from tests.organisation import hand_out
from tests.screens.conftest import Opened, text_of, until


async def trouble(team: Context) -> None:
    started = await services.incidents.start(team, "web")
    async with team.database.write(team.now()) as unit:
        await unit.run(sa.update(t.incidents).values(exhausted_at=unit.now))
        await unit.run(sa.insert(t.alarms).values(key="provider:SMS", since=unit.now, text="SMS is not going out: 503"))
        unit.changed("alarm", "provider:SMS")
        unit.changed("incident", started.incident.id, started.incident.id)


async def test_the_alarm_line_names_the_key_that_shows_all(team: Context, opened: Opened) -> None:
    await trouble(team)
    async with opened(size=(80, 24)) as (app, pilot):
        await until(pilot, lambda: "! shows all" in text_of(app))
        line = next(line for line in text_of(app).splitlines() if "NOBODY LEFT TO PAGE: #1" in line)
        assert "+2 more" in line
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "SMS is not going out" in text_of(app))
        assert isinstance(app.screen, AlarmsScreen)


async def test_notice_is_taken_of_an_alarm_but_not_of_an_incident(team: Context, opened: Opened) -> None:
    await trouble(team)
    async with opened(size=(110, 24)) as (app, pilot):
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "SMS is not going out" in text_of(app))
        await pilot.press("G", "d")
        await until(pilot, lambda: "Take notice of this alarm?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "the alarm is off" in text_of(app))
        await until(pilot, lambda: "SMS is not going out" not in text_of(app))
        await pilot.press("G", "d")
        await until(pilot, lambda: "stays until somebody acts" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))


async def test_a_page_that_failed_leads_to_its_incident(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    async with team.database.write(team.now()) as unit:
        await raise_alarm(unit, "page:gone-from-the-newest", "Page to Ana by mail failed for good", started.incident.id)
    async with opened(size=(110, 24)) as (app, pilot):
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "failed for good" in text_of(app))
        await pilot.press("G", "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        assert isinstance(app.screen, DetailsScreen)
        assert app.screen.incident_id == started.incident.id


async def test_who_may_only_look_takes_no_notice(team: Context, opened: Opened) -> None:
    await trouble(team)
    async with opened(read_only=True) as (app, pilot):
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "SMS is not going out" in text_of(app))
        await pilot.press("G", "d")
        await pilot.pause()
        assert "Take notice of this alarm?" not in text_of(app)


async def test_that_no_message_leaves_is_said_on_the_first_screen(team: Context, opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, _):
        assert "nothing leaves" in text_of(app)
    async with opened(size=(120, 24)) as (app, _):
        assert "nothing leaves this machine" in text_of(app)
    async with opened(size=(120, 24), config=Config(sections={"email": {"host": "mail.example"}})) as (app, _):
        assert "nothing leaves" not in text_of(app)


class Leading:
    """An engine that leads."""

    is_leader = True
    holder = "me"
    stopped = False

    async def run(self) -> None:
        return

    def stop(self) -> None:
        self.stopped = True


async def test_leaving_names_what_stops(team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    await services.incidents.start(team, "web")
    engine: Any = Leading()
    monkeypatch.setattr(program_module, "_new_engine", lambda context: engine)
    async with opened(engine=True) as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("q")
        await until(pilot, lambda: "Quit?" in text_of(app))
        assert "#1 Web shop is down" in text_of(app)
        assert "takes over at once" in " ".join(text_of(app).split())
        await pilot.press("enter")
        await pilot.pause()
        assert not engine.stopped
        await pilot.press("q")
        await until(pilot, lambda: "Quit?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: engine.stopped)


async def test_one_can_leave_when_the_database_does_not_answer(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imtui.domain.errors import Unavailable

    async def away(context: Context) -> None:
        raise Unavailable("the disk is gone")

    engine: Any = Leading()
    monkeypatch.setattr(program_module, "_new_engine", lambda context: engine)
    async with opened(engine=True) as (app, pilot):
        monkeypatch.setattr(services.health, "report", away)
        await pilot.press("q")
        await until(pilot, lambda: "the disk is gone" in " ".join(text_of(app).split()))
        await pilot.press("right", "enter")
        await until(pilot, lambda: engine.stopped)


@pytest.mark.parametrize("size", [(60, 15), (40, 10)])
async def test_too_small_a_terminal_says_so_and_the_essential_acts_work(
    team: Context, opened: Opened, size: tuple[int, int]
) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=size) as (app, pilot):
        await until(pilot, lambda: "2 High" in text_of(app))
        assert f"{size[0]}×{size[1]}: too small" in text_of(app)
        await pilot.press("a")
        await until(pilot, lambda: "Acknowledge a page" in text_of(app))
        await pilot.press("escape", "T")
        await until(pilot, lambda: "takes it" in " ".join(text_of(app).split()))


async def test_a_dialog_stays_whole_when_the_terminal_changes_its_size(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(120, 36)) as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("f5")
        await until(pilot, lambda: "2 High" in text_of(app))
        await pilot.press("e", *" typed")
        for size in ((80, 24), (60, 15), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "f2 save" in text_of(app) and "Response plan web" in text_of(app))
            assert "Save" in text_of(app)
        await until(pilot, lambda: "Web shop is down typed" in text_of(app))


async def test_the_banner_tells_who_was_paged_who_answered_and_who_is_next(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    names = team.names
    channel = names.channel("ana", "11111111-1111-4111-8111-111111111111")
    await hand_out(team, started.incident.id, names.contact("ana"), channel, "123456")
    async with opened(size=(80, 24)) as (app, pilot):
        app.open_incident(started.incident.id)
        await until(pilot, lambda: "nobody has acknowledged   1 paged Ana  " in text_of(app))
        assert "next Ana" in text_of(app)
        await services.engagements.acknowledge(team, "123456")
        await until(pilot, lambda: "1 acknowledged Ana" in text_of(app))
