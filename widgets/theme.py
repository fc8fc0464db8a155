"""The program's colours: few, and each with a meaning. Nothing is said by colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="imtui-dark",
    primary="#7aa2f7",
    secondary="#9aa5ce",
    accent="#7dcfff",
    foreground="#c8d0e8",
    background="#14161f",
    surface="#1b1e2a",
    panel="#242837",
    success="#8fd6a0",
    warning="#e8c26e",
    error="#ff8f8f",
    dark=True,
)

LIGHT = Theme(
    name="imtui-light",
    primary="#2450b8",
    secondary="#4a5270",
    accent="#005f87",
    foreground="#1f2433",
    background="#fbfbfd",
    surface="#f0f1f6",
    panel="#e2e4ee",
    success="#1d6b35",
    warning="#7a5200",
    error="#b01e1e",
    dark=False,
)
