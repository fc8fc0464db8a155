"""Every screen and dialog of the program, as pictures and tests of colours and characters need them: how one gets
there, what stands there then, and one database with something in each."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from rich.color import ColorSystem
from textual.strip import Strip

from imtui import services
from imtui.app import ImtuiApp, Setting
from imtui.app import program as app_module
from imtui.channels.local import Local
from imtui.config import Config
from imtui.domain.access import Caller
from imtui.domain.oncall.coverage import Coverage
from imtui.domain.oncall.recurrence import Kind, Recurrence
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.rotations import RotationSpec
from imtui.services.users import PolicyText
from screens.incidents import IncidentsScreen
from storage.opening import open_database
from tests.organisation import organise
from tests.screens.conftest import Still, text_of, until
from widgets.theme import Look, look

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)

FIRST = look("dark", ColorSystem.TRUECOLOR, {})
"""How it looks on the way to a scene."""

Steps = tuple[tuple[str, str], ...]

_DETAILS = (("enter", "cannot pay"),)
_ENGAGEMENTS = (*_DETAILS, ("5", "Engaged  "))
_TIMELINE = (*_DETAILS, ("3", "Trigger"))
_CONTACTS = (("f3", "2 of 2 activated"),)
_CONTACT = (*_CONTACTS, ("enter", "Engagement plan  0: e-mail"))
_START = (("s", "Start an incident"),)
_NOTE = (("w", "Note to #2"),)

_SCHEDULES = (("f9", "On call now"),)
_SCHEDULE = (*_SCHEDULES, ("enter", "A days"))

SCENES: dict[str, Steps] = {
    "incidents": (),
    "lines": (("z", "Title"),),
    "sort": (("o", "what needs you first"),),
    "filters": (("slash", ""), ("p", "1 found"), ("enter", ""), ("F", "save as")),
    "resolved": (("2", "Search answers slowly"),),
    "overview": _DETAILS,
    "timeline": _TIMELINE,
    "engagements": _ENGAGEMENTS,
    "related": (*_DETAILS, ("6", "Status page")),
    "properties": (*_DETAILS, ("7", "Deduplication key")),
    "notes": (*_DETAILS, ("8", "Provider answers 503")),
    "reader": (*_TIMELINE, ("enter", "esc close")),
    "contacts": _CONTACTS,
    "contact": _CONTACT,
    "schedules": _SCHEDULES,
    "schedule": _SCHEDULE,
    "schedule-week": (*_SCHEDULE, ("z", "Week 9")),
    "new-schedule": (*_SCHEDULES, ("plus", "New on-call schedule")),
    "edit-rotation": (*_SCHEDULE, ("e", "Edit which rotation?"), ("enter", "Rotation days of primary")),
    "override": (*_SCHEDULE, ("V", "On call instead")),
    "rehearsal": (("f4", "10: ana*"), ("K", "3 pages")),
    "plans": (("f4", "10: ana*"),),
    "response-plans": (("f5", "2 High"),),
    "prepared": (("f10", "2 people"),),
    "notifications": (("f6", "e-mail"),),
    "events": (("f7", "Events"),),
    "audit": (("f11", "StartIncident"),),
    "alarms": (("exclamation_mark", "No engine runs"),),
    "start": _START,
    "start-choices": (*_START, ("tab", ""), ("tab", ""), ("enter", "1 Critical")),
    "resolve": (("r", "Resolve this incident?"),),
    "note": _NOTE,
    "event": (*_DETAILS, ("t", "What happened")),
    "engage": (("E", "Engage somebody"),),
    "engage-choices": (("E", "Engage somebody"), ("enter", "Night shift (plan night)")),
    "edit": (("e", "Edit #2"),),
    "delete": (*_TIMELINE, ("G", ""), ("k", ""), ("k", ""), ("D", "Delete this entry?")),
    "new-related": (*_DETAILS, ("6", "Status page"), ("plus", "ARN or link")),
    "new-contact": (*_CONTACTS, ("plus", "New contact")),
    "new-channel": (*_CONTACT, ("plus", "New channel of ana")),
    "contact-plan": (*_CONTACT, ("P", "Engagement plan of ana")),
    "edit-plan": (("f4", "10: ana*"), ("e", "Escalation plan night")),
    "help": (("question_mark", "Help"),),
    "palette": (("ctrl+p", "Find an act"), ("n", ""), ("o", "Write a note")),
    "filter": (("slash", ""), ("p", "1 found")),
    "command": (("colon", ""), ("i", "incident")),
    "replay": (*_DETAILS, ("L", "Replay of #2"), ("G", "This is the last event")),
    "tags": (*_DETAILS, ("number_sign", "Tags of #2")),
    "hand-over": (*_DETAILS, ("H", "Hand over #2")),
    "page-again": (*_ENGAGEMENTS, ("A", "again?")),
    "merge": (
        ("e", "Edit #2"),
        *((key, "") for key in "now"),
        ("@edited", ""),
        ("f2", "theirs (ben)"),
    ),
    "silent": (("@silent", "NOBODY LEFT TO PAGE"),),
    "silent-details": (("@silent", "NOBODY LEFT TO PAGE"), ("enter", "impact")),
}
"""What is pressed, and what is on the screen then. `@` begins what happens elsewhere: those scenes come last, because
the others would show it."""

PASSING: dict[str, Steps] = {
    "wrong-field": (("a", "Acknowledge a page"), ("9", ""), ("enter", "no unanswered page has this code")),
    "changed": (
        *_START,
        ("tab", ""),
        *((key, "") for key in "abc"),
        ("shift+left", "abc"),
        ("escape", "esc once more"),
    ),
    "said": (("u", "times are UTC"), ("u", "times are local")),
    "refused": (*_TIMELINE, ("D", "only notes and custom events")),
    "nothing-matches": (("slash", ""), ("q", "Nothing matches")),
}
"""What one sees in passing: too short-lived for a picture, not for being read."""


async def prepare(path: str) -> None:
    """A team, a resolved incident, and one whose second person has just been paged; ids are the same each time."""
    numbers = random.Random(0)
    with mock.patch("uuid.uuid4", side_effect=lambda: uuid.UUID(int=numbers.getrandbits(128), version=4)):
        await _prepare(path)


async def _prepare(path: str) -> None:
    database, _ = await open_database(path)
    clock = Still(NOW)
    clock.set(datetime(2026, 2, 28, 22, 0, tzinfo=UTC))
    config = Config()
    context = Context(database, clock, config.names, Caller("ana", "ana", "test", config.names.user("ana")), config)
    await organise(context)
    await services.users.create(context, "ana", policies=[PolicyText("administrator")])
    engine = Engine(database, clock, config, providers=dict.fromkeys(Route, Local()))
    await services.incidents.start(context, "web", title="Search answers slowly", impact=3)
    await engine.tick()
    clock.advance(1800)
    await services.incidents.resolve(context, 1)
    clock.set(datetime(2026, 3, 1, 2, 58, tzinfo=UTC))
    await services.incidents.start(context, "web", title="Checkout: payments fail", impact=1)
    await engine.tick()
    for minutes in (5, 5):
        clock.advance(minutes * 60)
        await engine.tick()
    clock.advance(60)
    await services.timeline.add_note(context, 2, "Provider answers 503 since 02:55. Calling them.")
    await services.related.add(context, 2, "Status page", "https://status.example.com/", "OTHER")
    await services.incidents.update(context, 2, summary="Customers **cannot pay**.")
    await _on_call(context)
    await engine.close()
    await database.close()


async def _on_call(context: Context) -> None:
    """A schedule of two rotations in two zones, in which Ana stands in for Ben tonight."""
    start = datetime(2026, 2, 1, 7, tzinfo=UTC)
    daily = Recurrence(Kind.DAILY, ((0, 480),))
    days, nights = Coverage.of([[(480, 1200)]] * 7), Coverage.of([[(840, 120)]] * 7)
    specs = [
        RotationSpec("days", ("ana", "ben"), "Europe/Berlin", daily, days, start=start),
        RotationSpec("nights", ("ben", "ana"), "America/New_York", daily, nights, start=start),
    ]
    made = await services.schedules.create(context, "primary", specs, display_name="Primary")
    begin, end = NOW.replace(hour=20), NOW.replace(day=2, hour=3)
    await services.overrides.create(context, made.rotations[1].arn, ["ana"], begin, end)


def program(location: str, monkeypatch: pytest.MonkeyPatch, **setting: Any) -> ImtuiApp:
    """Ana's program on such a database; it stands at 03:10, and runs no engine."""
    clock = Still(NOW)
    real = app_module._open_context

    async def still_context(setting: Setting) -> Context:
        context = await real(setting)
        return Context(context.database, clock, context.names, context.caller, context.config)

    monkeypatch.setattr(app_module, "_open_context", still_context)
    setting = {"config": Config(), "user": "ana", "engine": False, **setting}
    app = ImtuiApp(Setting(location, **setting))
    app.clock = clock
    return app


async def opened_list(pilot: Any, title: str = "payments") -> None:
    """The list of incidents stands, with what is wrong."""
    app = pilot.app
    await until(pilot, lambda: "no engine runs" in text_of(app) and title in text_of(app))


async def edited(app: ImtuiApp) -> None:
    """Ben changes the title of the incident."""
    context = here(app)
    ben = context.acting_as(Caller("ben", "ben", "test", context.names.user("ben")))
    await services.incidents.update(ben, 2, title="Checkout: no payments at all")


async def silent(app: ImtuiApp) -> None:
    """Nobody answers, and nobody is left whom one could page."""
    engine = Engine(here(app).database, app.clock, Config(), providers=dict.fromkeys(Route, Local()))
    while app.clock.now() < NOW + timedelta(hours=1):
        app.clock.advance(300)  # type: ignore[attr-defined]
        await engine.tick()
    await engine.close()


def here(app: ImtuiApp) -> Context:
    """The program's own surroundings."""
    assert app.context is not None
    return app.context


ELSEWHERE: dict[str, Callable[[ImtuiApp], Awaitable[None]]] = {"@edited": edited, "@silent": silent}


async def show(pilot: Any, steps: Steps) -> None:
    """Press the keys of a scene, and wait until nothing moves any more."""
    app = pilot.app
    for key, text in steps:
        if key in ELSEWHERE:
            await ELSEWHERE[key](app)
        else:
            await pilot.press(key)
        await until(pilot, lambda text=text: text in text_of(app))  # type: ignore[misc]
    before = ""
    while before != text_of(app):
        before = text_of(app)
        await pilot.pause(0.1)


async def leave(pilot: Any) -> None:
    """Back to the list of open incidents, as if nothing had been done."""
    app = pilot.app
    app.dress(FIRST)
    app.refresh_css(animate=False)
    for _ in range(20):
        if isinstance(app.screen, IncidentsScreen) and not app.screen.text:
            break
        await pilot.press("escape")
        await pilot.pause(0.02)
    app.clear_notifications()
    app.screen._tiled = None
    await pilot.press("1")
    await until(pilot, lambda: "Checkout" in text_of(app) and "▌" in text_of(app))


async def each(pilot: Any, *scenes: dict[str, Steps]) -> AsyncIterator[str]:
    """Go through all scenes in one running program; their names."""
    await opened_list(pilot)
    every = [(name, steps) for some in scenes for name, steps in some.items()]
    for name, steps in sorted(every, key=lambda scene: any(key in ELSEWHERE for key, _ in scene[1])):
        await show(pilot, steps)
        yield name
        await leave(pilot)


async def seen(
    path: str, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], looks: Sequence[Look]
) -> dict[tuple[Look, str], list[Strip]]:
    """What is painted in every scene, by look and scene: in one running program, which is dressed anew for each."""
    await prepare(path)
    app = program(path, monkeypatch)
    found = {}
    async with app.run_test(size=size, notifications=True) as pilot:
        async for scene in each(pilot, SCENES, PASSING):
            for look in looks:
                app.dress(look)
                app.refresh_css(animate=False)
                await pilot.pause()
                found[look, scene] = app.screen._compositor.render_strips()
    return found
