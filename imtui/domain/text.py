"""Text from outside: `clean` before it is stored, `shown` before it reaches a terminal or a message.

What is stored stays what somebody wrote, except for characters that no database and no protocol carries. What is
shown is text and nothing else: no control characters, no terminal escapes, no signs that turn the reading direction.
"""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u00ad\u180e\u200b\u2060\ufeff") | _BIDI
_PLAIN = dict.fromkeys(range(32)) | dict.fromkeys(range(127, 160))


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL and UTF-8 refuse; all else as it was written."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return "".join(c for c in text if c != "\x00" and not "\ud800" <= c <= "\udfff")


def shown(text: str, *, lines: bool = False) -> str:
    """What may be put on a screen: one line (or several, with `lines`), spaces for tabs and line ends.

    Control characters, escapes, bidi marks and invisible signs are dropped; zero-width joiners stay only between
    the parts of an emoji; combining marks are limited to four in a row.
    """
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks = 0
    for index, c in enumerate(text.replace("\r\n", "\n").replace("\r", "\n")):
        if c in "\n\u2028\u2029":
            out.append("\n" if lines else " ")
        elif c == "\t":
            out.append(" ")
        elif (
            c in _INVISIBLE
            or ord(c) in _PLAIN
            or "\ud800" <= c <= "\udfff"
            or "\U000e0000" <= c <= "\U000e0fff"
            or (c == "\u200d" and not (index and out and ord(out[-1][-1]) > 0x2190))
        ):
            continue
        elif unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me"):
            marks += 1
            if marks <= 4:
                out.append(c)
            continue
        else:
            out.append(c)
        marks = 0
    return "".join(out)
