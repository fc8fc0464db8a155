"""Patterns with `*` and `?`, matched in one pass over the text, whatever stands in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

ANY, MANY = "?", "*"
Token = tuple[str, bool]
"""A character, and whether it stands for itself: of those that do not, `?` is any one and `*` any number."""

Look = Callable[[str], str | None]
"""What a variable such as `aws:username` is, or None where it is not known."""


def compiled(text: str, look: Look | None = None) -> tuple[Token, ...] | None:
    """The tokens of a pattern. With `look`, `${NAME}` is filled in with what is then no pattern, `${NAME, 'VALUE'}`
    with a value where the name is not known, and `${*}`, `${?}`, `${$}` are the signs themselves. None where a name is
    not known and nothing stands in for it: such a pattern matches nothing."""
    if look is None or "${" not in text:
        return _plain(text)
    tokens: list[Token] = []
    rest = text
    while (begin := rest.find("${")) >= 0 and (end := rest.find("}", begin)) >= 0:
        tokens += _plain(rest[:begin])
        value = _value(rest[begin + 2 : end], look)
        if value is None:
            return None
        tokens += [(c, True) for c in value]
        rest = rest[end + 1 :]
    return (*tokens, *_plain(rest))


def variables(text: str) -> list[str]:
    """The names of the variables in a pattern, in small letters."""
    found = []
    for part in text.split("${")[1:]:
        name, closed, _ = part.partition("}")
        if closed and name not in _SIGNS:
            found.append(name.partition(",")[0].strip().lower())
    return found


def matches(pattern: tuple[Token, ...] | None, text: str) -> bool:
    """Whether the whole text is like the pattern. All ways to match are followed at once, a bit for each place in the
    pattern, so that no pattern takes longer than its length times the text's."""
    if pattern is None:
        return False
    if pattern == _EVERYTHING:
        return True
    places, anything, many, end = _bits(pattern)
    state = 1 | (many & 1) << 1
    for c in text:
        state = (state & (places.get(c, 0) | anything)) << 1 | (state & many)
        state |= (state & many) << 1
        if not state:
            return False
    return bool(state & end)


def like(pattern: str, text: str) -> bool:
    """Whether a text is like a pattern without variables."""
    return matches(_plain(pattern), text)


_SIGNS = frozenset("*?$")
_EVERYTHING: tuple[Token, ...] = ((MANY, False),)


def _value(name: str, look: Look) -> str | None:
    if name in _SIGNS:
        return name
    key, comma, default = name.partition(",")
    value = look(key.strip().lower())
    if value is None and comma:
        default = default.strip()
        quoted = len(default) >= 2 and default[0] == default[-1] == "'"
        return default[1:-1] if quoted else default
    return value


@lru_cache(maxsize=4096)
def _plain(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for c in text:
        if c != MANY or tokens[-1:] != [(MANY, False)]:
            tokens.append((c, c not in (ANY, MANY)))
    return tuple(tokens)


@lru_cache(maxsize=1024)
def _bits(pattern: tuple[Token, ...]) -> tuple[dict[str, int], int, int, int]:
    """Where each character stands, where any one may, where any number may, and the place behind the last one."""
    places: dict[str, int] = {}
    anything = many = 0
    for index, (c, literal) in enumerate(pattern):
        if literal:
            places[c] = places.get(c, 0) | 1 << index
        elif c == ANY:
            anything |= 1 << index
        else:
            many |= 1 << index
    return places, anything, many, 1 << len(pattern)
