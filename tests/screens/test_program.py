"""The program as one uses it: keys in, text out, other people's changes on screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from imtui import services
from imtui.actions import ACTIONS, remapped
from imtui.config import Config
from imtui.domain.errors import ValidationFailed
from imtui.services.context import Context
from screens.alarms import AlarmsScreen
from screens.audit import AuditScreen
from screens.contact import ContactScreen
from screens.contacts import ContactsScreen
from screens.details import DetailsScreen
from screens.events import EventsScreen
from screens.incidents import IncidentsScreen
from screens.live import LiveScreen
from screens.notifications import NotificationsScreen
from screens.plans import PlansScreen
from screens.prepared import PreparedScreen
from screens.rehearsal import RehearsalScreen
from screens.response_plans import ResponsePlansScreen
from screens.schedule import ScheduleScreen
from screens.schedules import SchedulesScreen
from tests.organisation import hand_out
from tests.screens.conftest import Opened, text_of, until

SCREENS: tuple[type[LiveScreen], ...] = (
    PreparedScreen,
    IncidentsScreen,
    DetailsScreen,
    ContactsScreen,
    ContactScreen,
    PlansScreen,
    SchedulesScreen,
    ScheduleScreen,
    ResponsePlansScreen,
    NotificationsScreen,
    EventsScreen,
    AuditScreen,
    AlarmsScreen,
    RehearsalScreen,
)


def test_every_act_has_one_id_and_no_two_share_a_key() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    keys = [key for action in ACTIONS for key in action.keys]
    assert sorted(keys) == sorted(set(keys))
    assert all(action.label and action.group for action in ACTIONS)


@pytest.mark.parametrize("screen", SCREENS)
def test_what_a_screen_offers_it_can_do(screen: type[LiveScreen]) -> None:
    known = {action.id: action for action in ACTIONS}
    for id_ in screen.ACTS:
        assert callable(getattr(screen, known[id_].method)), id_


def test_every_act_is_of_a_screen_or_of_the_program() -> None:
    from imtui.app import ImtuiApp
    from imtui.app.moves import MOVES

    offered = set().union(*(screen.ACTS for screen in SCREENS))
    for action in ACTIONS:
        assert action.id in offered or action.id in MOVES or hasattr(ImtuiApp, action.method), action.id


def test_keys_are_remapped_and_clashes_refused() -> None:
    resolve = next(action for action in remapped({"resolve": "ctrl+r, U"}) if action.id == "resolve")
    assert resolve.keys == ("ctrl+r", "U")
    for keys in ({"resolve": "a"}, {"no-such-act": "U"}):
        with pytest.raises(ValidationFailed):
            remapped(keys)


async def test_a_change_of_another_process_appears_by_itself(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        assert "No incidents yet" in text_of(app)
        await services.incidents.start(team, "web")
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await services.incidents.resolve(team, 1)
        await until(pilot, lambda: "All is calm" in text_of(app))


async def test_an_incident_is_started_from_the_keyboard_after_saying_whom_it_pages(
    team: Context, opened: Opened
) -> None:
    async with opened() as (app, pilot):
        await pilot.press("s")
        await until(pilot, lambda: "Start an incident" in text_of(app))
        await pilot.press("tab", *"Paris", "f2")
        await until(pilot, lambda: "This pages 1 person now: Ana." in text_of(app))
        assert sum(await services.incident_list.counts(team)) == 0
        await pilot.press("left", "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and app.screen.incident is not None)
        assert (await services.incidents.get(team, 1)).title == "Paris"


async def test_cancel_is_in_focus_where_something_is_resolved(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("r")
        await until(pilot, lambda: "Resolve this incident?" in text_of(app))
        await pilot.press("enter")
        await pilot.pause()
        assert (await services.incidents.get(team, 1)).is_open
        await pilot.press("r")
        await until(pilot, lambda: "Resolve this incident?" in text_of(app))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "#1 is resolved" in text_of(app))
        assert not (await services.incidents.get(team, 1)).is_open


async def test_a_code_acknowledges_and_a_wrong_one_says_so_at_the_field(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    names = team.names
    await hand_out(
        team,
        started.incident.id,
        names.contact("ana"),
        names.channel("ana", "11111111-1111-4111-8111-111111111111"),
        "123456",
    )
    async with opened() as (app, pilot):
        await pilot.press("a")
        await until(pilot, lambda: "Acknowledge a page" in text_of(app))
        await pilot.press(*"999999", "enter")
        await until(pilot, lambda: "no unanswered page has this code" in text_of(app))
        await pilot.press(*(["backspace"] * 6), *"123456", "enter")
        await until(pilot, lambda: "Ana acknowledged: #1" in text_of(app))


async def test_a_half_typed_note_survives_the_line(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("w")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        await pilot.press(*"the disk")
        draft = f"incident/{started.incident.id}/note/new"
        kept = ""
        while '"the disk"' not in kept:
            await pilot.pause(0.02)
            kept = await services.drafts.load(team, draft)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("w")
        await until(pilot, lambda: "the disk" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "note written to #1" in text_of(app))
    assert [event.text for event in await services.timeline.events(team, 1)][-1] == "the disk"
    assert await services.drafts.load(team, draft) == ""


async def test_hostile_text_reaches_the_screen_as_text(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web", title="[red]\x1b[2J\u202eevil\x07 [/] " + "x" * 150)
    await services.timeline.add_note(team, 1, "[bold]\x1b]0;title\x07")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "[red]" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "[bold]" in text_of(app))
        assert "\x1b" not in text_of(app)
        for tab in "1234567":
            await pilot.press(tab)
        assert "\u202e" not in text_of(app)


async def test_who_may_only_look_sees_no_acts_and_can_do_none(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(read_only=True) as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        assert "READ-ONLY" in text_of(app)
        assert "resolve" not in text_of(app)
        await pilot.press("r")
        await pilot.pause()
        assert "Resolve this incident?" not in text_of(app)


async def test_nobody_left_to_page_is_on_every_screen(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await pilot.press("f3")
        import sqlalchemy as sa

        from storage import tables as t

        async with team.database.write(team.now()) as unit:
            await unit.run(sa.update(t.incidents).values(exhausted_at=unit.now))
            unit.changed("incident", started.incident.id, started.incident.id)
        await until(pilot, lambda: "NOBODY LEFT TO PAGE: #1" in text_of(app))


async def test_a_contact_is_made_reachable_by_keyboard_alone(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await pilot.press("f3")
        await until(pilot, lambda: "ben" in text_of(app))
        await pilot.press("plus")
        await until(pilot, lambda: "New contact" in text_of(app))
        await pilot.press(*"Chi di", "f2")
        await until(pilot, lambda: "lower-case letters" in text_of(app).replace("it cannot change", ""))
        await pilot.press(*(["backspace"] * 6), *"chidi", "tab", *"Chidi", "f2")
        await until(pilot, lambda: isinstance(app.screen, ContactScreen))
        await pilot.press("plus")
        await until(pilot, lambda: "New channel of chidi" in text_of(app))
        await pilot.press(*"mail", "tab", "tab", *"chidi@example.com", "f2")
        await until(pilot, lambda: "not activated" in text_of(app))
        message = (await services.messages.recent(team))[0]
        code = message.body.split(" is ")[1][:6]
        await pilot.press("v")
        await until(pilot, lambda: "Activate mail" in text_of(app))
        await pilot.press(*code, "enter")
        await until(pilot, lambda: "is activated" in text_of(app))
        await pilot.press("P")
        await until(pilot, lambda: "Engagement plan of chidi" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "is saved" in text_of(app))
    contact = await services.contacts.get(team, "chidi")
    assert len(contact.stages) == 1


async def test_the_line_runs_what_the_shell_runs(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await pilot.press("colon")
        await until(pilot, lambda: ":" in text_of(app))
        await pilot.press(*"incident note 1 'from the line'", "enter")
        await until(pilot, lambda: "noted: from the line" in text_of(app))
        await pilot.press("colon")
        await pilot.press(*"nonsense", "enter")
        await until(pilot, lambda: "there is no 'nonsense'" in text_of(app))


async def test_help_filters_and_runs(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help" in text_of(app))
        await pilot.press(*"escalation plans")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PlansScreen))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 15)])
async def test_every_screen_and_tab_can_be_drawn_at_any_size(
    team: Context, opened: Opened, size: tuple[int, int]
) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=size) as (app, pilot):
        await until(pilot, lambda: "Web sho" in text_of(app))
        await pilot.press("enter")
        for key in ("1", "2", "3", "4", "5", "6", "7", "right_square_bracket", "left_square_bracket"):
            await pilot.press(key)
        await pilot.press("escape")
        for key in ("f3", "f4", "f5", "f6", "f7", "f2"):
            await pilot.press(key)
            await pilot.pause()
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))


async def test_a_database_that_cannot_be_opened_ends_the_program_with_one_line(tmp_path: Path) -> None:
    from imtui.app import ImtuiApp, Setting

    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, just some text that is long enough to look like a file header" * 10)
    app = ImtuiApp(Setting(str(path), Config(), "ana", engine=False))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failed is not None)
    assert app.failed is not None
    assert "is not a database" in app.failed
