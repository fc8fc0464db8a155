"""The aliases of users. Light: every command line is checked by it."""

from __future__ import annotations

from imtui.domain.errors import ValidationFailed

MAX = 64
_SIGNS = frozenset("+=,.@_-\\")


def check_user(alias: str) -> str:
    """The alias, or ValidationFailed: it becomes part of ARNs and of sentences."""
    if not 1 <= len(alias) <= MAX or not all(c.isalnum() or c in _SIGNS for c in alias):
        raise ValidationFailed(f"alias: 1–{MAX} letters, digits and any of + = , . @ _ - \\")
    return alias
