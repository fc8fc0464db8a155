"""How bad an incident is: by sign, number and word, and by colour last."""

from __future__ import annotations

from imtui.domain.incident import Impact
from widgets.virtual import Cell

_STYLES = ("", "loud", "warn", "", "dim", "dim")
_SIGNS = ("", "▲▲", "▲", "■", "▼", "○")


def impact_cell(impact: Impact, *, is_open: bool, aligned: bool = False) -> Cell:
    """The impact of an incident; `aligned`: the words of several stand in line. What is over is not loud."""
    sign = _SIGNS[impact]
    return f"{sign:<2} {words(impact)}" if aligned else f"{sign} {words(impact)}", _STYLES[impact] if is_open else "dim"


def words(impact: Impact) -> str:
    """Its number and word."""
    return f"{int(impact)} {impact.label}"
