"""Replies and the engine: an answered page is the last one, a silent channel gets none, and its new code goes out."""

from __future__ import annotations

import re

from imtui import services
from imtui.channels.protocol import Rejected
from imtui.clock import ManualClock
from imtui.domain.contact import ChannelType
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.replies import take_in
from imtui.sources.replies import Reply
from tests.engine.conftest import Provider
from tests.engine.test_escalating import code_of, reasons
from tests.organisation import organise

ANA = "+4915100000001"


async def sms(context: Context, text: str, id_: str = "SM1") -> str:
    return (await take_in(context, Reply(id_, ChannelType.SMS, ANA, text))).action


async def test_an_answer_by_sms_stops_the_plan_as_one_in_the_program_does(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    manual_clock.advance(300)
    await engine.tick()
    assert [message.to for message in provider.sent] == ["ana@example.com", ANA]
    assert await sms(context, f"ok {code_of(provider)}") == "acknowledged"
    provider.take()
    manual_clock.advance(7200)
    await engine.tick()
    assert provider.take() == []
    assert "acknowledgement-stops-plan" in await reasons(context)


async def test_whoever_unsubscribes_is_paged_no_more_also_by_what_waited_to_be_sent_again(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    await engine.tick()
    manual_clock.advance(300)
    provider.answers = [Rejected("busy")]
    await engine.tick()
    provider.take()
    assert await sms(context, "UNSUBSCRIBE") == "deactivated"
    manual_clock.advance(250)
    await engine.tick()
    assert provider.take() == []
    told = [event.text for event in await services.timeline.events(context, 1)]
    assert "A page by SMS was not sent: the channel is not activated or was removed" in told


async def test_start_sends_one_code_that_opens_the_channel_again_for_pages(
    context: Context, engine: Engine, provider: Provider, manual_clock: ManualClock
) -> None:
    made = await organise(context)
    await sms(context, "UNSUBSCRIBE")
    assert await sms(context, "START", "SM2") == "code-sent"
    assert await sms(context, "START", "SM3") == "code-sent"  # the code before is void, and not sent any more
    await engine.tick()
    assert [(message.to, message.subject) for message in provider.sent] == [(ANA, "Activate this contact channel")]
    code = re.search(r"is (\d{6})\.", provider.sent[0].body)
    assert code is not None
    provider.take()
    await services.channels.activate(context, made.ana_sms, code[1])
    await services.incidents.start(context, "web")
    await engine.tick()
    manual_clock.advance(300)
    await engine.tick()
    assert [to for to, _ in provider.take()] == ["ana@example.com", ANA]
