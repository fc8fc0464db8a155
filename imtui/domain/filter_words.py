"""The words of a filter: where one ends, what is quoted, and whether it has a head such as `impact:`."""

from __future__ import annotations

from typing import NamedTuple

Signs = tuple[tuple[str, bool], ...]
"""Characters, and whether each is quoted."""


class Word(NamedTuple):
    """A word without its quotes. `open`: its quotes are not closed yet."""

    start: int
    signs: Signs
    open: bool = False


def last(text: str) -> Word:
    """The word at the end of the line, which may have nothing in it yet."""
    found = words(text)
    if found and (found[-1].open or not text[-1].isspace()):
        return found[-1]
    return Word(len(text), ())


def words(text: str) -> list[Word]:
    """The words with their quotes taken away; within quotes a backslash keeps a quote or a backslash."""
    found: list[Word] = []
    signs: list[tuple[str, bool]] = []
    start, inside, index = -1, False, 0
    while index < len(text):
        c = text[index]
        if start < 0 and not c.isspace():
            start = index
        if inside and c == "\\" and text[index + 1 : index + 2] in ('"', "\\"):
            index += 1
            signs.append((text[index], True))
        elif c == '"':
            inside = not inside
        elif inside or not c.isspace():
            signs.append((c, inside))
        elif start >= 0:
            found.append(Word(start, tuple(signs)))
            start, signs = -1, []
        index += 1
    if start >= 0:
        found.append(Word(start, tuple(signs), inside))
    return found


def plain(signs: Signs) -> str:
    """The characters alone."""
    return "".join(c for c, _ in signs)


def split(signs: Signs, at: str) -> list[Signs]:
    """The parts between unquoted signs."""
    parts: list[list[tuple[str, bool]]] = [[]]
    for sign in signs:
        if sign == (at, False):
            parts.append([])
        else:
            parts[-1].append(sign)
    return [tuple(part) for part in parts]


def headed(signs: Signs) -> tuple[str, Signs | None]:
    """The part before the first unquoted colon and the part after it; None where this is a plain word, as addresses,
    ARNs, times and names with a colon in them are."""
    head, *rest = split(signs, ":")
    name = plain(head)
    if not rest or not (name.isascii() and name.isalpha()) or any(inside for _, inside in head):
        return name, None
    value = signs[len(head) + 1 :]
    if name.casefold() == "arn" or value[:1] == ((":", False),) or value[:2] == (("/", False), ("/", False)):
        return name, None
    return name, value


def unsigned(signs: Signs) -> tuple[bool, Signs]:
    """Whether signs of inversion stand before it, and what is after them."""
    negated = False
    while signs[:1] == (("!", False),):
        negated, signs = not negated, signs[1:]
    return negated, signs


def quoted(value: str) -> str:
    """A value as it must be typed, in quotes where it would be taken for something else."""
    as_it_is = value and value[0] not in "!=<>" and not any(c.isspace() or c in '":|' for c in value)
    return value if as_it_is else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_words(text: str) -> str:
    """A filter that looks for what is typed word by word, whatever signs there are; `#12` is the number."""
    return " ".join(f'"{word}"' for word in map(_sought, text.split()) if word)


def _sought(word: str) -> str:
    return word.removeprefix("#").replace("\\", "\\\\").replace('"', '\\"')
