"""The program's own keys go through a calendar as through a list, and write in a field beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Input

from screens.live import LiveScreen
from tests.screens.conftest import Opened, text_of, until
from tests.widgets.schedules import BERLIN, NOW, track, turn
from widgets.calendar import Calendar, Place
from widgets.theme import look


class Schedule(LiveScreen):
    """A calendar beside a field, with the acts that a screen adds to those of every list."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "zoom", "tab-previous", "tab-next", "tab-1"})
    HEADING = "Schedule"

    def body(self) -> Iterable[Widget]:
        shifts = track("A", turn("2026-11-01 00:00", "2026-12-07 00:00", "ana"), name="Primary")
        self.calendar = Calendar(lambda _begin, _end: [shifts], str, [Place("Europe/Berlin", BERLIN)], NOW)
        yield Input(id="field")
        yield self.calendar

    def act_open(self) -> None:
        self.calendar.pick()

    def act_zoom(self) -> None:
        self.calendar.switch()

    def act_tab_previous(self) -> None:
        self.calendar.turn(-1)

    def act_tab_next(self) -> None:
        self.calendar.turn(1)

    def act_tab_1(self) -> None:
        self.calendar.toggle("A")


async def test_keys_move_in_the_calendar_that_has_the_focus(opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        screen = Schedule()
        app.push_screen(screen)
        await until(pilot, lambda: "Primary" in text_of(app))
        screen.calendar.focus()
        found = []
        for key in ("l", "j", "h", "k", "right", "]", "[", "ctrl+d", "pageup", "G", "g"):
            await pilot.press({"[": "left_square_bracket", "]": "right_square_bracket"}.get(key, key))
            await pilot.pause()
            found.append(f"{screen.calendar.at:%m-%d}")
        assert found == [
            *("11-25", "12-02", "12-01", "11-24", "11-25", "12-25", "11-25"),
            *("12-09", "11-11", "12-06", "11-24"),
        ]
        await pilot.press("z", "l", "l")
        await until(pilot, lambda: "Week 48" in text_of(app))
        assert f"{screen.calendar.at:%m-%d %H}" == "11-24 15"
        await pilot.press("1")
        await until(pilot, lambda: "(A Primary)" in text_of(app))


async def test_the_same_keys_are_letters_in_a_field(opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        screen = Schedule()
        app.push_screen(screen)
        await until(pilot, lambda: "Primary" in text_of(app))
        field = screen.query_one(Input)
        field.focus()
        await pilot.press(*"hjklgGz1", "left_square_bracket", "left", "space")
        await pilot.pause()
        assert field.value == "hjklgGz1 ["
        assert f"{screen.calendar.at:%m-%d %H}" == "11-24 13"
        assert "(A Primary)" not in text_of(app)


async def test_in_ascii_no_other_byte_is_painted(opened: Opened) -> None:
    async with opened(size=(80, 24)) as (app, pilot):
        app.dress(look("", None, {}, in_ascii=True))
        screen = Schedule()
        app.push_screen(screen)
        await until(pilot, lambda: "Primary" in text_of(app))
        for key in ("tab", "l", "z", "l"):
            await pilot.press(key)
            await pilot.pause()
            assert text_of(app).isascii()
