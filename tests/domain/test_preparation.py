"""How far each step of getting prepared is: a step that would fail somebody at night must not be called done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from imtui.domain.contact import Channel, ChannelType, Contact, ContactType
from imtui.domain.plan import ChannelTarget, Stage
from imtui.domain.preparation import Found, Person, Receipt, Response, State, Step, Trial, code_state, lines

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
SENT = NOW + timedelta(minutes=30)


def person(
    alias: str = "ana", *, channels: str = "mail+", planned: str = "mail", expires: datetime | None = SENT
) -> Person:
    """A person with channels (`+`: activated) and a plan that names one of them."""
    made = [
        Channel(name.rstrip("+"), "ana", name.rstrip("+"), ChannelType.EMAIL, "", name.endswith("+"), expires)
        for name in channels.split()
    ]
    stages = (Stage(5, (ChannelTarget(planned),)),) if planned else ()
    return Person(Contact("ana", "ana", ContactType.PERSONAL, stages=stages), made)


def response(*warnings: str) -> Response:
    return Response("arn", "web", ("night",), warnings)


NOTHING = Found(NOW)
ANA = replace(NOTHING, people=(person(),))
READY = replace(
    ANA,
    schedules=("primary",),
    plans=("night",),
    responses=(response(),),
    trial=Trial("web", 2, 2, seen=True),
    tester=person(),
    tested=(Receipt("mail", "Sent", NOW),),
)

TABLE = [
    (NOTHING, Step.CONTACTS, State.TO_DO, "nobody"),
    (replace(NOTHING, people=(person(channels=""),)), Step.CONTACTS, State.TO_DO, "0 can be paged"),
    (replace(NOTHING, people=(person(planned=""),)), Step.CONTACTS, State.TO_DO, "0 can be paged"),
    (replace(NOTHING, people=(person(channels="mail"),)), Step.CONTACTS, State.DONE, "0 can be paged"),
    (replace(NOTHING, people=(person(channels="mail sms+"),)), Step.CONTACTS, State.DONE, "0 can be paged"),
    (ANA, Step.CONTACTS, State.DONE, "1 person, 1 can be paged"),
    (NOTHING, Step.CHANNELS, State.WAITS, "no channel"),
    (replace(NOTHING, people=(person(channels="mail sms+"),)), Step.CHANNELS, State.TO_DO, "1 code to enter: ana"),
    (ANA, Step.CHANNELS, State.DONE, "1 of 1"),
    (NOTHING, Step.SCHEDULE, State.WAITS, "contacts"),
    (ANA, Step.SCHEDULE, State.OPTIONAL, "none"),
    (READY, Step.SCHEDULE, State.DONE, "primary"),
    (NOTHING, Step.PLAN, State.WAITS, "contacts"),
    (ANA, Step.PLAN, State.OPTIONAL, "none"),
    (READY, Step.PLAN, State.DONE, "night"),
    (NOTHING, Step.RESPONSE_PLAN, State.TO_DO, "pages anybody"),
    (replace(ANA, responses=(response("nobody is engaged"),)), Step.RESPONSE_PLAN, State.WEAK, "nobody is engaged"),
    (READY, Step.RESPONSE_PLAN, State.DONE, "web engages night"),
    (NOTHING, Step.REHEARSAL, State.WAITS, "response plan"),
    (replace(READY, trial=Trial("web", 2, 2)), Step.REHEARSAL, State.TO_DO, "2 pages now"),
    (replace(READY, trial=Trial("web", 2, 0, seen=True)), Step.REHEARSAL, State.WEAK, "0 tonight"),
    (replace(READY, trial=Trial("web", 0, 2, seen=True)), Step.REHEARSAL, State.WEAK, "0 pages now"),
    (READY, Step.REHEARSAL, State.DONE, "2 tonight"),
    (NOTHING, Step.TEST, State.WAITS, "activated channel"),
    (replace(READY, tested=(Receipt("mail"),)), Step.TEST, State.TO_DO, "was sent none"),
    (replace(READY, tested=(Receipt("mail", "Waiting"),)), Step.TEST, State.TO_DO, "mail waiting"),
    (replace(READY, tested=(Receipt("mail", "Failed"),)), Step.TEST, State.WEAK, "mail failed"),
    (replace(READY, tested=(Receipt("mail", "Sent"), Receipt("sms", "Failed"))), Step.TEST, State.WEAK, "sms failed"),
    (READY, Step.TEST, State.DONE, "mail sent"),
]


@pytest.mark.parametrize(("found", "step", "state", "told"), TABLE)
def test_a_step_is_as_far_as_what_there_is(found: Found, step: Step, state: State, told: str) -> None:
    line = next(line for line in lines(found) if line.step is step)
    assert line.state is state
    assert told in line.told


def test_the_steps_stand_in_their_order_and_each_that_is_open_says_what_is_next() -> None:
    for found in (NOTHING, ANA, READY):
        assert [line.step for line in lines(found)] == list(Step)
        assert all(line.next for line in lines(found) if line.state.open)


def test_a_skip_ends_when_the_step_is_done() -> None:
    skipped = frozenset(step.value for step in Step)
    assert {line.state for line in lines(replace(NOTHING, skipped=skipped))} == {State.SKIPPED}
    assert {line.state for line in lines(replace(READY, skipped=skipped))} == {State.DONE}


def test_a_code_is_asked_for_only_while_it_is_good() -> None:
    channel = person(channels="mail").channels[0]
    assert code_state(channel, SENT - timedelta(seconds=1)) == "sent"
    assert code_state(channel, SENT) == "expired"
    assert code_state(replace(channel, code_expires_at=None), NOW) == "none"
    late = replace(NOTHING, people=(person(channels="mail", expires=NOW),))
    assert "new code" in lines(late)[1].next
