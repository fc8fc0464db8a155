"""What the incident list says of an incident: as a line, and as a tile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from imtui.domain.duration import countdown, duration
from imtui.domain.incident import IncidentRow
from imtui.domain.text import shown
from screens.impact import impact_cell
from widgets.virtual_table import Cell, Column
from widgets.virtual_tiles import TileLine

if TYPE_CHECKING:
    from imtui.services.looks import Away

OPEN_COLUMNS, RESOLVED_COLUMNS = (
    (
        Column("", 8, right=True, narrow=7),
        Column("Impact", 14),
        Column(took, 10, right=True, narrow=9),
        Column(people, 20, narrow=18),
        Column("Title", 0),
    )
    for took, people in (("For", "Ack · next step"), ("Took", "Started"))
)


def open_cells(row: IncidentRow, now: datetime, *, exact: bool, chat: bool) -> Sequence[Cell]:
    """The line of an open incident; `exact`: to the second, `chat`: there is room for the chat channel."""
    lasted = (now - row.created_at).total_seconds()
    room = f"  [{shown(row.chat_channel)}]" if row.chat_channel and chat else ""
    return (
        (f"#{row.number}", "strong"),
        impact_cell(row.impact, is_open=True, aligned=True),
        (duration(lasted) if exact else coarse(lasted), ""),
        people(row, now, exact=exact),
        (f"{_drill(row)}{shown(row.title)}{room}", ""),
    )


def resolved_cells(row: IncidentRow, now: datetime, day: Callable[[datetime], str]) -> Sequence[Cell]:
    """The line of a resolved incident."""
    took = (row.resolved_at or now) - row.created_at
    return (
        (f"#{row.number}", "dim"),
        impact_cell(row.impact, is_open=False, aligned=True),
        (duration(took.total_seconds()), "dim"),
        (day(row.created_at), "dim"),
        (_drill(row) + shown(row.title), ""),
    )


def tile(row: IncidentRow, now: datetime, *, exact: bool) -> Sequence[TileLine]:
    """The tile of an open incident: how bad and what must be done, what it is, how long and where."""
    lasted = (now - row.created_at).total_seconds()
    urgent = urgency(row)
    text, answered = people(row, now, exact=exact, urgent=False)
    where: list[Cell] = [(shown(row.chat_channel), "dim")] if row.chat_channel else []
    return (
        TileLine(
            [(f"#{row.number} ", "strong"), impact_cell(row.impact, is_open=True)], [urgent] if urgent else [], where
        ),
        TileLine([(_drill(row) + shown(row.title), "strong")]),
        TileLine([(f"{duration(lasted) if exact else coarse(lasted)}", ""), (" · ", "dim"), (text, answered)]),
    )


def urgency(row: IncidentRow) -> Cell | None:
    """What cannot wait."""
    if row.mine:
        return "YOU ARE PAGED", "warn"
    return ("NOBODY LEFT !", "loud") if row.exhausted else None


def people(row: IncidentRow, now: datetime, *, exact: bool = False, urgent: bool = True) -> Cell:
    """Who was reached, and when the next step is due: to the second where one looks (`exact`), else to the minute. A
    list in which every line ticks is no help over a slow line. What cannot wait stands before it when `urgent`."""
    if urgent and row.exhausted:
        return "NOBODY LEFT !", "loud"
    you = "you " if urgent and row.mine else ""
    answered = f"{you}{row.acknowledged} of {row.engaged}" + ("" if urgent else " ack")
    style = "good" if row.acknowledged else "warn"
    if row.next_escalation is not None:
        seconds = (row.next_escalation - now).total_seconds()
        left = countdown(seconds) if exact or seconds <= 0 else coarse(seconds)
        return f"{answered} · {'' if urgent else 'next '}{left}", style
    return answered, style if row.engaged else "dim"


def coarse(seconds: float) -> str:
    """A duration that changes once a minute at most."""
    return "< 1 min" if seconds < 60 else duration(seconds)


def away(missed: Away, now: datetime) -> str:
    """What happened while somebody was away."""
    counts = [
        (missed.started, "started"),
        (missed.resolved, "resolved"),
        (missed.paged, "page to you" if missed.paged == 1 else "pages to you"),
        (missed.waiting, "waits for you" if missed.waiting == 1 else "wait for you"),
    ]
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return f"While you were away, {duration((now - missed.since).total_seconds())}: {told}"


def _drill(row: IncidentRow) -> str:
    return "DRILL " if row.drill else ""
