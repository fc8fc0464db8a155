"""Getting prepared by keyboard alone: from an empty database to a plan that pages somebody, in one go or in several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.app import ImtuiApp
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.preparation import State, Step
from imtui.services.context import Context
from screens.forms import Form
from screens.incidents import IncidentsScreen
from screens.prepared import PreparedScreen
from screens.rehearsal import RehearsalScreen
from storage import tables as t
from storage.opening import open_database
from tests.organisation import organise
from tests.screens.conftest import Opened, Still, text_of, until


@pytest.fixture
async def team(tmp_path: Path, manual_clock: ManualClock) -> AsyncIterator[Context]:
    """Ana's context on a file in which there is nobody and nothing."""
    database, _ = await open_database(str(tmp_path / "imtui.db"))
    config = Config()
    caller = Caller("ana", "ana", "test", config.names.user("ana"))
    yield Context(database, Still(manual_clock.now()), config.names, caller, config)
    await database.close()


async def on_steps(app: ImtuiApp, pilot: Any) -> PreparedScreen:
    await until(pilot, lambda: isinstance(app.screen, PreparedScreen) and app.screen.found is not None)
    assert isinstance(app.screen, PreparedScreen)
    return app.screen


def states(screen: PreparedScreen) -> dict[Step, State]:
    return {line.step: line.state for line in screen.table.items}


def at(screen: PreparedScreen) -> Step | None:
    """The step under the cursor."""
    return screen.table.selected.step if screen.table.selected is not None else None


async def typed(app: ImtuiApp, pilot: Any, title: str, *fields: str) -> None:
    """Fill the fields of the form with this title, one after the other, and save it."""
    await until(pilot, lambda: isinstance(app.screen, Form) and title in text_of(app))
    names = {" ": "space", "-": "minus", ":": "colon", "@": "at", ".": "full_stop", "*": "asterisk"}
    for index, text in enumerate(fields):
        if index:
            await pilot.press("tab")
        await pilot.press(*(names.get(character, character) for character in text))
    await pilot.press("f2")


async def code_of(team: Context) -> str:
    async with team.database.read() as reader:
        m = t.messages.c
        query = sa.select(m.payload).where(m.kind == "activation").order_by(m.created_at.desc())
        return str((await reader.scalar(query))["code"])


async def a_contact(app: ImtuiApp, pilot: Any, alias: str = "ana") -> None:
    await typed(app, pilot, "New contact", alias, alias.title())
    await typed(app, pilot, f"New channel of {alias}", "mail", "", f"{alias}@example.com")
    await typed(app, pilot, f"Engagement plan of {alias}")


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 36), marks=pytest.mark.slow)])
async def test_from_nobody_to_a_test_page_by_keyboard(team: Context, opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size, engine=True) as (app, pilot):
        screen = await on_steps(app, pilot)
        assert at(screen) is Step.CONTACTS
        await pilot.press("enter")
        await a_contact(app, pilot)
        await until(pilot, lambda: at(screen) is Step.CHANNELS and "1 code to enter: ana" in text_of(app))
        assert "0 can be paged" in text_of(app)

        await pilot.press("enter")
        await typed(app, pilot, "Activate mail", await code_of(team))
        await until(pilot, lambda: at(screen) is Step.SCHEDULE and "1 can be paged" in text_of(app))

        await pilot.press("f")
        await until(pilot, lambda: at(screen) is Step.PLAN and states(screen)[Step.SCHEDULE] is State.SKIPPED)
        await pilot.press("enter")
        await typed(app, pilot, "New escalation plan", "night", "Night", "10: ana*")
        await until(pilot, lambda: at(screen) is Step.RESPONSE_PLAN)
        await pilot.press("enter")
        await typed(app, pilot, "New response plan", "web", "Web is down", "", "night")
        await until(pilot, lambda: states(screen)[Step.RESPONSE_PLAN] is State.WEAK)
        assert "one person alone" in text_of(app)

        await pilot.press("j", "enter")
        await until(pilot, lambda: "tonight at 03:00" in text_of(app) and "Rehearse" in text_of(app))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, RehearsalScreen) and "1 page" in text_of(app))
        assert "03:00:00" in text_of(app)
        assert "(now)" not in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen and states(screen)[Step.REHEARSAL] is State.DONE)

        await pilot.press("G", "enter")
        await until(pilot, lambda: "Send a test page?" in text_of(app) and "ana@example.com" in text_of(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "ana: mail kept here" in text_of(app))
        assert states(screen)[Step.TEST] is State.DONE
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))
    contact = await services.contacts.get(team, "ana")
    assert contact.stages
    assert (await services.channels.for_contact(team, "ana"))[0].activated
    assert (await services.response_plans.get(team, "web")).engagements == (team.names.contact("night"),)


async def test_what_was_begun_is_there_after_a_new_start_and_it_opens_by_itself_but_once(
    team: Context, opened: Opened
) -> None:
    async with opened() as (app, pilot):
        screen = await on_steps(app, pilot)
        await pilot.press("enter")
        await typed(app, pilot, "New contact", "ana", "Ana")
        await until(pilot, lambda: "New channel of ana" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "adds a channel to ana" in text_of(app))
        await pilot.press("j", "j", "f")
        await until(pilot, lambda: states(screen)[Step.SCHEDULE] is State.SKIPPED)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "gets prepared" in text_of(app))
        assert isinstance(app.screen, IncidentsScreen)
        await pilot.press("f10")
        screen = await on_steps(app, pilot)
        assert at(screen) is Step.CONTACTS
        assert states(screen)[Step.SCHEDULE] is State.SKIPPED
        await pilot.press("enter")
        await typed(app, pilot, "New channel of ana", "mail", "", "ana@example.com")
        await typed(app, pilot, "Engagement plan of ana")
        await until(pilot, lambda: at(screen) is Step.CHANNELS)
        await pilot.press("j", "f")
        await until(pilot, lambda: states(screen)[Step.SCHEDULE] is State.OPTIONAL)


async def test_it_opens_by_itself_neither_for_a_looker_nor_where_somebody_is(team: Context, opened: Opened) -> None:
    async with opened(read_only=True) as (app, pilot):
        await until(pilot, lambda: "gets prepared" in text_of(app))
        await pilot.press("Y")
        screen = await on_steps(app, pilot)
        await pilot.press("enter", "plus", "f", "v")
        await until(pilot, lambda: "only looks" in text_of(app))
        assert app.screen is screen
    assert await services.preparation.first_time(team)
    await organise(team)
    assert not await services.preparation.first_time(team)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "gets prepared" in text_of(app))
        assert isinstance(app.screen, IncidentsScreen)


async def test_what_others_do_is_seen_and_the_cursor_stays(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        screen = await on_steps(app, pilot)
        await pilot.press("G")
        await organise(team)
        await services.channels.create(team, "ben", "pager", "SMS", "+4915100000002")
        await until(pilot, lambda: "2 people, 2 can be paged" in text_of(app))
        assert at(screen) is Step.TEST
        assert "1 code to enter: ben" in text_of(app)
        assert "web: 3 pages now, 3 tonight" in text_of(app)
        ben = (await services.channels.for_contact(team, "ben"))[0]
        await services.channels.deactivate(team, ben.arn)
        await until(pilot, lambda: "2 people, 1 can be paged" in text_of(app))


async def test_a_code_that_has_expired_is_sent_anew_before_it_is_asked_for(team: Context, opened: Opened) -> None:
    await services.contacts.create(team, "ana")
    await services.channels.create(team, "ana", "mail", "EMAIL", "ana@example.com", defer_activation=True)
    async with opened() as (app, pilot):
        await pilot.press("f10")
        screen = await on_steps(app, pilot)
        await pilot.press("j", "enter")
        await until(pilot, lambda: "Activate mail" in text_of(app))
        await typed(app, pilot, "Activate mail", await code_of(team))
        await until(pilot, lambda: states(screen)[Step.CHANNELS] is State.DONE)


async def test_a_test_page_goes_to_every_channel_of_the_person_that_is_chosen(team: Context, opened: Opened) -> None:
    await organise(team)
    async with opened() as (app, pilot):
        await pilot.press("f10")
        screen = await on_steps(app, pilot)
        assert "ana was sent none" in text_of(app)
        await pilot.press("x")
        await until(pilot, lambda: "Send a test page to" in text_of(app))
        await pilot.press("2")
        await until(pilot, lambda: "ben@example.com" in text_of(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "ben: e-mail waiting" in text_of(app))
        assert states(screen)[Step.TEST] is State.TO_DO
        await pilot.press("x")
        await until(pilot, lambda: "Send a test page to" in text_of(app))
        await pilot.press("1")
        await until(pilot, lambda: "Send test pages?" in text_of(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "ana: SMS waiting, e-mail waiting" in text_of(app))
    async with team.database.read() as reader:
        tests = await reader.all(sa.select(t.messages.c.channel_arn).where(t.messages.c.kind == "test"))
        assert len(tests) == 3
