"""What every screen has: the title, what is wrong, the keys, and news from the program."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from imtui.domain.errors import ImtuiError, Unavailable
from widgets.lasting import Lasting
from widgets.lines import AlarmLine, Line
from widgets.painting import SpanCompositor

if TYPE_CHECKING:
    from imtui.services.context import Context
    from screens.history import History


_ACT = re.compile(r"\{([a-z0-9-]+)\}")


class Host(Protocol):
    """What a screen may ask of the program."""

    utc: bool

    @property
    def touring(self) -> bool:
        """Whether a tour leads through the program: its lines need a place on every screen."""
        ...

    @property
    def context(self) -> Context | None:
        """The surroundings of calls; None until the database is open."""
        ...

    def now(self) -> datetime:
        """The program's present instant."""
        ...

    def said(self, text: str, *, wrong: bool = False) -> None:
        """Show what was done, or why not."""
        ...

    def open_incident(self, incident_id: str) -> None:
        """Go to the details of an incident."""
        ...

    def copied(self, text: str) -> None:
        """Put a text on the clipboard of the person's own machine."""
        ...

    def key(self, id_: str) -> str:
        """The key to name for an act of the registry, as it is mapped now."""
        ...

    def history(self, name: str) -> History:
        """The lines that were typed at a prompt, such as "filters"."""
        ...

    def defect(self, error: Exception) -> None:
        """Say that something went wrong that should not have, and go on."""
        ...

    def held(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Coroutine[Any, Any, None]:
        """Does a work. What is typed from now on waits for the dialog or screen that it shows, or for its end."""
        ...

    @property
    def session(self) -> str:
        """By which this program is known among those that look at an incident."""
        ...

    def looked(self, *places: str) -> None:
        """Somebody has looked at these places until now: an incident's tab is `ID/TAB`."""
        ...

    def came_up(self, screen: LiveScreen) -> None:
        """A screen has come to the top and can be drawn."""
        ...

    def lines(self) -> None:
        """Say the lines around the screen anew: the title, what is wrong, the keys."""
        ...


async def guarded(host: Host, work: Callable[[], Coroutine[Any, Any, Any]], *, lost: bool = False) -> None:
    """Do something beside the screen. Whatever goes wrong is said, and nothing ends by it. `lost`: that the database
    is away is for the caller to tell, and raised."""
    try:
        await work()
    except Unavailable as error:
        if lost:
            raise
        host.said(str(error), wrong=True)
    except ImtuiError as error:
        host.said(str(error), wrong=True)
    except Exception as error:
        host.defect(error)


class LiveScreen(Lasting, Screen[None]):
    """A screen that shows what is, and follows changes."""

    ACTS: ClassVar[frozenset[str]] = frozenset()
    """The ids of the acts this screen can do."""

    TOPICS: ClassVar[frozenset[str]] = frozenset()
    """What it must read again when it changes."""

    HEADING: ClassVar[str] = ""

    DEFAULT_CSS = """
    LiveScreen { background: $background; layout: vertical; }
    LiveScreen > #body { height: 1fr; }
    LiveScreen > #title { background: $surface; }
    LiveScreen > #keys { background: $surface; }
    LiveScreen.-tour ToastRack { margin-bottom: 3; }
    """

    def compose(self) -> ComposeResult:
        yield Line(name="title")
        yield AlarmLine(name="alarm")
        yield from self.body()
        if self.host.touring:
            from widgets.tour_line import TourLine

            yield TourLine(name="tour")
            yield TourLine(name="tour-way")
        yield Line(name="keys")

    def body(self) -> Iterable[Widget]:
        """What stands between the title and the keys."""
        return ()

    @property
    def host(self) -> Host:
        return cast("Host", self.app)

    @property
    def spot(self) -> str:
        """The part of it that one looks at, such as a tab; empty where there is but one."""
        return ""

    @property
    def narrowed(self) -> bool:
        """Whether a filter hides part of it."""
        return False

    @property
    def context(self) -> Context:
        """The surroundings of calls; raises ImtuiError while the database is not open yet."""
        context = self.host.context
        if context is None:
            raise ImtuiError("the database is still being opened: try again in a moment")
        return context

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self._reading = asyncio.Lock()
        self._asked = self._shown = 0

    async def reload(self) -> None:
        """Read again what is shown."""

    async def again(self) -> None:
        """Read again what is shown, one reading after the other, so that the newest stands; those who ask while one
        is under way share the next."""
        self._asked += 1
        mine = self._asked
        async with self._reading:
            if self._shown >= mine or not self.is_attached:
                return
            begun = self._asked
            try:
                await self.reload()
                self._shown = begun
                self.host.lines()
            except Exception:
                if self._is_left():
                    return  # it was left meanwhile: what it misses is its own parts
                raise

    def over(self, text: str) -> None:
        """What is shown does not exist any more: say so, and leave unless somebody is in a dialog above."""
        self.host.said(text, wrong=True)
        if self.app.screen is self:
            self.app.pop_screen()

    def _is_left(self) -> bool:
        return self not in self.app.screen_stack

    def tick(self, now: datetime) -> None:
        """A second has passed."""

    def heading(self) -> Sequence[tuple[str, str]]:
        """What the title says besides the program's name."""
        return ((self.HEADING, ""),)

    def concerns(self, topics: frozenset[str], incidents: frozenset[str]) -> bool:
        """Whether a change of these topics and incidents must be read."""
        return bool(self.TOPICS & topics)

    def offers(self, id_: str) -> bool:
        """Whether the line of keys names an act that is possible here: not where it would say that nothing is to do."""
        return True

    def keyed(self, text: str) -> str:
        """A text of the program's own in which `{id}` stands for the key of an act, as it is mapped now."""
        return _ACT.sub(lambda found: self.host.key(found[1]), text)

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        self.call_after_refresh(self.host.came_up, self)

    def read_again(self) -> None:
        """Read again what is shown, beside everything else."""
        self.run_worker(guarded(self.host, self.again), exit_on_error=False)

    def perform(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do something that takes a while or asks; what goes wrong is said, and the screen stays. What is typed
        meanwhile waits for the dialog, or for the end of the work."""
        host = self.host
        self.run_worker(host.held(lambda: guarded(host, work)), exit_on_error=False)

    async def sure(self, title: str, text: str, verb: str) -> bool:
        """Ask, with Cancel in focus."""
        from screens.dialogs import Confirm

        return bool(await self.ask(Confirm(title, text, verb)))

    async def ask(self, dialog: Any) -> Any:
        """Show a dialog and wait for what it gives; None when it was left."""
        return await self.app.push_screen_wait(dialog)

    def short(self, when: datetime, now: datetime) -> str:
        """The time of day, with the day where it is not today."""
        here, today = (when, now) if self.host.utc else (when.astimezone(), now.astimezone())
        return here.strftime("%H:%M:%S" if here.date() == today.date() else "%m-%d %H:%M:%S")

    def day(self, when: datetime) -> str:
        """The day and the minute: 15 cells."""
        return self.local(when)[2:16]

    def local(self, when: datetime | None, *, date: bool = True) -> str:
        """An instant as this person wants it: local or UTC."""
        if when is None:
            return ""
        shown = when if self.host.utc else when.astimezone()
        return shown.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S") + (" Z" if self.host.utc else "")
