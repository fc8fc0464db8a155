"""Examples of ten thousand characters take their time on a busy machine: none is failed for that."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
