"""Whoever looks at it at three in the morning, on a bad display, can read every word: contrast of 4.5 and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

from tests.screens import scenes
from widgets.theme import Look, look

ENOUGH = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of text."""

VGA = TerminalTheme(
    (0, 0, 0),
    (170, 170, 170),
    [(0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)],
    [
        *((85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85)),
        *((85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255)),
    ],
)
"""The colours of the Linux console."""


def luminance(color: ColorTriplet) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def words(strips: Sequence[Strip], system: ColorSystem) -> Iterator[tuple[str, ColorTriplet, ColorTriplet]]:
    """Every text on the screen, with its colours as such a terminal shows them. Blanks and lines are none."""
    for strip in strips:
        for text, style, _ in strip:
            if all(c == " " or "\u2500" <= c <= "\u259f" for c in text):
                continue
            assert style is not None, text
            colors = style.color or Color.default(), style.bgcolor or Color.default()
            front, back = (
                color.downgrade(system).get_truecolor(VGA, foreground=place == 0) for place, color in enumerate(colors)
            )
            yield (text, back, front) if style.reverse else (text, front, back)


LOOKS = [
    look(asked, system, {})
    for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)
    for asked in ("dark", "light")
]


@pytest.mark.parametrize(
    ("size", "looks"),
    [
        pytest.param((80, 24), [LOOKS[0]], marks=pytest.mark.slow),
        pytest.param((80, 24), LOOKS[1:], marks=pytest.mark.slow),
        pytest.param((120, 36), LOOKS, marks=pytest.mark.slow),
    ],
    ids=["80x24", "80x24-others", "120x36"],
)
@pytest.mark.timeout(180)
async def test_every_word_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], looks: list[Look]
) -> None:
    """In the dark and light theme, on terminals of 16 million, 256 and 16 colours."""
    seen = await scenes.seen(str(tmp_path / "imtui.db"), monkeypatch, size, looks)
    pale: dict[tuple[str, str, str], list[str]] = {}
    for (how, scene), strips in seen.items():
        for text, front, back in words(strips, how.colors or ColorSystem.TRUECOLOR):
            if contrast(front, back) < ENOUGH:
                pale.setdefault((how.theme, front.hex, back.hex), []).append(f"{scene}: {text.strip()}")
    assert not pale, "\n".join(f"{pair}: {places[:4]}" for pair, places in pale.items())
    assert {scene for _, scene in seen} == {*scenes.SCENES, *scenes.PASSING}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#aa0000", "#aa0000", 1.0)],
)
def test_contrast_is_measured_as_it_is_defined(one: str, other: str, expected: float) -> None:
    pair = (ColorTriplet(*(int(color[at : at + 2], 16) for at in (1, 3, 5))) for color in (one, other))
    assert contrast(*pair) == pytest.approx(expected, abs=0.01)
