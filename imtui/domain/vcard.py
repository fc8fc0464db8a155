"""A card for the address book of a telephone: pages that come from a known number break through 'do not disturb'.

Version 3.0 (RFC 2426), which every telephone imports.
"""

from __future__ import annotations

from collections.abc import Sequence

from imtui.domain.text import shown

LINE_END = "\r\n"
_MOST_BYTES = 75
"""How long a line may be before it is folded."""


def card(name: str, uid: str, sms: Sequence[str], voice: Sequence[str], mail: Sequence[str], note: str) -> list[str]:
    """The lines of a card. The same `uid` again replaces the card instead of making a second one."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{escaped(name)}", f"N:{escaped(name)};;;;", f"UID:{escaped(uid)}"]
    for number in dict.fromkeys((*voice, *sms)):
        kinds = ["WORK", *(["VOICE"] if number in voice else []), *(["MSG"] if number in sms else [])]
        lines.append(f"TEL;TYPE={','.join(kinds)}:{escaped(number)}")
    lines += [f"EMAIL;TYPE=INTERNET:{escaped(address)}" for address in dict.fromkeys(mail)]
    lines += [f"NOTE:{escaped(note)}", "END:VCARD"]
    return [piece for line in lines for piece in folded(line)]


def escaped(text: str) -> str:
    """A value in which nothing means anything but itself."""
    text = shown(text, lines=True).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def folded(line: str) -> list[str]:
    """A line as lines of at most 75 bytes, none of which is cut within a character."""
    pieces, piece, size = [], "", 0
    for c in line:
        bytes_ = len(c.encode())
        if size + bytes_ > _MOST_BYTES:
            pieces.append(piece)
            piece, size = " ", 1
        piece += c
        size += bytes_
    return [*pieces, piece]
