"""Replaying an incident: what the banner said at each event, step by step or by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from imtui import services
from imtui.domain.duration import countdown, duration
from imtui.domain.replay import ACKNOWLEDGED, ENGAGED, PAGED, STOPPED, Moment, moments
from imtui.domain.text import shown
from imtui.domain.timeline import TimelineEvent
from screens.dialogs import Dialog, words
from screens.event_text import Times, kind
from screens.live import LiveScreen
from widgets.cells import steady

STEP_SECONDS = 0.7
"""How long each event stands while it plays."""

MOST = 20_000
_CHUNK = 500
_STATES = ((ENGAGED, ""), (PAGED, "$warning"), (ACKNOWLEDGED, "bold $success"), (STOPPED, "$secondary"))
_NAMES = 6


async def replay(screen: LiveScreen, incident: str, names: Mapping[str, str]) -> None:
    """Replay an incident from its timeline; `names`: what people and plans are called, by their ARNs."""
    events: list[TimelineEvent] = []
    count = 1
    while len(events) < min(count, MOST):
        page = await services.timeline.page(screen.context, incident, offset=len(events), limit=_CHUNK)
        count = page.total
        events += page.events
        if not page.events:
            break
    if not events:
        screen.host.said("nothing has happened yet", wrong=True)
        return
    found = await services.incidents.get(screen.context, incident)
    await screen.ask(Replay(f"Replay of #{found.number}", list(moments(events)), names, screen))


class Replay(Dialog[None]):
    """One moment after the other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False, priority=True),
        Binding("j,down,l,right", "step(1)", "Next", show=False),
        Binding("k,up,h,left", "step(-1)", "Before", show=False),
        Binding("pagedown,ctrl+d", "step(10)", "Ten on", show=False),
        Binding("pageup,ctrl+u", "step(-10)", "Ten back", show=False),
        Binding("g,home", "go(0)", "First", show=False),
        Binding("G,end", "go(-1)", "Last", show=False),
        Binding("space", "play", "Play", show=False),
    ]
    DEFAULT_CSS = """
    Replay > Vertical { width: 90; max-width: 98%; height: auto; background: $surface; padding: 1 2; }
    Replay .part { margin-top: 1; height: auto; }
    Replay #event { min-height: 3; max-height: 8; }
    Replay .keys { color: $secondary; margin-top: 1; }
    """

    def __init__(self, title: str, found: Sequence[Moment], names: Mapping[str, str], times: Times) -> None:
        super().__init__()
        self._title, self._found, self._names, self._times = title, list(found), names, times
        self.place = 0
        self._playing: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(words(self._title), classes="title")
            yield Static(id="state", classes="part")
            yield Static(id="people", classes="part")
            yield Static(id="event", classes="part")
            yield Static(id="next", classes="part")
            yield Static("j k step   g G ends   space plays and stops   esc close", classes="keys")

    def on_mount(self) -> None:
        self._show()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        self._stop()
        self._to(self.place + by)

    def action_go(self, place: int) -> None:
        self._stop()
        self._to(place % len(self._found))

    def action_play(self) -> None:
        """Play from here on, from the start when this is the end; or stop."""
        if self._playing is not None:
            self._stop()
            self._show()
            return
        if self.place == len(self._found) - 1:
            self._to(0)
        self._playing = self.set_interval(STEP_SECONDS, self._play_on)
        self._show()

    def _play_on(self) -> None:
        if self.place >= len(self._found) - 1:
            self._stop()
            self._show()
        else:
            self._to(self.place + 1)

    def _stop(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = None

    def _to(self, place: int) -> None:
        self.place = max(0, min(place, len(self._found) - 1))
        self._show()

    def _show(self) -> None:
        moment = self._found[self.place]
        following = self._found[self.place + 1] if self.place + 1 < len(self._found) else None
        playing = "   playing" if self._playing is not None else ""
        title = f"{self._title}   event {self.place + 1} of {len(self._found)}{playing}"
        self._say(".title", words(title))
        self._say("#state", self._state(moment))
        self._say("#people", self._people(moment))
        self._say("#event", self._event(moment))
        self._say("#next", self._next(moment, following))

    def _say(self, where: str, content: Content) -> None:
        static = self.query_one(where, Static)
        if static.content != content:
            static.update(content)

    def _state(self, moment: Moment) -> Content:
        since = (moment.at - self._found[0].at).total_seconds()
        parts: list[Any] = [("OPEN" if moment.is_open else "RESOLVED", "bold $warning" if moment.is_open else "")]
        if moment.impact is not None:
            parts.append((f"   impact {int(moment.impact)} {moment.impact.label}", "bold"))
        parts.append((f"   after {duration(since)}", "$secondary"))
        if moment.silent:
            parts.append(("   NOBODY IS LEFT TO PAGE", "bold reverse $error"))
        parts.append(f"\n{steady(shown(moment.title))}")
        return Content.assemble(*parts)

    def _people(self, moment: Moment) -> Content:
        parts: list[Any] = []
        for state, style in _STATES:
            names = [self._called(person) for person in moment.those(state)]
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            told = steady(shown(", ".join(names[:_NAMES]))) + more if names else "–"
            parts += ["\n" if parts else "", (f"{state:<13}", "$secondary"), (told, style if names else "$secondary")]
        return Content.assemble(*parts)

    def _event(self, moment: Moment) -> Content:
        event = moment.event
        head = f"{self._times.local(event.event_time)}  {kind(event)}\n"
        return Content.assemble((head, "$secondary"), steady(shown(event.text, lines=True)))

    def _next(self, moment: Moment, following: Moment | None) -> Content:
        if following is None:
            return Content.styled("This is the last event.", "$secondary")
        wait = countdown((following.at - moment.at).total_seconds())
        text = steady(shown(following.event.text))
        return Content.assemble(("next         ", "$secondary"), (f"+{wait} " if wait != "now" else "at once "), text)

    def _called(self, arn: str) -> str:
        return self._names.get(arn) or arn.rpartition("/")[2]
