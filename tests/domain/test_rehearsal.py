"""What is rehearsed, table by table: pages, what stops them, how it ends, and what is warned of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.plan import ChannelTarget, ContactTarget, Stage
from imtui.domain.rehearsal import Acknowledgement, Beginning, Ending, Kind, Rehearsal, engaged, page_key
from imtui.domain.rehearsal_text import Names, lines, rows, warnings
from imtui.domain.rehearsing import not_sent, rehearse, stopped_by, stoppers

START = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
NAMES = Names(str.title, lambda _: None)


def own(person: str) -> tuple[Stage, ...]:
    return (Stage(5, (ChannelTarget(f"{person}/mail"),)), Stage(5, (ChannelTarget(f"{person}/sms"),)))


@dataclass
class World:
    """Ben takes the desk over from Ana at half past three; `asleep` are channels that are not activated."""

    asleep: Collection[str] = ()
    unplanned: Collection[str] = ()
    asked: list[datetime] = field(default_factory=list)

    def stages_of(self, person: str) -> tuple[Stage, ...]:
        return () if person in self.unplanned else own(person)

    def directory_at(self, instant: datetime) -> At:
        self.asked.append(instant)
        return At(self, instant)


@dataclass
class At:
    world: World
    instant: datetime

    def people(self, contact: str) -> Collection[str] | None:
        if contact == "desk":
            return ("ana",) if self.instant < START + timedelta(minutes=20) else ("ben",)
        return None if contact == "gone" else () if contact == "empty" else (contact,)

    def channel_activated(self, channel: str) -> bool | None:
        return channel not in self.world.asleep

    def acknowledged(self, person: str) -> bool:
        raise AssertionError("who has acknowledged is for the rehearsal to know")


def plan(*stages: tuple[int, tuple[str, ...]], essential: bool = True, repeat: bool = False) -> Beginning:
    made = tuple(Stage(wait, tuple(ContactTarget(who, essential) for who in people)) for wait, people in stages)
    return Beginning(START, (engaged(START, "night", made, repeat=repeat),))


def pages(found: Rehearsal) -> list[str]:
    return [f"{found.minute(page):g} {page.channel}" for page in found.pages]


NIGHT = plan((10, ("ana",)), (10, ("ben",)))


def test_nobody_answers() -> None:
    found = rehearse(NIGHT, World())
    assert pages(found) == ["0 ana/mail", "5 ana/sms", "10 ben/mail", "15 ben/sms"]
    assert (found.ending, found.minute_of(found.last)) == (Ending.NOBODY_LEFT, 20)
    assert found.steps[-1].kind is Kind.NOBODY_LEFT


@pytest.mark.parametrize(
    ("person", "minute", "stopped"),
    [
        ("ana", 0, ["5 ana/sms", "10 ben/mail", "15 ben/sms"]),
        ("ana", 5, ["10 ben/mail", "15 ben/sms"]),
        ("ana", 10, ["15 ben/sms"][:0]),
        ("ben", 10, ["15 ben/sms"]),
        ("ben", 2, ["10 ben/mail", "15 ben/sms"]),
        ("nobody", 2, []),
    ],
)
def test_what_an_acknowledgement_stops(person: str, minute: float, stopped: list[str]) -> None:
    """What is due at its very minute has gone out; somebody who takes it before their turn is not paged then."""
    whole = rehearse(NIGHT, World())
    assert [f"{whole.minute(page):g} {page.channel}" for page in stopped_by(NIGHT, World(), person, minute)] == stopped


def test_without_the_setting_the_plan_goes_on() -> None:
    beginning = plan((10, ("ana",)), (10, ("ben",)), essential=False)
    found = rehearse(beginning, World(), [Acknowledgement("ana", 1)])
    assert pages(found) == ["0 ana/mail", "10 ben/mail", "15 ben/sms"]
    assert found.ending is Ending.ANSWERED


def test_each_page_says_whose_acknowledgement_stops_it() -> None:
    found = rehearse(NIGHT, World())
    by = stoppers(NIGHT, World(), found)
    assert [by[page_key(page)] for page in found.pages] == [(), ("ana",), ("ana",), ("ana", "ben")]


def test_who_is_on_call_is_asked_at_the_instant_of_the_stage() -> None:
    world = World()
    found = rehearse(plan((25, ("desk",)), (5, ("desk",))), world)
    assert pages(found) == ["0 ana/mail", "5 ana/sms", "25 ben/mail", "30 ben/sms"]
    assert {page.via for page in found.pages} == {"desk"}
    assert START + timedelta(minutes=25) in world.asked


def test_a_plan_that_repeats_is_told_once_more_and_goes_on_until_somebody_acknowledges() -> None:
    beginning = plan((10, ("ana",)), repeat=True)
    found = rehearse(beginning, World())
    assert pages(found) == ["0 ana/mail", "5 ana/sms", "10 ana/mail", "15 ana/sms"]
    assert (found.ending, found.over_at) == (Ending.REPEATS, None)
    answered = rehearse(beginning, World(), [Acknowledgement("ana", 47)])
    assert pages(answered)[-1] == "45 ana/sms"
    assert answered.ending is Ending.ANSWERED
    assert not_sent(rehearse(beginning, World(), beyond=47), answered) != ()


def test_whoever_acknowledged_is_paged_again_after_silence() -> None:
    beginning = Beginning(START, (engaged(START, "ana", own("ana"), is_person=True),), repage=timedelta(minutes=15))
    found = rehearse(beginning, World(), [Acknowledgement("ana", 2)])
    assert pages(found) == ["0 ana/mail", "17 ana/mail", "22 ana/sms"]
    assert found.ending is Ending.REPEATS


def test_one_instant_is_one_page() -> None:
    both = Beginning(START, (*NIGHT.lives, engaged(START, "ana", own("ana"), is_person=True)))
    found = rehearse(both, World())
    assert pages(found).count("0 ana/mail") == 1
    assert any(step.reason.value == "already-paged" for step in found.steps)


@pytest.mark.parametrize(
    ("beginning", "world", "warned"),
    [
        (NIGHT, World(), []),
        (
            NIGHT,
            World(asleep=["ben/mail", "ben/sms"]),
            [
                "Ben cannot be paged: no channel of the engagement plan is activated",
                "stage 2 of Night reaches nobody",
                "one person alone is paged: nobody follows when they do not answer",
            ],
        ),
        (
            plan((5, ("empty",)), (5, ("ana", "ben"))),
            World(),
            ["stage 1 of Night: nobody is on call for Empty"],
        ),
        (
            plan((5, ("ana",))),
            World(unplanned=["ana"]),
            [
                "Ana cannot be paged: there is no engagement plan",
                "stage 1 of Night reaches nobody",
                "nobody can be reached",
            ],
        ),
    ],
)
def test_what_is_weaker_than_it_looks_is_warned_of(beginning: Beginning, world: World, warned: list[str]) -> None:
    assert warnings(rehearse(beginning, world), NAMES) == warned


def test_what_is_stopped_stands_where_it_would_have_been() -> None:
    whole = rehearse(NIGHT, World())
    answered = rehearse(NIGHT, World(), [Acknowledgement("ana", 5)])
    told = [(one.sent, one.who, one.why) for one in lines(answered, NAMES, whole) if one.step.channel]
    assert told == [
        (True, "Ana", "Night, stage 1"),
        (True, "Ana", "Night, stage 1"),
        (False, "Ben", "not sent: Night, stage 2"),
        (False, "Ben", "not sent: Night, stage 2"),
    ]
    drawn = {row.label: [(mark.minute, mark.sign) for mark in row.marks] for row in rows(answered, NAMES, whole)}
    assert drawn["Ben"] == [(10, "x"), (15, "x")]
    assert drawn["Ana"] == [(0, "P"), (5, "P"), (5, "A")]


def test_nothing_is_rehearsed_beyond_what_is_asked_for() -> None:
    found = rehearse(NIGHT, World(), within=timedelta(0))
    assert (pages(found), found.ending) == (["0 ana/mail"], Ending.CUT)
    assert rehearse(Beginning(START, ()), World()).ending is Ending.NOTHING
