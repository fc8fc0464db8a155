"""The details of an incident at three in the morning: quick however long the timeline, and all of it by keyboard."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from textual.widgets import Input, TextArea

from imtui import services
from imtui.app import ImtuiApp
from imtui.domain.access import Caller
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from screens.contact import ContactScreen
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from screens.replay import Replay
from screens.response_plans import ResponsePlansScreen
from storage import tables as t
from tests.organisation import hand_out
from tests.screens.conftest import Opened, text_of, until
from widgets.entries import Entries
from widgets.virtual_table import VirtualTable

MANY = 3000


def ben(team: Context) -> Context:
    return team.acting_as(Caller("ben", "ben", "test", team.names.user("ben")))


async def fill(team: Context, count: int, type_: EventType = EventType.PAGE) -> str:
    """An incident with so many events, one a second before now; returns its id."""
    incident = (await services.incidents.start(team, "web")).incident.id
    async with team.database.write(team.now()) as unit:
        for number in range(count):
            row: dict[str, Any] = {
                "id": str(uuid.uuid4()),
                "incident_id": incident,
                "type": type_.value,
                "event_time": unit.now - timedelta(seconds=count - number),
                "updated_at": unit.now,
                "data": {"text": f"event {number}.", "by": "ana"},
                "refs": [],
                "seq": number,
            }
            unit.insert(t.timeline, row)
    return incident


async def enter(app: ImtuiApp, pilot: Any, incident: str) -> DetailsScreen:
    app.open_incident(incident)
    await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "Latest events" in text_of(app))
    assert isinstance(app.screen, DetailsScreen)
    return app.screen


def table(screen: DetailsScreen) -> VirtualTable[Any]:
    return screen.query_one("#timeline", VirtualTable)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the events that were read."""
    texts: list[str] = []
    real = services.timeline._event

    def event(row: sa.Row[Any]) -> Any:
        texts.append(row.data["text"])
        return real(row)

    monkeypatch.setattr(services.timeline, "_event", event)
    return texts


async def test_a_long_timeline_is_never_read_whole(team: Context, opened: Opened, read: list[str]) -> None:
    incident = await fill(team, MANY)
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await until(pilot, lambda: f"event {MANY - 1}." in text_of(app))
        assert len(read) <= 5
        read.clear()
        await pilot.press("3")
        await until(pilot, lambda: table(screen).count == MANY + 1 and table(screen).cursor == MANY)
        assert "Incident started" in text_of(app)  # the newest: it happened now
        await pilot.press("g")
        await until(pilot, lambda: "event 0." in text_of(app))
        assert len(read) < 1000
        read.clear()
        await services.timeline.add_note(team, incident, "fresh")
        await until(pilot, lambda: table(screen).count == MANY + 2)
        assert "event 0." in text_of(app)
        assert table(screen).cursor == 0
        assert len(read) < 300


async def test_only_what_one_looks_at_is_read_again(team: Context, opened: Opened, read: list[str]) -> None:
    incident = await fill(team, 10)
    async with opened(size=(80, 24)) as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("7")
        await until(pilot, lambda: "Response plan" in text_of(app))
        read.clear()
        await services.timeline.add_note(team, incident, "fresh")
        await until(pilot, lambda: "3 Time +1" in text_of(app))
        assert read == ["fresh"]  # what was written, by who wrote it
        await services.incidents.update(team, incident, impact=1)
        await until(pilot, lambda: "1 Critical" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: "fresh" in text_of(app))
        assert screen.incident is not None


async def test_the_end_is_followed_only_by_who_is_there(team: Context, opened: Opened) -> None:
    incident = await fill(team, 100)
    async with opened(size=(80, 24)) as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("3")
        await until(pilot, lambda: table(screen).count == 101 and table(screen).cursor == 100)
        await services.timeline.add_note(team, incident, "one more")
        await until(pilot, lambda: "one more" in text_of(app))
        assert table(screen).cursor == 101
        await pilot.press("k")
        top = table(screen).first
        await services.timeline.add_note(team, incident, "and one")
        await until(pilot, lambda: table(screen).count == 103)
        assert table(screen).cursor == 100
        assert table(screen).first == top


async def test_a_filter_works_as_one_types_and_goes_step_by_step(team: Context, opened: Opened) -> None:
    incident = await fill(team, 50)
    await services.timeline.add_note(ben(team), incident, "the disk is full")
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("slash", *"by:ben")
        await until(pilot, lambda: table(screen).count == 1)
        assert "the disk is full" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: "filter: by:ben" in text_of(app))
        await pilot.press("slash", *" no:such")
        await until(pilot, lambda: "no field" in text_of(app))
        prompt = app.screen
        await pilot.press("enter")
        await until(pilot, lambda: prompt.query_one("#wrong").has_class("-shown"))
        assert app.screen is prompt
        await pilot.press(*["backspace"] * 8, *"nothing", "enter")
        await until(pilot, lambda: "Nothing matches" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: table(screen).count == 52)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))


async def test_a_filter_that_is_left_by_esc_is_the_one_before(team: Context, opened: Opened) -> None:
    incident = await fill(team, 50)
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("slash", *"kind:trig", "enter")
        await until(pilot, lambda: table(screen).count == 1)
        await pilot.press("slash", *"x", "escape")
        await until(pilot, lambda: screen.filter == "kind:trig" and table(screen).count == 1)


async def test_notes_are_gone_through_edited_copied_and_deleted(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    for number in range(3):
        await services.timeline.add_note(team, incident, f"note {number}")
    copied: list[str] = []
    async with opened() as (app, pilot):
        monkeypatch.setattr(app, "copied", copied.append)
        screen = await enter(app, pilot, incident)
        await until(pilot, lambda: "note 0" in text_of(app))
        await pilot.press("8", "j", "y")
        assert copied == ["note 1"]
        assert "▸ 03:10:00 ana" in text_of(app)
        await pilot.press("e")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        assert app.screen.query_one("#f-text", TextArea).text == "note 1"
        app.screen.query_one("#f-text", TextArea).text = "changed"
        await pilot.press("f2")
        await until(pilot, lambda: "changed" in text_of(app) and app.screen is screen)
        await pilot.press("D")
        await until(pilot, lambda: "Delete this entry?" in text_of(app))
        await pilot.press("left", "enter")
        await until(pilot, lambda: screen.query_one(Entries).count == 2)
        texts = [event.text for event in await services.timeline.events(team, 1, types={EventType.NOTE})]
        assert texts == ["note 0", "note 2"]
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is screen
        assert not screen.query_one(Entries).has_focus


async def test_thousands_of_notes_are_read_as_one_goes(team: Context, opened: Opened, read: list[str]) -> None:
    incident = await fill(team, MANY, EventType.NOTE)
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        notes = screen.query_one(Entries)
        await until(pilot, lambda: notes.count == 100)
        assert len(read) < 300
        await pilot.press("8", "G")
        await until(pilot, lambda: notes.count == 200)
        assert notes.cursor == 99
        await pilot.press("j")
        assert f"event {MANY - 101}." in text_of(app)


async def test_a_long_note_is_read_to_its_end(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.timeline.add_note(team, incident, "older")
    await services.timeline.add_note(team, incident, "\n".join(f"line {number}" for number in range(60)))
    async with opened(size=(80, 24)) as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("8")
        await until(pilot, lambda: "line 3" in text_of(app))
        assert "older" not in text_of(app)
        for _ in range(4):
            await pilot.press("j")
            await pilot.pause()
        await until(pilot, lambda: "line 59" in text_of(app))
        await pilot.press("j")
        await until(pilot, lambda: "older" in text_of(app))


async def test_one_goes_to_what_an_entry_tells_of(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.engagements.engage(team, incident, "ben")
    await services.related.add(team, incident, "Runbook", "https://example.com/x")
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("3")
        await until(pilot, lambda: table(screen).count == 3 and table(screen).cursor == 2)
        await pilot.press("J")
        await until(pilot, lambda: "▸ Other" in text_of(app))
        await pilot.press("3", "k", "J")
        await until(pilot, lambda: isinstance(app.screen, ContactScreen))
        await pilot.press("escape", "k", "J")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen))


async def test_enter_tells_all_in_words(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.engagements.engage(team, incident, "ben")
    await services.incidents.update(team, incident, impact=1)
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await pilot.press("3")
        await until(pilot, lambda: table(screen).cursor == 2)
        await pilot.press("enter")
        await until(pilot, lambda: "Impact, now: 1 Critical" in text_of(app))
        await pilot.press("escape", "k", "enter")
        await until(pilot, lambda: "Contact: Ben (ben)" in text_of(app))
        assert "{" not in text_of(app)


async def test_a_replay_goes_by_step_and_by_itself(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.engagements.take(team, incident)
    await services.incidents.resolve(team, incident)
    monkeypatch.setattr("screens.replay.STEP_SECONDS", 0.05)
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("L")
        await until(pilot, lambda: "event 1 of 3" in text_of(app))
        replay = app.screen
        assert isinstance(replay, Replay)
        await pilot.press("j")
        await until(pilot, lambda: "acknowledged Ana" in text_of(app) and "OPEN   impact 2 High" in text_of(app))
        await pilot.press("G")
        await until(pilot, lambda: "event 3 of 3" in text_of(app) and "RESOLVED" in text_of(app))
        await pilot.press("g")
        await until(pilot, lambda: "event 1 of 3" in text_of(app))
        await pilot.press("space")
        await until(pilot, lambda: replay.place == 2 and "playing" not in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))


async def test_paging_again_says_how_many_messages_that_sends(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    channel = team.names.channel("ana", "11111111-1111-4111-8111-111111111111")
    await hand_out(team, incident, team.names.contact("ana"), channel, "123456")
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("A")
        await until(pilot, lambda: "choose an engagement first" in text_of(app))
        await until(pilot, lambda: "▸ Ana" in text_of(app))
        await pilot.press("A")
        await until(pilot, lambda: "This sends 1 message now: Ana by e-mail." in text_of(app))
        await pilot.press("enter")
        await pilot.pause()
        before = await services.engagements.for_incident(team, incident)
        await pilot.press("A")
        await until(pilot, lambda: "Page Ana again?" in text_of(app))
        await pilot.press("left", "enter")
        await until(pilot, lambda: "Ana is paged again" in text_of(app))
        after = await services.engagements.for_incident(team, incident)
        assert len([line for line in after if line.engaged_at]) == len([x for x in before if x.engaged_at]) + 1


async def test_an_incident_is_handed_over_by_keyboard(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("H")
        await until(pilot, lambda: "Hand over #1" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "choose who goes on" in text_of(app))
        await pilot.press("enter", "down", "enter", "tab", *"the disk", "f2")
        await until(pilot, lambda: "Hand #1 over to Ben?" in text_of(app))
        assert "This sends 1 message now: Ben by e-mail." in text_of(app)
        await pilot.press("left", "enter")
        await until(pilot, lambda: "is handed over to Ben" in text_of(app))
        await until(pilot, lambda: "Ana handed over to Ben: the disk" in text_of(app))


async def test_tags_are_edited_by_two(team: Context, opened: Opened) -> None:
    started = (await services.incidents.start(team, "web")).incident
    async with opened() as (app, pilot):
        await enter(app, pilot, started.id)
        await pilot.press("number_sign")
        await until(pilot, lambda: "Tags of #1" in text_of(app))
        area = app.screen.query_one("#f-tags", TextArea)
        assert area.text == "team=shop"
        area.text = "team=shop\nnonsense"
        await pilot.press("f2")
        await until(pilot, lambda: "line 2: write key=value" in text_of(app))
        area.text = "team=shop\nmine=1"
        await services.tags.change(ben(team), started.arn, {"theirs": "2"})
        await pilot.press("f2")
        await until(pilot, lambda: "theirs=2" in text_of(app))
        assert await services.tags.get(team, started.arn) == {"team": "shop", "theirs": "2"}
        area.text = "team=shop\nmine=1\ntheirs=2"
        await pilot.press("f2")
        await until(pilot, lambda: "has these tags now" in text_of(app))
        await pilot.press("7")
        await until(pilot, lambda: "Tag mine" in text_of(app))
    assert await services.tags.get(team, started.arn) == {"team": "shop", "theirs": "2", "mine": "1"}


async def test_zoom_gives_the_whole_width_and_takes_it_back(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.timeline.add_note(team, incident, "at the right")
    async with opened() as (app, pilot):
        screen = await enter(app, pilot, incident)
        await until(pilot, lambda: "w writes one" in text_of(app) and "0 engaged" in text_of(app))
        await pilot.press("z")
        await until(pilot, lambda: "w writes one" not in text_of(app) and "0 engaged" not in text_of(app))
        await pilot.press("8")
        await until(pilot, lambda: "w writes one" in text_of(app) and "Summary" not in text_of(app))
        await pilot.press("z")
        await until(pilot, lambda: "w writes one" in text_of(app) and "Summary" in text_of(app))
        assert screen.tab == 0


async def test_a_summary_is_markdown_and_a_draft_of_a_note_stays(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    await services.incidents.update(team, incident, summary="# Down\n- **all** of it\n- see [page](https://a.b/c)")
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await until(pilot, lambda: "• see page (https://a.b/c)" in text_of(app))
        assert "• all of it" in text_of(app)
        await pilot.press("w", *"half", "escape")
        await services.incidents.update(team, incident, summary="plain")
        await until(pilot, lambda: "plain" in text_of(app))
        await pilot.press("w")
        await until(pilot, lambda: "half" in text_of(app))


async def test_a_property_leads_to_its_plan(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("7")
        await until(pilot, lambda: "Response plan" in text_of(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: "esc close" in text_of(app) and "Web shop is down" in text_of(app))
        await pilot.press("escape", "j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, ResponsePlansScreen))


async def test_a_filter_field_is_text_and_enter_in_a_form_field_goes_on(team: Context, opened: Opened) -> None:
    incident = (await services.incidents.start(team, "web")).incident.id
    async with opened() as (app, pilot):
        await enter(app, pilot, incident)
        await pilot.press("slash")
        await until(pilot, lambda: bool(app.screen.query(Input)))
        await pilot.press(*"zLJ")
        assert app.screen.query_one(Input).value == "zLJ"
