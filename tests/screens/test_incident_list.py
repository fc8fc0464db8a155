"""The incident list shows what needs somebody first, and keeps its place whatever happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.access import Caller
from imtui.services.context import Context
from imtui.services.looks import PROGRAM
from screens.dialogs import Confirm
from tests.organisation import hand_out
from tests.screens.conftest import Opened, text_of, until
from widgets.virtual_table import VirtualTable
from widgets.virtual_tiles import VirtualTiles


def listing(app: Any) -> Any:
    """The incident list."""
    return app.screen_stack[0]


def acting(context: Context, alias: str) -> Context:
    return context.acting_as(Caller(alias, alias, "test", context.names.user(alias)))


async def start(context: Context, *titles: str, impact: int = 3) -> list[str]:
    return [(await services.incidents.start(context, "web", title=t, impact=impact)).incident.id for t in titles]


async def test_open_incidents_are_tiles_while_they_fit_and_lines_when_somebody_wants(
    team: Context, opened: Opened
) -> None:
    await start(team, *(f"Trouble {n}" for n in range(6)))
    async with opened(size=(80, 24)) as (app, pilot):
        await until(pilot, lambda: "Trouble 0" in text_of(app))
        assert isinstance(app.focused, VirtualTiles)
        line = next(line for line in text_of(app).splitlines() if "Trouble 5" in line)
        assert "Trouble 4" in line, "two stand side by side"
        await pilot.press("l", "j")
        assert listing(app).table.selected.title == "Trouble 2"
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.focused, VirtualTable))
        assert listing(app).table.selected.title == "Trouble 2", "the cursor stays"
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.focused, VirtualTiles))
    await start(team, *(f"More {n}" for n in range(6)))
    async with opened(size=(80, 24)) as (app, pilot):
        await until(pilot, lambda: "More 5" in text_of(app))
        assert isinstance(app.focused, VirtualTable), "twelve do not fit"


async def test_what_one_is_paged_for_is_on_top_and_says_so(team: Context, opened: Opened) -> None:
    (old,) = await start(team, "Small and mine", impact=5)
    await start(team, "Large and not mine", impact=1)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Large" in text_of(app))
        assert listing(app).table.items[0].title == "Large and not mine"
        channel = team.names.channel("ana", "11111111-1111-4111-8111-111111111111")
        await hand_out(team, old, team.names.contact("ana"), channel, "123456")
        async with team.database.write(team.now()) as unit:
            unit.changed("engagement", old, old)
        await until(pilot, lambda: "YOU ARE PAGED" in text_of(app))
        assert listing(app).table.items[0].title == "Small and mine"
        await services.engagements.acknowledge(team, "123456")
        await until(pilot, lambda: "YOU ARE PAGED" not in text_of(app))
        assert listing(app).table.items[0].title == "Large and not mine"


async def test_a_filter_narrows_as_one_types_and_esc_goes_back_one_step_at_a_time(
    team: Context, opened: Opened
) -> None:
    await start(team, "Payments fail", "Search is slow", "Payments are slow")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Search is slow" in text_of(app))
        await pilot.press("slash", *"pay")
        await until(pilot, lambda: listing(app).table.count == 2)
        await pilot.press(*"ments !slow", "enter")
        await until(pilot, lambda: listing(app).table.count == 1 and len(app.screen_stack) == 1)
        assert "payments !slow" in text_of(app)
        await pilot.press("space")
        assert listing(app).table.marked
        await pilot.press("escape")
        assert not listing(app).table.marked
        assert listing(app).text
        await pilot.press("escape")
        await until(pilot, lambda: listing(app).table.count == 3)
        await pilot.press("n")
        await until(pilot, lambda: listing(app).table.count == 1)


async def test_a_filter_of_a_status_shows_where_those_are(team: Context, opened: Opened) -> None:
    ids = await start(team, "Over", "Going on")
    await services.incidents.resolve(team, ids[0])
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Going on" in text_of(app))
        await pilot.press("slash", *"status:res", "enter")
        await until(pilot, lambda: listing(app).table.count == 1 and "Over" in text_of(app))


async def test_marked_incidents_are_resolved_after_one_question_and_the_others_stay(
    team: Context, opened: Opened
) -> None:
    ids = await start(team, "One", "Two", "Three")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Three" in text_of(app))
        await pilot.press("space", "space")
        await until(pilot, lambda: "2 marked" in text_of(app))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Resolve 2 incidents?" in text_of(app)
        assert "#3 Three" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert await services.incident_list.counts(team) == (3, 0), "Cancel is in focus"
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "2 incidents: resolved" in text_of(app))
        assert (await services.incidents.get(team, ids[0])).is_open
        assert not listing(app).table.marked


async def test_one_note_goes_to_all_that_are_marked(team: Context, opened: Opened) -> None:
    ids = await start(team, "One", "Two")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Two" in text_of(app))
        await pilot.press("asterisk", "w")
        await until(pilot, lambda: "Note to 2 incidents" in text_of(app))
        await pilot.press(*"Same cause", "f2")
        await until(pilot, lambda: "2 incidents: noted" in text_of(app))
    for one in ids:
        assert [e.text for e in await services.timeline.events(team, one) if e.writable] == ["Same cause"]


async def test_who_was_away_is_told_once(team: Context, opened: Opened, manual_clock: ManualClock) -> None:
    await services.looks.looked(team, {PROGRAM}, team.now() - timedelta(hours=9))
    await start(team, "While asleep")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "While you were away, 9 h: 1 started" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "While you were away" not in text_of(app))
    async with opened() as (app, pilot):
        await until(pilot, lambda: "While asleep" in text_of(app))
        assert "While you were away" not in text_of(app)


async def test_who_else_looks_is_in_the_banner_until_they_leave(team: Context, opened: Opened) -> None:
    (one,) = await start(team, "One")
    ben = acting(team, "ben")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "One" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "impact" in text_of(app).lower() and "Overview" in text_of(app))
        await services.presence.enter(ben, "bens", one)
        await until(pilot, lambda: "also here: ben" in text_of(app))
        await until(pilot, lambda: app._looking is not None and app._looking._told == one)
        assert await services.presence.here(ben, one, "bens") == ["ana"]
        await services.presence.leave(ben, "bens")
        await until(pilot, lambda: "also here" not in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: app._looking is not None and app._looking._told is None)
        assert await services.presence.here(ben, one) == []


async def test_tabs_count_what_is_new_since_the_last_session(team: Context, opened: Opened) -> None:
    (one,) = await start(team, "One")

    async def look() -> str:
        async with opened() as (app, pilot):
            await until(pilot, lambda: "One" in text_of(app))
            await pilot.press("enter")
            await until(pilot, lambda: "Latest events" in text_of(app))
            await until(pilot, lambda: getattr(app.screen, "_counted", False))
            await pilot.pause()
            return text_of(app)

    assert "Timeline+" not in await look()
    team.clock.advance(60)  # type: ignore[attr-defined]
    await services.related.add(acting(team, "ben"), one, "dashboard", "https://example.com/d")
    again = await look()
    assert "Related+1" in again
