"""The `:` line: completion, history, errors in place, and nothing done without having asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from imtui import services
from imtui.app import ImtuiApp
from imtui.config import Config
from imtui.services.context import Context
from screens.dialogs import Confirm, Reader
from screens.history import History
from screens.prompt import Prompt
from tests.screens.conftest import Opened, text_of, until
from tests.screens.test_typing import burst


def flat(app: ImtuiApp) -> str:
    return " ".join(text_of(app).split())


def line_of(app: ImtuiApp) -> str:
    """What stands in the line."""
    assert isinstance(app.screen, Prompt), app.screen
    return app.screen.query_one(Input).value


def below(app: ImtuiApp) -> str:
    return str(app.screen.query_one("#below", Static).content)


def wrong(app: ImtuiApp) -> str:
    """What is said above the line."""
    static = app.screen.query_one("#wrong", Static)
    return str(static.content) if static.display else ""


def offered(app: ImtuiApp) -> list[str]:
    """The offers above the line, as they are drawn; the chosen one has its mark."""
    static = app.screen.query_one("#offers", Static)
    return [line[:14].rstrip() for line in str(static.content).splitlines()] if static.display else []


async def open_line(app: ImtuiApp, pilot: Any, text: str = "") -> None:
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(app.screen, Prompt))
    if text:
        await pilot.press(*text)
        await until(pilot, lambda: line_of(app) == text)


async def test_an_error_is_said_above_the_line_and_the_line_stays_to_be_mended(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident note 9 late")
        await pilot.press("enter")
        await until(pilot, lambda: "there is no incident 9" in flat(app))
        assert line_of(app) == "incident note 9 late"
        await pilot.press(*["left"] * 5, "backspace", "1", "enter")
        await until(pilot, lambda: "noted: late" in text_of(app))
        assert not isinstance(app.screen, Prompt)
        assert "there is no incident 9" not in flat(app)
    assert [event.text for event in await services.timeline.events(team, 1)][-1] == "late"


async def test_what_is_not_known_is_said_while_one_types(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident sho")
        assert "has no" not in below(app)
        await pilot.press("x")
        await until(pilot, lambda: "incident has no 'shox'" in below(app))
        assert "incident has no 'shox'" in text_of(app)
        await pilot.press("backspace")
        await until(pilot, lambda: "has no" not in text_of(app))


async def test_tab_goes_through_the_words_and_back(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident re")
        assert offered(app) == ["  reopen", "  resolve"]
        await pilot.press("tab")
        assert (line_of(app), offered(app)) == ("incident reopen", ["▸ reopen", "  resolve"])
        await pilot.press("tab")
        assert (line_of(app), offered(app)) == ("incident resolve", ["  reopen", "▸ resolve"])
        await pilot.press("tab")
        assert line_of(app) == "incident reopen"
        await pilot.press("shift+tab")
        assert line_of(app) == "incident resolve"
        await pilot.press(" ")
        await until(pilot, lambda: "incident resolve INCIDENT" in below(app))


async def test_one_offer_is_taken_whole_and_the_rest_of_the_line_stays(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident st web")
        await pilot.press(*["left"] * 4, "tab")
        assert line_of(app) == "incident start web"
        await pilot.press("end", *" --im", "tab")
        assert line_of(app) == "incident start web --impact "
        await until(pilot, lambda: offered(app)[:2] == ["  1", "  2"])


async def test_what_exists_is_offered_with_what_it_is(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    await services.incidents.start(team, "web", title="Search answers slowly")
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident engage ")
        await until(pilot, lambda: offered(app) == ["  2", "  1"])
        assert "Search answers slowly" in text_of(app)
        await pilot.press(*"sea", "tab")
        assert line_of(app) == "incident engage 2 "
        await until(pilot, lambda: offered(app) == ["  ana", "  ben", "  night"])
        assert "plan Night shift" in text_of(app)
        await pilot.press("escape")
        await open_line(app, pilot, "channel send-code ana ")
        await until(pilot, lambda: len(offered(app)) == 2)
        assert "ana@example.com" in text_of(app)
        await pilot.press("escape")
        await open_line(app, pilot, "incident start ")
        await until(pilot, lambda: offered(app)[:1] == ["  web"])


async def test_keys_do_not_wait_for_what_exists(team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    real = services.incident_list.page

    async def slow(*args: Any, **named: Any) -> Any:
        await gate.wait()
        return await real(*args, **named)

    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        monkeypatch.setattr(services.incident_list, "page", slow)
        await open_line(app, pilot, "incident show ")
        await pilot.press("1")
        assert line_of(app) == "incident show 1"
        assert offered(app) == []
        gate.set()
        await until(pilot, lambda: offered(app) == ["  1"])


async def test_keys_that_come_all_at_once_are_taken_in_their_order(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        burst(app, "colon", *"token ", *"l", "tab", *"x", "backspace", "backspace")
        await until(pilot, lambda: isinstance(app.screen, Prompt) and line_of(app) == "token list")
        burst(app, *"abc", "up", *"d")
        await until(pilot, lambda: line_of(app) == "token listabcd")


async def test_what_was_typed_is_there_after_the_next_login(team: Context, opened: Opened, own_state: Path) -> None:
    async with opened() as (app, pilot):
        for line in ("token list", "incident list", "nonsense"):
            await open_line(app, pilot, line)
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(app.screen, Prompt) or "there is no" in text_of(app))
            await pilot.press("escape")
    assert (own_state / "history").read_text() == "token list\nincident list\nnonsense\n"
    async with opened() as (app, pilot):
        await open_line(app, pilot)
        for line in ("nonsense", "incident list", "token list", "token list"):
            await pilot.press("up")
            assert line_of(app) == line
        await pilot.press("down", "down", "down")
        assert line_of(app) == ""
        await pilot.press(*"inc", "up")
        assert line_of(app) == "incident list"
        await pilot.press("up")
        assert line_of(app) == "incident list"
        await pilot.press("down")
        assert line_of(app) == "inc"


async def test_the_filter_has_a_history_of_its_own(team: Context, opened: Opened) -> None:
    History("history").add("incident list")
    async with opened() as (app, pilot):
        for _ in range(2):
            await pilot.press("slash")
            await until(pilot, lambda: isinstance(app.screen, Prompt))
            if History("filters").lines:
                await pilot.press(*["backspace"] * 4, "up")
                assert line_of(app) == "shop"
                return
            await pilot.press(*"shop", "enter")
            await until(pilot, lambda: "Nothing matches" in text_of(app))
    raise AssertionError("the filter was not kept")


@pytest.mark.parametrize(
    ("line", "question", "done"),
    [
        ("incident start web", "This pages 1 person now: Ana.", "#2 started: Web shop is down"),
        ("incident engage 1 ben", "This pages 1 person now: Ben.", "engaged ("),
        ("incident resolve 1", "engagements stop; nobody is paged any more", "#1 is resolved"),
        ("token delete hooks", "Whoever sends events with it is refused at once", "token hooks is deleted"),
        ("channel send-code ben mobile", "A message goes to mobile (+4915100000002)", "a code was sent to mobile"),
    ],
)
async def test_what_a_key_would_ask_the_line_asks_too(
    team: Context, opened: Opened, line: str, question: str, done: str
) -> None:
    await services.incidents.start(team, "web")
    await services.tokens.create(team, "hooks")
    await services.channels.create(team, "ben", "mobile", "SMS", "+4915100000002", defer_activation=True)
    async with opened() as (app, pilot):
        await open_line(app, pilot, line)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert question in flat(app)
        await pilot.press("enter")  # Cancel is in focus
        await until(pilot, lambda: "nothing was changed" in text_of(app))
        assert line_of(app) == line
        assert (await services.incidents.get(team, 1)).is_open
        assert sum(await services.incident_list.counts(team)) == 1
        assert len(await services.tokens.list_tokens(team)) == 1
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("right", "enter")
        await until(pilot, lambda: done in flat(app))
        assert not isinstance(app.screen, Prompt)


async def test_who_may_only_look_is_refused_in_the_line_and_not_asked(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened(read_only=True) as (app, pilot):
        await open_line(app, pilot, "incident resolve 1")
        await pilot.press("enter")
        await until(pilot, lambda: "read-only" in wrong(app))
        assert line_of(app) == "incident resolve 1"


async def test_a_long_result_is_read_and_a_short_one_said(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident show 1")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Reader) and "Timeline" in text_of(app))
        await pilot.press("escape")
        await open_line(app, pilot, "token list")
        await pilot.press("enter")
        await until(pilot, lambda: "no tokens" in text_of(app) and len(app.screen_stack) == 1)


async def test_the_line_shows_that_it_works_and_may_be_left(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    real = services.timeline.add_note
    begun: list[str] = []

    async def slow(*args: Any, **named: Any) -> Any:
        begun.append("note")
        await gate.wait()
        return await real(*args, **named)

    await services.incidents.start(team, "web")
    monkeypatch.setattr(services.timeline, "add_note", slow)
    async with opened() as (app, pilot):
        await open_line(app, pilot, "incident note 1 slow")
        await pilot.press("enter")
        await until(pilot, lambda: "running" in below(app))
        await pilot.press("enter", "tab", "up")  # nothing of it is done twice
        assert (begun, line_of(app)) == (["note"], "incident note 1 slow")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        gate.set()
        await until(pilot, lambda: "noted: slow" in text_of(app))
    assert [event.text for event in await services.timeline.events(team, 1)][-1] == "slow"


async def test_a_defect_of_an_operation_leaves_the_line_as_it_was(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(services.tokens, "list_tokens", broken)
    async with opened() as (app, pilot):
        await open_line(app, pilot, "token list")
        await pilot.press("enter")
        await until(pilot, lambda: "RuntimeError: boom" in flat(app) and "this could not be done" in flat(app))
        assert line_of(app) == "token list"


async def test_hostile_titles_are_text_among_the_offers(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web", title="[red]\x1b[2J\u202eevil " + "漢" * 80)
    async with opened(size=(80, 24), config=Config()) as (app, pilot):
        await open_line(app, pilot, "incident show ")
        await until(pilot, lambda: offered(app) == ["  1"])
        assert "[red][2Jevil" in text_of(app)
        assert "\u202e" not in text_of(app)
        assert "\x1b" not in text_of(app)
        assert app.screen.query_one("#offers").size.height == 1
