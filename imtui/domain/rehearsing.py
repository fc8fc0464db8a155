"""What would happen: every page that plans would send, by the escalation rule itself on a clock that is only counted.

`rehearse` does what the engine does around the rule, with the same functions, for one incident alone: it begins the
runs of the people who are engaged, drops what would be one page too many, and pages those who acknowledged again when
their plan says so. It reads and writes nothing. What it cannot know is left out: deliveries that fail, what people do,
and other incidents of the same plan, whose pages the engine may bundle with these.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from imtui.domain.escalation import (
    Acknowledged,
    Directory,
    Due,
    Effect,
    Engage,
    Event,
    Page,
    Reason,
    Run,
    RunStatus,
    Said,
    begin,
    first_step,
    step,
    unreachable,
)
from imtui.domain.lateness import LATE
from imtui.domain.paging import Lately, Spot, silence
from imtui.domain.rehearsal import (
    INCIDENT,
    Acknowledgement,
    Beginning,
    Catalogue,
    Ending,
    Kind,
    PageKey,
    Rehearsal,
    Step,
    page_key,
)

ROUNDS = 1
"""A plan that repeats, and paging again after silence, go on for ever: so many repetitions are rehearsed."""

MOST_STEPS = 20_000
"""No plan that people make comes near this; what would go on is cut, and said to be."""

_GAPS = frozenset({Reason.NOBODY_ON_CALL, Reason.CONTACT_GONE})
_NOT_SENT = frozenset({Reason.CHANNEL_NOT_ACTIVATED, Reason.NO_ACTIVATED_CHANNEL, Reason.NO_ENGAGEMENT_PLAN})


def rehearse(
    beginning: Beginning,
    catalogue: Catalogue,
    acknowledgements: Sequence[Acknowledgement] = (),
    *,
    within: timedelta | None = None,
    beyond: float = 0,
    late: timedelta = LATE,
) -> Rehearsal:
    """Everything that would happen from the beginning on, until it is over; at most `within` after it, where that is
    given. What goes on for ever is told until `ROUNDS` repetitions after minute `beyond` and the last acknowledgement.
    """
    return _Course(beginning, catalogue, acknowledgements, beyond, late).run(within)


def not_sent(without: Rehearsal, with_: Rehearsal) -> tuple[Step, ...]:
    """The pages that acknowledgements stop: those of the one that the other lacks."""
    still = {page_key(page) for page in with_.pages}
    return tuple(page for page in without.pages if page_key(page) not in still)


def stopped_by(
    beginning: Beginning, catalogue: Catalogue, person: str, minute: float, *, late: timedelta = LATE
) -> tuple[Step, ...]:
    """The pages that this one acknowledgement would stop."""
    without = rehearse(beginning, catalogue, beyond=minute, late=late)
    return not_sent(without, rehearse(beginning, catalogue, [Acknowledgement(person, minute)], late=late))


def stoppers(
    beginning: Beginning,
    catalogue: Catalogue,
    base: Rehearsal,
    given: Sequence[Acknowledgement] = (),
    *,
    late: timedelta = LATE,
) -> dict[PageKey, tuple[str, ...]]:
    """For each page of a rehearsal, by whose acknowledgement of their first page it would not be sent. `given` are the
    acknowledgements that the rehearsal holds already."""
    firsts: dict[str, float] = {}
    for page in base.pages:
        firsts.setdefault(page.person, base.minute(page))
    found: dict[PageKey, list[str]] = {page_key(page): [] for page in base.pages}
    for person, minute in firsts.items():
        other = rehearse(beginning, catalogue, [*given, Acknowledgement(person, minute)], late=late)
        for page in not_sent(base, other):
            found[page_key(page)].append(person)
    return {key: tuple(people) for key, people in found.items()}


class _Now(NamedTuple):
    """A directory of an instant, with those who have acknowledged in the rehearsal."""

    directory: Directory
    answered: Collection[str]

    def people(self, contact: str) -> Collection[str] | None:
        return self.directory.people(contact)

    def channel_activated(self, channel: str) -> bool | None:
        return self.directory.channel_activated(channel)

    def acknowledged(self, person: str) -> bool:
        return person in self.answered


@dataclass(slots=True)
class _Going:
    """An engagement of the rehearsal. `round`: of the plan that began it. `repeats`: how often it has begun again, as
    far as that is counted."""

    run: Run
    is_person: bool
    plan: str = ""
    stage: int = 0
    via: str = ""
    acknowledged: bool = False
    event: Event = field(default_factory=Due)
    round: int = 0
    repeats: int = 0


class _Course:
    """One rehearsal as it goes on."""

    def __init__(
        self,
        beginning: Beginning,
        catalogue: Catalogue,
        acknowledgements: Sequence[Acknowledgement],
        beyond: float,
        late: timedelta,
    ) -> None:
        self._beginning, self._catalogue, self._late = beginning, catalogue, late
        start = beginning.at
        self._answers = sorted(
            ((start + timedelta(minutes=one.minute), one.person) for one in acknowledgements), key=lambda one: one[0]
        )
        self._counts_after = max([start + timedelta(minutes=beyond), *(at for at, _ in self._answers)])
        self._going = [
            _Going(live.run, live.is_person, live.plan, live.stage, live.via, live.acknowledged, live.event)
            for live in beginning.lives
        ]
        self._answered = {going.run.target for going in self._going if going.acknowledged}
        self._lately = Lately(beginning.paged)
        self._look_at = beginning.look_at
        self._last_sign = beginning.last_sign
        self._looks = 0
        self._exhausted = beginning.exhausted
        self._endless = False
        self._over_at: datetime | None = None
        self._steps: list[Step] = []
        self._pages: list[Step] = []

    def run(self, within: timedelta | None) -> Rehearsal:
        """Go on until it is over."""
        start, answers, cut = self._beginning.at, self._answers, False
        while (at := min([*self._dues(), *(when for when, _ in answers[:1])], default=None)) is not None:
            at = max(at, start)
            if len(self._steps) > MOST_STEPS or (within is not None and at - start > within):
                cut = True
                break
            while any(due <= at for due in self._dues()):
                self._fire(at)
            while answers and answers[0][0] <= at:
                self._acknowledge(answers.pop(0)[1], at)
        over_at = None if cut or self._endless else self._over_at
        return Rehearsal(start, tuple(self._steps), self._ending(cut), over_at)

    def _ending(self, cut: bool) -> Ending:
        if cut:
            return Ending.CUT
        if self._endless:
            return Ending.REPEATS
        if not self._steps and self._over_at is None:
            return Ending.NOTHING
        return Ending.ANSWERED if self._answered else Ending.NOBODY_LEFT

    # ------------------------------------------------------------ as the engine does

    def _dues(self) -> list[datetime]:
        """When timers are due."""
        dues = [going.run.due for going in self._going if going.run.due is not None]
        return [*dues, self._look_at] if self._look_at is not None else dues

    def _here(self, at: datetime) -> _Now:
        return _Now(self._catalogue.directory_at(at), self._answered)

    def _fire(self, at: datetime) -> None:
        """All timers that are due, as one transaction of the engine has them."""
        due = [going for going in self._going if going.run.due is not None and going.run.due <= at]
        looks = self._look_at is not None and self._look_at <= at
        over = False
        for going in sorted(due, key=lambda one: one.run.due or at):
            before = going.run
            after, effects = step(before, going.event, at, self._here(at), self._late)
            going.run, going.event = after, Due()
            if after.round > before.round and at > self._counts_after:
                going.repeats += 1
                if going.repeats > ROUNDS:
                    effects = _until_repeat(effects)
                    going.run = replace(before, due=None)  # it goes on, and is not followed any more
                    self._endless = True
            over |= self._apply(going, effects, at, first=before.next_stage == 0)
            if going.run.status is not RunStatus.RUNNING:
                over = True
                self._over_at = at
        self._send(at)
        if over:
            self._see_who_is_left(at)
        if looks:
            self._look(at)

    def _apply(self, going: _Going, effects: Sequence[Effect], at: datetime, *, first: bool) -> bool:
        """Everything that a step causes; whether the run of somebody who was engaged is over at once."""
        over = False
        for effect in effects:
            if isinstance(effect, Engage):
                over |= self._engage(going, effect, at)
            elif isinstance(effect, Page):
                self._pages.append(self._page(going, effect, at))
            else:
                self._say(going, effect, at)
        if first and going.is_person and (why := unreachable(going.run.stages, self._here(at))) is not None:
            self._add(going, Kind.SKIPPED, why, at, person=going.run.target)
        return over

    def _engage(self, parent: _Going, effect: Engage, at: datetime) -> bool:
        """Begin the run of a person whom a plan engages, with its first step."""
        person = effect.person
        run, effects = first_step(person, self._catalogue.stages_of(person), at, self._here(at))
        via = "" if effect.via == person else effect.via
        child = _Going(run, True, parent.run.target, effect.stage, via, round=parent.run.round)
        self._going.append(child)
        self._steps.append(
            Step(
                at=at,
                kind=Kind.ENGAGED,
                reason=effect.reason,
                target=parent.run.target,
                person=person,
                plan=parent.run.target,
                stage=effect.stage,
                via=via,
                round=parent.run.round,
                late_seconds=effect.late_seconds,
            )
        )
        self._apply(child, effects, at, first=True)
        if run.status is RunStatus.RUNNING:
            return False
        self._over_at = at
        return True

    def _send(self, at: datetime) -> None:
        """The pages that the steps asked for, without those that would be one too many."""
        pages, self._pages = self._pages, []
        for page in pages:
            if self._lately.takes(Spot(INCIDENT, page.person, page.channel), at):
                self._steps.append(page)
            else:
                self._steps.append(page._replace(kind=Kind.SKIPPED, reason=Reason.ALREADY_PAGED))

    def _see_who_is_left(self, at: datetime) -> None:
        running = any(going.run.status is RunStatus.RUNNING for going in self._going)
        if running or self._exhausted or any(going.acknowledged for going in self._going):
            return
        self._exhausted = True
        self._steps.append(Step(at, Kind.NOBODY_LEFT, Reason.NOBODY_LEFT, ""))

    def _look(self, at: datetime) -> None:
        """Page those who acknowledged again after silence."""
        wait = self._beginning.repage
        if wait is None:
            self._look_at = None
            return
        silent, self._look_at = silence(self._last_sign, wait, at)
        if not silent:
            return
        if at > self._counts_after:
            self._looks += 1
            if self._looks > ROUNDS:
                self._endless, self._look_at = True, None
                return
        people = dict.fromkeys(going.run.target for going in self._going if going.acknowledged and going.is_person)
        for person in people:
            self._steps.append(Step(at, Kind.PAGED_AGAIN, Reason.REPEATS, person, person))
            run = begin(person, self._catalogue.stages_of(person), at)
            self._going.append(_Going(run, True))

    # ------------------------------------------------------------ as an acknowledgement does

    def _acknowledge(self, person: str, at: datetime) -> None:
        own = [going for going in self._going if going.run.target == person]
        if own and all(going.acknowledged for going in own):
            return
        if not own:  # somebody takes it who was not engaged
            stages = self._catalogue.stages_of(person)
            own = [_Going(begin(person, stages, at), True)]
            self._going += own
        self._add(own[0], Kind.ACKNOWLEDGED, Reason.ACKNOWLEDGED, at, person=person)
        for going in self._going:
            before = going.run
            going.run, effects = step(before, Acknowledged(person), at, self._here(at))
            for effect in effects:
                if isinstance(effect, Said) and effect.reason is Reason.ACKNOWLEDGEMENT_STOPS_PLAN:
                    self._say(going, effect, at)
            if before.status is RunStatus.RUNNING and going.run.status is not RunStatus.RUNNING:
                self._over_at = at
        for going in own:
            going.acknowledged = True
        self._answered.add(person)
        self._last_sign = at
        if self._beginning.repage is not None:
            self._look_at = at + self._beginning.repage

    # ------------------------------------------------------------ what is told

    def _page(self, going: _Going, page: Page, at: datetime) -> Step:
        return Step(
            at=at,
            kind=Kind.PAGE,
            reason=page.reason,
            target=going.run.target,
            person=going.run.target,
            channel=page.channel,
            plan=going.plan,
            stage=going.stage if going.plan else page.stage,
            via=going.via,
            round=going.round or going.run.round,
            late_seconds=page.late_seconds,
        )

    def _say(self, going: _Going, said: Said, at: datetime) -> None:
        """What a step decided and paged nobody for."""
        match said.reason:
            case Reason.ACKNOWLEDGEMENT_STOPS_PLAN:
                self._add(going, Kind.STOPPED, said.reason, at, person=said.subject, stage=said.stage)
            case Reason.REPEATS:
                self._add(going, Kind.REPEATS, said.reason, at, stage=said.stage)
            case Reason.ALREADY_ACKNOWLEDGED:
                self._add(going, Kind.SKIPPED, said.reason, at, person=said.subject, stage=said.stage)
            case reason if reason in _GAPS and not going.is_person:
                self._add(going, Kind.GAP, reason, at, person=said.subject, stage=said.stage)
            case reason if reason in _GAPS or reason in _NOT_SENT:
                person, channel = going.run.target, said.subject
                self._add(going, Kind.SKIPPED, reason, at, person=person, channel=channel, stage=said.stage)

    def _add(
        self,
        going: _Going,
        kind: Kind,
        reason: Reason,
        at: datetime,
        *,
        person: str = "",
        channel: str = "",
        stage: int = 0,
    ) -> None:
        told = going.stage if going.plan else stage
        plan = going.plan or ("" if going.is_person else going.run.target)
        self._steps.append(
            Step(
                at,
                kind,
                reason,
                going.run.target,
                person,
                channel,
                plan,
                told,
                going.via,
                going.round or going.run.round,
            )
        )


def _until_repeat(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """What comes before a plan begins again, and that it does."""
    for index, effect in enumerate(effects):
        if isinstance(effect, Said) and effect.reason is Reason.REPEATS:
            return tuple(effects[: index + 1])
    return tuple(effects)
