"""The tour goes on whatever its watcher does, says what is so, and leaves the real program alone."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from imtui import services
from imtui.actions import ACTIONS, BY_ID
from imtui.app import ImtuiApp, Setting
from imtui.app.acts import first_key
from imtui.app.tour import Place, lines
from imtui.clock import ManualClock
from imtui.commands.demo import prepare
from imtui.config import Config
from imtui.demo.cast import Cast
from imtui.demo.story import OTHER, SPEED, Story
from imtui.demo.tour import Beat, Goal, Says, Scene, Tour, length, reached, way
from imtui.domain.access import Caller
from imtui.engine.engine import Engine
from imtui.services.context import Context
from storage.opening import open_database
from tests.screens.conftest import Opened, text_of, until
from widgets.tour_line import TourLine

NAMES = (
    *("look", "filter", "alarm", "silence", "messages", "escalation", "repeats", "answer", "notes", "you"),
    *("summary", "help", "wrong", "fix", "resolved", "end"),
)
WITHOUT_THE_INCIDENT = ("look", "filter", "alarm", "silence", "you", "help", "wrong", "resolved", "end")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demonstration's week."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    asyncio.run(prepare(str(path)))
    return path


class Rushed(ManualClock):
    """Each pause is over at once, and the engine does what became due in it."""

    speed = SPEED
    engine: Engine | None = None

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.real = self._looked = 0.0

    def monotonic(self) -> float:
        return self.real

    async def pause(self, seconds: float) -> None:
        await super().sleep(0)
        if seconds <= 0:
            return
        self.real += seconds
        self.advance(seconds * SPEED)
        if self.engine is not None and self.real - self._looked >= 1:
            self._looked = self.real
            await self.engine.tick()


class Watching:
    """The program, and somebody before it who does something as soon as a beat begins."""

    def __init__(self, clock: Rushed, tour: Tour, acts: dict[str, Callable[[], Awaitable[object]]]) -> None:
        self.clock = clock
        self.paused = False
        self.tour = tour
        self.beats: dict[str, float] = {}
        self.told: list[Says] = []
        self.here = Place("incidents", "open")
        self._acts = acts
        self.tasks: list[asyncio.Future[object]] = []

    def place(self) -> Place:
        return self.here

    def lines(self) -> None:
        if self.tour.over:
            self.beats[""] = self.clock.real
            return
        says = self.tour.says(self.clock.now(), SPEED, self.here)
        assert says is not None
        self.told.append(says)
        if self.tour.name not in self.beats:
            self.beats[self.tour.name] = self.clock.real
            if act := self._acts.get(self.tour.name):
                self.tasks.append(asyncio.ensure_future(act()))


class Show:
    """A tour that can be given, on a week of its own."""

    def __init__(self, cast: Cast, clock: Rushed, user: str, looks_only: bool) -> None:
        self.cast = cast
        self.story = Story(cast, clock, user, looks_only=looks_only)
        self.tour = Tour()
        self.acts: dict[str, Callable[[], Awaitable[object]]] = {}
        self.stage: Any = Watching(clock, self.tour, self.acts)
        self.clock = clock

    async def give(self) -> tuple[str, ...]:
        """Give it to the end; the beats in their order."""
        async with asyncio.timeout(60):
            await self.tour.tell(self.stage, self.story.beats())
        for task in self.stage.tasks:
            await task
        return tuple(name for name in self.stage.beats if name)


@asynccontextmanager
async def on_stage(path: Path, *, user: str = "dana", looks_only: bool = False) -> AsyncIterator[Show]:
    database, real = await open_database(str(path))
    clock = Rushed(real.now())
    config = Config()
    clock.engine = Engine(database, clock, config)
    cast = Cast(
        Context(database, clock, config.names, Caller("dana", "dana", "demo", config.names.user("dana")), config)
    )
    try:
        yield Show(cast, clock, user, looks_only)
    finally:
        await clock.engine.close()
        await database.close()


@pytest.fixture
async def show(week: Path, tmp_path: Path) -> AsyncIterator[Show]:
    async with on_stage(Path(shutil.copy(week, tmp_path))) as made:
        yield made


async def test_who_only_watches_sees_all_of_it_in_five_minutes(show: Show) -> None:
    assert await show.give() == NAMES
    at = list(show.stage.beats.values())
    for name, begins, ends in zip(show.stage.beats, at, at[1:], strict=False):
        assert 8 <= ends - begins <= 41, name
    assert 4.5 * 60 <= at[-1] <= 5.6 * 60
    main = await services.incidents.get(show.cast.context, show.story.incident)
    told = " ".join(event.text for event in await services.timeline.events(show.cast.context, main.id))
    for part in (
        "Ana Duarte is engaged",
        "Ben Okafor is engaged",
        "again 25 times",
        "Ben Okafor acknowledged by the code",
    ):
        assert part in told
    assert "Chidi Eze is engaged" not in told
    assert not main.is_open
    assert any("NOBODY" not in said.text and "Nobody answered #40" in said.text for said in show.stage.told)


async def test_an_incident_that_the_watcher_resolves_takes_its_beats_with_it(show: Show) -> None:
    show.acts["silence"] = lambda: show.cast.resolve("dana", show.story.incident)
    assert await show.give() == WITHOUT_THE_INCIDENT
    assert any(said.text.startswith("It is resolved.") for said in show.stage.told)
    assert show.stage.beats["you"] - show.stage.beats["silence"] < 4, "what is not so any more is not said on"


async def test_who_takes_it_early_does_not_stop_the_tour(show: Show) -> None:
    show.acts["silence"] = lambda: show.cast.take("dana", show.story.incident)
    assert await show.give() == NAMES


async def test_whoever_ben_is_before_the_watcher_nothing_is_said_that_is_not_so(show: Show) -> None:
    show.acts["silence"] = lambda: show.cast.take("ben", show.story.incident)
    names = await show.give()
    assert names[-1] == "end"
    assert all("Ben is in" not in said.text or said.number == 3 for said in show.stage.told)


async def test_what_pages_the_watcher_is_ticked_off_when_they_take_it(show: Show) -> None:
    show.acts["you"] = lambda: show.cast.answer("dana", show.story.other)
    assert await show.give() == NAMES
    assert any(said.done for said in show.stage.told if said.number == NAMES.index("you") + 1)
    assert not any("Nobody answered #" in said.text for said in show.stage.told)
    took = show.stage.beats["summary"] - show.stage.beats["you"]
    assert took < 30
    assert any("You have taken it" in said.text for said in show.stage.told)


@pytest.mark.parametrize("name", ["look", "messages", "notes", "end"])
async def test_it_ends_at_once_wherever_it_is_ended(week: Path, tmp_path: Path, name: str) -> None:
    async with on_stage(Path(shutil.copy(week, tmp_path))) as show:

        async def end() -> None:
            show.tour.end()

        show.acts[name] = end
        assert (await show.give())[-1] == name
        assert show.tour.says(show.clock.now(), SPEED, Place()) is None


async def test_who_is_in_a_hurry_gets_every_beat_and_a_true_story(show: Show) -> None:
    for name in NAMES:

        async def skip() -> None:
            show.tour.skip()

        show.acts[name] = skip
    assert await show.give() == NAMES
    assert show.clock.real < 20
    told = [event.text for event in await services.timeline.events(show.cast.context, show.story.incident)]
    assert any("Ben Okafor is engaged" in text for text in told)
    assert any("Rollback is at 40 %" in text for text in told)


async def test_what_is_held_does_not_pass(show: Show) -> None:
    async def hold() -> None:
        show.stage.paused = True
        begun = show.clock.real
        while show.clock.real < begun + 300:
            await show.clock.pause(1)
        show.stage.paused = False

    show.acts["help"] = hold
    assert await show.give() == NAMES
    assert show.stage.beats["wrong"] - show.stage.beats["help"] > 300


async def test_who_may_only_look_is_asked_for_nothing_else(week: Path, tmp_path: Path) -> None:
    async with on_stage(Path(shutil.copy(week, tmp_path)), looks_only=True) as show:
        assert await show.give() == NAMES
        assert not [word.act for said in show.stage.told for word in said.way if BY_ID[word.act].changes]


@pytest.mark.parametrize("user", ["dana", "ben", "a-very-long-name-of-somebody-who-is-not-of-the-team"])
async def test_what_is_said_fits_a_small_terminal_from_wherever_one_is(week: Path, tmp_path: Path, user: str) -> None:
    async with on_stage(Path(shutil.copy(week, tmp_path)), user=user) as show:
        places = [
            Place("incidents", "open"),
            Place("incidents", "resolved", narrowed=True),
            Place("notifications", dialog="reader"),
            Place("details", "overview", "another"),
        ]

        def key(id_: str) -> str:
            return first_key(ACTIONS, id_)

        seen = 0
        told = show.stage.lines

        def everywhere() -> None:
            nonlocal seen
            told()
            for place in [*places, Place("details", "overview", show.story.incident)]:
                says = show.tour.says(show.clock.now(), SPEED, place)
                for now in [says, says._replace(done=True)] if says else []:
                    for held in (False, True):
                        for left, right in lines(now, key, held=held):
                            assert sum(cell_len(text) for text, _ in (*left, *right)) <= 80, (left, right)
                            seen += 1

        show.stage.lines = everywhere
        await show.give()
        assert seen > 100


MAIN = Goal("", "tab-5", "incident", "x", 7, screen="details", spot="engagements")


@pytest.mark.parametrize(
    ("goal", "place", "keys"),
    [
        (MAIN, Place("incidents", "open"), "open on #7, tab-5"),
        (MAIN, Place("incidents", "resolved", narrowed=True), "back, tab-1, open on #7, tab-5"),
        (MAIN, Place("notifications"), "go-incidents, open on #7, tab-5"),
        (MAIN, Place("details", "overview", "x"), "tab-5"),
        (MAIN, Place("details", "overview", "y"), "go-incidents, open on #7, tab-5"),
        (MAIN, Place("details", "overview", "x", "form"), "back, tab-5"),
        (MAIN._replace(act="open", spot=""), Place("incidents", "open"), "open on #7"),
        (MAIN._replace(act="bottom", tab=("tab-3", "timeline")), Place("details", "overview", "x"), "tab-3, bottom"),
        (MAIN._replace(act="bottom", tab=("tab-3", "timeline")), Place("details", "timeline", "x"), "bottom"),
        (MAIN._replace(act="take", where="row"), Place("incidents", "open"), "take on #7"),
        (MAIN._replace(act="take", where="row"), Place("details", "timeline", "y"), "go-incidents, take on #7"),
        (MAIN._replace(act="take", where="row"), Place("details", "timeline", "x"), "take"),
        (Goal("", "tab-2", "list"), Place("details", "timeline", "y"), "go-incidents, tab-2"),
        (Goal("", "help", screen="palette"), Place("details", "timeline", "y"), "help"),
    ],
)
def test_the_way_leads_from_where_one_is(goal: Goal, place: Place, keys: str) -> None:
    assert ", ".join(f"{word.act} {word.on}".strip() for word in way(goal, place)) == keys


def test_a_goal_is_reached_by_seeing_it_or_doing_it() -> None:
    assert reached(MAIN, Place("details", "engagements", "x"), set())
    assert not reached(MAIN, Place("details", "engagements", "y"), set())
    assert not reached(MAIN, Place("details", "overview", "x"), {"tab-5"})
    assert reached(Goal("", "help", screen="palette"), Place("incidents", dialog="palette"), set())
    assert not reached(MAIN, Place("details", "engagements", "x", "reader"), set())
    assert reached(Goal("", "note", "incident", "x"), Place(), {"note"})
    assert not reached(Goal("", "note", "incident", "x"), Place(), {"take"})


@pytest.mark.parametrize(
    ("seconds", "followed", "lasts"),
    [(16, None, 16), (4, None, 9), (20, 1, 16), (20, 13, 19), (20, 19.5, 20), (10, 1, 9)],
)
def test_a_beat_whose_suggestion_was_followed_is_a_little_shorter(
    seconds: float, followed: float | None, lasts: float
) -> None:
    assert length(seconds, followed) == pytest.approx(lasts)


# ---------------------------------------------------------------- in the program


class Little(Tour):
    """A tour of two beats that never end by themselves."""

    async def run(self, stage: Any) -> None:
        async def first() -> Scene:
            due = stage.now() + timedelta(seconds=65)
            return Scene(
                "Something \x1b[31mhappens in {left}.",
                Goal("the messages", "go-notifications", screen="notifications"),
                due,
            )

        async def second() -> Scene:
            return Scene("Something else.", Goal("all keys", "help", screen="palette"))

        await self.tell(stage, [Beat("first", 1000, first), Beat("second", 1000, second)])


@pytest.fixture
async def touring(team: Context) -> AsyncIterator[tuple[ImtuiApp, Any]]:
    app = ImtuiApp(Setting(str(team.database.path), Config(), "ana", engine=False), Little())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "Tour Something" in text_of(app))
        yield app, pilot
        await app.leave()


async def test_the_lines_name_the_key_tick_it_off_and_go_on_when_asked(touring: tuple[ImtuiApp, Any]) -> None:
    app, pilot = touring
    assert "[31mhappens in 65 s." in text_of(app) or "[31mhappens in 64 s." in text_of(app)
    assert "\x1b" not in text_of(app)
    assert "→ f6: the messages" in text_of(app)
    await pilot.press("p")
    await until(pilot, lambda: "held: p goes on" in text_of(app))
    await pilot.press("p", "f6")
    await until(pilot, lambda: "✓ the messages" in text_of(app))
    await pilot.press("greater_than_sign")
    await until(pilot, lambda: "Something else." in text_of(app) and "2/2" in text_of(app))
    await pilot.press("question_mark", *"tour")
    await until(pilot, lambda: "Next step of the tour" in text_of(app))
    await pilot.press("escape", "Q")
    await until(pilot, lambda: "Tour" not in text_of(app))
    assert not any(line.display for line in app.screen.query(TourLine))
    await pilot.press("question_mark")
    await until(pilot, lambda: "Help" in text_of(app))
    assert "of the tour" not in text_of(app)


async def test_leaving_in_the_middle_leaves_nothing_running(team: Context) -> None:
    tour = Little()
    app = ImtuiApp(Setting(str(team.database.path), Config(), "ana", engine=False), tour)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Tour Something" in text_of(app))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert tour.over
    assert app.failed is None


async def test_the_real_program_has_no_place_for_it(team: Context, opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        assert not app.screen.query(TourLine)
        await pilot.press("greater_than_sign", "Q")
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help" in text_of(app))
        assert "of the tour" not in text_of(app)
        assert app.is_running


def test_the_real_program_loads_nothing_of_it() -> None:
    code = (
        "import sys, imtui.cli, imtui.app.program, imtui.commands.program, screens.incidents, screens.details\n"
        "print([m for m in sys.modules if 'demo' in m.split('.') or m in ('imtui.app.tour', 'widgets.tour_line')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_week_is_worth_a_look(week: Path) -> None:
    async def look() -> None:
        database, clock = await open_database(str(week))
        config = Config()
        context = Context(
            database, clock, config.names, Caller("dana", "dana", "demo", config.names.user("dana")), config
        )
        try:
            rows = (await services.incident_list.page(context)).rows
            gone = [row for row in rows if row.resolved_at]
            assert 25 <= len(gone) <= 40
            assert {int(row.impact) for row in gone} == {1, 2, 3, 4, 5}
            assert any(row.drill for row in gone)
            assert [(row.acknowledged, row.engaged) for row in rows if not row.resolved_at] == [(1, 1), (0, 1), (0, 0)]
            assert all(row.created_at < datetime.now(UTC) + timedelta(minutes=5) for row in rows)  # noqa: TID251
            health = await services.health.report(context)
            assert not health.alarms
            assert not health.exhausted
            assert not [m for m in await services.messages.recent(context) if m.state not in ("Kept here", "Cancelled")]
            assert OTHER not in {row.title for row in rows if not row.resolved_at}
        finally:
            await database.close()

    asyncio.run(look())
