"""Get prepared: the steps from nobody to a plan that pages somebody, each as it stands. One can leave and go on at any
time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from textual.message import Message
from textual.widget import Widget

from imtui import services
from imtui.domain import preparation
from imtui.domain.contact import Channel, Contact
from imtui.domain.instants import moment
from imtui.domain.preparation import Found, Person, State, Step, code_state
from imtui.domain.text import shown
from screens.live import LiveScreen
from widgets.cells import Piece, fit
from widgets.drawing import Drawing
from widgets.lines import Line
from widgets.virtual import VirtualList
from widgets.virtual_table import Cell, Column, VirtualTable

NIGHT = "03:00"
"""A plan that pages somebody in the afternoon may page nobody at this time."""

_AROUND = 16
"""So many lines of the screen are not for details."""

_STYLES = {
    State.DONE: "good",
    State.TO_DO: "warn",
    State.WEAK: "loud",
    State.OPTIONAL: "",
    State.WAITS: "dim",
    State.SKIPPED: "dim",
}
_AGAIN = timedelta(minutes=1)
"""Who is on call and which codes are good changes without anybody's doing: so much later it is read again."""


class Steps(VirtualTable[preparation.Line]):
    """The steps; tells when the cursor has moved."""

    class Moved(Message):
        """Another step is under the cursor."""

    def moved(self, before: int) -> None:
        super().moved(before)
        self.post_message(self.Moved())


class PreparedScreen(LiveScreen):
    """The steps of getting prepared, in the order of the guide."""

    ACTS: ClassVar[frozenset[str]] = frozenset(
        {"open", "new", "skip", "send-code", "activate", "test", "rehearse", "copy"}
    )
    TOPICS: ClassVar[frozenset[str]] = frozenset({"contact", "plan", "schedule", "rotation", "message"})
    HEADING: ClassVar[str] = "Get prepared"
    DEFAULT_CSS = """
    PreparedScreen #what { margin-bottom: 1; }
    PreparedScreen #steps { height: 9; }
    PreparedScreen #next { margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self._due: datetime | None = None

    def body(self) -> Iterable[Widget]:
        columns = (Column("Step", 20), Column("State", 8), Column("What there is", 0))
        self.table = Steps(columns, lambda line: line.step.value, self._cells, empty="…", name="steps")
        self.details = Drawing(name="details")
        yield Line(name="what")
        yield self.table
        yield Line(name="next")
        yield self.details
        yield Line(name="body")

    def on_mount(self) -> None:
        told = "From nobody to a plan that pages somebody. Each part is optional."
        self.query_one("#what", Line).say([(f" {told}", "dim")])
        self.table.focus()
        self.read_again()

    # ------------------------------------------------------------ showing

    async def reload(self) -> None:
        first = self.found is None
        self.found = await services.preparation.read(self.context, self._tonight())
        ends = [c.code_expires_at for _, c in self.found.waiting if code_state(c, self.found.at) == "sent"]
        self._due = min([self.found.at + _AGAIN, *(end for end in ends if end is not None)])
        self.table.show(preparation.lines(self.found), now=self.host.now())
        if first:
            self._advance(0)
        self._say()

    def tick(self, now: datetime) -> None:
        if self._due is not None and now >= self._due:
            self._due = None
            self.read_again()

    def on_steps_moved(self) -> None:
        self._say()

    def on_resize(self) -> None:
        if self.found is not None:
            self.call_after_refresh(self._say)

    def _say(self) -> None:
        """What enter does here, and what there is in detail."""
        line = self.table.selected
        if line is None or not self.is_attached:
            return
        told: list[Piece] = [(f" {shown(line.told)}", "")]
        if line.next:
            told = [(f" {self.host.key('open')} ", "strong"), (shown(line.next), "")]
        if line.state is not State.DONE:
            verb = "takes it up again" if line.state is State.SKIPPED else "skips it"
            told += [(f"   {self.host.key('skip')} ", "strong"), (verb, "dim")]
        self.query_one("#next", Line).say(told)
        self.details.show(lambda width: self._details(line, width))
        self.host.lines()

    def _details(self, line: preparation.Line, width: int) -> list[list[Piece]]:
        room = max(1, self.size.height - _AROUND)
        texts = [f" {shown(text)}" for text in line.details]
        if line.step is Step.CHANNELS and texts:
            texts.append(self.keyed(" {go-notifications} shows what was sent: the codes, too, where nothing leaves."))
        if len(texts) > room:
            texts = [*texts[: room - 1], f" … and {len(texts) - room + 1:,} more"]
        return [[(fit(text, width), "warn" if text.lstrip().startswith("!") else "dim")] for text in texts]

    def _cells(self, line: preparation.Line, now: datetime) -> Sequence[Cell]:
        style = _STYLES[line.state]
        number = list(Step).index(line.step) + 1
        quiet = "dim" if line.state in (State.WAITS, State.SKIPPED) else ""
        return ((f"{number} {line.title}", quiet or "strong"), (line.state.value, style), (shown(line.told), quiet))

    def offers(self, id_: str) -> bool:
        line = self.table.selected
        if line is None or self.found is None:
            return id_ in ("back", "open")
        if id_ == "skip":
            return line.state is not State.DONE
        if id_ in ("activate", "send-code"):
            return bool(self.found.waiting)
        able = {"test": self.found.tester, "rehearse": self.found.trial, "new": line.step in _MAKERS}
        return bool(able.get(id_, True))

    def _tonight(self) -> datetime:
        """The next time it is three at night here."""
        now = self.host.now()
        return moment(NIGHT, now if self.host.utc else now.astimezone())

    # ------------------------------------------------------------ acts

    def act_open(self) -> None:
        """Do the next thing of the step."""
        line = self.table.selected
        if line is None or self.found is None:
            return
        if not line.next:
            self.host.said(f"{line.title}: {line.told}")
        elif self.context.caller.read_only and line.step is not Step.REHEARSAL:
            self.host.said("this program only looks", wrong=True)
        else:
            self._do(line.step, _NEXT[line.step])

    def on_virtual_list_picked(self, event: VirtualList.Picked) -> None:
        self.act_open()

    def act_new(self) -> None:
        """Make another of what the step is about."""
        line = self.table.selected
        if line is None or line.step not in _MAKERS:
            self.host.said("there is nothing to make in this step", wrong=True)
        elif line.state is State.WAITS:
            self.host.said(f"{line.title}: {line.told}", wrong=True)
        else:
            self._do(line.step, _MAKERS[line.step])

    def act_skip(self) -> None:
        line = self.table.selected
        if line is None:
            return
        if line.state is State.DONE:
            self.host.said(f"{line.title}: this is done already")
            return
        skipped = line.state is not State.SKIPPED

        async def skip(screen: PreparedScreen, found: Found) -> None:
            await services.preparation.skip(self.context, line.step, skipped)

        self._do(line.step, skip)

    def act_activate(self) -> None:
        self._do(Step.CHANNELS, _activate)

    def act_send_code(self) -> None:
        self._do(Step.CHANNELS, _send_code)

    def act_test(self) -> None:
        self._do(Step.TEST, _test)

    def act_rehearse(self) -> None:
        self._do(Step.REHEARSAL, _rehearse)

    def act_copy(self) -> None:
        """All steps as text."""
        self.host.copied("\n".join(f"{line.title}: {line.state.value}, {line.told}" for line in self.table.items))

    # ------------------------------------------------------------ inside

    def _do(self, step: Step, act: Act) -> None:
        """Do something for a step; once it is done or skipped, the next one that is open is under the cursor."""
        before = self._state(step)

        async def whole() -> None:
            if self.found is None:
                return
            await act(self, self.found)
            if not self.is_attached:
                return
            await self.again()
            after = self._state(step)
            line = self.table.selected
            if before != after and after in (State.DONE, State.SKIPPED) and line is not None and line.step is step:
                self._advance(self.table.cursor)
                self._say()

        self.perform(whole)

    def _state(self, step: Step) -> State | None:
        return next((line.state for line in self.table.items if line.step is step), None)

    def _advance(self, start: int) -> None:
        """Go to the first open step from there on; where none is, to the first before it that was passed over."""
        states = [line.state for line in self.table.items]
        onward = [index for index in range(start, len(states)) if states[index].open]
        passed = [index for index in range(start) if states[index] is State.TO_DO]
        if onward or passed:
            self.table.go([*onward, *passed][0])

    async def pick(self, title: str, choices: Sequence[tuple[str, str, str]], at: int = 0) -> str | None:
        """One of several things (id, label, hint); where there is but one, that one."""
        if len(choices) == 1:
            return choices[0][0]
        from screens.chooser import Choice, Chooser

        chosen = await self.ask(Chooser(title, [Choice(*choice) for choice in choices], at=at))
        return None if chosen is None else chosen.id


Act = Callable[[PreparedScreen, Found], Coroutine[Any, Any, None]]


# ---------------------------------------------------------------- what is done in each step


async def _new_contact(screen: PreparedScreen, _: Found) -> None:
    from screens.contact_forms import new_contact

    made = await new_contact(screen)
    if made is not None:
        await _complete(screen, made)


async def _complete(screen: PreparedScreen, contact: Contact) -> None:
    """What a contact lacks, one form after the other: to leave one ends it, and the step goes on from there."""
    from screens.contact_forms import engagement_form, new_channel

    channels = await services.channels.for_contact(screen.context, contact.arn)
    if not channels:
        if await new_channel(screen, contact.alias) is None:
            return
        channels = await services.channels.for_contact(screen.context, contact.arn)
    if not contact.stages:
        await engagement_form(screen, contact, channels)


async def _next_contact(screen: PreparedScreen, found: Found) -> None:
    if found.unfinished is None:
        await _new_contact(screen, found)
    else:
        await _complete(screen, found.unfinished.contact)


async def _new_channel(screen: PreparedScreen, found: Found) -> None:
    from screens.contact_forms import new_channel

    alias = await screen.pick("A new channel of", [(p.contact.alias, *_named(p)) for p in found.people])
    if alias is not None and (made := await new_channel(screen, alias)) is not None:
        screen.host.said(f"{made.name} is added to {alias}")


async def _waiting(screen: PreparedScreen, found: Found, title: str) -> Channel | None:
    """One of the channels that are not activated."""
    if not found.waiting:
        screen.host.said("no channel waits for its code")
        return None
    states = {"sent": "a code was sent", "expired": "its code has expired", "none": "no code was sent"}
    choices = [
        (channel.arn, f"{person.contact.alias}: {channel.name}", states[code_state(channel, found.at)])
        for person, channel in found.waiting
    ]
    arn = await screen.pick(title, choices)
    return next((channel for _, channel in found.waiting if channel.arn == arn), None)


async def _activate(screen: PreparedScreen, found: Found) -> None:
    from screens.contact_forms import activate, send_code

    channel = await _waiting(screen, found, "Enter the code of")
    if channel is not None:
        if code_state(channel, screen.host.now()) != "sent":
            await send_code(screen, channel)
        await activate(screen, channel)


async def _send_code(screen: PreparedScreen, found: Found) -> None:
    from screens.contact_forms import send_code

    channel = await _waiting(screen, found, "Send a new code to")
    if channel is not None:
        await send_code(screen, channel)


async def _new_schedule(screen: PreparedScreen, _: Found) -> None:
    from screens.rotation_form import new_schedule

    made = await new_schedule(screen)
    if made is not None:
        screen.host.said(f"{made.contact.alias} is made")


async def _new_plan(screen: PreparedScreen, _: Found) -> None:
    from screens.plans import plan_form

    await plan_form(screen, None)


async def _new_response_plan(screen: PreparedScreen, _: Found) -> None:
    from screens.response_plans import response_plan_form

    await response_plan_form(screen, None)


async def _next_response_plan(screen: PreparedScreen, found: Found) -> None:
    from screens.response_plans import response_plan_form

    weak = found.weak
    plan = await services.response_plans.get(screen.context, weak.arn) if weak is not None else None
    await response_plan_form(screen, plan)


async def _rehearse(screen: PreparedScreen, found: Found) -> None:
    from screens.rehearsal import RehearsalScreen

    if not found.responses:
        screen.host.said("there is no response plan yet", wrong=True)
        return
    choices = [
        (f"{when} {response.arn}", f"{response.name}, {label}", "")
        for response in found.responses
        for when, label in (("now", "now"), (NIGHT, f"tonight at {NIGHT}"))
    ]
    seen = found.trial.plan if found.trial else ""
    at = next((index for index, (_, label, _) in enumerate(choices) if label.startswith(f"{seen},")), 0)
    chosen = await screen.pick("Rehearse", choices, at)
    if chosen is not None:
        when, _, arn = chosen.partition(" ")
        await services.preparation.rehearsed(screen.context, arn)
        screen.app.push_screen(RehearsalScreen(arn, None if when == "now" else screen._tonight()))


async def _test(screen: PreparedScreen, found: Found) -> None:
    from screens.contact_forms import send_test

    able = [person for person in found.people if person.active]
    if found.tester is None or not able:
        screen.host.said("no channel is activated yet", wrong=True)
        return
    at = next((index for index, person in enumerate(able) if person.contact == found.tester.contact), 0)
    arn = await screen.pick("Send a test page to", [(p.contact.arn, *_named(p)) for p in able], at)
    person = next((person for person in able if person.contact.arn == arn), None)
    if person is not None and await send_test(screen, person.active):
        await services.preparation.tested(screen.context, person.contact.arn)


def _named(person: Person) -> tuple[str, str]:
    """The alias, and the name where there is one."""
    return person.contact.alias, person.contact.display_name


_NEXT: dict[Step, Act] = {
    Step.CONTACTS: _next_contact,
    Step.CHANNELS: _activate,
    Step.SCHEDULE: _new_schedule,
    Step.PLAN: _new_plan,
    Step.RESPONSE_PLAN: _next_response_plan,
    Step.REHEARSAL: _rehearse,
    Step.TEST: _test,
}
"""What enter does in a step."""

_MAKERS: dict[Step, Act] = {
    Step.CONTACTS: _new_contact,
    Step.CHANNELS: _new_channel,
    Step.SCHEDULE: _new_schedule,
    Step.PLAN: _new_plan,
    Step.RESPONSE_PLAN: _new_response_plan,
}
"""What makes another of what a step is about."""
