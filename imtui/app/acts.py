"""The acts that every screen has, and how an act of the registry finds who does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.dom import DOMNode
from textual.screen import Screen

from imtui.actions import TOUR, Action, shown_key
from imtui.app.keyboard import PatientApp
from imtui.app.moves import MOVES, moves, writes
from imtui.app.setting import Setting
from imtui.domain.errors import ImtuiError
from screens.live import LiveScreen
from widgets.painting import glass_of

if TYPE_CHECKING:
    from imtui.app.command_line import CommandLine
    from imtui.app.tour import Guide
    from imtui.engine.engine import Engine
    from imtui.services.context import Context
    from screens.history import History
    from screens.palette import Entry


class ActingApp(PatientApp):
    """Does the acts that belong to no screen."""

    def __init__(self, setting: Setting, actions: tuple[Action, ...], tour: Guide | None = None) -> None:
        super().__init__()
        self.tour = tour
        self.setting = setting
        self.actions = actions
        self.utc = False
        self.paused = False
        self._calls: Context | None = None
        self._engine: Engine | None = None
        self._histories: dict[str, History] = {}
        self._line: CommandLine | None = None

    # ------------------------------------------------------------ what the program gives

    def said(self, text: str, *, wrong: bool = False) -> None:
        """Show what was done, or why not."""
        raise NotImplementedError

    def defect(self, error: Exception) -> None:
        """Say that something went wrong that should not have, and go on."""
        raise NotImplementedError

    def beside(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do something that takes a while or asks; what goes wrong is said."""
        raise NotImplementedError

    async def leave(self) -> None:
        """End in order and soon."""
        raise NotImplementedError

    def open_incident(self, incident_id: str) -> None:
        """Go to the details of an incident."""
        raise NotImplementedError

    @property
    def context(self) -> Context | None:
        """The surroundings of calls; None until the database is open."""
        return self._calls

    def behind(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that nobody waits for; what goes wrong is said."""
        raise NotImplementedError

    async def confirmed(self, title: str, text: str, verb: str) -> bool:
        """Ask, with Cancel in focus."""
        from screens.dialogs import Confirm

        sure: bool = await self.push_screen_wait(Confirm(title, text, verb))
        return sure

    def read(self, title: str, text: str) -> None:
        """Show a longer text."""
        from screens.dialogs import Reader

        self.push_screen(Reader(title, text))

    def history(self, name: str) -> History:
        """The lines that were typed at a prompt; those of a demonstration are kept nowhere."""
        from screens.history import History

        return self._histories.setdefault(name, History(name, kept=not self.setting.demo))

    def key(self, id_: str) -> str:
        """The key to name for an act of the registry, as it is mapped now; where it has none, the act's name."""
        return first_key(self.actions, id_) or f"“{by_id(self.actions, id_).label}”"

    def live_screens(self) -> list[LiveScreen]:
        """The screens that are open, the topmost last."""
        return [screen for screen in self.screen_stack if isinstance(screen, LiveScreen)]

    def lines(self) -> None:
        """Say the lines around the topmost screen anew."""

    # ------------------------------------------------------------ acts

    def can(self, action: Action, screen: Screen[Any] | None = None) -> bool:
        """Whether an act is possible here and now."""
        if action.changes and self.setting.read_only:
            return False
        screen = screen or self.screen
        if not isinstance(screen, LiveScreen):
            return False
        if action.group == TOUR:
            return self.tour is not None and not self.tour.over
        if action.id in screen.ACTS:
            return True
        if action.id in MOVES:
            return moves(self.focused)
        return hasattr(self, action.method)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action != "act":
            return super().check_action(action, parameters)
        id_, key = map(str, parameters)
        return self.can(by_id(self.actions, id_)) and not writes(self.focused, key)

    def action_act(self, id_: str, key: str = "") -> None:
        """Do an act of the registry."""
        action = by_id(self.actions, id_)
        if not self.can(action):
            self.said(f"{action.label}: not here", wrong=True)
            return
        screen = self.screen
        try:
            if isinstance(screen, LiveScreen) and id_ in screen.ACTS:
                getattr(screen, action.method)()
            elif id_ in MOVES:
                MOVES[id_](self.focused)
            else:
                getattr(self, action.method)()
            if self.tour is not None:
                self.tour.did(id_)
            if self.screen is not screen:
                self.expect(self.screen)
            self.lines()
        except ImtuiError as error:
            self.said(str(error), wrong=True)
        except Exception as error:
            self.defect(error)

    async def _dispatch_action(self, namespace: DOMNode, action_name: str, params: Any) -> bool:
        """Textual's own acts in lists and fields may meet a defect, too: that ends nothing."""
        try:
            return await super()._dispatch_action(namespace, action_name, params)
        except Exception as error:
            self.defect(error)
            return True

    async def action_quit(self) -> None:
        """Textual's own way out asks, too."""
        self.act_quit()

    def action_help_quit(self) -> None:
        self.said(f"{first_key(self.actions, 'quit') or 'ctrl+q'} quits")

    def act_back(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def act_go_incidents(self) -> None:
        self._home()

    def act_go_contacts(self) -> None:
        from screens.contacts import ContactsScreen

        self._go(ContactsScreen)

    def act_go_schedules(self) -> None:
        from screens.schedules import SchedulesScreen

        self._go(SchedulesScreen)

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

    def act_go_audit(self) -> None:
        from screens.audit import AuditScreen

        self._go(AuditScreen)

    def act_go_prepared(self) -> None:
        from screens.prepared import PreparedScreen

        self._go(PreparedScreen)

    def act_utc(self) -> None:
        self.utc = not self.utc
        for screen in self.live_screens():
            if self._calls is not None:
                screen.read_again()
        self.said("times are UTC" if self.utc else "times are local")

    def act_pause(self) -> None:
        self.paused = not self.paused
        if not self.paused and self._calls is not None:
            for screen in self.live_screens():
                screen.read_again()
        self.said(f"the picture is held: {self.key('pause')} goes on" if self.paused else "live again")

    def act_tour_next(self) -> None:
        if self.tour is not None:
            self.tour.skip()

    def act_tour_end(self) -> None:
        if self.tour is not None:
            self.tour.end()

    def act_redraw(self) -> None:
        """Somebody else wrote to the terminal, or it was set aside for a while."""
        glass_of(self.console).forget()
        self.refresh()

    def act_help(self) -> None:
        from imtui.app.choices import acts_in_help
        from screens.palette import Palette

        entries = acts_in_help(self.actions, self.can, read_only=self.setting.read_only)
        self._choose(Palette("Help: every act, and its keys", entries, grouped=True))

    def act_palette(self) -> None:
        from imtui.app.choices import acts_to_find, operations_to_find
        from screens.palette import Palette

        entries = [*acts_to_find(self.actions, self.can), *operations_to_find()]
        recent = self.history("recent").lines
        title = "Find an act, a screen, an open incident or a command"
        self._choose(Palette(title, entries, recent=recent, more=self._open_incidents))

    async def _open_incidents(self, text: str) -> list[Entry]:
        """Open incidents whose number or title has what is typed, the worst first."""
        from imtui import services
        from imtui.app.choices import MOST_INCIDENTS, incidents_to_find
        from imtui.domain.filter_words import as_words

        if self._calls is None:
            return []
        page = services.incident_list.page
        found = await page(self._calls, status="OPEN", text=as_words(text), limit=MOST_INCIDENTS)
        return incidents_to_find(found.rows)

    def act_command(self) -> None:
        self._command("")

    def _command(self, value: str) -> None:
        from imtui.app.command_line import CommandLine

        if self._line is None:
            self._line = CommandLine(self, self.history("history"))
        line = self._line

        async def ask() -> None:
            if await self.push_screen_wait(line.prompt(value)) is not None:
                line.show_result()

        self.beside(ask)

    def act_alarms(self) -> None:
        from screens.alarms import AlarmsScreen

        self._go(AlarmsScreen)

    def act_quit(self) -> None:
        self.beside(self._quit)

    async def _quit(self) -> None:
        """The engine asks before it leaves people unpaged; nothing else keeps anybody from leaving."""
        from screens.dialogs import Confirm

        if self._engine is not None and self._engine.is_leader and not self.setting.demo:
            text = await self._what_stops()
            if text and not await self.push_screen_wait(Confirm("Quit?", text, "Quit")):
                return
        await self.leave()

    async def _what_stops(self) -> str:
        from imtui import services
        from imtui.app.ending import question

        assert self._calls is not None
        try:
            async with asyncio.timeout(2):
                health = await services.health.report(self._calls)
                paged = await services.engagements.under_way(self._calls)
        except (ImtuiError, TimeoutError) as error:
            why = str(error) or "the database does not answer"
            return f"Whether anybody is being paged cannot be read now: {why}."
        return question(health, paged)

    def _choose(self, palette: Screen[Any]) -> None:
        def run(picked: str | None) -> None:
            if picked:
                self._picked(picked)

        self.push_screen(palette, run)

    def _picked(self, picked: str) -> None:
        """Do what was picked in help or palette."""
        from imtui.app.choices import ACT, INCIDENT, OPERATION

        kind, _, name = picked.partition("/")
        if kind in (ACT, OPERATION):
            self.history("recent").add(picked)
        if kind == ACT:
            self.action_act(name)
        elif kind == INCIDENT:
            self.open_incident(name)
        else:
            self._command(f"{name} ")

    def _go(self, kind: type[LiveScreen]) -> None:
        if type(self.screen) is kind:
            return
        self._home()
        self.push_screen(kind())

    def _home(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()


def by_id(actions: tuple[Action, ...], id_: str) -> Action:
    """The act with an id."""
    return next(action for action in actions if action.id == id_)


def first_key(actions: tuple[Action, ...], id_: str) -> str:
    """The key to name for an act; empty where it has none."""
    keys = by_id(actions, id_).keys
    return shown_key(keys[0]) if keys else ""
