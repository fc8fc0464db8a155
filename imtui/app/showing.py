"""What the program shows around and behind its screens: its look, news of others, passing time, what is wrong."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual.filter import ANSIToTruecolor

from imtui.actions import Action
from imtui.app import frame
from imtui.app.acts import ActingApp, first_key
from imtui.app.setting import Setting
from imtui.clock import Clock
from screens.live import LiveScreen, guarded
from widgets import theme
from widgets.filters import Ascii, Plain
from widgets.lines import AlarmLine, Line

if TYPE_CHECKING:
    from imtui.app.following import News
    from imtui.app.looking import Looking
    from imtui.app.tour import Guide, Place
    from imtui.services.health import Health
    from screens.live import Host

BENEATH_SECONDS = 5
"""How often time goes on beneath a dialog, where nobody looks: all that is beneath is painted anew for it."""

UNLED_LOOKS = 2
"""An engine that is missing at so many looks in a row is missed: between two engines there is a moment without one."""


class ShowingApp(ActingApp):
    """Shows what is, whoever changed it."""

    CSS = theme.CSS

    clock: Clock

    def __init__(self, setting: Setting, actions: tuple[Action, ...], tour: Guide | None) -> None:
        super().__init__(setting, actions, tour)
        self._ending = False
        self._alarm = ("", "")
        self._lost = ""
        self._unled = 0
        self._titled: tuple[object, ...] = ()
        self._led_elsewhere = False
        self._leads: bool | None = None
        self._stale: set[LiveScreen] = set()
        self._ticks = 0
        self._looking: Looking | None = None
        for each in theme.THEMES:
            self.register_theme(each)
        self.dress(theme.look(setting.config.theme, self.console._color_system, os.environ, in_ascii=setting.ascii))

    def place(self) -> Place:
        """Where the watcher of a tour is."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The program's present instant."""
        return self.clock.now()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.DARK.variables

    def dress(self, look: theme.Look) -> None:
        """Look like this from now on."""
        self.theme = look.theme
        self.no_color = look.plain
        self.console._color_system = look.colors
        self._filters = [
            *(own for own in self._filters if isinstance(own, ANSIToTruecolor)),
            *([Plain()] if look.plain else []),
            *([Ascii()] if look.ascii else []),
        ]
        self.set_class(look.few, theme.FEW)

    # ------------------------------------------------------------ following

    async def news(self, news: News) -> None:
        """What changed is read by the screen that shows it at once, by those below when they come up."""
        if self.paused:
            return
        for screen in self.live_screens():
            if not (news.anew or screen.concerns(news.topics, news.incidents)):
                continue
            if screen is self._top():
                await guarded(cast("Host", self), screen.again, lost=True)
            else:
                self._stale.add(screen)
        self.lines()

    def health(self, health: Health) -> None:
        """What must be seen on every screen: trouble of the program, and incidents that nobody answers."""
        mine = self._engine is not None and self._engine.holder == health.holder
        self._led_elsewhere = health.leader and not mine
        if health.leader and not self._ending:
            if text := frame.handed_over(self._leads, mine):
                self.said(text, wrong=not mine)
            self._leads = mine
        self._unled = 0 if health.leader else self._unled + 1
        unled = self._unled >= UNLED_LOOKS or not self.setting.engine or self.setting.read_only
        key = first_key(self.actions, "alarms")
        self._alarm = frame.alarm(health, unled=unled, key=key)
        self.lines()

    def lost(self, reason: str) -> None:
        """The picture is not live for this reason; it is again when the reason is empty."""
        if self._lost != reason:
            self._lost = reason
            self.lines()

    def ring(self) -> None:
        """A page that goes nowhere else has become due."""
        self.bell()

    def _top(self) -> LiveScreen | None:
        """The topmost live screen, also when a dialog stands over it."""
        live = self.live_screens()
        return live[-1] if live else None

    def came_up(self, screen: LiveScreen) -> None:
        """A screen has come to the top and can be drawn."""
        self.lines()
        if self._looking is not None:
            self._looking.moved()
        self.ready(screen)

    def _tick(self) -> None:
        screen = self._top()
        try:
            if screen is not None and screen.is_mounted and not self.paused:
                if screen in self._stale and self._calls is not None:
                    self._stale.discard(screen)
                    screen.read_again()
                self._ticks += 1
                if screen is self.screen or self._ticks % BENEATH_SECONDS == 0:
                    screen.tick(self.now())
            if screen is not None and screen.is_mounted:
                self._title(screen)
                self._guide(screen)
        except Exception as error:
            self.defect(error)

    # ------------------------------------------------------------ the lines around every screen

    def lines(self) -> None:
        screen = self._top()
        if screen is None or not screen.is_mounted:
            return
        self._title(screen)
        for alarm in screen.query(AlarmLine):
            alarm.warn(self._lost) if self._lost else alarm.warn(*self._alarm)
        possible = [action for action in self.actions if self.can(action, screen) and screen.offers(action.id)]
        for line in screen.query("#keys").results(Line):
            line.say(frame.keys(possible, *self.size))
        self._guide(screen)

    def _guide(self, screen: LiveScreen) -> None:
        """The lines of the tour, where there is one."""
        if self.tour is None:
            return
        from imtui.app.tour import show

        says = self.tour.says(self.now(), self.clock.speed, self.place())
        show(screen, says, lambda id_: first_key(self.actions, id_), held=self.paused)

    def _title(self, screen: LiveScreen) -> None:
        state, heading, width = self._state(), tuple(screen.heading()), self.size.width
        told = (screen, state._replace(now=state.now.replace(second=0, microsecond=0)), heading, width)
        if told != self._titled:  # it is asked for each second, and changes each minute
            self._titled = told
            screen.query_one("#title", Line).say(*frame.title(state, heading, width))

    def _state(self) -> frame.State:
        sections = self.setting.config.sections
        return frame.State(
            user=self.setting.user,
            now=self.now(),
            utc=self.utc,
            opening=self._calls is None,
            paused=self.paused,
            read_only=self.setting.read_only,
            speed=self.clock.speed,
            demo=self.setting.demo,
            stays=not self._led_elsewhere and not any(sections.get(name) for name in ("email", "sms", "voice")),
        )
