"""The rehearsal on the screen: what would be sent, from when, what an acknowledgement stops, and nothing is sent."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.services.context import Context
from screens.contact import ContactScreen
from screens.contacts import ContactsScreen
from screens.details import DetailsScreen
from screens.plans import PlansScreen
from screens.rehearsal import RehearsalScreen
from screens.response_plans import ResponsePlansScreen
from storage import tables as t
from tests.screens.conftest import Opened, text_of, until
from tests.screens.test_hostile import TEXTS, poison, well_formed


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_response_plan_is_rehearsed_by_one_key(team: Context, opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen) and "web" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: "nobody is left" in text_of(app).lower())
        text = text_of(app)
        for part in ("Rehearsal of response plan", "Ana", "Ben", "+0", "+5", "+10", "03:15", "Night shift", "E e-mail"):
            assert part in text, part
        assert "3 pages" in text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen))
    async with team.database.read() as reader:
        for table in (t.messages, t.pages, t.engagements, t.incidents, t.timers):
            assert not await reader.scalar(sa.select(sa.func.count()).select_from(table)), (
                "it changes and sends nothing"
            )


async def test_what_an_acknowledgement_stops_is_seen_where_it_would_have_been(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        app.push_screen(RehearsalScreen("web"))
        await until(pilot, lambda: "3 pages" in text_of(app))
        assert "not sent" not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: "not sent" in text_of(app))
        assert "Ana at +0" in text_of(app)
        assert "1 page, 2 not sent" in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: "3 pages" in text_of(app))
        await pilot.press("b", "tab")
        await until(pilot, lambda: "After how many minutes" in text_of(app))
        await pilot.press("end", "backspace", *"7", "f2")
        await until(pilot, lambda: "Ana at +7" in text_of(app))
        assert "2 pages" in text_of(app)


async def test_it_begins_at_another_instant_in_the_zone_of_the_person(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        app.push_screen(RehearsalScreen("night"))
        await until(pilot, lambda: "(now)" in text_of(app))
        await pilot.press("i")
        await until(pilot, lambda: "From when" in text_of(app))
        await pilot.press("ctrl+u", *"soon", "f2")
        await until(pilot, lambda: "is no instant" in text_of(app))
        await pilot.press("ctrl+u", *"2026-04-02 21:30", "f2")
        await until(pilot, lambda: "2026-04-02 21:30:00" in text_of(app))
        assert "21:40" in text_of(app)


async def test_a_change_by_somebody_else_is_seen_at_once(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        app.push_screen(RehearsalScreen("web"))
        await until(pilot, lambda: "3 pages" in text_of(app))
        ben = (await services.channels.for_contact(team, "ben"))[0]
        await services.channels.update(team, ben.arn, address="ben.new@example.com")
        await until(pilot, lambda: "Ben cannot be paged" in text_of(app))


async def test_it_is_reached_from_contacts_plans_and_incidents_by_the_same_key(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(100, 30)) as (app, pilot):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen) and "▸" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: "Rehearsal of contact Ana" in text_of(app))
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, PlansScreen) and "▸" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: "Rehearsal of escalation plan Night" in text_of(app))
        app.push_screen(ContactScreen("ben"))
        await until(pilot, lambda: isinstance(app.screen, ContactScreen) and "▸" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: "Rehearsal of contact Ben" in text_of(app))
        incident = await services.incidents.get(team, 1)
        app.open_incident(incident.id)
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "Web shop is down" in text_of(app))
        await pilot.press("K")
        await until(pilot, lambda: "Rehearsal of incident" in text_of(app) and "+10" in text_of(app))


@pytest.mark.parametrize("name", TEXTS)
async def test_any_name_leaves_table_and_time_line_in_order(team: Context, opened: Opened, name: str) -> None:
    await poison(team, TEXTS[name])
    async with opened(size=(80, 24)) as (app, pilot):
        app.push_screen(RehearsalScreen("web"))
        await until(pilot, lambda: "E e-mail" in text_of(app))
        for key in ("j", "enter", "z", "z", "b", "escape", "i", "escape"):
            await pilot.press(key)
            await pilot.pause()
            well_formed(app)
        assert not app.traces
