"""Lines that people type at a prompt, taken apart as a shell does: by blanks, except in quotes."""

from __future__ import annotations

_BLANKS = " \t"


def word_start(line: str) -> int:
    """Where the last word of a line begins; its end when a blank, or nothing, stands there."""
    return _scan(line)[1]


def words_before(line: str) -> list[str]:
    """The words before the last one, without their quotes. What a shell would refuse is read as far as it goes."""
    return _scan(line)[0]


def unquoted(word: str) -> str:
    """A word without its quotes, also when it is typed by half."""
    whole, _, last = _scan(word)
    return " ".join([*whole, last])


def _scan(line: str) -> tuple[list[str], int, str]:
    """The whole words, where the last one begins, and what it says."""
    words: list[str] = []
    start, word, quote, inside = 0, "", "", False
    index = 0
    while index < len(line):
        c = line[index]
        if not inside and c not in _BLANKS:
            inside, start = True, index
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and line[index + 1 : index + 2] in ('"', "\\"):
                index += 1
                word += line[index]
            else:
                word += c
        elif c in _BLANKS:
            if inside:
                words.append(word)
            word, inside = "", False
        elif c in "\"'":
            quote = c
        elif c == "\\":
            index += 1
            word += line[index : index + 1]
        else:
            word += c
        index += 1
    return words, start if inside else len(line), word
