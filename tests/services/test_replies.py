"""A reply acts for the person whose number it is, on the page it answers, and once; all else changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.contact import ACTIVATION_CODE_MINUTES, ChannelType
from imtui.domain.errors import ValidationFailed
from imtui.domain.timeline import EventType
from imtui.services.context import Context
from imtui.services.replies import Answer, take_in
from imtui.sources.replies import Reply
from storage import tables as t
from tests.organisation import Organisation, hand_out, organise

ANA, BEN = "+4915100000001", "+4915100000002"


@dataclass
class Team:
    """The organisation with a voice channel of Ana's, and an incident for which she was paged."""

    made: Organisation
    incident: str
    ana_voice: str


@pytest.fixture
async def team(context: Context) -> Team:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident.id
    voice = await channel(context, "ana", "landline", ChannelType.VOICE, ANA)
    return Team(made, incident, voice)


async def channel(context: Context, contact: str, name: str, type_: ChannelType, address: str) -> str:
    """An activated channel."""
    arn = (await services.channels.create(context, contact, name, type_, address, defer_activation=True)).arn
    async with context.database.write(context.now()) as unit:
        await unit.run(sa.update(t.channels).where(t.channels.c.arn == arn).values(activated=True))
    return arn


async def sms(context: Context, text: str, number: str = ANA, id_: str = "SM1") -> Answer:
    return await take_in(context, Reply(id_, ChannelType.SMS, number, text))


async def call(context: Context, digits: str, number: str = ANA, id_: str = "CA1") -> Answer:
    return await take_in(context, Reply(id_, ChannelType.VOICE, number, digits))


async def acknowledgements(context: Context, ref: int = 1) -> list[str]:
    return [event.text for event in await services.timeline.events(context, ref, types={EventType.ACKNOWLEDGEMENT})]


async def audited(context: Context, action: str) -> list[sa.Row[Any]]:
    async with context.database.read() as reader:
        return list(await reader.all(sa.select(t.audit).where(t.audit.c.action == action).order_by(t.audit.c.id)))


async def kept(context: Context) -> list[tuple[str, str, str | None]]:
    return [(e.source, e.action, e.incident_id) for e in await services.events.recent(context)]


async def codes(context: Context, arn: str) -> list[str]:
    """The activation codes that were sent to a channel, the newest first."""
    m = t.messages.c
    query = sa.select(t.messages).where(m.kind == "activation", m.channel_arn == arn).order_by(m.created_at.desc())
    async with context.database.read() as reader:
        return [row.payload["code"] for row in await reader.all(query)]


@pytest.mark.parametrize("text", ["123456", " ack 123 456\nthanks", "Reply 123456"])
async def test_the_code_acknowledges_by_sms_as_it_does_in_the_program(context: Context, team: Team, text: str) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    answer = await sms(context, text, "+49 151 0000 0001")
    assert (answer.action, answer.contact) == ("acknowledged", team.made.ana)
    assert answer.incidents == ((await services.incidents.get(context, 1)).arn,)
    assert answer.message == "Ana acknowledged: #1 Web shop is down"
    assert await acknowledgements(context) == ["Ana acknowledged by SMS with the code sent to SMS"]
    line = next(x for x in await services.engagements.for_incident(context, 1) if x.acknowledged_at)
    assert line.label == "Ana"
    record = (await audited(context, "ssm-contacts:AcceptPage"))[-1]
    assert (record.caller, record.origin, record.error) == ("ana", "sms", None)
    assert await kept(context) == [("sms", "recorded", team.incident)]


async def test_the_code_of_ones_mail_may_come_by_sms(context: Context, team: Team) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_email, "123456")
    assert (await sms(context, "123456")).action == "acknowledged"


async def test_a_reply_that_is_delivered_again_changes_nothing_and_is_answered_alike(
    context: Context, team: Team
) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    first = await sms(context, "123456")
    assert await sms(context, "123456") == first
    async with context.database.read() as reader:
        before = await reader.scalar(sa.select(sa.func.count()).select_from(t.audit))
    assert await sms(context, "UNSUBSCRIBE") == first  # the id counts, whatever it says
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.audit)) == before
    assert len(await acknowledgements(context)) == 1
    assert (await services.channels.get(context, team.made.ana_sms)).activated


async def test_the_same_reply_twice_at_once_is_obeyed_once(context: Context, team: Team) -> None:
    await services.channels.deactivate(context, team.made.ana_sms)
    answers = await asyncio.gather(*(sms(context, "START") for _ in range(5)), sms(context, "?", id_="SM2"))
    assert [answer.action for answer in answers] == ["code-sent"] * 5 + ["unmatched"]
    assert len(await codes(context, team.made.ana_sms)) == 1


async def test_a_second_reply_says_that_the_page_was_answered(context: Context, team: Team) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    await sms(context, "123456")
    again = await sms(context, "123456", id_="SM2")
    assert (again.action, again.message) == (
        "already-acknowledged",
        "Ana had acknowledged already: #1 Web shop is down",
    )
    assert len(await acknowledgements(context)) == 1


async def test_a_reply_after_the_end_acknowledges_nothing(context: Context, team: Team) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    await services.incidents.resolve(context, 1)
    answer = await sms(context, "123456")
    assert answer.action == "unmatched"
    assert "#1 needs no acknowledgement any more" in answer.message
    assert await acknowledgements(context) == []


async def test_the_code_of_another_person_acknowledges_nothing(context: Context, team: Team) -> None:
    await channel(context, "ben", "mobile", ChannelType.SMS, BEN)
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    answer = await sms(context, "123456", BEN)
    assert answer.action == "unmatched"
    assert await acknowledgements(context) == []
    assert await kept(context) == [("sms", "unmatched", None)]
    assert (await sms(context, "123456", id_="SM2")).action == "acknowledged"


async def test_of_two_people_with_one_number_the_code_tells_whom_it_is_for(context: Context, team: Team) -> None:
    await channel(context, "ben", "shared", ChannelType.SMS, ANA)
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    await hand_out(context, team.incident, team.made.ben, team.made.ben_email, "222222")
    assert (await sms(context, "222222")).contact == team.made.ben
    assert (await audited(context, "ssm-contacts:AcceptPage"))[-1].caller == "ben"
    assert await acknowledgements(context) == ["Ben acknowledged by SMS with the code sent to e-mail"]
    assert (await sms(context, "123456", id_="SM2")).contact == team.made.ana


async def test_five_wrong_codes_from_a_number_throttle_it_and_nobody_at_a_screen(
    context: Context, team: Team, manual_clock: ManualClock
) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    for guess in range(5):
        assert (await sms(context, f"00000{guess}", id_=f"wrong-{guess}")).action == "unmatched"
    assert (await sms(context, "000000", id_="wrong-0")).action == "unmatched"  # again: not counted
    assert (await sms(context, "123456")).action == "throttled"
    assert await acknowledgements(context) == []
    with pytest.raises(ValidationFailed):  # the caller is ana, and not throttled
        await services.engagements.acknowledge(context, "999999")
    manual_clock.advance(61)
    assert (await sms(context, "123456", id_="SM2")).action == "acknowledged"


@pytest.mark.parametrize("text", ["", "yes", "stop paging me", "1", "12345", "\x00\ud800\u202e", "x" * 100_000])
async def test_what_nobody_can_make_sense_of_is_kept_and_changes_nothing(
    context: Context, team: Team, text: str
) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    answer = await sms(context, text)
    assert answer.action == "unmatched"
    assert "UNSUBSCRIBE" in answer.message
    assert await kept(context) == [("sms", "unmatched", None)]
    assert await sms(context, text) == answer


@pytest.mark.parametrize("number", ["+4999", "anonymous", "", "\x00", "+4915100000009", "x" * 9999])
@pytest.mark.parametrize("text", ["UNSUBSCRIBE", "START", "123456"])
async def test_a_number_of_nobody_changes_nothing(context: Context, team: Team, number: str, text: str) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    answer = await sms(context, text, number)
    assert (answer.action, answer.contact) == ("unmatched", "")
    assert (await services.channels.get(context, team.made.ana_sms)).activated
    assert await acknowledgements(context) == []


async def test_unsubscribe_stops_the_sms_channels_of_the_number_and_the_incident_tells_of_it(
    context: Context, team: Team
) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    shared = await channel(context, "ben", "shared", ChannelType.SMS, ANA)
    assert (await sms(context, " unsubscribe ")).action == "deactivated"
    for arn in (team.made.ana_sms, shared):
        assert not (await services.channels.get(context, arn)).activated
    for arn in (team.ana_voice, team.made.ana_email):
        assert (await services.channels.get(context, arn)).activated
    told = await services.timeline.events(context, 1, types={EventType.ESCALATION})
    assert "Ana unsubscribed SMS: it is not paged any more" in [event.text for event in told]
    assert (await sms(context, "UNSUBSCRIBE", id_="SM2")).action == "deactivated"
    # A page that was under way may still be answered.
    assert (await sms(context, "123456", id_="SM3")).action == "acknowledged"


async def test_unsubscribe_voids_a_code_that_is_under_way(context: Context, team: Team) -> None:
    await sms(context, "UNSUBSCRIBE")
    await sms(context, "START", id_="SM2")
    code = (await codes(context, team.made.ana_sms))[0]
    await sms(context, "UNSUBSCRIBE", id_="SM3")
    with pytest.raises(ValidationFailed, match="expired"):
        await services.channels.activate(context, team.made.ana_sms, code)


async def test_start_sends_a_code_and_only_the_code_makes_the_channel_active_again(
    context: Context, team: Team, manual_clock: ManualClock
) -> None:
    arn = team.made.ana_sms
    assert (await sms(context, "START", id_="SM0")).action == "already-active"
    assert await codes(context, arn) == []
    await sms(context, "UNSUBSCRIBE")
    answer = await sms(context, "start", id_="SM2")
    assert (answer.action, answer.contact) == ("code-sent", team.made.ana)
    assert not (await services.channels.get(context, arn)).activated
    manual_clock.advance(1)
    await sms(context, "START", id_="SM3")
    newest, old = await codes(context, arn)
    if newest != old:
        with pytest.raises(ValidationFailed, match="not the code"):
            await services.channels.activate(context, arn, old)
    manual_clock.advance(ACTIVATION_CODE_MINUTES * 60 + 1)
    with pytest.raises(ValidationFailed, match="expired"):
        await services.channels.activate(context, arn, newest)
    await sms(context, "START", id_="SM4")
    await services.channels.activate(context, arn, (await codes(context, arn))[0])
    assert (await services.channels.get(context, arn)).activated


async def test_a_telephone_does_not_activate_itself_by_a_reply(context: Context, team: Team) -> None:
    await sms(context, "UNSUBSCRIBE")
    await sms(context, "START", id_="SM2")
    answer = await sms(context, (await codes(context, team.made.ana_sms))[0], id_="SM3")
    assert answer.action == "unmatched"
    assert "activation code" in answer.message
    assert not (await services.channels.get(context, team.made.ana_sms)).activated


async def test_one_answers_the_newest_call_that_is_not_answered(
    context: Context, team: Team, manual_clock: ManualClock
) -> None:
    second = (await services.incidents.start(context, "web")).incident
    await hand_out(context, team.incident, team.made.ana, team.ana_voice, "111111", "VOICE")
    manual_clock.advance(60)
    await hand_out(context, second.id, team.made.ana, team.ana_voice, "222222", "VOICE")
    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "333333", "SMS")
    answer = await call(context, "1")
    assert (answer.action, answer.message) == ("acknowledged", "Ana acknowledged: #2 Web shop is down")
    assert await acknowledgements(context, 2) == ["Ana acknowledged by phone, pressing 1 on landline"]
    assert await acknowledgements(context, 1) == []
    assert (await audited(context, "ssm-contacts:AcceptPage"))[-1].origin == "voice"
    assert (await call(context, "1")) == answer  # the same call, the same key
    assert await acknowledgements(context, 1) == []
    assert "#1" in (await call(context, "1", id_="CA2")).message
    last = await call(context, "1", id_="CA3")
    assert (last.action, last.message) == ("unmatched", "no call to this number waits for an answer")


async def test_one_answers_the_very_page_when_the_gateway_gives_its_id_back(
    context: Context, team: Team, manual_clock: ManualClock
) -> None:
    second = (await services.incidents.start(context, "web")).incident
    older = await hand_out(context, team.incident, team.made.ana, team.ana_voice, "111111", "VOICE")
    manual_clock.advance(60)
    await hand_out(context, second.id, team.made.ana, team.ana_voice, "222222", "VOICE")
    assert "#1" in (await call(context, "1", id_=older)).message
    assert await acknowledgements(context, 2) == []


async def test_the_id_of_somebody_elses_page_answers_nothing(context: Context, team: Team) -> None:
    voice = await channel(context, "ben", "landline", ChannelType.VOICE, BEN)
    message = await hand_out(context, team.incident, team.made.ben, voice, "111111", "VOICE")
    assert (await call(context, "1", id_=message)).action == "unmatched"
    assert await acknowledgements(context) == []


async def test_a_page_that_no_call_was_made_for_yet_is_not_answered(context: Context, team: Team) -> None:
    message = await hand_out(context, team.incident, team.made.ana, team.ana_voice, "111111", "VOICE")
    async with context.database.write(context.now()) as unit:
        which = sa.update(t.messages).where(t.messages.c.id == message)
        await unit.run(which.values(state="PENDING", sent_at=None))
    assert (await call(context, "1")).action == "unmatched"
    async with context.database.write(context.now()) as unit:  # a call under way: the gateway answers when it is over
        await unit.run(which.values(state="CLAIMED", claimed_until=context.now()))
    assert (await call(context, "1", id_="CA2")).action == "acknowledged"


async def test_a_wrong_key_may_be_followed_by_the_right_one_in_the_same_call(context: Context, team: Team) -> None:
    await hand_out(context, team.incident, team.made.ana, team.ana_voice, "111111", "VOICE")
    assert (await call(context, "7")).action == "unmatched"
    assert (await call(context, "1")).action == "acknowledged"


async def test_the_code_may_be_typed_during_a_call(context: Context, team: Team) -> None:
    await hand_out(context, team.incident, team.made.ana, team.made.ana_email, "111111")
    assert (await call(context, "111111#")).action == "acknowledged"
    assert await acknowledgements(context) == ["Ana acknowledged by phone with the code sent to e-mail"]


async def test_whoever_reads_only_cannot_reply(context: Context, team: Team) -> None:
    from dataclasses import replace

    from imtui.domain.errors import AccessDenied

    await hand_out(context, team.incident, team.made.ana, team.made.ana_sms, "123456", "SMS")
    looking = context.acting_as(replace(context.caller, read_only=True))
    for text in ("123456", "UNSUBSCRIBE", "START", "?"):
        with pytest.raises(AccessDenied):
            await sms(looking, text, id_=text)
    assert await acknowledgements(context) == []
