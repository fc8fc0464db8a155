"""A channel is paged only after the code that was sent to it last was entered in time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.domain.contact import ACTIVATION_CODE_MINUTES, Channel, ChannelType
from imtui.domain.errors import Conflict, Throttled, ValidationFailed
from imtui.services.context import Context
from storage import tables as t
from tests.organisation import organise

PHONE, OTHER = "+4915100000003", "+4915100000004"


async def made(context: Context, *, later: bool = False) -> Channel:
    await services.contacts.create(context, "cleo")
    return await services.channels.create(
        context, "cleo", "mobile", ChannelType.SMS, "+49 151 0000 0003", defer_activation=later
    )


async def sent(context: Context, arn: str) -> list[str]:
    """The codes of all activation messages of a channel, the oldest first."""
    m = t.messages.c
    query = sa.select(t.messages).where(m.channel_arn == arn, m.kind == "activation").order_by(m.created_at)
    async with context.database.read() as reader:
        return [row.payload["code"] for row in await reader.all(query)]


async def code(context: Context, arn: str) -> str | None:
    async with context.database.read() as reader:
        found: str | None = await reader.scalar(sa.select(t.channels.c.activation_code).where(t.channels.c.arn == arn))
    return found


async def test_a_new_channel_is_sent_a_code_and_is_activated_by_it_alone(context: Context) -> None:
    channel = await made(context)
    assert (channel.address, channel.activated) == (PHONE, False)
    [only] = await sent(context, channel.arn)
    assert only == await code(context, channel.arn)
    wrong = "000000" if only != "000000" else "000001"
    with pytest.raises(ValidationFailed, match="not the code"):
        await services.channels.activate(context, channel.arn, wrong)
    activated = await services.channels.activate(context, channel.arn, f" {only[:3]} {only[3:]} ")
    assert activated.activated
    assert activated.code_expires_at is None


async def test_an_activation_that_is_put_off_sends_nothing_until_it_is_asked_for(context: Context) -> None:
    channel = await made(context, later=True)
    assert await sent(context, channel.arn) == []
    for nothing in ("", "000000", "None"):
        with pytest.raises(ValidationFailed, match="send a new one"):
            await services.channels.activate(context, channel.arn, nothing)
    await services.channels.send_code(context, channel.arn)
    [only] = await sent(context, channel.arn)
    assert (await services.channels.activate(context, channel.arn, only)).activated


async def test_a_code_dies_when_its_time_is_over_or_a_new_one_is_sent(
    context: Context, manual_clock: ManualClock
) -> None:
    channel = await made(context)
    manual_clock.advance(ACTIVATION_CODE_MINUTES * 60)
    [old] = await sent(context, channel.arn)
    with pytest.raises(ValidationFailed, match="expired"):
        await services.channels.activate(context, channel.arn, old)
    await services.channels.send_code(context, channel.arn)
    _, new = await sent(context, channel.arn)
    if new != old:
        with pytest.raises(ValidationFailed, match="not the code"):
            await services.channels.activate(context, channel.arn, old)
    manual_clock.advance(ACTIVATION_CODE_MINUTES * 60 - 1)
    assert (await services.channels.activate(context, channel.arn, new)).activated
    with pytest.raises(Conflict, match="activated already"):
        await services.channels.send_code(context, channel.arn)


async def test_a_new_address_must_be_activated_anew_and_a_new_name_need_not(
    context: Context, manual_clock: ManualClock
) -> None:
    channel = await made(context)
    [old] = await sent(context, channel.arn)
    await services.channels.activate(context, channel.arn, old)
    assert (
        await services.channels.update(context, channel.arn, name="private", address="+49 (151) 0000-0003")
    ).activated
    manual_clock.advance(1)
    moved = await services.channels.update(context, channel.arn, address=OTHER)
    assert (moved.address, moved.activated) == (OTHER, False)
    codes = await sent(context, channel.arn)
    assert len(codes) == 2
    assert await code(context, channel.arn) == codes[1]


async def test_guessing_is_throttled_and_the_right_code_counts_a_minute_later(
    context: Context, manual_clock: ManualClock
) -> None:
    channel = await made(context)
    [right] = await sent(context, channel.arn)
    wrong = [f"00000{digit}" for digit in range(6) if f"00000{digit}" != right][:5]
    for guess in wrong:
        with pytest.raises(ValidationFailed):
            await services.channels.activate(context, channel.arn, guess)
    with pytest.raises(Throttled):
        await services.channels.activate(context, channel.arn, right)
    manual_clock.advance(61)
    assert (await services.channels.activate(context, channel.arn, right)).activated


async def test_a_test_page_goes_only_where_a_page_would_go(context: Context) -> None:
    channel = await made(context)
    with pytest.raises(Conflict, match="enter its code first"):
        await services.channels.test(context, channel.arn)
    await services.channels.activate(context, channel.arn, (await sent(context, channel.arn))[0])
    await services.channels.test(context, channel.arn)
    await services.channels.deactivate(context, channel.arn)
    with pytest.raises(Conflict):
        await services.channels.test(context, channel.arn)
    async with context.database.read() as reader:
        kinds = [row.kind for row in await reader.all(sa.select(t.messages.c.kind).order_by(t.messages.c.kind))]
    assert kinds == ["activation", "test"]


async def test_a_channel_of_the_engagement_plan_is_not_deleted(context: Context) -> None:
    team = await organise(context)
    with pytest.raises(Conflict, match="engagement plan of ana") as error:
        await services.channels.delete(context, team.ana_sms)
    assert error.value.dependents == ("the engagement plan of ana",)
