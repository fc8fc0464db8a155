"""Help, palette and the line of keys: every act is found, under the key that does it, and what is named does it."""

from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Input, TextArea

import screens
from imtui import services
from imtui.actions import ACTIONS, Action, remapped
from imtui.app import ImtuiApp, frame
from imtui.app.choices import acts_in_help, acts_to_find, operations_to_find
from imtui.app.moves import MOVES
from imtui.config import Config
from imtui.domain.errors import ValidationFailed
from imtui.services.context import Context
from screens.contacts import ContactsScreen
from screens.details import DetailsScreen
from screens.history import History
from screens.incidents import IncidentsScreen
from screens.live import LiveScreen
from screens.palette import Entry, Palette, found
from screens.plans import PlansScreen
from screens.prompt import Prompt
from tests.screens.conftest import Opened, text_of, until
from tests.screens.test_program import SCREENS
from tests.screens.test_typing import burst

DOCS = Path(__file__).parents[2] / "docs"
TAKEN = {
    f"ctrl+{key}" for key in ("a", "b", "c", "h", "i", "j", "m", "q", "s", "z", "backslash", "left_square_bracket")
}
"""What terminals, shells, tmux and screen take, or send for another key."""


# ------------------------------------------------------------ the registry


def test_no_two_acts_clash_on_one_screen() -> None:
    for actions in (
        ACTIONS,
        remapped({"resolve": "U", "help": "f1", "open": "f12, enter", "start": "f13", "back": "R, escape"}),
    ):
        for screen in SCREENS:
            seen: dict[str, str] = {}
            for action in actions:
                if action.id in screen.ACTS or action.id in MOVES or hasattr(ImtuiApp, action.method):
                    for key in action.keys:
                        assert key not in seen, (screen, key, action.id, seen)
                        seen[key] = action.id


def test_no_default_is_a_key_that_terminals_take() -> None:
    for action in ACTIONS:
        assert not TAKEN & set(action.keys), action.id
        assert all(re.fullmatch(r"ctrl\+[dupl]", key) for key in action.keys if "ctrl" in key), action.id


def test_every_act_is_in_the_documentation_under_its_keys() -> None:
    page = (DOCS / "keys.md").read_text(encoding="utf-8")
    for action in ACTIONS:
        assert f"| `{action.id}` |" in page, action.id


def test_each_act_is_possible_in_the_help_of_some_screen() -> None:
    possible = set()
    for screen in SCREENS:
        may = [a for a in ACTIONS if a.id in screen.ACTS or a.id in MOVES or hasattr(ImtuiApp, a.method)]
        entries = acts_in_help(ACTIONS, may.__contains__, read_only=False)
        assert [entry.id.removeprefix("act/") for entry in entries if entry.possible] != []
        assert {entry.id.removeprefix("act/") for entry in entries} == {action.id for action in ACTIONS}
        possible |= {entry.id.removeprefix("act/") for entry in entries if entry.possible}
    assert possible == {action.id for action in ACTIONS}


@pytest.mark.parametrize("written", ["[", "/", "?", "esc", "pgdn", "f8", "ctrl+k", "U", "ü", "left_square_bracket"])
def test_a_key_is_remapped_as_people_write_it(written: str) -> None:
    free = {"tab-previous": "f20", "filter": "f21", "help": "f22", "back": "f23", "page-down": "f24"}
    (key,) = next(action.keys for action in remapped({**free, "resolve": written}) if action.id == "resolve")
    assert key == {
        "[": "left_square_bracket",
        "/": "slash",
        "?": "question_mark",
        "esc": "escape",
        "pgdn": "pagedown",
    }.get(written, written)


@pytest.mark.parametrize("written", ["Ctrl-R", "ctrl+", "F 8", "§§", "Enter"])
def test_what_is_no_key_is_refused_instead_of_never_working(written: str) -> None:
    with pytest.raises(ValidationFailed, match="is no key"):
        remapped({"resolve": written})


class Writing(LiveScreen):
    """A screen of the program in which one can write."""

    ACTS = frozenset({"open", "edit", "resolve", "back"})

    def body(self) -> ComposeResult:
        yield Input()
        yield TextArea()

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def act_open(self) -> None:
        self.done.append("open")

    def act_edit(self) -> None:
        self.done.append("edit")

    def act_resolve(self) -> None:
        self.done.append("resolve")

    def act_back(self) -> None:
        self.done.append("back")


async def test_no_act_takes_a_key_from_a_field_that_one_writes_in(team: Context, opened: Opened) -> None:
    config = Config(keys={"left": "h", "resolve": "left, ctrl+k, r"})
    async with opened(config=config) as (app, pilot):
        screen = Writing()
        await app.push_screen(screen)
        screen.query_one(Input).focus()
        await pilot.press(*"are?:/q!1", "left", "ctrl+k", "home", "enter", "end", "ctrl+u")
        await pilot.press(*"jk ", "space")
        assert screen.query_one(Input).value == "jk  "
        screen.query_one(TextArea).focus()
        await pilot.press(*"re", "enter", "up", "down", "ctrl+d", "left", *"G")
        assert screen.query_one(TextArea).text == "reG\n"
        assert screen.done == []
        assert app.screen is screen
        await pilot.press("escape")
        assert screen.done == ["back"]


# ------------------------------------------------------------ keys that texts name

_NAMED = re.compile(
    r"(?<![\w{])(?:[A-Za-z+!?/:]|f\d|esc|ctrl\+\w) "
    r"(?:adds|begins|brings|calls|clears|closes|ends|engages|enters|goes|makes|opens|quits|resolves|saves|sends|sets|shows"
    r"|starts|takes|writes)\b|\(f\d\)"
)
_OWN = {"forms.py", "dialogs.py", "palette.py", "replay.py"}
"""Dialogs have keys of their own, which are not of the registry."""


def _texts(file: Path) -> list[str]:
    """The string constants of a module; what an f-string fills in is not among them, and so stands for a word."""
    texts = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            texts.append("".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return texts


def test_no_text_of_a_screen_names_a_key_by_hand() -> None:
    (folder,) = screens.__path__
    files = [file for file in Path(folder).glob("*.py") if file.name not in _OWN]
    assert len(files) > 10
    named = [(file.name, text) for file in files for text in _texts(file) if _NAMED.search(text)]
    assert named == []
    assert _NAMED.search("No contacts yet. + makes one.")  # the test would see one
    assert _NAMED.search("none yet, f3 makes them")
    assert not _NAMED.search("{new} makes one")


def test_keys_that_texts_ask_for_are_of_acts_that_exist() -> None:
    (folder,) = screens.__path__
    ids = {action.id for action in ACTIONS}
    asked = {
        name
        for file in Path(folder).glob("*.py")
        for text in _texts(file)
        for name in re.findall(r"\{([a-z][a-z0-9-]*)\}", text)
        if name != "id"  # how a text of this kind is explained
    }
    assert asked
    assert asked <= ids


async def test_texts_name_the_key_as_it_is_mapped(team: Context, opened: Opened) -> None:
    config = Config(
        keys={"start": "f13", "new": "f12", "go-prepared": "", "note": "R", "edit": "ctrl+e", "back": "U, escape"}
    )
    async with opened(config=config) as (app, pilot):
        await until(pilot, lambda: "f13 starts one" in text_of(app))
        assert "“Get prepared” gets prepared" in " ".join(text_of(app).split())
        await services.incidents.start(team, "web")
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("slash", *"zzz", "enter")
        await until(pilot, lambda: "U clears the filter" in text_of(app))
        await pilot.press("U")
        await until(pilot, lambda: "Web shop is down" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "R writes one" in text_of(app) and "ctrl+e writes one" in text_of(app))


# ------------------------------------------------------------ what is found

_ENTRIES = [
    Entry("act/edit", "e", "Edit", "Incidents", also="edit"),
    Entry("act/engage", "E", "Engage", "Incidents", also="engage"),
    Entry("act/resolve", "r", "Resolve", "Incidents", also="resolve"),
    Entry("incident/1", "#12", "Web shop is down", "incident"),
    Entry("operation/incident resolve", ":", "incident resolve", "command", about="resolve an incident"),
    Entry("act/go-contacts", "f3 C", "Contacts", "screen", also="go-contacts Screens"),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [entry.id for entry in _ENTRIES]),
        ("zzz", []),
        ("E", ["act/engage", "act/edit", "incident/1", "operation/incident resolve", "act/resolve", "act/go-contacts"]),
        ("12", ["incident/1"]),
        ("#12", ["incident/1"]),
        ("do web", ["incident/1"]),
        ("res", ["act/resolve", "operation/incident resolve"]),
        ("inc res", ["operation/incident resolve", "act/resolve"]),
        ("go-con", ["act/go-contacts"]),
        ("f3", ["act/go-contacts"]),
        ("olv", ["act/resolve", "operation/incident resolve"]),
    ],
)
def test_every_typed_word_must_occur_and_beginnings_come_first(text: str, ids: list[str]) -> None:
    result = [entry.id for entry in found(_ENTRIES, text)]
    assert sorted(result) == sorted(ids)
    assert result[:2] == ids[:2]


def test_what_was_used_last_comes_first_among_equals() -> None:
    recent = ["act/go-contacts", "act/resolve"]
    assert [entry.id for entry in found(_ENTRIES, "", recent)][:3] == ["act/resolve", "act/go-contacts", "act/edit"]
    assert found(_ENTRIES, "e", recent)[0].id == "act/edit"


# ------------------------------------------------------------ help


def rows(app: ImtuiApp) -> list[Entry]:
    assert isinstance(app.screen, Palette), app.screen
    return app.screen.table.items


def chosen(app: ImtuiApp) -> str:
    assert isinstance(app.screen, Palette), app.screen
    entry = app.screen.table.selected
    return entry.id if entry else ""


async def open_palette(app: ImtuiApp, pilot: Any, key: str) -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, Palette) and bool(rows(app)))


async def test_help_shows_all_acts_by_group_and_last_those_of_other_screens(team: Context, opened: Opened) -> None:
    async with opened(size=(120, 90)) as (app, pilot):
        await open_palette(app, pilot, "question_mark")
        shown = rows(app)
        assert {row.id.removeprefix("act/") for row in shown if row.id} == {action.id for action in ACTIONS}
        headings = [row.label for row in shown if not row.id]
        assert headings == [*dict.fromkeys(headings)]
        assert headings[-1] == "Not on this screen"
        far = shown[[row.label for row in shown].index("Not on this screen") + 1 :]
        assert {row.id for row in far} >= {"act/plan", "act/dismiss", "act/escalate"}
        assert not any(row.possible for row in far)
        assert ("c", "in Contacts") in {(row.keys, row.hint) for row in far}
        await until(pilot, lambda: "Not on this screen" in text_of(app))
        column = {line.index("resolve") for line in text_of(app).splitlines() if "Resolve  " in line}
        assert len(column) == 1


async def test_help_finds_by_key_and_by_id_and_does_what_is_picked(team: Context, opened: Opened) -> None:
    async with opened(config=Config(keys={"go-plans": "f13"})) as (app, pilot):
        for typed in ("f13", "go-plans", "escalation plans"):
            await open_palette(app, pilot, "question_mark")
            await pilot.press(*typed, "enter")
            await until(pilot, lambda: isinstance(app.screen, PlansScreen))
            await pilot.press("escape")


async def test_what_is_not_possible_here_is_said_and_not_done(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await open_palette(app, pilot, "question_mark")
        await pilot.press(*"send-code", "enter")
        await until(pilot, lambda: "Send a new code: not here" in text_of(app))
        assert isinstance(app.screen, IncidentsScreen)


async def test_who_may_only_look_reads_why_an_act_is_not_there(team: Context, opened: Opened) -> None:
    async with opened(read_only=True) as (app, pilot):
        await open_palette(app, pilot, "question_mark")
        shown = rows(app)
        after = [row.label for row in shown].index("Not for those who only look")
        assert "act/resolve" in {row.id for row in shown[after:]}
        assert "act/resolve" not in {row.id for row in shown[:after]}


@pytest.mark.slow
async def test_the_cursor_passes_over_headings(team: Context, opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        await open_palette(app, pilot, "question_mark")
        count = len(rows(app))
        for key in ("down", "up"):
            for _ in range(count + 2):
                await pilot.press(key)
                assert chosen(app)
        assert chosen(app) == next(row.id for row in rows(app) if row.id)
        assert rows(app)[0].label in text_of(app).split("enter does it")[1].splitlines()[2]
        for key in ("pagedown",) * 9 + ("pageup",) * 9:
            await pilot.press(key)
            assert chosen(app)


# ------------------------------------------------------------ palette


async def test_the_palette_finds_acts_screens_incidents_and_commands(team: Context, opened: Opened) -> None:
    await services.incidents.start(team, "web", title="Search answers slowly")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Search answers" in text_of(app))
        await open_palette(app, pilot, "ctrl+p")
        await until(pilot, lambda: any(row.id.startswith("incident/") for row in rows(app)))
        await pilot.press(*"slow sea")
        await until(pilot, lambda: [row.keys for row in rows(app)] == ["#1"])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        await open_palette(app, pilot, "ctrl+p")
        await pilot.press(*"contacts", "enter")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen))
        await open_palette(app, pilot, "ctrl+p")
        await pilot.press(*"incident note", "enter")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert app.screen.query_one(Input).value == "incident note "


async def test_what_was_done_last_is_first_the_next_time_too(team: Context, opened: Opened) -> None:
    for _ in range(2):
        async with opened() as (app, pilot):
            await open_palette(app, pilot, "ctrl+p")
            if History("recent").lines:
                assert chosen(app) == "act/utc"
                return
            await pilot.press(*"utc", "enter")
            await until(pilot, lambda: "times are UTC" in text_of(app))
    raise AssertionError("nothing was kept")


async def test_incidents_come_beside_the_typing_and_the_last_word_counts(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    real = services.incident_list.page
    asked: list[str] = []

    async def slow(*args: Any, **named: Any) -> Any:
        asked.append(named["text"])
        await gate.wait()
        return await real(*args, **named)

    await services.incidents.start(team, "web", title="Search answers slowly")
    async with opened() as (app, pilot):
        await until(pilot, lambda: "Search answers" in text_of(app))
        monkeypatch.setattr(services.incident_list, "page", slow)
        await open_palette(app, pilot, "ctrl+p")
        await pilot.press(*"search")
        assert rows(app) == []
        gate.set()
        await until(pilot, lambda: [row.keys for row in rows(app)] == ["#1"])
        assert asked == ["", '"search"']


async def test_keys_that_come_all_at_once_pick_what_they_meant(team: Context, opened: Opened) -> None:
    async with opened() as (app, pilot):
        await open_palette(app, pilot, "ctrl+p")
        await pilot.press(*"plans")
        second = rows(app)[1].id
        await pilot.press("escape")
        assert second == "act/go-response-plans"
        burst(app, "ctrl+p", *"plans", "down", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ResponsePlansScreen")


async def test_a_database_that_is_away_leaves_the_palette_useful(
    team: Context, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imtui.domain.errors import Unavailable

    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("the database does not answer")

    async with opened() as (app, pilot):
        monkeypatch.setattr(services.incident_list, "page", away)
        await open_palette(app, pilot, "ctrl+p")
        await pilot.press(*"contacts", "enter")
        await until(pilot, lambda: isinstance(app.screen, ContactsScreen))


def test_the_palette_offers_each_thing_once() -> None:
    entries = [*acts_to_find(ACTIONS, lambda _: True), *operations_to_find()]
    assert len({entry.id for entry in entries}) == len(entries)


# ------------------------------------------------------------ the line of keys


def _named(action: Action) -> str:
    return f"{frame._first(action)} {action.short or action.label.lower()}"


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_line_of_keys_fits_and_names_the_most_needed(screen: type[LiveScreen], width: int) -> None:
    possible = [a for a in ACTIONS if a.id in screen.ACTS or a.id in MOVES or hasattr(ImtuiApp, a.method)]
    pieces = frame.keys(possible, width, 30)
    line = "".join(text for text, _ in pieces)
    assert cell_len(line) <= width
    assert line.endswith("esc back  ? help" if "back" in {action.id for action in possible} else "? help")
    hints = sorted((a for a in possible if a.hint and a.id not in ("back", "help")), key=lambda a: a.hint)
    for action in hints[:6]:
        assert _named(action) in line
    if "acknowledge" in screen.ACTS:
        assert line.startswith(" a ack")
