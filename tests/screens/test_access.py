"""Whoever may not do something is told why on the screen, and sees what they may, live."""

from __future__ import annotations

from imtui import services
from imtui.services.context import Context
from imtui.services.users import PolicyText
from tests.screens.conftest import Opened, text_of, until


async def test_a_viewer_sees_everything_and_is_told_why_nothing_can_be_changed(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    await services.users.create(team, "val", policies=[PolicyText("viewer")])
    async with opened(user="val", size=(120, 36)) as (app, pilot):
        await until(pilot, lambda: "#1" in text_of(app))
        await pilot.press("r")
        await until(pilot, lambda: "Resolve this incident?" in text_of(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "is not authorized" in text_of(app))
        assert (await services.incidents.get(team, 1)).status.value == "OPEN"


async def test_a_resolver_works_on_an_incident_that_stays_live_and_is_told_of_what_may_not_be_seen(
    team: Context, opened: Opened
) -> None:
    await services.incidents.start(team, "web")
    await services.users.create(team, "rob", policies=[PolicyText("resolver")])
    async with opened(user="rob", size=(120, 36)) as (app, pilot):
        await until(pilot, lambda: "#1" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "next Ana now" in text_of(app))
        assert "is not authorized" not in text_of(app)
        await services.timeline.add_note(team, 1, "provider answers 503")
        await until(pilot, lambda: "provider answers 503" in text_of(app))
        await pilot.press("f3")
        await until(pilot, lambda: "is not authorized" in text_of(app))
        await pilot.press("escape")
        await services.incidents.resolve(team, 1)
        await until(pilot, lambda: "no open incidents" in text_of(app).lower() or "RESOLVED" in text_of(app))
        assert app.traces == []
