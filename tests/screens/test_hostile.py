"""Text from outside is text: it breaks no screen, no column and no terminal."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from rich.cells import cell_len
from textual.events import Paste
from textual.widgets import TextArea

from imtui import services
from imtui.services.context import Context
from screens.forms import Form
from storage import tables as t
from tests.screens.conftest import Opened, text_of, until

ESCAPES = "[red]\x1b[2J\x1b]0;gone\x07\u202eevil\x9b31m [/red] [@click=app.quit]x[/]"
WIDE = "日本語 🔥👩\u200d🚒👍🏽❤\ufe0f e\u0301\u0301\u0301\u0301\u0301\u0301\u0301 🇩🇪 ends"
LONG = "x" * 10_000
TEXTS = {
    "escapes": ESCAPES,
    "wide": WIDE,
    "long": LONG,
    "empty": "",
    "joiners": "a\u200db\u200dc\u2066",
    "tab": "a\tb\nc",
}
QUICK = ("escapes", "wide")


async def poison(team: Context, text: str) -> str:
    """This text in everything that people or machines may write."""
    started = await services.incidents.start(team, "web")
    await services.timeline.add_note(team, 1, text or "x")
    await services.timeline.add_event(team, 1, text or "x")
    await services.related.add(team, 1, "link", "https://example.com/x", "OTHER")
    async with team.database.write(team.now()) as unit:
        await unit.run(sa.update(t.incidents).values(title=text, summary=text, chat_channel=[f"arn:{text}"]))
        await unit.run(sa.update(t.related_items).values(title=text))
        await unit.run(sa.update(t.contacts).values(display_name=text))
        await unit.run(sa.update(t.channels).values(name=text, last_result=text, last_result_at=unit.now))
        await unit.run(sa.update(t.response_plans).values(title=text, summary=text, display_name=text))
        await unit.run(sa.insert(t.alarms).values(key="provider:EMAIL", since=unit.now, text=text or "x"))
        unit.changed("incident", started.incident.id, started.incident.id)
    return started.incident.id


def well_formed(app: Any) -> None:
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    assert len(lines) == height
    for line in lines:
        text = "".join(segment.text for segment in line)
        assert cell_len(text) == width
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text), text
        assert not set(text) & set("\u202e\u2066"), text
        assert isinstance(app.screen, Form) or not set(text) & set("\u200d\ufe0f\U0001f3fd"), text


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(pytest.param(name, (80, 24), marks=() if name in QUICK else pytest.mark.slow) for name in TEXTS),
        pytest.param("wide", (120, 36), marks=pytest.mark.slow),
    ],
)
async def test_any_text_anywhere_on_every_screen(
    team: Context, opened: Opened, name: str, size: tuple[int, int]
) -> None:
    incident = await poison(team, TEXTS[name])
    async with opened(size=size) as (app, pilot):
        await until(pilot, lambda: "Open 1" in text_of(app))
        well_formed(app)
        await pilot.press("z")
        await pilot.pause()
        well_formed(app)
        app.open_incident(incident)
        await until(pilot, lambda: "impact" in text_of(app))
        for tab in "12345678":
            await pilot.press(tab)
            await pilot.pause()
            well_formed(app)
            await pilot.press("enter")
            await pilot.pause()
            well_formed(app)
            if len(app.screen_stack) > 2:
                await pilot.press("escape")
        for key in ("e", "w", "E", "r", "X"):
            await pilot.press(key)
            await pilot.pause()
            well_formed(app)
            await pilot.press("escape", "escape") if len(app.screen_stack) > 2 else None
        for key in ("f3", "f4", "f5", "f6", "f7", "exclamation_mark"):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            for inner in ("enter", "escape", "e", "escape"):
                await pilot.press(inner)
                await pilot.pause()
                well_formed(app)
        assert not app.traces


async def test_the_columns_of_a_list_stay_in_line(team: Context, opened: Opened) -> None:
    for text in (WIDE, ESCAPES, "plain"):
        await services.incidents.start(team, "web", title=text)
    async with opened(size=(120, 30)) as (app, pilot):
        await until(pilot, lambda: "plain" in text_of(app))
        await pilot.press("z")
        await until(pilot, lambda: "Impact" in text_of(app))
        rows = [line for line in text_of(app).splitlines() if "2 High" in line]
        assert len({line.index("2 High") for line in rows}) == 1
        assert len(rows) == 3


async def test_what_cannot_be_shown_survives_an_edit_of_something_else(team: Context, opened: Opened) -> None:
    title = "a\x1b[2Jb\u202ec"
    await services.incidents.start(team, "web", title=title)
    async with opened(size=(100, 40)) as (app, pilot):
        await until(pilot, lambda: "a[2Jbc" in text_of(app))
        await pilot.press("e")
        await until(pilot, lambda: "Edit #1" in text_of(app))
        app.screen.query_one("#f-summary", TextArea).text = "words"
        await pilot.press("f2")
        await until(pilot, lambda: "#1 is changed" in text_of(app))
    saved = await services.incidents.get(team, 1)
    assert (saved.title, saved.summary) == (title, "words")


async def test_a_clipboard_is_text_too(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("w")
        await until(pilot, lambda: "Note to #1" in text_of(app))
        app.post_message(Paste("one\x1b[31m\ntwo\u202e"))
        await until(pilot, lambda: app.screen.query_one("#f-text", TextArea).text == "one[31m\ntwo")
