"""The calendar on a screen: what a key moves, what is asked for again, and what is painted for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyte
import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console

from tests.screens.conftest import until
from tests.screens.test_contrast import ENOUGH, LOOKS, contrast, words
from tests.widgets.schedules import BERLIN, HOWE, NOW, WORLD, Owner, at, track, turn
from widgets.calendar import Calendar, Place, Track
from widgets.filters import in_ascii
from widgets.painting import SpanCompositor
from widgets.theme import Look, look


def team() -> list[Track]:
    """Three rotations: by weeks, by days with an override, and office hours."""
    weeks = [
        turn(f"2026-{month}-{day:02} 08:00", f"2026-{after}-{then:02} 08:00", who)
        for month, day, after, then, who in (
            (10, 26, 11, 2, "ana"),
            (11, 2, 11, 9, "ben"),
            (11, 9, 11, 16, "cem"),
            (11, 16, 11, 23, "ana"),
            (11, 23, 11, 30, "ben"),
            (11, 30, 12, 7, "cem"),
        )
    ]
    days = [
        turn(f"2026-11-{day:02} 08:00", f"2026-11-{day + 1:02} 08:00", ("ben", "hana")[day % 2])
        for day in range(1, 30)
        if day != 25
    ]
    days.insert(24, turn("2026-11-25 08:00", "2026-11-26 08:00", "cem", instead=["hana"]))
    office = [
        turn(f"2026-11-{day:02} 09:00", f"2026-11-{day:02} 16:00", "bea") for day in range(1, 31) if (day + 5) % 7 < 5
    ]
    return [track("A", *weeks, name="Primary"), track("B", *days, name="Backup"), track("C", *office, name="Office")]


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written for each picture."""
    written: list[str] = []
    console = Console(force_terminal=True, color_system="truecolor")
    real = SpanCompositor.render_update

    def record(self: SpanCompositor, *args: Any, **named: Any) -> Any:
        update: Any = real(self, *args, **named)
        if update is not None:
            written.append(update.render_segments(console))
        return update

    monkeypatch.setattr(SpanCompositor, "render_update", record)
    return written


def lines(app: Owner) -> list[str]:
    """What stands on the screen."""
    return ["".join(text for text, _, _ in strip) for strip in app.screen._compositor.render_strips()]


async def test_keys_of_a_list_go_through_days_weeks_and_hours() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        calendar = app.calendar
        found = []
        steps: tuple[Callable[[], None], ...] = (
            lambda: calendar.aside(1),
            lambda: calendar.move(1),
            lambda: calendar.move(-1),
            lambda: calendar.turn(1),
            lambda: calendar.turn(-1),
            lambda: calendar.go(0),
            lambda: calendar.go(calendar.count - 1),
            lambda: calendar.turn(-2),
            lambda: calendar.go(calendar.count - 1),
        )
        for step in steps:
            step()
            found.append(f"{calendar.at:%m-%d %H}")
        assert found == [
            *("11-25 13", "12-02 13", "11-25 13", "12-25 13", "11-25 13", "11-24 13"),
            *("12-06 13", "10-06 12", "11-01 13"),
        ]
        calendar.go(0)
        calendar.switch()
        found = []
        for step in (steps[0], steps[1], lambda: calendar.turn(-1)):
            step()
            found.append(f"{calendar.at:%m-%d %H}")
        assert found == ["11-24 14", "11-25 14", "11-18 14"]


async def test_the_owner_is_asked_once_for_each_range_until_something_changes() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        calendar = app.calendar
        assert [(begin.isoformat(), end.isoformat()) for begin, end in app.asked] == [
            ("2026-10-25T23:00:00+00:00", "2026-12-06T23:00:00+00:00")
        ]
        for _ in range(3):
            calendar.aside(1)
            calendar.tick(NOW + timedelta(hours=1))
            calendar.toggle("B")
            calendar.turn(1)
            calendar.turn(-1)
        assert len(app.asked) == len(set(app.asked))
        before = app.asked[:1]
        app.asked.clear()
        calendar.follow()
        assert app.asked == before


async def test_what_is_next_is_asked_for_before_one_goes_there() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await until(pilot, lambda: len(app.asked) == 3)
        months = [begin.astimezone(BERLIN).date().isoformat() for begin, _ in app.asked]
        assert months == ["2026-10-26", "2026-11-30", "2026-09-28"]
        app.asked.clear()
        app.calendar.turn(1)
        assert app.asked == []
        await until(pilot, lambda: len(app.asked) == 1)
        assert app.asked[0][0].astimezone(BERLIN).date().isoformat() == "2026-12-28"


async def test_what_is_typed_in_a_form_is_in_the_calendar_at_once() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        assert "Zoe" not in app.calendar.text
        app.tracks[0] = track("A", turn("2026-11-23 08:00", "2026-11-30 08:00", "zoe"), name="Primary")
        app.names["zoe"] = "Zoe"
        app.calendar.follow()
        await pilot.pause()
        assert any("A Zoe" in line for line in lines(app))
        app.names["zoe"] = "Zora"
        app.calendar.follow()
        await pilot.pause()
        assert any("A Zora" in line for line in lines(app))


async def test_a_hidden_rotation_is_away_and_still_named() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        app.calendar.toggle("A")
        await pilot.pause()
        text = "\n".join(lines(app))
        assert "(A Primary)" in text
        assert "A Ben" not in text
        assert "B " in text
        for letter in "BC":
            app.calendar.toggle(letter)
        await pilot.pause()
        assert "All rotations are hidden." in "\n".join(lines(app))
        app.calendar.toggle("A")
        await pilot.pause()
        assert "A Ben" in "\n".join(lines(app))


async def test_a_rotation_that_the_owner_hides_can_be_shown() -> None:
    tracks = team()
    tracks[0] = tracks[0]._replace(shown=False)
    app = Owner(tracks)
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        assert [each.letter for each in app.calendar.shown] == ["B", "C"]
        app.calendar.toggle("A")
        assert [each.letter for each in app.calendar.shown] == ["A", "B", "C"]


async def test_another_zone_tells_other_times_of_the_same_instant() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        before = app.calendar.at
        assert "Europe/Berlin" in lines(app)[0]
        assert "Mon 09:00" in app.calendar.text
        assert app.calendar.next_place().name == "Australia/Lord_Howe"
        await pilot.pause()
        assert "Australia/Lord_Howe  UTC+11" in lines(app)[0]
        assert "Wed 25 Nov 2026" in app.calendar.text
        assert app.calendar.at == before
        app.calendar.next_place()
        await pilot.pause()
        assert lines(app)[0].rstrip().endswith("UTC")
        assert app.calendar.next_place().name == "Europe/Berlin"


async def test_the_zone_one_looks_at_stays_when_others_are_offered() -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        calendar = app.calendar
        calendar.next_place()
        calendar.offer([Place("UTC", WORLD), Place("Australia/Lord_Howe", HOWE)])
        assert calendar.place.name == "Australia/Lord_Howe"
        assert calendar.next_place().name == "UTC"
        calendar.offer([Place("Europe/Berlin", BERLIN)])
        await pilot.pause()
        assert lines(app)[0].rstrip().endswith("Europe/Berlin  CET")


async def test_a_step_to_the_next_day_paints_two_numbers_and_what_is_told() -> None:
    """And nothing of the days between which one goes."""
    app = Owner(team()[:1])
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        calendar = app.calendar
        before = list(calendar._lines)
        calendar.aside(1)
        changed = [y for y, (old, new) in enumerate(zip(before, calendar._lines, strict=True)) if old != new]
        told = next(y for y, line in enumerate(lines(app)) if "Nov 2026" in line and y)
        assert len([y for y in changed if y < told]) == 1
        await pilot.pause()


async def test_few_bytes_are_sent_for_a_key(painted: list[str]) -> None:
    app = Owner(team()[:1])
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        painted.clear()
        app.calendar.aside(1)
        await pilot.pause()
        text = "".join(painted)
        assert "▸" in text
        assert "Primary" not in text
        assert len(text) < 400


async def test_whatever_was_pressed_the_terminal_shows_what_is(painted: list[str]) -> None:
    """Every cell that changed was painted: beside a terminal that got only the changes."""
    app = Owner(team())
    app.names["hana"] = "Hana"
    chance = random.Random(0)
    calendar = app.calendar
    acts: list[Callable[[], object]] = [
        *(lambda by=by: calendar.aside(by) for by in (-1, 1, 3)),
        *(lambda by=by: calendar.move(by) for by in (-1, 1)),
        *(lambda by=by: calendar.turn(by) for by in (-1, 1)),
        *(lambda letter=letter: calendar.toggle(letter) for letter in "AB"),
        calendar.switch,
        calendar.next_place,
        lambda: calendar.go(0),
        lambda: calendar.tick(calendar.now + timedelta(hours=5)),
        lambda: app.screen.set_focus(None if calendar.has_focus else calendar),
    ]
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        screen = pyte.Screen(80, 22)
        stream = pyte.Stream(screen)
        for y, line in enumerate(lines(app)):
            stream.feed(f"\x1b[{y + 1};1H{line}")
        for _ in range(120):
            before = calendar.text
            chance.choice(acts)()
            await until(pilot, lambda before=before: calendar.text == before or bool(painted))  # type: ignore[misc]
            await pilot.pause()
            stream.feed("".join(painted))
            painted.clear()
            assert [line.rstrip() for line in screen.display] == calendar.text.split("\n")


async def test_time_passes_without_painting_until_something_is_another(painted: list[str]) -> None:
    app = Owner(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        painted.clear()
        for seconds in (1, 61, 3600):
            app.calendar.tick(NOW + timedelta(seconds=seconds))
            await pilot.pause()
        assert "".join(painted) == ""
        app.calendar.tick(NOW + timedelta(days=1))
        await pilot.pause()
        assert "*" in "".join(painted) or "today" in "".join(painted)


async def test_what_is_opened_is_the_day_or_the_hour() -> None:
    picked = []

    class Asking(Owner):
        def on_calendar_picked(self, message: Calendar.Picked) -> None:
            picked.append((message.control, message.at))

    app = Asking(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        app.calendar.pick()
        app.calendar.switch()
        app.calendar.pick()
        await pilot.pause()
    assert picked == [(app.calendar, at("2026-11-23 23:00")), (app.calendar, at("2026-11-24 13:00"))]


async def test_a_day_is_chosen_where_it_is_clicked_and_opened_by_another_click() -> None:
    picked = []

    class Asking(Owner):
        def on_calendar_picked(self, message: Calendar.Picked) -> None:
            picked.append(message.at)

    app = Asking(team())
    async with app.run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        y = next(y for y, line in enumerate(lines(app)) if " 11 " in line and " 12 " in line)
        x = lines(app)[y].index("12")
        await pilot.click(Calendar, offset=(x, y))
        assert app.calendar.chosen.isoformat() == "2026-11-12"
        assert not picked
        await pilot.click(Calendar, offset=(x, y))
        assert picked
        app.calendar.switch()
        await pilot.pause()
        x = lines(app)[2].index("Fri 13")
        await pilot.click(Calendar, offset=(x, 4))
        assert app.calendar.chosen.isoformat() == "2026-11-13"


@pytest.mark.parametrize("week", [False, True])
@pytest.mark.parametrize("size", [(80, 22), (120, 34), (44, 20), (30, 8), (9, 3), (1, 1), (300, 100)])
async def test_every_line_is_as_wide_as_the_screen_and_in_ascii_too(size: tuple[int, int], week: bool) -> None:
    hostile = {"ana": "A\x1b[31mna\x07", "ben": "日本語 👩\u200d🚒", "cem": "\u202eCem\n\n", "bea": ""}
    app = Owner(team(), week=week)
    app.names.update(hostile)
    app.tracks[1] = app.tracks[1]._replace(name="\x1b[2J夜")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for _ in range(3):
            found = lines(app)
            assert [cell_len(line) for line in found] == [size[0]] * size[1]
            assert all(in_ascii(line).isascii() and len(in_ascii(line)) == size[0] for line in found)
            assert not any(letter in "".join(found) for letter in "\x1b\x07\u202e\u200d\n")
            app.calendar.aside(1)
            app.calendar.turn(1)
            await pilot.pause()


@pytest.mark.parametrize("week", [False, True])
@pytest.mark.parametrize("how", LOOKS, ids=lambda how: how.theme)
async def test_every_word_can_be_read_in_every_look(how: Look, week: bool) -> None:
    tracks = [
        track(letter, turn("2026-11-10 08:00", "2026-11-26 08:00", "ana"), *extra, name=f"Rotation {letter}")
        for letter, extra in zip(
            "ABCDEFGH",
            [[turn("2026-11-26 08:00", "2026-11-27 08:00", "cem", instead=["ben"])], *([[]] * 7)],
            strict=True,
        )
    ]
    app = Owner(tracks, how, week=week)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        pale = []
        for focused in (True, False):
            app.screen.set_focus(app.calendar if focused else None)
            for _ in range(3):
                await pilot.pause()
                strips = app.screen._compositor.render_strips()
                for text, front, back in words(strips, how.colors or ColorSystem.TRUECOLOR):
                    if contrast(front, back) < ENOUGH:
                        pale.append((text.strip(), front.hex, back.hex))
                app.calendar.move(1)
        assert not pale, pale[:5]


@pytest.mark.parametrize("how", [look("", ColorSystem.STANDARD, {"NO_COLOR": "1"}), LOOKS[0]], ids=["plain", "dark"])
async def test_nothing_is_told_by_colour_alone(how: Look) -> None:
    """Without any, the letters, the stripes, the chosen day, today and a gap are there."""
    app = Owner(team()[:2], how)
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.pause()
        app.calendar.aside(1)
        await pilot.pause()
        text = in_ascii("\n".join(lines(app)))
        for sign in ("A Ana", "B/", "///", ">25", "24 today", "gap", "override: instead of"):
            assert sign in text, sign
        app.calendar.switch()
        await pilot.pause()
        text = in_ascii("\n".join(lines(app)))
        for sign in ("A ", "B ", "///", ">Wed 25", "Tue 24 today", "now", "override: instead of"):
            assert sign in text, sign
