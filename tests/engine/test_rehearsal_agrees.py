"""A rehearsal never says anything else than what the engine then does: who is paged, where, when, why, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imtui import services
from imtui.channels.protocol import Accepted, Outcome, Outgoing
from imtui.clock import ManualClock
from imtui.domain.access import Caller
from imtui.domain.oncall.recurrence import Kind as Turns
from imtui.domain.oncall.recurrence import Recurrence
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage, stages_to_wire
from imtui.domain.rehearsal import Kind, Rehearsal
from imtui.domain.route import Route
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.rotations import RotationSpec
from storage import tables as t
from tests.services.fresh import fresh

PEOPLE = ("ana", "ben", "chidi")
PLANS = ("night", "day")
UNTIL = 75
"""So many minutes are compared."""

Paged = tuple[datetime, str, str]
"""When, by which address, and why."""


@dataclass(frozen=True)
class Team:
    """People with channels (activated or not) and engagement plans, escalation plans, and what a response plan has."""

    channels: dict[str, list[bool]]
    people: dict[str, list[tuple[int, list[int]]]]
    plans: dict[str, tuple[list[tuple[int, list[tuple[str, bool]]]], bool]]
    engages: list[str]
    repage: int


minutes = st.sampled_from([0, 1, 2, 3, 5, 7, 10, 30])
own_stages = st.lists(st.tuples(minutes, st.lists(st.integers(0, 2), max_size=3)), max_size=3) | st.just(
    [(5, [0]), (0, [0, 1, 2])]
)
active = st.lists(st.sampled_from([True, True, True, False]), max_size=3) | st.just([True, True, True])
plan_stages = st.lists(
    st.tuples(
        minutes,
        st.lists(st.tuples(st.sampled_from([*PEOPLE, "desk", "empty", "gone"]), st.booleans()), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)
teams = st.builds(
    Team,
    st.fixed_dictionaries(dict.fromkeys(PEOPLE, active)),
    st.fixed_dictionaries(dict.fromkeys(PEOPLE, own_stages)),
    st.fixed_dictionaries({name: st.tuples(plan_stages, st.booleans()) for name in PLANS}),
    st.lists(st.sampled_from([*PEOPLE, *PLANS, "desk", "empty"]), min_size=1, max_size=5, unique=True),
    st.sampled_from([0, 0, 0, 6, 15]),
)
RICH = Team(
    {"ana": [True, True, False], "ben": [True, True], "chidi": [True]},
    {
        "ana": [(5, [0]), (5, [1, 2]), (30, [0])],
        "ben": [(0, [0]), (7, [1])],
        "chidi": [(3, []), (2, [0])],
    },
    {
        "night": ([(10, [("ana", True), ("ben", False)]), (0, [("empty", True)]), (10, [("desk", True)])], True),
        "day": ([(3, [("ben", False)]), (7, [("gone", False)]), (0, [("chidi", True), ("desk", False)])], False),
    },
    ["night", "day", "chidi", "desk"],
    6,
)
"""A team with everything in it: most examples lack some of it."""

QUIET = Team(RICH.channels, RICH.people, RICH.plans, ["day", "ben"], 0)

answers = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 80).map(lambda half: half / 2)), max_size=3)


@dataclass
class Listening:
    """A provider that remembers what it was handed, and when."""

    clock: ManualClock
    name: str = "fake"
    at_once: int = 16
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)

    async def send(self, message: Outgoing) -> Outcome:
        self.sent.append((self.clock.now(), message.to, message.id))
        return Accepted("250 OK")

    async def close(self) -> None:
        return


async def settle(context: Context, team: Team) -> None:
    """Write the team."""
    names = context.names

    def row(alias: str, type_: str, stages: Sequence[Stage] = (), repeat: bool = False) -> dict[str, Any]:
        return {
            "arn": names.contact(alias),
            "account": names.account,
            "alias": alias,
            "type": type_,
            "display_name": alias.title(),
            "plan": stages_to_wire(stages),
            "repeat": repeat,
        }

    async with context.database.write(context.now()) as unit:
        for alias in PEOPLE:
            stages = tuple(
                Stage(wait, tuple(ChannelTarget(names.channel(alias, str(number))) for number in numbers))
                for wait, numbers in team.people[alias]
            )
            unit.insert(t.contacts, row(alias, "PERSONAL", stages))
        unit.insert(t.contacts, row("empty", "ONCALL_SCHEDULE"))
        for alias, (given_stages, repeat) in team.plans.items():
            stages = tuple(
                Stage(wait, tuple(ContactTarget(names.contact(who), essential) for who, essential in targets))
                for wait, targets in given_stages
            )
            repeats = repeat and any(stage.minutes for stage in stages)
            unit.insert(t.contacts, row(alias, "ESCALATION", stages, repeats))
        await unit.flush()
        for alias, activated in team.channels.items():
            for number, active in enumerate(activated):
                unit.insert(
                    t.channels,
                    {
                        "arn": names.channel(alias, str(number)),
                        "contact_arn": names.contact(alias),
                        "name": f"channel {number}",
                        "type": ("EMAIL", "SMS", "VOICE")[number],
                        "address": f"{alias}/{number}",
                        "activated": active,
                    },
                )
        unit.insert(
            t.response_plans,
            {
                "arn": names.response_plan("web"),
                "account": names.account,
                "name": "web",
                "title": "Web shop is down",
                "impact": 2,
                "dedupe_string": "",
                "incident_tags": {},
                "notification_targets": [],
                "chat_channel": [],
                "engagements": [names.contact(alias) for alias in team.engages],
                "actions": [],
                "integrations": [],
                "repage_minutes": team.repage,
            },
        )
    start = datetime(2026, 2, 1, 3, 15, tzinfo=UTC)
    await services.schedules.create(context, "desk", [RotationSpec("turns", PEOPLE, "UTC", TURNS, start=start)])


TURNS = Recurrence(Turns.DAILY, ((0, 195), (0, 202), (0, 215), (0, 240)))
"""Somebody else is on call from 03:15, 03:22, 03:35 and 04:00 on."""


async def live(
    context: Context, engine: Engine, clock: ManualClock, until: datetime, given_answers: Sequence[tuple[datetime, str]]
) -> None:
    """Let the engine work until an instant, woken when something is due as its own loop is; people answer when they
    do, after what is due at that instant."""
    waiting = sorted(given_answers)
    while True:
        await engine.tick()
        while waiting and waiting[0][0] <= clock.now():
            alias = waiting.pop(0)[1]
            await services.engagements.take(acting(context, alias), 1)
            await engine.tick()
        async with context.database.read() as reader:
            due = await reader.scalar(sa.select(sa.func.min(t.timers.c.due_at, type_=t.timers.c.due_at.type)))
        following = min([*(when for when, _ in waiting[:1]), *([due] if due else []), until])
        if following >= until:
            clock.set(until)
            return
        clock.set(following)


def acting(context: Context, alias: str) -> Context:
    return context.acting_as(Caller(alias, alias, "test", context.names.user(alias)))


async def done(context: Context, provider: Listening, since: int) -> list[Paged]:
    """What the engine has sent, with the reasons that stand with the pages."""
    async with context.database.read() as reader:
        rows = await reader.all(sa.select(t.pages.c.message_id, t.pages.c.reason))
    reasons = {row.message_id: row.reason for row in rows}
    return sorted((at, to, reasons[id_]) for at, to, id_ in provider.sent[since:])


def told(found: Rehearsal, names: Any, until: datetime) -> list[Paged]:
    return sorted(
        (page.at, names.channel(page.channel).address, page.reason.value) for page in found.pages if page.at < until
    )


async def silent_since(context: Context, start: datetime) -> list[datetime]:
    """When it was said that nobody is left to page."""
    events = await services.timeline.events(context, 1)
    return [e.event_time for e in events if "Nobody is left" in e.text and e.event_time >= start]


def compare(found: Rehearsal, names: Any, sent: list[Paged], silences: list[datetime], until: datetime) -> None:
    ambiguous = {
        (step.at, names.channel(step.channel).address)
        for step in found.steps
        if step.kind is Kind.SKIPPED and step.reason.value == "already-paged"
    }
    """Where two runs page at one instant, either page may be the one that goes."""

    def certain(paged: list[Paged]) -> list[Paged]:
        return sorted((at, to, "" if (at, to) in ambiguous else reason) for at, to, reason in paged)

    assert certain(told(found, names, until)) == certain(sent)
    said = [step.at for step in found.steps if step.kind is Kind.NOBODY_LEFT and step.at < until]
    assert said == silences


async def fresh_incident(team: Team, given_answers: list[tuple[str, float]]) -> None:
    """Rehearse a response plan, then let it happen."""
    async with fresh() as context:
        await settle(context, team)
        clock = context.clock
        assert isinstance(clock, ManualClock)
        start, until = context.now(), context.now() + timedelta(minutes=UNTIL)
        found = await services.rehearsals.of(context, "web", acknowledgements=given_answers, beyond=UNTIL)
        provider = Listening(clock)
        engine = Engine(context.database, clock, context.config, providers=dict.fromkeys(Route, provider))
        await services.incidents.start(context, "web")
        spoken = [(start + timedelta(minutes=minute), alias) for alias, minute in given_answers]
        await live(context, engine, clock, until, spoken)
        sent = await done(context, provider, 0)
        await engine.close()
        compare(found.course, found.names, sent, await silent_since(context, start), until)


async def under_way(
    team: Team, before: list[tuple[str, float]], middle: int, asleep: int, after: list[tuple[str, float]]
) -> None:
    """Let an incident happen for a while, and nobody work for another; rehearse what is to come, and let it come."""
    async with fresh() as context:
        await settle(context, team)
        clock = context.clock
        assert isinstance(clock, ManualClock)
        begun = context.now()
        provider = Listening(clock)
        engine = Engine(context.database, clock, context.config, providers=dict.fromkeys(Route, provider))
        await services.incidents.start(context, "web")
        spoken = [(begun + timedelta(minutes=minute), alias) for alias, minute in before if minute < middle]
        await live(context, engine, clock, begun + timedelta(minutes=middle), spoken)
        clock.advance(asleep * 60)
        start, until = context.now(), context.now() + timedelta(minutes=UNTIL)
        found = await services.rehearsals.of(context, "1", acknowledgements=after, beyond=UNTIL)
        already = len(provider.sent)
        spoken = [(start + timedelta(minutes=minute), alias) for alias, minute in after]
        await live(context, engine, clock, until, spoken)
        sent = await done(context, provider, already)
        await engine.close()
        compare(found.course, found.names, sent, await silent_since(context, start), until)


@given(teams, answers)
@example(RICH, [])
@example(RICH, [("ben", 4.0), ("ana", 31.5)])
@example(RICH, [("chidi", 0.0)])
@example(QUIET, [])
@example(QUIET, [("ana", 1.0)])
@settings(max_examples=4, deadline=None)
def test_what_is_rehearsed_is_what_happens(team: Team, given_answers: list[tuple[str, float]]) -> None:
    asyncio.run(fresh_incident(team, given_answers))


@given(teams, answers, st.integers(1, 30), st.sampled_from([0, 0, 3, 17]), answers)
@example(RICH, [], 8, 0, [])
@example(RICH, [("ben", 4.0)], 8, 17, [("ana", 3.0)])
@example(RICH, [("ana", 4.0)], 12, 3, [])
@example(QUIET, [], 4, 17, [])
@example(QUIET, [("ben", 1.0)], 6, 0, [("chidi", 2.5)])
@settings(max_examples=3, deadline=None)
def test_what_is_rehearsed_of_an_incident_under_way_is_what_comes(
    team: Team, before: list[tuple[str, float]], middle: int, asleep: int, after: list[tuple[str, float]]
) -> None:
    asyncio.run(under_way(team, before, middle, asleep, after))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@given(teams, answers, st.integers(1, 30), st.sampled_from([0, 0, 3, 17]), answers)
@settings(max_examples=200, deadline=None)
def test_it_agrees_over_many_teams(
    team: Team, before: list[tuple[str, float]], middle: int, asleep: int, after: list[tuple[str, float]]
) -> None:
    asyncio.run(fresh_incident(team, before))
    asyncio.run(under_way(team, before, middle, asleep, after))
