"""The audit log on the screen: what was done and refused is there at once, with all that is known of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imtui import services
from imtui.domain.errors import NotFound
from imtui.services.context import Context
from screens.audit import AuditScreen
from screens.dialogs import Reader
from tests.screens.conftest import Opened, text_of, until


async def test_a_refusal_by_somebody_else_appears_on_the_open_screen(opened: Opened, team: Context) -> None:
    async with opened((120, 36)) as (app, pilot):
        await pilot.press("f11")
        await until(pilot, lambda: "No record yet" in text_of(app))
        caller = replace(team.caller, origin="api", address="192.0.2.7")
        with pytest.raises(NotFound):
            await services.incidents.resolve(team.acting_as(caller), 99)
        await until(pilot, lambda: "ResourceNotFound" in text_of(app))
        assert "192.0.2.7" in text_of(app)


async def test_a_record_opens_with_all_that_is_known_of_it(opened: Opened, team: Context) -> None:
    caller = replace(
        team.caller,
        origin="api",
        address="192.0.2.7",
        access_key="AKIAEXAMPLE",
        user_agent="Boto3/1.40\nResult: forged",
    )
    await services.filters.save(team.acting_as(caller), "incidents", "mine", "title:\x1b[31mred")
    async with opened((120, 36)) as (app, pilot):
        await pilot.press("f11")
        await until(pilot, lambda: isinstance(app.screen, AuditScreen) and app.screen.table.count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Reader))
        text = text_of(app)
        assert "Result: forged" not in [line.strip(" │|") for line in text.splitlines()], (
            "no text makes lines of its own"
        )
        for part in ("imtui:SaveFilter (changes)", "192.0.2.7 (api)", "AKIAEXAMPLE", "Boto3/1.40", '"name": "mine"'):
            assert part in text, text
        assert "\x1b" not in text


async def test_whoever_may_only_look_can_look_into_it(opened: Opened, team: Context) -> None:
    await services.filters.save(team, "incidents", "mine", "title:red")
    async with opened(read_only=True) as (app, pilot):
        await pilot.press("f11")
        await until(pilot, lambda: isinstance(app.screen, AuditScreen) and app.screen.table.count == 1)
