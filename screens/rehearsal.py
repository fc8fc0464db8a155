"""A rehearsal: every page that would be sent from an instant on, as a table and a time line. It sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget

from imtui import services
from imtui.domain import rehearsal_text as text_of
from imtui.domain.errors import ValidationFailed
from imtui.domain.instants import FORMS, moment
from imtui.domain.rehearsal import Ending, Kind
from imtui.domain.rehearsing import not_sent
from imtui.domain.text import shown
from imtui.domain.time_line import Piece, drawn
from screens.forms import Field, Form
from screens.live import LiveScreen
from widgets.cells import steady
from widgets.drawing import Drawing
from widgets.lines import Line
from widgets.virtual import VirtualList
from widgets.virtual_table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from imtui.services.rehearsals import Rehearsed

_STYLES = {
    Kind.PAGE: "",
    Kind.SKIPPED: "warn",
    Kind.GAP: "loud",
    Kind.NOBODY_LEFT: "loud",
    Kind.ACKNOWLEDGED: "good",
    Kind.STOPPED: "good",
}
_NARROW = 100
"""Below so many columns channels are named without their addresses."""

_LEAST_TABLE = 6
"""So many lines are left to the table, however many people the time line has."""


class RehearsalScreen(LiveScreen):
    """What a plan, a contact or an incident would page."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "back", "instant", "suppose", "zoom", "copy"})
    TOPICS: ClassVar[frozenset[str]] = frozenset({"contact", "plan", "engagement", "incident", "schedule", "rotation"})
    HEADING: ClassVar[str] = "Rehearsal"
    DEFAULT_CSS = """
    RehearsalScreen #what, RehearsalScreen #end { background: $surface; }
    RehearsalScreen.-zoomed #body { display: none; }
    RehearsalScreen.-zoomed #drawing { height: 1fr; }
    """

    def __init__(self, ref: str, at: datetime | None = None) -> None:
        super().__init__()
        self.ref = ref
        self.at = at
        """From when; None: from now on."""
        self.supposed: tuple[tuple[str, float], ...] = ()
        """Who is supposed to acknowledge (ARN), and after how many minutes."""
        self.found: Rehearsed | None = None

    def body(self) -> Iterable[Widget]:
        columns = (
            Column("Min", 6, right=True, narrow=5),
            Column("Time", 5),
            Column("Who", 16, narrow=12),
            Column("Channel", 24, narrow=12),
            Column("Stopped by", 14, narrow=10),
            Column("Why", 0),
        )
        self.table: VirtualTable[text_of.Line] = VirtualTable(columns, _key, self._cells, empty="…", name="body")
        self.drawing = Drawing(name="drawing")
        yield Line(name="what")
        yield Line(name="end")
        yield self.table
        yield self.drawing
        yield Line(name="legend")
        yield Line(name="warnings")

    def on_mount(self) -> None:
        self.table.focus()
        self.read_again()

    def heading(self) -> Sequence[tuple[str, str]]:
        if self.found is None:
            return ((self.HEADING, ""),)
        return ((f"Rehearsal of {self.found.kind} ", ""), (shown(self.found.label), "strong"))

    def concerns(self, topics: frozenset[str], incidents: frozenset[str]) -> bool:
        """Of what happens in incidents, only what happens in the one that is rehearsed."""
        mine = self.found is not None and self.found.kind == "incident" and self.found.arn.rpartition("/")[2]
        own = {"engagement", "incident"} if mine in incidents else set()
        return bool(topics & (self.TOPICS - {"engagement", "incident"} | own))

    # ------------------------------------------------------------ showing

    async def reload(self) -> None:
        read = services.rehearsals.of
        self.found = await read(self.context, self.ref, at=self.at, acknowledgements=self.supposed)
        self._paint()

    def on_resize(self) -> None:
        if self.found is not None:
            self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        found = self.found
        if found is None or not self.is_attached:
            return
        now = self.host.now()
        self.table.empty = f"{text_of.ending(found.course).capitalize()}."
        self.table.show(text_of.lines(found.course, found.names, found.plan), now=now)
        told = text_of.rows(found.course, found.names, found.plan)
        rows = [row._replace(label=steady(shown(row.label))) for row in told]
        minutes = text_of.minutes_of(found.course, found.plan)
        zoomed = self.has_class("-zoomed")
        all_warnings: list[list[Piece]] = [[(f"! {shown(warning)}", "warn")] for warning in found.warnings]
        below = [[], *all_warnings] if zoomed and all_warnings else []
        self.drawing.show(lambda width: self._fitted([*drawn(rows, minutes, width), *below]))
        self.query_one("#legend", Line).say([(f"  {text_of.legend(rows)}" if rows else "", "dim")])
        self.query_one("#what", Line).say(self._what(found))
        self.query_one("#end", Line).say(self._end(found))
        many = f" {len(found.warnings) - 1} more: {self.host.key('zoom')} " if len(found.warnings) > 1 else ""
        warned = [(f"! {shown(found.warnings[0])}", "warn")] if found.warnings and not zoomed else []
        self.query_one("#warnings", Line).say(warned, [(many, "warn")] if warned and many else [])

    def _what(self, found: Rehearsed) -> list[Piece]:
        """From when, and who is supposed to acknowledge."""
        label = found.names.label
        supposed = ", ".join(f"{shown(label(one.person))} at +{one.minute:g}" for one in found.acknowledgements)
        pieces: list[Piece] = [(f" from {self.local(found.course.at)}" + ("" if self.at else " (now)"), "")]
        return [*pieces, ("   acknowledged by ", "dim"), (supposed, "good")] if supposed else pieces

    def _end(self, found: Rehearsed) -> list[Piece]:
        """How many pages, and how it ends."""
        count, stopped = len(found.course.pages), len(not_sent(found.plan, found.course))
        told = f" {count} page{'' if count == 1 else 's'}" + (f", {stopped} not sent" if stopped else "")
        loud = found.course.ending in (Ending.NOBODY_LEFT, Ending.NOTHING)
        return [(told, "strong"), (f"; {text_of.ending(found.course)}", "warn" if loud else "")]

    def _fitted(self, lines: list[list[Piece]]) -> list[list[Piece]]:
        """The first lines, where there are more than the screen has room for."""
        room = self.size.height - 9 - (0 if self.has_class("-zoomed") else _LEAST_TABLE)
        room = max(3, room)
        if len(lines) <= room:
            return lines
        hidden = len(lines) - room + 1
        return [*lines[: room - 1], [(f"… and {hidden} more: {self.host.key('zoom')}", "dim")]]

    def _cells(self, line: text_of.Line, now: datetime) -> Sequence[Cell]:
        found = self.found
        assert found is not None
        step, style = line.step, _STYLES.get(line.step.kind, "dim") if line.sent else "dim"
        by = text_of.stops(step, found.stoppers, found.names) if step.kind is Kind.PAGE else ""
        time = self.local(step.at, date=False)
        channel = found.names.channel(step.channel) if self.size.width < _NARROW else None
        how = channel.name if channel is not None else line.how
        return (
            (text_of.clock(found.course.minute(step)), style),
            (time[:5], "dim"),
            (shown(line.who) or "–", "strong" if line.sent and step.kind is Kind.PAGE else style),
            (shown(how), style),
            (shown(by), "dim"),
            (shown(line.why), style),
        )

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        """Suppose that whom the line is about acknowledges there; once more takes that back."""
        found, line = self.found, self.table.selected
        if found is None or line is None or not line.step.person or line.step.kind is Kind.GAP:
            self.host.said("choose the line of a person: that they acknowledge there is supposed then", wrong=True)
            return
        person, minute = line.step.person, found.course.minute(line.step)
        if any(one == person for one, _ in self.supposed):
            self.supposed = tuple((one, at) for one, at in self.supposed if one != person)
        else:
            self.supposed += ((person, max(0.0, minute)),)
        self.read_again()

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self.act_open()

    def act_back(self) -> None:
        """One step: what is supposed, then the zoom, then the rehearsal itself."""
        if self.supposed:
            self.supposed = ()
        elif self.has_class("-zoomed"):
            self.act_zoom()
            return
        else:
            self.app.pop_screen()
            return
        self.read_again()

    def act_zoom(self) -> None:
        """The time line alone, or with the table again."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self._paint)

    def act_copy(self) -> None:
        """The whole table as text."""
        found = self.found
        if found is not None:
            rows = text_of.lines(found.course, found.names, found.plan)
            told = [
                f"{text_of.clock(found.course.minute(one.step))}  {one.who}  {one.how}  {one.why}".rstrip()
                for one in rows
            ]
            self.host.copied("\n".join(told))

    def act_instant(self) -> None:
        """Rehearse from another instant on."""
        now = self.host.now()
        here = now if self.host.utc else now.astimezone()

        async def submit(values: dict[str, Any]) -> Any:
            text = values["at"].strip()
            return (None if text.lower() in ("", "now") else moment(text, here, "at"),)

        async def ask() -> None:
            text = self.local(self.at)[:16] if self.at else "now"
            field = Field("at", "From when", text, help=FORMS)
            chosen = await self.ask(Form("Rehearse from another instant", [field], submit, verb="Rehearse"))
            if chosen is not None:
                (self.at,) = chosen
                self.read_again()

        self.perform(ask)

    def act_suppose(self) -> None:
        """Suppose that somebody acknowledges at any minute."""
        found = self.found
        if found is None or not found.people:
            self.host.said("there is nobody who could acknowledge", wrong=True)
            return
        line = self.table.selected
        who = line.step.person if line is not None and line.sent else ""
        people = dict(found.people)
        minute = found.course.minute(line.step) if line is not None else 0.0

        async def submit(values: dict[str, Any]) -> Any:
            if not values["who"]:
                raise ValidationFailed("choose who acknowledges", "who")
            try:
                return values["who"], float(values["minute"].strip())
            except ValueError:
                raise ValidationFailed("a number of minutes, such as 5", "minute") from None

        async def ask() -> None:
            fields = [
                Field("who", "Who acknowledges", who if who in people else "", "choice", choices=_choices(found)),
                Field("minute", "After how many minutes", f"{minute:g}"),
            ]
            chosen = await self.ask(Form("Suppose an acknowledgement", fields, submit, verb="Suppose"))
            if chosen is not None:
                self.supposed = (*((one, at) for one, at in self.supposed if one != chosen[0]), chosen)
                self.read_again()

        self.perform(ask)


def _choices(found: Rehearsed) -> tuple[tuple[str, Any], ...]:
    return tuple((f"{label} ({arn.rpartition('/')[2]})", arn) for arn, label in found.people)


def _key(line: text_of.Line) -> str:
    step = line.step
    return f"{step.at.isoformat()} {step.kind} {step.target} {step.person} {step.channel} {step.plan} {line.sent}"
