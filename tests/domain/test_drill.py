"""A drill ends when it should, and what it measured is what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.drill import Asked, Measured, Outcome, Over, Paged, Part, measured, over
from imtui.domain.drill_text import figures, lines, news, outcome

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def part(target: str, *, person: bool = True, running: bool = True, begun: bool = True, **said: bool) -> Part:
    return Part(target, person, running, begun, said.get("paged", False), said.get("answered", False))


PLAN = part("night", person=False)
PLAN_STOPPED = part("night", person=False, running=False)
ANA_ANSWERED = part("ana", paged=True, answered=True, running=False)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([part("night", person=False, begun=False)], None),
        ([PLAN, part("ana", paged=True)], None),
        ([PLAN_STOPPED, ANA_ANSWERED], Over.ANSWERED),
        # the plan would go on to page others, but all who were asked have answered
        ([PLAN, ANA_ANSWERED], Over.ANSWERED),
        ([PLAN, ANA_ANSWERED, part("ben", paged=True)], None),
        # their first stage pages nobody yet: they are still to be asked
        ([PLAN_STOPPED, ANA_ANSWERED, part("ben")], None),
        # nothing can reach Ben any more: he is not waited for
        (
            [PLAN_STOPPED, ANA_ANSWERED, part("ben", running=False)],
            Over.ANSWERED,
        ),
        # somebody took it before the plan began: the pages are still to come
        ([part("night", person=False, begun=False), part("cy", answered=True, running=False)], None),
        ([PLAN_STOPPED, part("ana", paged=True, running=False)], Over.PLAN),
        ([part("sched", person=False, running=False)], Over.PLAN),
        ([], Over.PLAN),
        # Ana runs twice, by two plans, and has answered
        (
            [
                PLAN,
                ANA_ANSWERED,
                part("ana", paged=True, answered=False, running=False),
            ],
            Over.ANSWERED,
        ),
    ],
)
def test_when_a_drill_is_over(parts: list[Part], why: Over | None) -> None:
    assert over(parts, NOW, after(60)) is why
    assert over(parts, after(60), after(60)) is (why or Over.TIME)


def paged(at: float | None, channel: str = "E-mail", delivered: float | None = None, trouble: str = "") -> Paged:
    sent = None if at is None else after(at)
    return Paged(channel, "EMAIL", NOW, sent, None if delivered is None else after(delivered), trouble)


@pytest.mark.parametrize(
    ("asked", "going_on", "wanted", "seconds"),
    [
        (Asked("ana", "Ana", pages=(paged(1),), answered_at=after(55)), False, Outcome.ANSWERED, 54.0),
        # the first page that went out counts, not the one that never did
        (Asked("ana", "Ana", pages=(paged(None), paged(300)), answered_at=after(310)), False, Outcome.ANSWERED, 10.0),
        # the answer crossed with the receipt
        (Asked("ana", "Ana", pages=(paged(2),), answered_at=after(1)), False, Outcome.ANSWERED, 0.0),
        (Asked("ana", "Ana", answered_at=after(5)), False, Outcome.ANSWERED, None),
        (Asked("ana", "Ana", pages=(paged(1),)), True, Outcome.WAITING, None),
        (Asked("ana", "Ana", pages=(paged(1),)), False, Outcome.SILENT, None),
        (Asked("ana", "Ana", pages=(paged(None),)), True, Outcome.WAITING, None),
        (Asked("ana", "Ana"), True, Outcome.WAITING, None),
        (Asked("ana", "Ana"), False, Outcome.UNPAGED, None),
        (Asked("ana", "Ana", pages=(paged(None),)), False, Outcome.UNPAGED, None),
        (Asked("ana", "Ana", pages=(paged(None, trouble="550 no such user"),)), True, Outcome.UNPAGED, None),
        (Asked("ben", "Ben", begun=False), True, Outcome.LATER, None),
        (Asked("ben", "Ben", begun=False), False, Outcome.UNPAGED, None),
        (Asked("ana", "Ana", trouble="nobody is on call"), True, Outcome.UNPAGED, None),
    ],
)
def test_what_came_of_asking_somebody(asked: Asked, going_on: bool, wanted: Outcome, seconds: float | None) -> None:
    [one] = measured([asked], going_on=going_on).people
    assert (one.outcome, one.seconds) == (wanted, seconds)
    assert bool(one.why) is (one.paged_at is None), "who was not paged is told why, nobody else"


def test_somebody_asked_by_two_plans_is_one_person_with_all_their_pages() -> None:
    twice = [
        Asked("ana", "Ana", "Night", 1, pages=(paged(3),), answered_at=after(30), answered_via="in the terminal"),
        Asked("ben", "Ben", "Night", 2, pages=(paged(10),)),
        Asked("ana", "Ana", "Day", 1, pages=(paged(1, "SMS"),), answered_at=after(30), answered_via="in the terminal"),
    ]
    report = measured(twice, going_on=False)
    assert [(one.asked.label, one.outcome, one.seconds) for one in report.people] == [
        ("Ana", Outcome.ANSWERED, 29.0),
        ("Ben", Outcome.SILENT, None),
    ]
    assert [page.channel for page in report.people[0].asked.pages] == ["E-mail", "SMS"]


def test_the_median_and_the_slowest_are_of_those_who_answered_a_page() -> None:
    took = {"ana": 10.0, "ben": 80.0, "cy": 20.0, "dan": None}
    asked = [
        Asked(name, name, pages=(paged(0),), answered_at=None if seconds is None else after(seconds))
        for name, seconds in took.items()
    ]
    report = measured([*asked, Asked("eve", "eve", answered_at=after(500))], going_on=False)
    assert report.median == 20.0
    assert report.slowest is not None
    assert report.slowest.asked.person == "ben"
    assert figures(report) == ["4 answered, 1 never answered", "median 20 s, slowest ben with 1 min 20 s"]
    nothing = measured([], going_on=False)
    assert (nothing.median, nothing.slowest, lines(nothing, str)) == (None, None, ["Nobody was asked."])


def test_everything_measured_of_a_person_is_said() -> None:
    asked = Asked(
        "ana",
        "Ana",
        "Night shift",
        1,
        "Web rota",
        (paged(1, delivered=4), paged(None, "SMS", trouble="failed")),
        after(60),
        "by the code sent to E-mail",
    )
    first, second, *_ = lines(measured([asked], going_on=False), lambda at: at.strftime("%M:%S"))
    assert first == "Ana: answered after 59 s, by the code sent to E-mail"
    assert second.strip() == (
        "Night shift, stage 1, on call for Web rota; paged 10:01 by E-mail; by SMS not: failed; "
        "delivered 10:04; answered 11:00"
    )


def test_each_thing_that_happens_is_told_once() -> None:
    waiting = measured([Asked("ana", "Ana", pages=(paged(None),))], going_on=True)
    sent = measured([Asked("ana", "Ana", pages=(paged(1),))], going_on=True)
    done = measured([Asked("ana", "Ana", pages=(paged(1),), answered_at=after(3))], going_on=True)
    assert news(None, waiting) == []
    assert news(waiting, sent) == ["Ana is paged by E-mail"]
    assert news(sent, sent) == []
    assert news(sent, done) == ["Ana: answered after 2 s"]
    assert news(None, done) == ["Ana is paged by E-mail", "Ana: answered after 2 s"]


def test_an_answer_without_a_page_is_no_answer_to_one() -> None:
    asked = Asked("ana", "Ana", answered_via="in the terminal")
    one = Measured(asked, Outcome.ANSWERED, why="no channel")
    assert outcome(one) == "answered, in the terminal; never paged: no channel"
