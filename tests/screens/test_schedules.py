"""On-call schedules by keyboard: made, looked at, overridden, edited and deleted, without losing what is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from imtui import services
from imtui.app import ImtuiApp
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.services.context import Context
from imtui.services.rotations import RotationSpec
from screens.rotation_form import RotationForm
from screens.schedule import ScheduleScreen
from screens.schedules import SchedulesScreen
from tests.screens.conftest import Opened, text_of, until

START = datetime(2026, 2, 1, 8, tzinfo=UTC)
DAILY = Recurrence(Kind.DAILY, ((0, 480),))


async def primary(team: Context, contacts: str = "ana ben") -> str:
    """A schedule in which it is Ben's turn until 08:00; its rotation's ARN."""
    spec = RotationSpec("first", tuple(contacts.split()), "UTC", DAILY, start=START)
    made = await services.schedules.create(team, "primary", [spec], display_name="Primary")
    return made.rotations[0].arn


async def on_schedule(app: ImtuiApp, pilot: Any) -> ScheduleScreen:
    await pilot.press("f9")
    await until(pilot, lambda: isinstance(app.screen, SchedulesScreen) and app.screen.table.count > 0)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ScheduleScreen) and "On call now" in text_of(app))
    assert isinstance(app.screen, ScheduleScreen)
    return app.screen


async def typed(pilot: Any, text: str) -> None:
    names = {" ": "space", "-": "minus", ":": "colon", "/": "slash", "_": "underscore"}
    await pilot.press(*(names.get(character, character) for character in text))


async def test_a_schedule_is_made_by_keyboard_and_the_calendar_follows_the_form(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "No on-call schedules yet" in text_of(app))
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, RotationForm))
        await typed(pilot, "sun")
        await pilot.press("tab")
        await typed(pilot, "Sun")
        await pilot.press("tab")
        await typed(pilot, "berlin")
        await pilot.press("tab")
        await typed(pilot, "ana ben")
        await until(pilot, lambda: "A Ana" in text_of(app))
        await pilot.press("tab", "ctrl+u")
        await typed(pilot, "Europe/Berli")
        await until(pilot, lambda: "'Europe/Berli' is not one" in text_of(app))
        assert "A Ana" in text_of(app), "what it meant before stays"
        await typed(pilot, "n")
        await until(pilot, lambda: "Europe/Berlin  CET" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ScheduleScreen) and "A berlin" in text_of(app))
    made = await services.schedules.get(team, "sun")
    assert [rotation.name for rotation in made.rotations] == ["berlin"]
    assert made.rotations[0].kept.now.recurrence.kind is Kind.WEEKLY


async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "No on-call schedules yet" in text_of(app))
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, RotationForm))
        await typed(pilot, "sun")
        await pilot.press("tab", "tab")
        await typed(pilot, "turns")
        await pilot.press("tab")
        await typed(pilot, "ana zoe")
        await pilot.press("f2")
        await until(pilot, lambda: "there is no contact zoe" in text_of(app))
        form = app.screen
        assert isinstance(form, RotationForm)
        assert form.focused is not None
        assert form.focused.id == "f-contacts"
        assert form.values()["alias"] == "sun"
        assert form.values()["contacts"] == "ana zoe"
    assert await services.schedules.list_schedules(team) == []


async def test_one_sees_who_is_on_call_and_it_follows_what_others_do(team: Context, opened: Opened) -> None:
    await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await on_schedule(app, pilot)
        await until(pilot, lambda: "On call now  Ben until Sun 03-01 08:00   next Ana" in text_of(app))
        await services.oncall.take(team, "primary")
        await until(pilot, lambda: "On call now  Ana" in text_of(app))


async def test_a_shift_is_taken_in_two_keys(team: Context, opened: Opened) -> None:
    await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "primary" in text_of(app))
        await pilot.press("T")
        await until(pilot, lambda: "you are on call in primary until 2026-03-01 08:00" in text_of(app))
    [one] = await services.oncall.who(team, ["primary"])
    assert one.now.contacts == (team.names.contact("ana"),)


async def test_a_shift_is_overridden_striped_and_taken_back(team: Context, opened: Opened) -> None:
    rotation = await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await on_schedule(app, pilot)
        await pilot.press("V")
        await until(pilot, lambda: "On call instead" in text_of(app))
        await pilot.press("tab", "enter", "down", "enter", "f2")
        await until(pilot, lambda: "the override stands" in text_of(app))
        await until(pilot, lambda: "On call now  Ana" in text_of(app))
        [made] = await services.overrides.list_overrides(team, rotation, team.now(), datetime(2026, 4, 1, tzinfo=UTC))
        assert made.contacts == (team.names.contact("ana"),)
        await pilot.press("D")
        await until(pilot, lambda: "Take this override back?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "On call now  Ben" in text_of(app))


async def test_an_edit_names_the_overrides_it_changes_before_it_is_saved(team: Context, opened: Opened) -> None:
    rotation = await primary(team)
    await services.overrides.create(team, rotation, ["ana"], team.now(), datetime(2026, 3, 1, 8, tzinfo=UTC))
    async with opened(size=(120, 36)) as (app, pilot):
        await on_schedule(app, pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, RotationForm))
        await pilot.press("ctrl+u")
        await typed(pilot, "ben")
        await pilot.press("f2")
        await until(pilot, lambda: "save again if it is meant" in text_of(app))
        assert (await services.rotations.get(team, rotation)).revision == 1
        await pilot.press("f2")
        await until(pilot, lambda: "first is changed from now on" in text_of(app))
    assert (await services.rotations.get(team, rotation)).kept.now.contacts == (team.names.contact("ben"),)


async def test_a_schedule_is_deleted_only_after_confirm_was_typed(team: Context, opened: Opened) -> None:
    await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "primary" in text_of(app))
        await pilot.press("D")
        await until(pilot, lambda: "Type confirm" in text_of(app))
        await typed(pilot, "yes")
        await pilot.press("f2")
        await until(pilot, lambda: "type confirm to delete it" in text_of(app))
        assert len(await services.schedules.list_schedules(team)) == 1
        await pilot.press("ctrl+u")
        await typed(pilot, "confirm")
        await pilot.press("f2")
        await until(pilot, lambda: "primary is deleted" in text_of(app))
    assert await services.schedules.list_schedules(team) == []


async def test_a_copy_asks_for_new_starts_and_takes_none_in_the_past(team: Context, opened: Opened) -> None:
    await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await pilot.press("f9")
        await until(pilot, lambda: "primary" in text_of(app))
        await pilot.press("M")
        await until(pilot, lambda: "Alias of the copy" in text_of(app))
        await typed(pilot, "second")
        await pilot.press("tab", "ctrl+u")
        await typed(pilot, "2026-02-01 08:00")
        await pilot.press("f2")
        await until(pilot, lambda: "not in the past" in text_of(app))
        await pilot.press("ctrl+u")
        await typed(pilot, "2026-03-02 08:00")
        await pilot.press("f2")
        await until(pilot, lambda: "second is made, a copy of primary" in text_of(app))
    copied = await services.schedules.get(team, "second")
    assert copied.rotations[0].kept.now.start == datetime(2026, 3, 2, 8, tzinfo=UTC)


async def test_rotations_are_hidden_zones_switched_and_weeks_shown(team: Context, opened: Opened) -> None:
    first = RotationSpec("first", ("ana",), "Europe/Berlin", DAILY, start=START)
    second = RotationSpec("second", ("ben",), "America/New_York", DAILY, start=START)
    await services.schedules.create(team, "primary", [first, second])
    async with opened(size=(120, 36)) as (app, pilot):
        screen = await on_schedule(app, pilot)
        await until(pilot, lambda: "Europe/Berlin" in screen.calendar.text)
        await pilot.press("2")
        await until(pilot, lambda: "B second (hidden)" in text_of(app))
        assert "Ben" not in screen.calendar.text
        await pilot.press("2", "Z")
        await until(pilot, lambda: "America/New_York" in screen.calendar.text)
        await pilot.press("z")
        await until(pilot, lambda: "Week " in screen.calendar.text)
        await pilot.press("right_square_bracket", "g", "enter")
        await until(pilot, lambda: "esc close" in text_of(app))


async def test_a_note_is_left_and_read_by_those_who_follow(team: Context, opened: Opened) -> None:
    await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        await on_schedule(app, pilot)
        await pilot.press("w")
        await until(pilot, lambda: "Hand-over note of primary" in text_of(app))
        await typed(pilot, "look at the queue")
        await pilot.press("f2")
        await until(pilot, lambda: "the note is left" in text_of(app))
        await pilot.press("B")
        await until(pilot, lambda: "look at the queue" in text_of(app) and "at night" in text_of(app))


async def test_tags_of_schedules_rotations_and_plans_are_edited_and_found(team: Context, opened: Opened) -> None:
    rotation = await primary(team)
    async with opened(size=(120, 36)) as (app, pilot):
        for key, there in (("f9", "primary"), ("f4", "night"), ("f5", "web")):
            await pilot.press(key)
            await until(pilot, lambda word=there: word in text_of(app))  # type: ignore[misc]
            await pilot.press("number_sign")
            await until(pilot, lambda word=there: f"Tags of {word}" in text_of(app))  # type: ignore[misc]
            await pilot.press(*"team", "equals_sign", *"shop", "f2")
            await until(pilot, lambda word=there: f"{word} has these tags now" in text_of(app))  # type: ignore[misc]
            await pilot.press("slash", *"tag", "colon", *"team", "enter")
            await until(pilot, lambda word=there: "filter: tag:team" in text_of(app) and word in text_of(app))  # type: ignore[misc]
        await on_schedule(app, pilot)
        await pilot.press("number_sign")
        await until(pilot, lambda: "Tags of first" in text_of(app))
        await pilot.press(*"region", "equals_sign", *"eu", "f2")
        await until(pilot, lambda: "first has these tags now" in text_of(app))
    assert (await services.rotations.get(team, rotation)).tags == {"region": "eu"}
    assert (await services.plans.get(team, "night")).tags == {"team": "shop"}
