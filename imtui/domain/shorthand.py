"""The shorthand of the AWS command line for structures and lists: `Key=team,Value=web`, `a=1,b=[x,y],c={d=e}`.

Texts with a comma, bracket or space stand in quotes; in double quotes and outside of quotes, a backslash stands before
a sign that is meant as it is.
"""

from __future__ import annotations

from typing import Any

from imtui.domain.errors import ValidationFailed

_DEEPEST = 20
_OPEN = {"{": "}", "[": "]"}


def parse(text: str) -> Any:
    """A structure where the text is `name=value,…`, else a text or, with commas, a list of texts; raises
    ValidationFailed."""
    reader = _Reader(text)
    found = reader.pairs("") if reader.begins_pair() else reader.items("")
    reader.end()
    if isinstance(found, list) and len(found) == 1:
        return found[0]
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def begins_pair(self) -> bool:
        """Whether a name and `=` come next."""
        for character in self._text[self._at :]:
            if character == "=":
                return True
            if not (character.isalnum() or character in "-_.#/:@ "):
                return False
        return False

    def pairs(self, close: str) -> dict[str, Any]:
        """`name=value` up to a sign that is left standing. A value with commas goes on until the next name."""
        found: dict[str, Any] = {}
        while self._next() not in ("", close):
            equals = self._text.find("=", self._at)
            if equals < 0:
                raise self._wrong("name=value is expected")
            name = self._text[self._at : equals].strip()
            self._at = equals + 1
            if name in found:
                raise self._wrong(f"{name} is given twice")
            found[name] = self._value_of_pair(close)
        return found

    def items(self, close: str) -> list[Any]:
        """Values with commas between them up to a sign that is left standing."""
        found = []
        while self._next() not in ("", close):
            found.append(self._value(close))
            if self._next() == ",":
                self._at += 1
        return found

    def end(self) -> None:
        if self._at < len(self._text):
            raise self._wrong("this was not expected")

    def _value_of_pair(self, close: str) -> Any:
        found = [self._value(close)]
        while self._next() == ",":
            self._at += 1
            if self.begins_pair() or self._next() in ("", close):
                break
            found.append(self._value(close))
        return found[0] if len(found) == 1 else found

    def _value(self, close: str) -> Any:
        sign = self._next()
        if sign in _OPEN:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise self._wrong("this is nested too deeply")
            self._at += 1
            inner: Any = self.pairs("}") if sign == "{" else self.items("]")
            if self._next() != _OPEN[sign]:
                raise self._wrong(f"{_OPEN[sign]} is missing")
            self._at += 1
            self._depth -= 1
            return inner
        if sign in ("'", '"') and sign:
            return self._quoted(sign)
        return self._plain(close)

    def _quoted(self, sign: str) -> str:
        found, at = "", self._at + 1
        while at < len(self._text) and self._text[at] != sign:
            at += self._text[at] == "\\" and at + 1 < len(self._text)
            found += self._text[at]
            at += 1
        if at >= len(self._text):
            raise self._wrong("the quote is not closed")
        self._at = at + 1
        return found

    def _plain(self, close: str) -> str:
        found, at = "", self._at
        while at < len(self._text) and self._text[at] != "," and (not close or self._text[at] != close):
            at += self._text[at] == "\\" and at + 1 < len(self._text)
            found += self._text[at]
            at += 1
        self._at = at
        return found.strip()

    def _next(self) -> str:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _wrong(self, why: str) -> ValidationFailed:
        return ValidationFailed(f"shorthand: {why}, at {self._text[self._at : self._at + 20]!r} (or write it as JSON)")
