"""What people answer to messages: the words of an SMS, and the keys that were pressed during a call. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from imtui.domain.contact import compact
from imtui.domain.text import shown

MOST_TEXT = 2000
"""What is longer than any SMS is cut before it is read."""


class Wish(StrEnum):
    """What a reply asks for."""

    ACKNOWLEDGE = "acknowledge"  # the page that carries the code; without one, the page of this call
    UNSUBSCRIBE = "unsubscribe"
    START = "start"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply asks for, with the code that it carries."""

    wish: Wish
    code: str = ""


_WORDS = {"UNSUBSCRIBE": Wish.UNSUBSCRIBE, "START": Wish.START}
_CODE = re.compile(r"(?<![0-9])([0-9]{3})[ \-]?([0-9]{3})(?![0-9])")
_PHONE = re.compile(r"\+[0-9]{3,15}")


def written(text: str) -> Meaning:
    """What an SMS says. The words stand alone, in any case; the code may stand anywhere, also as `123 456`. Of several
    codes the first counts: what comes after it is quoted."""
    plain = _plain(text)
    wish = _WORDS.get(plain.strip(" .!\"'“”").upper())
    if wish is not None:
        return Meaning(wish)
    code = _CODE.search(plain)
    return Meaning(Wish.ACKNOWLEDGE, "".join(code.groups())) if code else Meaning(Wish.UNCLEAR)


def pressed(digits: str) -> Meaning:
    """What the keys of a telephone say: `1` for the page that the call was about, or the code of a page."""
    plain = "".join(_plain(digits).split()).removesuffix("#")
    if plain == "1":
        return Meaning(Wish.ACKNOWLEDGE)
    return Meaning(Wish.ACKNOWLEDGE, plain) if re.fullmatch(r"[0-9]{6}", plain) else Meaning(Wish.UNCLEAR)


def phone(text: str) -> str:
    """A number as gateways write it, as channels keep it: `+` and digits. Empty for what is no number with its country
    code. A form that was not encoded well has a space for the `+`."""
    number = compact(_plain(text).removeprefix("tel:"))
    if number.startswith("00"):
        number = "+" + number[2:]
    elif number[:1] in tuple("123456789"):
        number = "+" + number
    return number if _PHONE.fullmatch(number) else ""


def _plain(text: str) -> str:
    """On one line, with digits of any script as those that codes are made of."""
    return "".join(_digit(c) for c in shown(text[:MOST_TEXT])).strip()


def _digit(c: str) -> str:
    value = unicodedata.decimal(c, None)
    return str(value) if value is not None else " " if c.isspace() else c
