"""Refusals for which the model of an operation has no word of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.services.once import TokenUsed


@contextmanager
def as_validation(field: str, *kinds: type[ImtuiError]) -> Iterator[None]:
    """Say what is refused so as a ValidationFailed of this member; that a token was used before stays a conflict."""
    try:
        yield
    except TokenUsed:
        raise
    except kinds as error:
        raise ValidationFailed(str(error), field) from error
