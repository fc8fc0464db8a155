"""The picture on the wall: the open incidents one after the other, then the list, and so on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from imtui import services
from imtui.domain.errors import Unavailable
from imtui.domain.incident import Status
from screens.details import DetailsScreen
from screens.incidents import IncidentsScreen
from screens.live import LiveScreen

if TYPE_CHECKING:
    from imtui.app.acts import ActingApp
    from imtui.services.context import Context

STAY_SECONDS = 60.0
"""Somebody who pressed a key looks at what they chose for so long."""

MOST = 100
"""So many incidents in one round: those that need somebody most."""


class Wall(Protocol):
    """What is shown to whoever passes by."""

    def free(self) -> bool:
        """Whether the picture may change: no dialog is open, and nobody holds it."""
        ...

    def said(self, text: str) -> None:
        """Tell whoever is there."""
        ...

    def show_incident(self, incident_id: str) -> None:
        """Show the details of an incident, instead of what is shown."""
        ...

    def show_list(self) -> None:
        """Show the list of open incidents."""
        ...


class Pace(Protocol):
    """Real seconds."""

    def monotonic(self) -> float: ...
    async def pause(self, seconds: float) -> None: ...


class Rotation:
    """Shows another picture each so many seconds. `read` gives the ids of the open incidents, in their order."""

    def __init__(self, wall: Wall, pace: Pace, seconds: float, read: Callable[[], Awaitable[Sequence[str]]]) -> None:
        self._wall, self._pace, self._seconds, self._read = wall, pace, seconds, read
        self._round: Sequence[str] = ()
        self._shown = ""
        self._stays_until = float("-inf")

    def touched(self) -> None:
        """Somebody is there: the picture stays for a while."""
        now = self._pace.monotonic()
        if now >= self._stays_until:
            self._wall.said(f"this stays for {STAY_SECONDS:g} seconds, then the incidents go on")
        self._stays_until = now + STAY_SECONDS

    async def run(self) -> None:
        """Rotate until this is cancelled. While the database is away the last picture stays."""
        while True:
            await self._pace.pause(self._seconds)
            while (left := self._stays_until - self._pace.monotonic()) > 0:
                await self._pace.pause(left)
            if self._wall.free():
                await self._turn()

    async def _turn(self) -> None:
        try:
            found = await self._read()
        except Unavailable:
            return
        if not self._wall.free() or self._stays_until > self._pace.monotonic():
            return  # somebody came while the database was asked
        if not self._shown:
            self._round = found
        self._shown = following(self._round, self._shown, found)
        if self._shown:
            self._wall.show_incident(self._shown)
        else:
            self._wall.show_list()


def following(before: Sequence[str], shown: str, now: Sequence[str]) -> str:
    """What comes after the incident that is shown: the next of this round that is still open; empty, for the list,
    when there is none. After the list the first."""
    rest = before[before.index(shown) + 1 :] if shown in before else (() if shown else now)
    still = frozenset(now)
    return next((one for one in rest if one in still), "")


def rotation_of(app: ActingApp, context: Context, seconds: float) -> Rotation:
    """The rotation of a program."""

    async def read() -> list[str]:
        page = await services.incident_list.page(context, status=Status.OPEN.value, limit=MOST)
        return [row.id for row in page.rows]

    return Rotation(_Screens(app), context.clock, seconds, read)


class _Screens:
    """The program's screens as such a wall."""

    def __init__(self, app: ActingApp) -> None:
        self._app = app

    def free(self) -> bool:
        return not self._app.paused and isinstance(self._app.screen, LiveScreen)

    def said(self, text: str) -> None:
        self._app.said(text)

    def show_incident(self, incident_id: str) -> None:
        if isinstance(self._app.screen, DetailsScreen):
            self._app.switch_screen(DetailsScreen(incident_id))
        else:
            self._app.act_go_incidents()
            self._app.push_screen(DetailsScreen(incident_id))

    def show_list(self) -> None:
        self._app.act_go_incidents()
        home = self._app.screen
        if isinstance(home, IncidentsScreen) and home.spot != Status.OPEN.value.lower():
            home.act_tab_1()
