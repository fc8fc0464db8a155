"""An engine with a provider that remembers, for operations that page people."""

from __future__ import annotations

from tests.engine.conftest import engine, make_engine, provider

__all__ = ["engine", "make_engine", "provider"]
