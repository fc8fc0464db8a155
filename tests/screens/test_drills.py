"""Drills on the screen: nobody is paged unasked, a drill is known for one, and its answers can be read."""

from __future__ import annotations

import pytest

from imtui import services
from imtui.services.context import Context
from screens.details import DetailsScreen
from screens.dialogs import Confirm, Reader
from screens.response_plans import ResponsePlansScreen
from tests.screens.conftest import Opened, text_of, until


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_drill_asks_first_and_is_read_by_the_same_key(
    team: Context, opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(size=size) as (app, pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen) and "web" in text_of(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        text = " ".join(text_of(app).split())
        assert "Begin a drill of web?" in text
        assert "This pages 1 person now: Ana." in text
        assert "after 15 min at the latest" in text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen))
        assert (await services.incident_list.page(team)).rows == []
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "DRILL" in text_of(app))
        await services.engagements.take(team, 1)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, Reader) and "Ana" in text_of(app))
        assert "1 answered" in text_of(app)


async def test_an_incident_that_is_none_says_so(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        app.open_incident(started.incident.id)
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "Web shop" in text_of(app))
        await pilot.press("m")
        await until(pilot, lambda: "#1 is no drill" in text_of(app))
        assert "DRILL" not in text_of(app)


async def test_who_may_only_look_begins_none_and_is_not_asked(team: Context, opened: Opened) -> None:
    async with opened(read_only=True, size=(120, 36)) as (app, pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen) and "web" in text_of(app))
        await pilot.press("m")
        await until(pilot, lambda: "read-only" in " ".join(text_of(app).split()))
        assert isinstance(app.screen, ResponsePlansScreen)
    assert (await services.incident_list.page(team)).rows == []


async def test_the_command_line_asks_and_does_not_wait(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("colon", *"drill web", "enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "DRILL #1 has begun" in " ".join(text_of(app).split()))
    assert (await services.incidents.get(team, 1)).is_open
