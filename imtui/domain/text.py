"""Text from outside: `clean` before it is stored, `shown` before it reaches a terminal or a message.

What is stored stays what somebody wrote, except for characters that no database and no protocol carries. What is
shown is text and nothing else: no control characters, no terminal escapes, no signs that turn the reading direction.
"""

from __future__ import annotations

import unicodedata

_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their class that show nothing."""
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # drawn under numbers
)
_MOST_MARKS = 4


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
    kept = [c for c in text.replace("\r\n", "\n").replace("\r", "\n") if not _hidden(c) or c in "\n\t\u2028\u2029"]
    out: list[str] = []
    marks = 0
    for index, c in enumerate(kept):
        if c in "\n\u2028\u2029":
            out.append("\n" if lines else " ")
        elif c == "\t":
            out.append(" ")
        elif c == _JOINER:
            following = kept[index + 1] if index + 1 < len(kept) else ""
            if not (out and _joins(out[-1]) and _joins(following) and following != _EMOJI_STYLE):
                continue
            out.append(c)
        elif _is_mark(c):
            marks += 1
            if marks <= _MOST_MARKS:
                out.append(c)
            continue
        else:
            out.append(c)
        marks = 0
    return "".join(out)


def escaped(text: str) -> str:
    r"""The same text for a language in which `\uXXXX` stands for a character: what must not reach a terminal, as such
    escapes. Line feeds stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_escape(c) if c != "\n" and (_hidden(c) or c in "\u2028\u2029\u200d") else c for c in text)


def width(text: str) -> int:
    """How many columns of a terminal the text takes: two for wide characters, none for marks."""
    if text.isascii():
        return len(text)
    return sum(0 if _is_mark(c) or c == _JOINER else 2 if _is_wide(c) else 1 for c in text)


def padded(text: str, columns: int) -> str:
    """The text with spaces after it, so that it takes at least so many columns."""
    return text + " " * max(0, columns - width(text))


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis: at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _hidden(c: str) -> bool:
    """Whether a character does something else than show: controls, formats, surrogates, fillers."""
    category = unicodedata.category(c)
    if category == "Cf":
        return c not in _VISIBLE_FORMATS and c != _JOINER
    return category in ("Cc", "Cs", "Zl", "Zp") or c in _FILLERS or "\U000e0000" <= c <= "\U000e0fff"


def _is_mark(c: str) -> bool:
    return unicodedata.combining(c) != 0 or unicodedata.category(c) in ("Mn", "Me")


def _is_wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in ("W", "F")


def _joins(c: str) -> bool:
    """Whether a character is a part of an emoji, so that a joiner beside it is meant."""
    return c == _EMOJI_STYLE or "\U0001f3fb" <= c <= "\U0001f3ff" or (c != "" and unicodedata.category(c) == "So")


def _escape(c: str) -> str:
    units = c.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[index] << 8 | units[index + 1]:04x}" for index in range(0, len(units), 2))
