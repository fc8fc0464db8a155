"""Two people edit the same thing: the second sees the first one's version, and nothing is overwritten or lost."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input, TextArea

from imtui import services
from imtui.app import ImtuiApp
from imtui.domain.access import Caller
from imtui.services.context import Context
from screens.details import DetailsScreen
from tests.screens.conftest import Opened, text_of, until


def ben(team: Context) -> Context:
    return team.acting_as(Caller("ben", "ben", "test", team.names.user("ben")))


async def edit_first(app: ImtuiApp, pilot: Any) -> None:
    await until(pilot, lambda: "Web shop is down" in text_of(app))
    await pilot.press("e")
    await until(pilot, lambda: "Edit #1" in text_of(app))


async def test_the_second_editor_sees_the_first_ones_version_and_can_save(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(100, 40)) as (app, pilot):
        await edit_first(app, pilot)
        await pilot.press(*" again")
        app.screen.query_one("#f-summary", TextArea).text = "mine"
        await services.incidents.update(ben(team), 1, summary="Ben's words", impact=1)
        await pilot.press("f2")
        await until(pilot, lambda: "ben has changed this meanwhile" in text_of(app))
        text = text_of(app)
        assert "theirs (ben): Ben's words" in text
        assert "1 Critical" in text
        assert app.screen.query_one("#f-title", Input).value == "Web shop is down again"
        assert app.screen.query_one("#f-summary", TextArea).text == "mine"
        assert (await services.incidents.get(team, 1)).title == "Web shop is down"
        await pilot.press("f2")
        await until(pilot, lambda: "#1 is changed" in text_of(app))
    saved = await services.incidents.get(team, 1)
    assert (saved.title, saved.summary, int(saved.impact)) == ("Web shop is down again", "mine", 1)


async def test_theirs_is_taken_by_one_key_and_mine_stays_beneath(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(100, 40)) as (app, pilot):
        await edit_first(app, pilot)
        await pilot.press(*" mine")
        await services.incidents.update(ben(team), 1, title="Theirs")
        await pilot.press("f2")
        await until(pilot, lambda: "theirs (ben): Theirs" in text_of(app))
        app.screen.query_one("#f-title", Input).focus()
        await pilot.press("f3")
        await until(pilot, lambda: "yours: Web shop is down mine" in text_of(app))
        assert app.screen.query_one("#f-title", Input).value == "Theirs"


async def test_a_change_elsewhere_in_the_incident_is_no_conflict(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(100, 40)) as (app, pilot):
        await edit_first(app, pilot)
        await pilot.press(*" x")
        await services.incidents.update(ben(team), 1, notification_targets=["arn:aws:sns:zz-local-1:111122223333:a"])
        await pilot.press("f2")
        await until(pilot, lambda: "#1 is changed" in text_of(app))


async def test_what_was_typed_before_a_crash_meets_what_changed_meanwhile(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(size=(100, 40)) as (app, pilot):
        await edit_first(app, pilot)
        await pilot.press(*" half")
        incident = (await services.incidents.get(team, 1)).id
        while " half" not in await services.drafts.load(team, f"incident/{incident}/edit"):
            await pilot.pause(0.02)
    await services.incidents.update(ben(team), 1, title="Theirs", summary="New words")
    async with opened(size=(100, 40)) as (app, pilot):
        await until(pilot, lambda: "Theirs" in text_of(app))
        await pilot.press("e")
        await until(pilot, lambda: "is here again" in text_of(app) and "theirs: Theirs" in text_of(app))
        assert app.screen.query_one("#f-title", Input).value == "Web shop is down half"
        assert app.screen.query_one("#f-summary", TextArea).text == "New words"
        await pilot.press("f8")
        await until(pilot, lambda: app.screen.query_one("#f-title", Input).value == "Theirs")
        await pilot.press("escape")
        while await services.drafts.load(team, f"incident/{incident}/edit"):
            await pilot.pause(0.02)


async def test_a_note_that_somebody_else_edits_is_merged_too(team: Context, opened: Opened) -> None:
    started = await services.incidents.start(team, "web")
    note = await services.timeline.add_note(team, 1, "first")
    async with opened() as (app, pilot):
        app.open_incident(started.incident.id)
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "first" in text_of(app))
        await pilot.press("3", "G", "e")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        app.screen.query_one("#f-text", TextArea).text = "mine"
        await services.timeline.edit(ben(team), 1, note.id, text="theirs")
        await pilot.press("f2")
        await until(pilot, lambda: "theirs (ben): theirs" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "note written to #1" in text_of(app))
    assert [event.text for event in await services.timeline.events(team, 1)][-1] == "mine"


async def test_two_editors_of_a_contact_and_of_plans(team: Context, opened: Opened) -> None:
    async with opened(size=(100, 45)) as (app, pilot):
        await pilot.press("f3")
        await until(pilot, lambda: "2 of 2 activated" in text_of(app))
        await pilot.press("e", *" mine")
        await services.contacts.update(ben(team), "ana", display_name="Ana Theirs")
        await pilot.press("f2")
        await until(pilot, lambda: "theirs: Ana Theirs" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "ana is changed" in text_of(app))
        assert (await services.contacts.get(team, "ana")).display_name == "Ana mine"
        await pilot.press("f4")
        await until(pilot, lambda: "10: ana*" in text_of(app))
        await pilot.press("e", *" mine")
        plan = await services.plans.get(team, "night")
        await services.plans.update(ben(team), "night", display_name="Theirs", stages=plan.stages, repeat=plan.repeat)
        await pilot.press("f2")
        await until(pilot, lambda: "theirs: Theirs" in text_of(app))
        await pilot.press("f2")
        await until(pilot, lambda: "the plan night is saved" in text_of(app))
        await pilot.press("f5")
        await until(pilot, lambda: "2 High" in text_of(app))
        await pilot.press("e", *" mine")
        web = await services.response_plans.get(team, "web")
        await services.response_plans.update(ben(team), web)
        await pilot.press("f2")
        await until(pilot, lambda: "web is saved" in text_of(app))
        assert (await services.response_plans.get(team, "web")).template.title == "Web shop is down mine"


async def test_drafts_are_written_a_few_times_a_second_at_most(team: Context, opened: Opened, monkeypatch: Any) -> None:
    await services.incidents.start(team, "web")
    written: list[str] = []
    real = services.drafts.save

    async def save(context: Context, field: str, text: str) -> None:
        written.append(text)
        await real(context, field, text)

    monkeypatch.setattr(services.drafts, "save", save)
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("w")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        area = app.screen.query_one("#f-text", TextArea)
        for number in range(200):
            area.text = f"word {number}"
        await until(pilot, lambda: any('"word 199"' in text for text in written))
        assert len(written) <= 2
        area.text = "the last word"
        await pilot.press("escape")
        await until(pilot, lambda: any("the last word" in text for text in written))
