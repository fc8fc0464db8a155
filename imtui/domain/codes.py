"""Codes of six digits, for pages and for the activation of channels."""

from __future__ import annotations

import hmac
import secrets


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06}"


def typed(code: str) -> str:
    """What somebody typed, without spaces."""
    return "".join(code.split())


def same(code: str, known: str | None) -> bool:
    """Whether a typed code is the known one; takes as long for a near miss as for a far one."""
    return known is not None and hmac.compare_digest(typed(code).encode("utf-8", "replace"), known.encode())
