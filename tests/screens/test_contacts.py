"""Whom no page can reach is seen on every screen that shows them, at once, and can be put right there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imtui import services
from imtui.app import ImtuiApp
from imtui.domain.contact import Channel, ChannelType, Contact, ContactType
from imtui.domain.plan import ChannelTarget, Stage
from imtui.services.context import Context
from imtui.services.replies import take_in
from imtui.sources.replies import Reply
from screens.contact import ContactScreen
from screens.contacts import ContactsScreen, Person
from screens.details import DetailsScreen
from screens.dialogs import Confirm
from screens.forms import Form
from tests.screens.conftest import Opened, text_of, until

MAIL = Channel("arn:mail", "arn:ana", "mail", ChannelType.EMAIL, "ana@example.com", True)
SMS = Channel("arn:sms", "arn:ana", "mobile", ChannelType.SMS, "+4915100000001", False)
ANA = Contact("arn:ana", "ana", ContactType.PERSONAL, "Ana", (Stage(5, (ChannelTarget("arn:sms"),)),))


async def contact(app: ImtuiApp, pilot: Any) -> ContactScreen:
    """Ana's channels, with the cursor on the first, SMS."""
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(app.screen, ContactsScreen) and app.screen.table.count == 2)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ContactScreen) and app.screen.table.count == 2)
    assert isinstance(app.screen, ContactScreen)
    return app.screen


async def unsubscribe(team: Context) -> None:
    await take_in(team, Reply("SM1", ChannelType.SMS, "+4915100000001", "UNSUBSCRIBE"))


def test_an_activated_channel_that_the_plan_does_not_name_reaches_nobody() -> None:
    assert not Person(ANA, [MAIL, SMS]).reachable
    assert Person(ANA, [MAIL, replace(SMS, activated=True)]).reachable
    assert not Person(Contact("arn:ana", "ana", ContactType.PERSONAL), [MAIL]).reachable


async def test_what_the_plan_skips_is_said_beside_it_the_moment_somebody_unsubscribes(
    team: Context, opened: Opened
) -> None:
    async with opened(size=(120, 24)) as (app, pilot):
        await contact(app, pilot)
        assert "skipped" not in text_of(app)
        await unsubscribe(team)
        await until(pilot, lambda: "5: SMS (not activated: skipped)" in text_of(app))
        assert "never paged" not in text_of(app)
        await services.channels.deactivate(team, (await services.channels.for_contact(team, "ana"))[1].arn)
        await until(pilot, lambda: "never paged, no channel is activated" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "never paged  0: e-mail" in text_of(app))


async def test_a_channel_is_deactivated_after_a_question_and_not_twice(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 24)) as (app, pilot):
        await contact(app, pilot)
        await pilot.press("minus")
        await until(pilot, lambda: "SMS (+4915100000001) is not paged any more" in text_of(app))
        assert isinstance(app.screen, Confirm)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "not activated" in text_of(app))
        channels = await services.channels.for_contact(team, "ana")
        assert {channel.name: channel.activated for channel in channels} == {"SMS": False, "e-mail": True}
        await pilot.press("minus")
        await until(pilot, lambda: "SMS is not activated: it is not paged" in text_of(app))


async def test_tags_are_edited_beside_the_contact_and_found_by_the_filter(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 30)) as (app, pilot):
        screen = await contact(app, pilot)
        await pilot.press("number_sign")
        await until(pilot, lambda: isinstance(app.screen, Form))
        await pilot.press(*"team=shop", "f2")
        await until(pilot, lambda: app.screen is screen and "team=shop" in text_of(app).splitlines()[0])
        assert (await services.contacts.get(team, "ana")).tags == {"team": "shop"}
        await pilot.press("escape", "slash", *"tag:team=shop", "enter")
        await until(pilot, lambda: "1 of 2" in text_of(app).splitlines()[0])
        await pilot.press("number_sign")
        await until(pilot, lambda: isinstance(app.screen, Form) and "Tags of ana" in text_of(app))


async def test_a_new_contact_may_have_tags_and_wrong_ones_are_told(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen) and app.screen.table.count == 2)
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, Form))
        await pilot.press(*"cleo", "tab", "tab", *"shop", "f2")
        await until(pilot, lambda: "write key=value" in text_of(app))
        await pilot.press("home", *"team=", "f2")
        await until(pilot, lambda: isinstance(app.screen, ContactScreen))
        assert (await services.contacts.get(team, "cleo")).tags == {"team": "shop"}


async def test_an_incident_says_whom_of_the_engaged_and_the_due_no_page_can_reach(
    team: Context, opened: Opened
) -> None:
    await services.incidents.start(team, "web")
    for name in ("ana", "ben"):
        for channel in await services.channels.for_contact(team, name):
            if name == "ben" or channel.type is ChannelType.SMS:
                await services.channels.deactivate(team, channel.arn)
    await services.engagements.engage(team, 1, "ben")
    lines = {(x.label, x.status): x.unreachable for x in await services.engagements.for_incident(team, 1)}
    assert lines == {("Ana", "Due"): False, ("Ben", "Due"): True, ("Ben", "Engaged"): True}
    async with opened(size=(120, 30)) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        await pilot.press("5")
        await until(pilot, lambda: text_of(app).count("no active channel") == 2)
        await services.channels.deactivate(team, team.names.channel("ana", "11111111-1111-4111-8111-111111111111"))
        await until(pilot, lambda: text_of(app).count("no active channel") == 3)
