"""People's replies as gateways hand them over: JSON documents, or the forms of Twilio."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from imtui.domain.contact import ChannelType
from imtui.domain.errors import ValidationFailed

MOST_FIELDS = 500
_TEXT = {ChannelType.SMS: "body", ChannelType.VOICE: "digits"}
_FORM_ID = {ChannelType.SMS: "MessageSid", ChannelType.VOICE: "CallSid"}
_PORTS = {"http": 80, "https": 443}

Fields = Sequence[tuple[str, str]]
"""The fields of a form, in their order; a name may stand there more than once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody answered. `id` is the gateway's, of a call or of an SMS; `number` is theirs, as it came; `text` is
    what they wrote, or the keys that they pressed."""

    id: str
    way: ChannelType
    number: str
    text: str


def from_document(way: ChannelType, document: Any) -> Reply:
    """`{"id", "from", "body"}`, of a call `{"id", "from", "digits"}`; raises ValidationFailed."""
    if not isinstance(document, Mapping):
        raise ValidationFailed(f'a reply is an object: {{"id", "from", "{_TEXT[way]}"}}')
    return _reply(way, *(_text(document, name) for name in ("id", "from", _TEXT[way])))


def fields_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of an encoded form; raises ValidationFailed."""
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:  # of which bytes that are no ASCII are one
        raise ValidationFailed(f"this is not an encoded form of at most {MOST_FIELDS} fields") from None


def from_form(way: ChannelType, fields: Fields) -> Reply:
    """Twilio's form. Of a call that we made, the person's number is the one that was called. Keys that nobody pressed
    are none. Raises ValidationFailed."""
    found = dict(fields)
    ours = way is ChannelType.VOICE and found.get("Direction", "").startswith("outbound")
    found.setdefault("Digits", "")
    names = (_FORM_ID[way], "To" if ours else "From", _TEXT[way].capitalize())
    return _reply(way, *(_text(found, name) for name in names))


def signed(url: str, fields: Fields, token: str, signature: str) -> bool:
    """Whether Twilio's signature is that of this form at this address. The port that a scheme has by itself may have
    been signed or not."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    rest = "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    given = signature.encode("utf-8", "surrogateescape")
    right = [hmac.compare_digest(_signature(address + rest, token), given) for address in _addresses(url)]
    return any(right)


def _signature(text: str, token: str) -> bytes:
    key, data = token.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.new(key, data, hashlib.sha1).digest())


def _addresses(url: str) -> list[str]:
    """The address with its port, and without it where it goes without saying."""
    try:
        parts = urlsplit(url)
        own, port = _PORTS.get(parts.scheme), parts.port
    except ValueError:
        return [url]
    if own is None or port not in (None, own) or not parts.netloc:
        return [url]
    bare = parts.netloc.removesuffix(f":{own}") if port is not None else parts.netloc
    same = [parts._replace(netloc=netloc).geturl() for netloc in (bare, f"{bare}:{own}")]
    return list(dict.fromkeys([url, *same]))


def _reply(way: ChannelType, id_: str, number: str, text: str) -> Reply:
    if not id_:
        raise ValidationFailed("a reply has an id, so that it can be told from another", "id")
    return Reply(id_, way, number, text)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValidationFailed(f"a reply needs {name!r}, a text", name)
    return value
