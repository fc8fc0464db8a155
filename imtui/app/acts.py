"""The acts that every screen has, and how an act of the registry finds who does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.dom import DOMNode
from textual.screen import Screen

from imtui.actions import TOUR, Action, shown_key
from imtui.app.keyboard import PatientApp
from imtui.app.moves import MOVES, moves
from imtui.app.setting import Setting
from imtui.domain.errors import ImtuiError
from screens.live import LiveScreen
from widgets.painting import glass_of

if TYPE_CHECKING:
    from imtui.app.tour import Guide
    from imtui.engine.engine import Engine
    from imtui.services.context import Context


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
        self._history: list[str] = []

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

    def live_screens(self) -> list[LiveScreen]:
        """The screens that are open, the topmost last."""
        return [screen for screen in self.screen_stack if isinstance(screen, LiveScreen)]

    def lines(self) -> None:
        """Say the lines around the topmost screen anew."""

    def key(self, id_: str) -> str:
        """The key to name for an act of the registry, as it is mapped now."""
        return first_key(self.actions, id_)

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
        return self.can(by_id(self.actions, str(parameters[0])))

    def action_act(self, id_: str) -> None:
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
                self.hold()
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
        for screen in self.live_screens():
            if self._calls is not None:
                screen.read_again()
        self.said("times are UTC" if self.utc else "times are local")

    def act_pause(self) -> None:
        self.paused = not self.paused
        if not self.paused and self._calls is not None:
            for screen in self.live_screens():
                screen.read_again()
        self.said("the picture is held: p goes on" if self.paused else "live again")

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

    async def _run_line(self, line: str) -> None:
        """The `:` line: an operation, as in the shell."""
        from imtui.operations.arguments import parse_line
        from screens.dialogs import Reader

        operation, values = parse_line(line)
        if self._calls is None:
            raise ImtuiError("the database is still being opened: try again in a moment")
        result = await operation.handler(self._calls, **values)
        lines = list(operation.lines(result))
        if len(lines) > 2:
            self.push_screen(Reader(operation.name, "\n".join(lines)))
        else:
            self.said("\n".join(lines))

    def _choices(self) -> list[tuple[str, str, str, str]]:
        """The acts possible here: id, keys, label, group; how one moves comes last."""
        possible = sorted((a for a in self.actions if self.can(a)), key=lambda action: action.group == "Moving")
        return [(a.id, " ".join(shown_key(key) for key in a.keys), a.label, a.group) for a in possible]

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


def by_id(actions: tuple[Action, ...], id_: str) -> Action:
    """The act with an id."""
    return next(action for action in actions if action.id == id_)


def first_key(actions: tuple[Action, ...], id_: str) -> str:
    """The key to name for an act; empty where it has none."""
    keys = by_id(actions, id_).keys
    return shown_key(keys[0]) if keys else ""
