"""A channel is paged only after its code was entered; who pages by the wire cannot go round that."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from imtui.clock import ManualClock
from imtui.domain.errors import Conflict, NotFound, Throttled, ValidationFailed
from imtui.services.context import Context
from storage import tables as t
from tests.operations.aws.answers import call
from tests.organisation import organise


async def do(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    return await call(context, "ssm-contacts", operation, given)


async def channel(context: Context, type_: str = "SMS", address: str = "+4915112345678", **more: Any) -> str:
    where = {"SimpleAddress": address}
    given = {"ContactId": "ben", "Name": "mobile", "Type": type_, "DeliveryAddress": where, **more}
    return str((await do(context, "CreateContactChannel", **given))["ContactChannelArn"])


async def code(context: Context, arn: str) -> str:
    async with context.database.read() as reader:
        return str(await reader.scalar(sa.select(t.channels.c.activation_code).where(t.channels.c.arn == arn)))


async def status(context: Context, arn: str) -> str:
    return str((await do(context, "GetContactChannel", ContactChannelId=arn))["ActivationStatus"])


async def test_a_code_activates_and_a_new_address_or_a_deactivation_needs_a_new_one(context: Context) -> None:
    await organise(context)
    arn = await channel(context)
    assert await status(context, arn) == "NOT_ACTIVATED"
    await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=await code(context, arn))
    found = await do(context, "GetContactChannel", ContactChannelId=arn.rpartition("/")[2])
    assert found == {
        "ContactArn": context.names.contact("ben"),
        "ContactChannelArn": arn,
        "Name": "mobile",
        "Type": "SMS",
        "DeliveryAddress": {"SimpleAddress": "+4915112345678"},
        "ActivationStatus": "ACTIVATED",
    }
    await do(context, "UpdateContactChannel", ContactChannelId=arn, Name="private")
    assert await status(context, arn) == "ACTIVATED"
    await do(context, "UpdateContactChannel", ContactChannelId=arn, DeliveryAddress={"SimpleAddress": "+4915100000009"})
    assert await status(context, arn) == "NOT_ACTIVATED"
    old = await code(context, arn)
    await do(context, "SendActivationCode", ContactChannelId=arn)
    new = await code(context, arn)
    if old != new:
        with pytest.raises(ValidationFailed):
            await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=old)
    await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=new)
    await do(context, "DeactivateContactChannel", ContactChannelId=arn)
    assert await status(context, arn) == "NOT_ACTIVATED"


async def test_a_code_that_is_put_off_is_sent_when_it_is_asked_for(context: Context) -> None:
    await organise(context)
    arn = await channel(context, DeferActivation=True)
    assert await code(context, arn) == "None"
    await do(context, "SendActivationCode", ContactChannelId=arn)
    assert len(await code(context, arn)) == 6


async def test_five_wrong_codes_a_minute_are_throttled(context: Context, manual_clock: ManualClock) -> None:
    await organise(context)
    arn = await channel(context)
    right = await code(context, arn)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(ValidationFailed):
            await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=wrong)
    with pytest.raises(Throttled):
        await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=right)
    manual_clock.advance(61)
    await do(context, "ActivateContactChannel", ContactChannelId=arn, ActivationCode=right)


async def test_a_channel_that_a_plan_names_stays_and_another_goes(context: Context) -> None:
    made = await organise(context)
    with pytest.raises(Conflict) as told:
        await do(context, "DeleteContactChannel", ContactChannelId=made.ben_email)
    assert told.value.dependents == ("the engagement plan of ben",)
    arn = await channel(context)
    await do(context, "DeleteContactChannel", ContactChannelId=arn)
    with pytest.raises(NotFound) as gone:
        await do(context, "GetContactChannel", ContactChannelId=arn)
    assert gone.value.resource_id == arn


@pytest.mark.parametrize(
    ("type_", "address"),
    [("SMS", "ben@example.com"), ("EMAIL", "+4915112345678"), ("EMAIL", "a@b\r\nBcc: c@d"), ("VOICE", "123")],
)
async def test_an_address_that_cannot_be_is_refused(context: Context, type_: str, address: str) -> None:
    await organise(context)
    with pytest.raises(ValidationFailed):
        await channel(context, type_, address)
    with pytest.raises(ValidationFailed, match="SimpleAddress"):
        await do(context, "CreateContactChannel", ContactId="ben", Name="x", Type="SMS", DeliveryAddress={})
    given = {"Name": "x", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": "+4915112345678"}}
    with pytest.raises(ValidationFailed, match="only people have channels"):
        await do(context, "CreateContactChannel", ContactId="night", **given)


async def test_pages_of_channels_have_each_once_though_others_come_and_go(context: Context) -> None:
    await organise(context)
    made = {await channel(context, address=f"+491510000000{number}") for number in range(4)}
    first = await do(context, "ListContactChannels", ContactId="ben", MaxResults=2)
    seen = [each["ContactChannelArn"] for each in first["ContactChannels"]]
    await do(context, "UpdateContactChannel", ContactChannelId=seen[0], Name="renamed")
    await channel(context, address="+4915100000009")
    token = first["NextToken"]
    while token:
        page = await do(context, "ListContactChannels", ContactId="ben", MaxResults=2, NextToken=token)
        seen += [each["ContactChannelArn"] for each in page["ContactChannels"]]
        token = page.get("NextToken")
    assert len(set(seen)) == len(seen)
    assert made <= set(seen)


async def test_the_same_token_makes_one_channel_and_sends_one_code(context: Context) -> None:
    await organise(context)
    first = await channel(context, IdempotencyToken="once")
    assert await channel(context, IdempotencyToken="once") == first
    async with context.database.read() as reader:
        assert await reader.scalar(sa.select(sa.func.count()).select_from(t.messages)) == 1


async def test_an_activated_channel_needs_no_code_and_says_so_in_the_words_of_the_model(context: Context) -> None:
    made = await organise(context)
    with pytest.raises(ValidationFailed, match="activated already"):
        await do(context, "SendActivationCode", ContactChannelId=made.ben_email)
