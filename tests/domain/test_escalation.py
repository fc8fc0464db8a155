"""The escalation rule, for any plan and any order of events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from imtui.domain.escalation import (
    Acknowledged,
    Due,
    Effect,
    Engage,
    EscalateNow,
    Event,
    Page,
    Run,
    RunStatus,
    Stop,
    begin,
    step,
    upcoming,
)
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage, stages_from_kept, stages_from_wire, stages_to_wire

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
PEOPLE = ("ana", "ben", "chidi")


@dataclass
class World:
    """Who exists, who is on call, who has acknowledged."""

    gone: Collection[str] = ()
    sleeping: Collection[str] = ()
    answered: set[str] = field(default_factory=set)

    def people(self, contact: str) -> Collection[str] | None:
        if contact in self.gone:
            return None
        return () if contact == "empty" else (contact,)

    def channel_activated(self, channel: str) -> bool | None:
        return channel not in self.sleeping

    def acknowledged(self, person: str) -> bool:
        return person in self.answered


minutes = st.integers(0, 30)
contact_stages = st.lists(
    st.builds(
        Stage,
        minutes,
        st.lists(
            st.builds(ContactTarget, st.sampled_from([*PEOPLE, "empty"]), st.booleans()), min_size=1, max_size=3
        ).map(tuple),
    ),
    min_size=1,
    max_size=5,
).map(tuple)
channel_stages = st.lists(
    st.builds(
        Stage, minutes, st.lists(st.builds(ChannelTarget, st.sampled_from(["mail", "sms"])), max_size=2).map(tuple)
    ),
    min_size=1,
    max_size=5,
).map(tuple)


def play(run: Run, world: World, until: datetime) -> list[tuple[datetime, Effect]]:
    """What happens when nobody answers, with the instants."""
    happened: list[tuple[datetime, Effect]] = []
    while run.status is RunStatus.RUNNING and run.due is not None and run.due <= until:
        now = run.due
        run, effects = step(run, Due(), now, world)
        happened += [(now, effect) for effect in effects]
    return happened


@given(contact_stages)
def test_without_an_answer_every_plan_ends_with_nobody_left(stages: tuple[Stage, ...]) -> None:
    run = begin("plan", stages, NOW)
    for _ in range(len(stages) + 1):
        if run.status is not RunStatus.RUNNING:
            break
        assert run.due is not None
        run, _ = step(run, Due(), run.due, World())
    assert run.status is RunStatus.EXHAUSTED
    assert run.due is None


@given(contact_stages)
def test_each_stage_is_engaged_once_at_its_instant(stages: tuple[Stage, ...]) -> None:
    engaged: dict[int, datetime] = {}
    for now, effect in play(begin("plan", stages, NOW), World(), NOW + timedelta(days=1)):
        if isinstance(effect, Engage):
            assert engaged.setdefault(effect.stage, now) == now
    elapsed = 0
    for index, stage in enumerate(stages):
        whole = all(isinstance(x, ContactTarget) and x.contact == "empty" for x in stage.targets)
        if not whole:
            assert engaged[index] == NOW + timedelta(minutes=elapsed)
        elapsed += 0 if whole else stage.minutes


@given(contact_stages, st.sampled_from(PEOPLE), st.integers(0, 120))
def test_an_essential_acknowledgement_stops_the_rest_and_no_other_does(
    stages: tuple[Stage, ...], person: str, minute: int
) -> None:
    run, world = begin("plan", stages, NOW), World()
    instant = NOW + timedelta(minutes=minute)
    while run.status is RunStatus.RUNNING and run.due is not None and run.due <= instant:
        run, _ = step(run, Due(), run.due, world)
    before = run
    world.answered.add(person)
    run, _ = step(run, Acknowledged(person), instant, world)
    reached = [reach for reach in before.reached if reach.person == person]
    if before.status is RunStatus.RUNNING:
        stops = any(reach.essential for reach in reached)
        assert (run.status is RunStatus.ACKNOWLEDGED) == stops
        assert run.answered == (before.answered or bool(reached))
    for _, effect in play(run, world, NOW + timedelta(days=1)):
        assert not (isinstance(effect, Engage) and effect.person == person), "who has acknowledged is not paged again"


@given(contact_stages, st.sampled_from(PEOPLE), st.integers(0, 600))
def test_a_plan_that_repeats_is_stopped_by_whoever_it_reached_in_any_round(
    stages: tuple[Stage, ...], person: str, minute: int
) -> None:
    run, world = begin("plan", stages, NOW, repeat=True), World()
    instant = NOW + timedelta(minutes=minute)
    stops = False
    while run.status is RunStatus.RUNNING and run.due is not None and run.due <= instant:
        run, effects = step(run, Due(), run.due, world)
        stops |= any(isinstance(x, Engage) and x.person == person and x.essential for x in effects)
    if run.status is RunStatus.RUNNING:
        run, _ = step(run, Acknowledged(person), instant, world)
        assert (run.status is RunStatus.ACKNOWLEDGED) == stops


@given(channel_stages, st.integers(0, 48 * 60))
def test_missed_steps_of_a_person_are_one_page_for_each_channel(stages: tuple[Stage, ...], late: int) -> None:
    run = begin("ana", stages, NOW)
    run, effects = step(run, Due(), NOW + timedelta(minutes=late), World())
    channels = [effect.channel for effect in effects if isinstance(effect, Page)]
    assert len(channels) == len(set(channels))


@given(contact_stages, st.integers(1, 48 * 60))
def test_after_an_outage_a_plan_goes_on_with_the_stage_that_was_due_and_its_whole_time(
    stages: tuple[Stage, ...], late: int
) -> None:
    now = NOW + timedelta(minutes=late)
    run, effects = step(begin("plan", stages, NOW), Due(), now, World())
    engaged = {effect.stage for effect in effects if isinstance(effect, Engage)}
    last = max(engaged, default=0)
    assert all(stages[index].minutes == 0 for index in engaged - {last})
    if run.status is RunStatus.RUNNING and run.next_stage < len(stages) and engaged:
        assert run.due == now + timedelta(minutes=stages[run.next_stage - 1].minutes)


events: st.SearchStrategy[Event] = st.one_of(
    st.just(Due()),
    st.builds(Acknowledged, st.sampled_from(PEOPLE)),
    st.builds(EscalateNow, st.integers(0, 4)),
    st.just(Stop()),
)


@given(contact_stages, st.lists(st.tuples(st.integers(0, 90), events), max_size=12), st.booleans())
def test_no_order_of_events_leaves_a_run_without_a_next_step_or_moves_a_finished_one(
    stages: tuple[Stage, ...], order: list[tuple[int, Event]], repeat: bool
) -> None:
    run, now = begin("plan", stages, NOW, repeat=repeat), NOW
    for wait, event in order:
        now += timedelta(minutes=wait)
        after, effects = step(run, event, now, World(gone=("chidi",)))
        if run.status is not RunStatus.RUNNING:
            assert after == run
            assert effects == ()
        assert (after.status is RunStatus.RUNNING) == (after.due is not None)
        assert 0 <= after.next_stage <= len(stages)
        assert [index for index, _ in upcoming(after)] == (
            list(range(after.next_stage, len(stages))) if after.due is not None else []
        )
        run = after


@given(contact_stages | channel_stages)
def test_plans_survive_the_services_own_shape(stages: tuple[Stage, ...]) -> None:
    assert stages_from_wire(stages_to_wire(stages)) == stages
    assert stages_from_kept(stages_to_wire(stages)) == stages


def test_escalate_now_pressed_late_does_not_act_on_a_later_stage() -> None:
    stages = tuple(Stage(10, (ContactTarget(person),)) for person in PEOPLE)
    run, _ = step(begin("plan", stages, NOW), Due(), NOW, World())
    run, _ = step(run, Due(), NOW + timedelta(minutes=10), World())
    same, effects = step(run, EscalateNow(0), NOW + timedelta(minutes=11), World())
    assert same == run
    assert [effect for effect in effects if isinstance(effect, Engage)] == []
    _, effects = step(run, EscalateNow(1), NOW + timedelta(minutes=11), World())
    assert [effect.person for effect in effects if isinstance(effect, Engage)] == ["chidi"]
