"""The full-screen program: it opens the services, knows the screens, follows changes, and runs the engine."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from imtui.actions import Action, remapped, shown_key
from imtui.clock import Clock, SystemClock
from imtui.config import Config
from imtui.domain.errors import ImtuiError, Unavailable
from imtui.domain.incident import FirstPage
from imtui.domain.text import shown
from screens.incidents import IncidentsScreen
from screens.live import LiveScreen
from storage.first_page import first_page
from widgets.lines import AlarmLine, Line
from widgets.theme import DARK, LIGHT
from widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from imtui.engine.engine import Engine
    from imtui.services.context import Context

FIRST_ROWS = 100
MIN_WIDTH, MIN_HEIGHT = 80, 24


class Setting(NamedTuple):
    """How the program was called. `speed` is what was asked for, `demo` a line for the title of a demonstration."""

    location: str
    config: Config
    user: str
    read_only: bool = False
    speed: float | None = None
    engine: bool = True
    demo: str = ""


class ImtuiApp(App[None]):
    """One person's program."""

    TITLE = "imtui"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Toast { width: auto; max-width: 70; background: $panel; padding: 0 1; }
    ToastRack { align-horizontal: right; }
    """
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, setting: Setting, story: Callable[[ImtuiApp], Any] | None = None) -> None:
        super().__init__()
        self.setting = setting
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = "imtui-light" if setting.config.theme == "light" else "imtui-dark"
        found = first_page(setting.location, FIRST_ROWS)
        self.first: FirstPage | None = found[0] if found else None
        self.clock: Clock = found[1] if found else SystemClock()
        self.actions = remapped(setting.config.keys)
        self.utc = False
        self.paused = False
        self.failed: str | None = None
        """Why the program could not begin, or had to end."""
        self._story = story
        self._calls: Context | None = None
        self._engine: Engine | None = None
        self._working: asyncio.Task[None] | None = None
        self._alarm = ""
        self._lost = ""
        self._history: list[str] = []
        self._stale: set[LiveScreen] = set()
        for action in self.actions:
            for key in action.keys:
                self._bindings._add_binding(Binding(key, f"act('{action.id}')", action.label, show=False))

    # ------------------------------------------------------------ beginning and end

    def get_default_screen(self) -> Screen[Any]:
        return IncidentsScreen(self.first)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self._lines()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """The first frame stands: from here on garbage is collected again."""
        gc.freeze()
        gc.enable()
        self.run_worker(self._open(), exit_on_error=False, name="open the database")

    async def _open(self) -> None:
        """Load what the first frame did without, open the database, then follow it."""
        try:
            await asyncio.to_thread(_load)
            self._calls = await _open_context(self.setting)
            self.clock = self._calls.clock
        except ImtuiError as error:
            self.failed = str(error)
            self.exit(return_code=1)
            return
        if self.setting.engine and not self.setting.read_only:
            self._start_engine()
        self.run_worker(self._follow(), exit_on_error=False, name="follow changes")
        if self._story is not None:
            self.run_worker(self._story(self), exit_on_error=False, name="story")

    def _start_engine(self) -> None:
        from imtui.engine.engine import Engine

        assert self._calls is not None
        context = self._calls
        self._engine = Engine(context.database, context.clock, context.config)
        self._working = asyncio.create_task(self._engine.run(), name="engine")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self._leave_soon)

    def _leave_soon(self) -> None:
        self.run_worker(self.leave(), exit_on_error=False)

    async def leave(self) -> None:
        """End in order: give the lease back, close the database."""
        if self._engine is not None and self._working is not None:
            self._engine.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._working), 4)
            self._engine = None
        self.exit()

    async def on_unmount(self) -> None:
        if self._engine is not None and self._working is not None:
            self._engine.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._working), 4)
        if self._calls is not None:
            await self._calls.database.close()

    # ------------------------------------------------------------ what screens may ask

    @property
    def context(self) -> Context | None:
        """The surroundings of calls; None until the database is open."""
        return self._calls

    def now(self) -> datetime:
        """The program's present instant."""
        return self.clock.now()

    def said(self, text: str, *, wrong: bool = False) -> None:
        """Show what was done, or why not."""
        severity: Any = "error" if wrong else "information"
        self.notify(shown(text), severity=severity, timeout=8 if wrong else 4, markup=False)

    def open_incident(self, incident_id: str) -> None:
        """Go to the details of an incident."""
        from screens.details import DetailsScreen

        if isinstance(self.screen, DetailsScreen) and self.screen.incident_id == incident_id:
            return
        self.push_screen(DetailsScreen(incident_id))

    def copied(self, text: str) -> None:
        """Put a text on the clipboard of the person's own machine, through tmux too."""
        from widgets.clipboard import copy

        copy(self, text)
        self.said(f"copied: {text[:60]}")

    # ------------------------------------------------------------ following

    async def _follow(self) -> None:
        """Every change, whoever made it, reaches the screens within half a second."""
        from storage.watch import Watcher, changes_since, latest_seq

        assert self._calls is not None
        context = self._calls
        async with Watcher(context.database, context.clock) as watcher:
            async with context.database.read() as reader:
                seq = await latest_seq(reader)
            await self._look()
            await self._reload(self._live_screens())
            while True:
                await watcher.wait()
                try:
                    if watcher.lost:
                        raise Unavailable(f"the database is away ({watcher.lost}); the last picture stays")
                    async with context.database.read() as reader:
                        changes = await changes_since(reader, seq)
                    await self._look()
                except Unavailable as error:
                    self._lost = str(error)
                    self._lines()
                    continue
                came_back, self._lost = bool(self._lost), ""
                if changes:
                    seq = changes[-1].seq
                topics = frozenset(change.topic for change in changes)
                incidents = frozenset(change.incident_id for change in changes if change.incident_id)
                self._lines()
                if self._rings(topics):
                    self.bell()
                if not self.paused:
                    concerned = [s for s in self._live_screens() if came_back or s.concerns(topics, incidents)]
                    await self._reload(concerned)

    def _rings(self, topics: frozenset[str]) -> bool:
        """With no provider at all, the terminal's bell is the page."""
        sections = self.setting.config.sections
        return "message" in topics and not {"email", "sms", "voice"} & set(sections)

    async def _reload(self, screens: list[LiveScreen]) -> None:
        """Read again what is on top at once; what lies below when it comes up."""
        for screen in screens:
            if screen is self._top():
                try:
                    await screen.reload()
                except ImtuiError as error:
                    self.said(str(error), wrong=True)
            else:
                self._stale.add(screen)
        self._lines()

    def _live_screens(self) -> list[LiveScreen]:
        return [screen for screen in self.screen_stack if isinstance(screen, LiveScreen)]

    def _top(self) -> LiveScreen | None:
        """The topmost live screen, also when a dialog stands over it."""
        live = self._live_screens()
        return live[-1] if live else None

    def on_screen_resume(self) -> None:
        self._lines()

    async def _look(self) -> None:
        """What must be seen on every screen: trouble of the program, and incidents that nobody answers."""
        from imtui import services

        assert self._calls is not None
        health = await services.health.report(self._calls)
        found = [f"NOBODY LEFT TO PAGE: #{number} {shown(title)}" for number, title in health.exhausted]
        found += [shown(text) for _, _, text in health.alarms]
        if not health.leader and (health.running or health.outbox_pending) and not self.setting.engine:
            found.append("no engine runs: nobody is paged")
        more = f"   (+{len(found) - 1} more)" if len(found) > 1 else ""
        self._alarm = found[0] + more if found else ""

    def _tick(self) -> None:
        screen = self._top()
        if screen is not None and not self.paused:
            if screen in self._stale and self._calls is not None:
                self._stale.discard(screen)
                screen.perform(screen.reload)
            screen.tick(self.now())
        self._lines()

    # ------------------------------------------------------------ the lines around every screen

    def _lines(self) -> None:
        screen = self._top()
        if screen is None or not screen.is_mounted:
            return
        for line in screen.query("#title").results(Line):
            line.say(*self._title(screen))
        for alarm in screen.query(AlarmLine):
            alarm.warn(self._lost or self._alarm)
        for line in screen.query("#keys").results(Line):
            line.say(self._keys(screen))

    def _title(self, screen: LiveScreen) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        left = [(" imtui ", "strong"), *screen.heading()]
        right: list[tuple[str, str]] = []
        if self.setting.demo:
            right.append((f" {self.setting.demo} ", "warn"))
        if self.paused:
            right.append((" HELD ", "warn"))
        if self.setting.read_only:
            right.append((" READ-ONLY ", "warn"))
        if self.clock.speed != 1.0:
            right.append((f" TIME ×{self.clock.speed:g} ", "warn"))
        if self._calls is None:
            right.append((" opening … ", "dim"))
        now = self.now()
        time = now.strftime("%H:%M:%S Z") if self.utc else now.astimezone().strftime("%H:%M:%S")
        right += [(f" {shown(self.setting.user)} ", "dim"), (f"{time} ", "")]
        return left, right

    def _keys(self, screen: LiveScreen) -> list[tuple[str, str]]:
        if self.size.width < MIN_WIDTH or self.size.height < MIN_HEIGHT:
            text = (
                f" {self.size.width}×{self.size.height} is small: imtui wants {MIN_WIDTH}×{MIN_HEIGHT}. a acknowledges "
            )
            return [(text, "warn")]
        pieces: list[tuple[str, str]] = [(" ", "")]
        hints = sorted((action for action in self.actions if action.hint and self.can(action)), key=lambda x: x.hint)
        for action in hints:
            pieces += [(shown_key(action.keys[0]), "strong"), (f" {action.label.lower()}  ", "dim")]
        return pieces

    # ------------------------------------------------------------ acts

    def can(self, action: Action) -> bool:
        """Whether an act is possible here and now."""
        if action.changes and self.setting.read_only:
            return False
        screen = self.screen
        if isinstance(screen, LiveScreen) and action.id in screen.ACTS:
            return True
        if not isinstance(screen, LiveScreen):
            return False
        if action.id in _MOVES:
            return isinstance(self.focused, VirtualTable) or _scrolls(self.focused)
        return hasattr(self, action.method)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action != "act":
            return super().check_action(action, parameters)
        return self.can(_by_id(self.actions, str(parameters[0])))

    def action_act(self, id_: str) -> None:
        """Do an act of the registry."""
        action = _by_id(self.actions, id_)
        if not self.can(action):
            self.said(f"{action.label}: not here", wrong=True)
            return
        screen = self.screen
        if isinstance(screen, LiveScreen) and id_ in screen.ACTS:
            getattr(screen, action.method)()
        elif id_ in _MOVES:
            _MOVES[id_](self.focused)
        else:
            getattr(self, action.method)()
        self._lines()

    def act_back(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def act_go_incidents(self) -> None:
        self._home()

    def act_go_contacts(self) -> None:
        from screens.contacts import ContactsScreen

        self._go(ContactsScreen)

    def act_go_plans(self) -> None:
        from screens.plans import PlansScreen

        self._go(PlansScreen)

    def act_go_response_plans(self) -> None:
        from screens.response_plans import ResponsePlansScreen

        self._go(ResponsePlansScreen)

    def act_go_notifications(self) -> None:
        from screens.notifications import NotificationsScreen

        self._go(NotificationsScreen)

    def act_go_events(self) -> None:
        from screens.events import EventsScreen

        self._go(EventsScreen)

    def act_utc(self) -> None:
        self.utc = not self.utc
        for screen in self._live_screens():
            if self._calls is not None:
                screen.perform(screen.reload)
        self.said("times are UTC" if self.utc else "times are local")

    def act_pause(self) -> None:
        self.paused = not self.paused
        if not self.paused and self._calls is not None:
            for screen in self._live_screens():
                screen.perform(screen.reload)
        self.said("the picture is held: p goes on" if self.paused else "live again")

    def act_help(self) -> None:
        from screens.palette import Palette

        self._choose(Palette("Help: every act of this screen", self._choices()))

    def act_palette(self) -> None:
        self.act_help()

    def act_command(self) -> None:
        from screens.prompt import Prompt

        def complete(line: str) -> list[str]:
            from imtui.operations.arguments import completions

            return completions(line)

        async def ask() -> None:
            line = await self.push_screen_wait(Prompt(":", history=self._history, complete=complete))
            if line and line.strip():
                self._history.append(line)
                await self._run_line(line)

        self.run_worker(ask(), exit_on_error=False)

    def act_quit(self) -> None:
        self.run_worker(self._quit(), exit_on_error=False)

    async def _quit(self) -> None:
        """The last engine asks before it leaves people unpaged."""
        from screens.dialogs import Confirm

        if self._engine is not None and self._engine.is_leader and self._calls is not None and not self.setting.demo:
            from imtui import services

            health = await services.health.report(self._calls)
            if health.running:
                text = (
                    f"{health.running} engagements are running, and this program is the engine that pages people. "
                    "Unless another imtui runs on this database, nobody is paged until one is started again."
                )
                if not await self.push_screen_wait(Confirm("Quit?", text, "Quit")):
                    return
        await self.leave()

    async def _run_line(self, line: str) -> None:
        """The `:` line: an operation, as in the shell."""
        from imtui.operations.arguments import parse_line
        from screens.dialogs import Reader

        try:
            operation, values = parse_line(line)
            if self._calls is None:
                raise ImtuiError("the database is still being opened: try again in a moment")
            result = await operation.handler(self._calls, **values)
        except ImtuiError as error:
            self.said(str(error), wrong=True)
            return
        lines = list(operation.lines(result))
        if len(lines) > 2:
            self.push_screen(Reader(operation.name, "\n".join(lines)))
        else:
            self.said("\n".join(lines))

    def _choices(self) -> list[tuple[str, str, str, str]]:
        """The acts possible here: id, keys, label, group."""
        return [
            (a.id, " ".join(shown_key(key) for key in a.keys), a.label, a.group) for a in self.actions if self.can(a)
        ]

    def _choose(self, palette: Screen[Any]) -> None:
        def run(id_: str | None) -> None:
            if id_:
                self.action_act(id_)

        self.push_screen(palette, run)

    def _go(self, kind: type[LiveScreen]) -> None:
        if type(self.screen) is kind:
            return
        self._home()
        self.push_screen(kind())

    def _home(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def get_loading_widget(self) -> Any:
        from textual.widgets import Static

        return Static("…")


async def _open_context(setting: Setting) -> Context:
    from imtui.config import login_name
    from imtui.domain.access import Caller
    from imtui.services.context import Context
    from storage.opening import open_database

    database, clock = await open_database(setting.location, clock_speed=setting.speed, read_only=setting.read_only)
    names = setting.config.names
    caller = Caller(setting.user, login_name(), "terminal", names.user(setting.user), setting.read_only)
    return Context(database, clock, names, caller, setting.config)


def _load() -> None:
    """Import what the services need, beside the first frame."""
    import storage.opening  # noqa: F401


def _by_id(actions: tuple[Action, ...], id_: str) -> Action:
    return next(action for action in actions if action.id == id_)


def _scrolls(widget: Any) -> bool:
    return widget is not None and hasattr(widget, "scroll_down") and not hasattr(widget, "cursor_blink")


def _table_or_scroll(table: Callable[[VirtualTable[Any]], None], scroll: str) -> Callable[[Any], None]:
    def move(widget: Any) -> None:
        if isinstance(widget, VirtualTable):
            table(widget)
        elif widget is not None:
            getattr(widget, scroll)(animate=False)

    return move


_MOVES: dict[str, Callable[[Any], None]] = {
    "down": _table_or_scroll(lambda t: t.move(1), "scroll_down"),
    "up": _table_or_scroll(lambda t: t.move(-1), "scroll_up"),
    "top": _table_or_scroll(lambda t: t.go(0), "scroll_home"),
    "bottom": _table_or_scroll(lambda t: t.go(t.count - 1), "scroll_end"),
    "half-down": _table_or_scroll(lambda t: t.move(t.page() // 2), "scroll_page_down"),
    "half-up": _table_or_scroll(lambda t: t.move(-(t.page() // 2)), "scroll_page_up"),
    "page-down": _table_or_scroll(lambda t: t.move(t.page()), "scroll_page_down"),
    "page-up": _table_or_scroll(lambda t: t.move(-t.page()), "scroll_page_up"),
    "mark": _table_or_scroll(lambda t: t.mark(), "scroll_page_down"),
}


def run_app(setting: Setting) -> int:
    """Run the program until it is left; the exit status, with one line on standard error when it could not go on."""
    import sys

    app = ImtuiApp(setting)
    app.run(mouse=False)
    if app.failed:
        sys.stderr.write(f"imtui: {app.failed}\n")
        return 1
    return app.return_code or 0
