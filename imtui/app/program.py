"""The program: its beginning and end, and what screens may ask of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.notifications import Notify
from textual.screen import Screen

from imtui.actions import remapped
from imtui.app.setting import Setting
from imtui.app.showing import ShowingApp
from imtui.clock import SystemClock
from imtui.domain.errors import ImtuiError
from imtui.domain.incident import FirstPage
from imtui.domain.text import shown
from screens.incidents import IncidentsScreen
from screens.live import guarded
from storage.first_page import first_page
from widgets.toast import Said

if TYPE_CHECKING:
    from textual.driver import Driver

    from imtui.app.ending import LastResort
    from imtui.app.rotation import Rotation
    from imtui.app.tour import Guide, Place
    from imtui.engine.engine import Engine
    from imtui.services.context import Context

TOUCHES = events.Key | events.Paste | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp
"""What tells that somebody is there."""

FIRST_ROWS = 100


class ImtuiApp(ShowingApp):
    """One person's program."""

    TITLE = "imtui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, setting: Setting, tour: Guide | None = None) -> None:
        super().__init__(setting, remapped(setting.config.keys), tour)
        me = setting.config.names.contact(setting.user)
        found = first_page(setting.location, FIRST_ROWS, me)
        self.first: FirstPage | None = found[0] if found else None
        self.clock = found[1] if found else SystemClock()
        self.failed: str | None = None
        """Why the program could not begin, or had to end."""
        self.resort: LastResort | None = None
        """Ends the process when the program does not; only a real one has it."""
        self.traces: list[str] = []
        """Where the defects were, for --debug."""
        self._working: asyncio.Task[None] | None = None
        self._guiding: asyncio.Task[None] | None = None
        self._said: dict[str, float] = {}
        self._rotation: Rotation | None = None
        for action in self.actions:
            for key in action.keys:
                binding = Binding(key, f"act({action.id!r}, {key!r})", action.label, show=False, priority=True)
                self._bindings._add_binding(binding)

    # ------------------------------------------------------------ beginning and end

    def get_driver_class(self) -> type[Driver]:
        kind = super().get_driver_class()
        if kind.__name__ != "LinuxDriver":
            return kind
        from imtui.app.driver import QuietDriver

        return QuietDriver

    def get_default_screen(self) -> Screen[Any]:
        return IncidentsScreen(self.first)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.app_resume_signal.subscribe(self, lambda _: self.act_redraw())
        self.lines()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self._leave_soon)
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
            if self.setting.engine and not self.setting.read_only:
                self._engine = _new_engine(self._calls)
                self._working = asyncio.create_task(self._page(), name="engine")
            from imtui.app.following import Following
            from imtui.app.looking import Looking

            following = Following(self._calls, self)
            self._looking = Looking(self._calls, self._incident)
        except ImtuiError as error:
            self._fail(str(error), error)
        except Exception as error:
            self._fail(defect(error), error)
        else:
            self.run_worker(following.run(), exit_on_error=False, name="follow changes")
            self.run_worker(guarded(self, self._look), exit_on_error=False, name="tell who looks")
            if not (self.setting.read_only or self.setting.demo or self.touring):
                self.run_worker(guarded(self, self._welcome), exit_on_error=False, name="welcome")
            self.run_worker(_load_rest(), exit_on_error=False, name="load what is shown next")
            if self.setting.rotate:
                from imtui.app.rotation import rotation_of

                self._rotation = rotation_of(self, self._calls, self.setting.rotate)
                self.run_worker(guarded(self, self._rotation.run), exit_on_error=False, name="rotate")
            tour = self.tour
            if tour is not None:
                self._guiding = asyncio.create_task(guarded(self, lambda: tour.run(self)), name="tour")

    async def _look(self) -> None:
        """Say what happened while this person was away, then keep what they look at."""
        from imtui import services
        from screens.incident_rows import away

        assert self._calls is not None
        assert self._looking is not None
        missed = await services.looks.away(self._calls)
        if missed is not None and isinstance(home := self.screen_stack[0], IncidentsScreen):
            home.away(away(missed, self.now()))
        await self._looking.run()

    async def _welcome(self) -> None:
        """Where nobody is yet, begin with getting prepared: once, and not over what somebody has begun to do."""
        from imtui import services

        assert self._calls is not None
        if await services.preparation.first_time(self._calls) and len(self.screen_stack) == 1:
            self.act_go_prepared()
            await services.preparation.opened(self._calls)

    def _incident(self) -> str | None:
        """The incident that one looks at."""
        screen = self._top()
        return getattr(screen, "incident_id", None)

    async def _page(self) -> None:
        """Run the engine; one that a defect ends is followed by another, because somebody must page."""
        assert self._calls is not None
        while not self._ending:
            try:
                assert self._engine is not None
                await self._engine.run()
                return
            except Exception as error:
                self.defect(error)
                await self._calls.clock.pause(1.0)
                self._engine = _new_engine(self._calls)

    def _fail(self, text: str, error: BaseException | None = None) -> None:
        """End the program, with one line that says why."""
        if self.failed is None:
            self.failed = text
        if error is not None:
            self.traces.append("".join(traceback.format_exception(error)))
        self.exit(return_code=1)

    def _leave_soon(self) -> None:
        """The line has dropped, or the machine goes down: there may be nobody and no terminal any more."""
        if self.resort is not None:
            self.resort.begin(lambda: 0)
        self.run_worker(self.leave(), exit_on_error=False)

    async def leave(self) -> None:
        """End in order and soon: keep what is half typed, give the lease back, close the database."""
        from imtui.app.ending import in_time

        if self._ending:
            return
        self._ending = True
        if self.resort is not None:
            self.resort.begin(lambda: 0)
        for screen in self.screen_stack:
            keep = getattr(screen, "keep_now", None)
            if keep is not None:
                await in_time(keep(), 1.0)
        if self._looking is not None:
            await in_time(self._looking.leave(), 0.5)
        await self._stop_work()
        self.exit()

    async def _stop_work(self) -> None:
        """End the tour, then the engine: each finishes what it has begun."""
        from imtui.app.ending import in_time

        if self.tour is not None and self._guiding is not None:
            self.tour.leave()
            await in_time(self._guiding, 2.0)
        engine, self._engine = self._engine, None
        if engine is not None and self._working is not None:
            engine.stop()
            await in_time(self._working, 2.0)

    async def on_unmount(self) -> None:
        self._ending = True
        await self._stop_work()
        if self._calls is not None:
            from imtui.app.ending import in_time

            await in_time(self._calls.database.close(), 1.0)

    def _handle_exception(self, error: Exception) -> None:
        """A defect in a widget or in Textual's own loop ends the program; one line says so afterwards, and --debug
        shows where."""
        self._return_code = 1
        if self._exception is None:  # run_test raises it
            self._exception = error
            self._exception_event.set()
        self.traces.append("".join(traceback.format_exception(error)))
        if self.failed is None:
            self.failed = defect(error)
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """What Textual cannot go on with, such as a terminal that cannot be read any more."""
        self._return_code = 1
        if self.failed is None:
            self.failed = "the terminal cannot be read any more"
        self._close_messages_no_wait()

    def too_slow(self) -> None:
        self.said("the database is slow: what you typed meanwhile was not taken", wrong=True)

    # ------------------------------------------------------------ what screens may ask

    @property
    def touring(self) -> bool:
        """Whether a tour leads through the program."""
        return self.tour is not None

    def place(self) -> Place:
        """Where the watcher of a tour is."""
        from imtui.app.tour import place_of

        return place_of(self.screen_stack)

    def said(self, text: str, *, wrong: bool = False) -> None:
        """Show what was done, or why not."""
        severity: Any = "error" if wrong else "information"
        self.post_message(Notify(Said(shown(text), severity=severity, timeout=8 if wrong else 4)))

    @property
    def session(self) -> str:
        """By which this program is known among those that look at an incident."""
        return self._looking.session if self._looking is not None else ""

    def looked(self, *places: str) -> None:
        """Somebody has looked at these places until now."""
        if self._looking is not None:
            self._looking.looked(*places)

    def open_incident(self, incident_id: str) -> None:
        """Go to the details of an incident."""
        from screens.details import DetailsScreen

        if isinstance(self.screen, DetailsScreen) and self.screen.incident_id == incident_id:
            return
        self.push_screen(DetailsScreen(incident_id))

    async def on_event(self, event: events.Event) -> None:
        if self._rotation is not None and isinstance(event, TOUCHES) and not event.is_forwarded:
            self._rotation.touched()
        await super().on_event(event)

    def copied(self, text: str) -> None:
        """Put a text on the clipboard of the person's own machine, through tmux too."""
        from widgets.clipboard import copy

        async def work() -> None:
            assert self._driver is not None
            left_out = await copy(text, self._driver.write, os.environ)
            much = f", without its last {left_out:,} bytes: terminals take no more" if left_out else ""
            self.said(f"copied{much}: {text[:60]}", wrong=bool(left_out))

        self.run_worker(guarded(self, work), exit_on_error=False)

    def defect(self, error: Exception) -> None:
        """Something went wrong that is nobody's fault but the program's: say so, and go on."""
        self.traces.append("".join(traceback.format_exception(error)))
        del self.traces[:-20]
        text, now = defect(error), self.clock.monotonic()
        if now - self._said.get(text, float("-inf")) >= 10:
            self._said[text] = now
            self.said(f"{text}. What you see may be old; the program goes on.", wrong=True)

    def beside(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do something that takes a while or asks; what goes wrong is said."""
        self.run_worker(self.held(lambda: guarded(self, work)), exit_on_error=False)

    def behind(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that nobody waits for; what goes wrong is said."""
        self.run_worker(guarded(self, work), exit_on_error=False)


async def _open_context(setting: Setting) -> Context:
    from imtui.config import here, login_name
    from imtui.domain.access import Caller
    from imtui.services.context import Context
    from imtui.services.here import acting_here
    from storage.opening import open_database

    database, clock = await open_database(setting.location, clock_speed=setting.speed, read_only=setting.read_only)
    names = setting.config.names
    caller = Caller(setting.user, login_name(), "terminal", names.user(setting.user), setting.read_only, here())
    context = Context(database, clock, names, caller, setting.config)
    try:
        return context if setting.demo else await acting_here(context)
    except BaseException:
        await database.close()
        raise


def _new_engine(context: Context) -> Engine:
    from imtui.engine.engine import Engine

    return Engine(context.database, context.clock, context.config)


def _load() -> None:
    """Import what the services need, beside the first frame."""
    import storage.opening  # noqa: F401


async def _load_rest() -> None:
    """Import what the next keys need: nobody should wait for it when they press them. All that is loaded stays, so
    that looking for garbage in it again and again would only make keys wait."""
    await asyncio.to_thread(_load_more)
    gc.freeze()


def _load_more() -> None:
    import markdown_it  # noqa: F401

    import imtui.app.choices
    import imtui.app.command_line
    import imtui.operations.completion
    import imtui.operations.existing  # noqa: F401
    import screens.details
    import screens.forms
    import screens.incident_acts
    import screens.palette
    import screens.prompt  # noqa: F401


def defect(error: BaseException) -> str:
    """What a person is told of something that should not have happened."""
    return f"this is a defect of imtui ({type(error).__name__}: {' '.join(str(error).split())[:200]})"


def run_app(setting: Setting, tour: Guide | None = None) -> int:
    """Run the program until it is left; the exit status, with one line on standard error when it could not go on."""
    from imtui.app.ending import LastResort

    app = ImtuiApp(setting, tour)
    app.resort = LastResort()
    app.run(mouse=setting.mouse)
    if setting.debug:
        sys.stderr.writelines(app.traces)
    if app.failed:
        where = "" if setting.debug or "defect" not in app.failed else "; --debug shows where"
        sys.stderr.write(f"imtui: {' '.join(app.failed.split())}{where}\n")
        return 1
    return app.return_code or 0
