"""Every kind of terminal: nothing is lost where there are few colours, none, or only the characters of ASCII."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

import imtui
from imtui.commands.program import speaks_utf8
from imtui.services.context import Context
from screens import impact
from tests.screens import scenes
from tests.screens.conftest import Opened, text_of, until
from tests.screens.test_hostile import TEXTS, poison
from widgets import virtual, virtual_table, virtual_tiles
from widgets.filters import Ascii, in_ascii
from widgets.glass import Glass
from widgets.theme import Look, look

TRUE, MANY, FEW = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD

COLOR = re.compile(r"\x1b\[[\d;]*?(?<!\d)(?:3[0-8]|4[0-8]|9\d|10[0-7])[;m]")
"""A code that sets a colour."""


@pytest.mark.parametrize(
    ("asked", "colors", "environment", "theme"),
    [
        ("", TRUE, {}, "imtui-dark"),
        ("auto", TRUE, {"COLORFGBG": "0;15"}, "imtui-dark"),
        ("light", TRUE, {}, "imtui-light"),
        ("", MANY, {}, "imtui-dark-256"),
        ("light", MANY, {}, "imtui-light-256"),
        ("", FEW, {}, "imtui-dark-16"),
        ("", FEW, {"COLORFGBG": "0;15"}, "imtui-light-16"),
        ("", FEW, {"COLORFGBG": "0;default;7"}, "imtui-light-16"),
        ("", FEW, {"COLORFGBG": "15;0"}, "imtui-dark-16"),
        ("", FEW, {"COLORFGBG": "nonsense"}, "imtui-dark-16"),
        ("dark", FEW, {"COLORFGBG": "0;15"}, "imtui-dark-16"),
        ("light", FEW, {}, "imtui-light-16"),
        ("16", TRUE, {}, "imtui-dark-16"),
        ("16", TRUE, {"COLORFGBG": "0;15"}, "imtui-light-16"),
        ("dark", TRUE, {"NO_COLOR": "1"}, "imtui-dark-16"),
        ("", TRUE, {"NO_COLOR": ""}, "imtui-dark"),
    ],
)
def test_each_terminal_gets_the_colours_it_has(
    asked: str, colors: ColorSystem, environment: dict[str, str], theme: str
) -> None:
    chosen = look(asked, colors, environment)
    assert chosen.theme == theme
    assert chosen.plain == bool(environment.get("NO_COLOR"))
    assert chosen.few == theme.endswith("-16")
    assert chosen.colors == (FEW if chosen.few else colors)


@pytest.mark.parametrize(
    ("environment", "encoding", "expected"),
    [
        ({}, "UTF-8", True),
        ({"LANG": "en_GB.UTF-8"}, "UTF-8", True),
        ({"LANG": "C.UTF-8"}, "utf8", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "ISO-8859-1", False),
        ({"LC_ALL": "C"}, "ANSI_X3.4-1968", False),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, "ANSI_X3.4-1968", False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "UTF-8", False),
        ({"LC_CTYPE": "C.UTF-8"}, "UTF-8", True),
        ({"LANG": "C", "LC_CTYPE": "en_GB.UTF-8"}, "UTF-8", True),
        ({"LANG": "C", "LC_ALL": "C.UTF-8", "LC_CTYPE": "C.UTF-8"}, "UTF-8", True),
    ],
)
def test_what_the_locale_cannot_show_is_not_sent(environment: dict[str, str], encoding: str, expected: bool) -> None:
    assert speaks_utf8(environment, encoding) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("0 of 2 · 3:00 …", "0 of 2 . 3:00 ~"),
        ("▸▪ 80×24 → – ±", ">* 80x24 > - +"),
        ("┌─┐│└┘▼▲", "+-+|++v^"),
        ("Zoë Ångström Straße", "Zoe Angstrom Strase"),
        ("日本", "????"),
        ("e\u0301\u0301x", "ex"),
        ("👩\u200d🚒!", "??!"),
        ("Привет", "??????"),
        ("\ufb01 ½ ²", "f 1 2"),
        ("\u00a0|\u2003|", " | |"),
        ("❤\ufe0f", "??"),
    ],
)
def test_signs_become_what_looks_like_them(text: str, expected: str) -> None:
    assert in_ascii(text) == expected
    assert len(in_ascii(text)) == cell_len(text)


def test_signs_that_mean_a_state_stay_apart() -> None:
    """The impacts, the cursors of lines and tiles, a mark, the place in a list, and what a tour has shown."""
    signs = [*impact._SIGNS[1:], virtual_table.CURSOR, virtual_table.MARK, virtual_tiles.BAR, virtual.THUMB, "✓"]
    assert virtual_tiles.MARK == virtual_table.MARK
    forms = [in_ascii(sign) for sign in signs]
    assert len(set(forms)) == len(signs), dict(zip(signs, forms, strict=True))
    assert not {"?", "", " "} & set(forms)


def test_every_sign_of_the_program_has_a_form_of_ascii() -> None:
    """Whatever the program writes itself is legible without any other character."""
    root = Path(imtui.__file__).parent.parent
    files = [file for folder in ("imtui", "screens", "widgets") for file in (root / folder).rglob("*.py")]
    signs = {c for file in files if file.name != "filters.py" for c in file.read_text("utf-8") if not c.isascii()}
    assert {"▌", "▸", "…"} <= signs
    assert {sign for sign in signs if in_ascii(sign) == "?"} == set()


def test_every_character_has_one_of_ascii_as_wide_as_itself() -> None:
    for number in [*range(0x20, 0x30000, 7), *range(0x80, 0x3000)]:
        character = chr(number)
        if 0xD800 <= number < 0xE000 or 0x7F <= number < 0xA0:
            continue
        assert in_ascii(character).isascii(), hex(number)
        assert len(in_ascii(character)) == cell_len(character), hex(number)


def sent(strips: Sequence[Strip], system: ColorSystem | None) -> str:
    """What a terminal that shows nothing yet is told, so that these strips stand there."""
    glass = Glass()
    glass.fit(max(strip.cell_length for strip in strips), len(strips))
    return glass.paint([(0, y, strip) for y, strip in enumerate(strips)], system)


def test_a_terminal_is_told_no_colour_that_it_has_by_itself() -> None:
    bold, red = Style(bold=True), Style.parse("red")
    assert not COLOR.search(sent([Strip([Segment("a", bold)])], TRUE))
    assert COLOR.search(sent([Strip([Segment("a", red)])], TRUE))
    assert "\x1b[0;91;44m" in sent([Strip([Segment("a", Style.parse("#ff5555 on #0000aa"))])], FEW)


PLAIN = look("", FEW, {"NO_COLOR": "1"}, in_ascii=True)
SIXTEEN = look("", FEW, {})
LIGHT = look("light", FEW, {})


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_cursor_focus_and_tab_are_seen_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 16 colours, and in ASCII without any; there, nothing but ASCII is painted in any scene."""
    seen = await scenes.seen(str(tmp_path / "imtui.db"), monkeypatch, (80, 24), [PLAIN, SIXTEEN, LIGHT])
    for (how, scene), strips in seen.items():
        if how is PLAIN:
            told = sent(strips, how.colors)
            assert told.isascii(), (scene, [c for c in told if not c.isascii()])
            assert not COLOR.search(told), scene
            assert all(cell_len(strip.text) == 80 for strip in strips), scene
    for how in (PLAIN, SIXTEEN, LIGHT):
        assert _at(seen[how, "lines"], "1 Critical", how).reverse
        assert _at(seen[how, "incidents"], "Checkout", how).reverse
        assert _at(seen[how, "incidents"], "1 Open", how).reverse
        assert not _at(seen[how, "incidents"], "2 Resolved", how).reverse
        assert _at(seen[how, "timeline"], "3 Time", how).reverse
        cancel, resolve = (_at(seen[how, "resolve"], word, how) for word in (" Cancel ", " Resolve "))
        assert _looks(cancel) != _looks(resolve)
        chosen, other = (_at(seen[how, "engage-choices"], word, how) for word in ("choose ", "Ana (ana)"))
        assert _looks(chosen) != _looks(other)
        field, label = (_at(seen[how, "edit"], word, how) for word in ("Checkout: payments fail", "Title"))
        assert _looks(field) != _looks(label)
        after = _after(seen[how, "edit"], "Checkout: payments fail")
        assert _looks(after) != _looks(field)
        loud, calm = (_at(seen[how, "overview"], word, how) for word in ("1 Critical", "impact"))
        assert _looks(loud) != _looks(calm)


def _at(strips: list[Strip], word: str, how: Look) -> Style:
    """The style in which a word is painted, the last time where it is more than once."""
    found = [style for strip in strips for text, style, _ in strip if word in text]
    assert found, (how, word)
    assert found[-1] is not None
    return found[-1]


def _after(strips: list[Strip], word: str) -> Style:
    """The style of what stands after a word: in a field, its cursor."""
    for strip in strips:
        segments = [segment for segment in strip if segment.text]
        for one, following in pairwise(segments):
            if one.text.endswith(word) and following.style is not None:
                return following.style
    raise AssertionError(word)


def _looks(style: Style) -> tuple[Any, ...]:
    return (style.color, style.bgcolor, style.bold, style.underline, style.reverse)


@pytest.mark.parametrize("name", ["wide", "escapes", "joiners"])
async def test_text_of_people_leaves_no_byte_above_127(team: Context, opened: Opened, name: str) -> None:
    incident = await poison(team, TEXTS[name])
    async with opened(size=(80, 24)) as (app, pilot):
        app.dress(look("", TRUE, {}, in_ascii=True))
        await until(pilot, lambda: "Open 1" in text_of(app))

        def clean() -> None:
            text = text_of(app)
            assert text.isascii(), [c for c in text if not c.isascii()]
            assert all(len(line) == 80 for line in text.splitlines())

        clean()
        app.said(TEXTS[name])
        app.open_incident(incident)
        await until(pilot, lambda: "impact" in text_of(app))
        for key in (*"12345678", "e", "escape", "w", "escape", "E", "enter", "escape", "escape", "f3", "enter", "f6"):
            await pilot.press(key)
            await pilot.pause()
            clean()


def test_the_filter_costs_ascii_nothing() -> None:
    segments = [Segment("plain", Style(bold=True)), Segment("…", Style(bold=True))]
    done = Ascii().apply(segments, None)  # type: ignore[arg-type]
    assert done[0] is segments[0]
    assert done[1] == Segment("~", Style(bold=True))
