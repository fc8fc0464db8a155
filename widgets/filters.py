"""What becomes of every painted line where a terminal shows no colours, or only the characters of ASCII."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    "…": "~",
    **dict.fromkeys("·•∙․", "."),
    **dict.fromkeys("–—‐‑‒―−─━┄┅┈┉╌╍═▔▁", "-"),
    **dict.fromkeys("│┆┇┊┋╎╏║▏▎▍▌▐▕▊▉", "|"),
    **dict.fromkeys("┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┤┬┴┼╋╔╗╚╝╠╣╦╩╬╭╮╯╰▛▜▙▟▗▖▝▘", "+"),
    **dict.fromkeys("▸▶►→⇒›»❯", ">"),
    **dict.fromkeys("◂◀◄←⇐‹«❮", "<"),
    **dict.fromkeys("▲▴↑⇑", "^"),
    **dict.fromkeys("▼▾↓⇓", "v"),
    **dict.fromkeys("▪◆●★✱", "*"),
    **dict.fromkeys("■□▬", "="),
    **dict.fromkeys("○◌◯", "o"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("×✗✘✕", "x"),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("┃█▓▇▆▅", "#"),
    **dict.fromkeys("░▒▄▃▂▀", ":"),
    **dict(zip("±°ßæÆøØłŁđĐıþÞðœŒ€\u00a0", "+osaAoOlLdDipPdoOE ", strict=True)),
}
"""Signs that look much like one of ASCII's; what the program itself means by signs stays apart: the five impacts, the
cursor, a mark, the place in a list."""


class Ascii(LineFilter):
    """Every line in ASCII, cell for cell as wide as it was."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control or segment.text.isascii() else Segment(in_ascii(segment.text), segment.style)
            for segment in segments
        ]


class Plain(LineFilter):
    """Bold, underlined and reversed as it was, without any colour."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, style if control or style is None else _plain(style), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=4096)
def in_ascii(text: str) -> str:
    """The text in ASCII, in exactly as many cells of the terminal: letters without their marks, signs by what looks
    like them, two question marks for what is two cells wide, and one for all else."""
    if text.isascii():
        return text
    spans, _ = split_graphemes(text)
    return "".join("??"[:width] if width != 1 else _narrow(text[start]) for start, _, width in spans)


def _narrow(character: str) -> str:
    if character.isascii():
        return character
    if character in _SIGNS:
        return _SIGNS[character]
    first = unicodedata.normalize("NFKD", character)[0]
    return first if first.isascii() and first.isprintable() else _SIGNS.get(first, "?")


@lru_cache(maxsize=4096)
def _plain(style: Style) -> Style:
    plain = style.without_color
    return plain + Style.from_meta(style.meta) if style.meta else plain
