"""Contacts of every type come back as they were given; what is in use stays; a retried call makes nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from imtui import services
from imtui.domain.errors import Conflict, ImtuiError, NotFound, QuotaExceeded, ValidationFailed
from imtui.operations.aws.perform import Invalid
from imtui.services.context import Context
from tests.operations.aws.answers import call
from tests.organisation import organise


async def do(context: Context, operation: str, /, **given: Any) -> dict[str, Any]:
    return await call(context, "ssm-contacts", operation, given)


async def person(context: Context, alias: str, **more: Any) -> str:
    made = await do(context, "CreateContact", Alias=alias, Type="PERSONAL", Plan={"Stages": []}, **more)
    return str(made["ContactArn"])


async def test_a_person_comes_back_with_the_plan_that_it_was_given(context: Context) -> None:
    arn = await person(context, "ana", DisplayName="Ana", Tags=[{"Key": "team", "Value": "shop"}])
    assert arn == context.names.contact("ana")
    mail = await do(
        context,
        "CreateContactChannel",
        ContactId="ana",
        Name="mail",
        Type="EMAIL",
        DeliveryAddress={"SimpleAddress": "ana@example.com"},
    )
    channel = mail["ContactChannelArn"]
    target = {"ChannelTargetInfo": {"ContactChannelId": channel.rpartition("/")[2], "RetryIntervalInMinutes": 2}}
    stages = [{"DurationInMinutes": 5, "Targets": [target]}, {"DurationInMinutes": 0, "Targets": []}]
    await do(context, "UpdateContact", ContactId=arn, Plan={"Stages": stages})
    found = await do(context, "GetContact", ContactId="ana")
    assert (found["Alias"], found["DisplayName"], found["Type"]) == ("ana", "Ana", "PERSONAL")
    target["ChannelTargetInfo"]["ContactChannelId"] = channel
    assert found["Plan"] == {"Stages": stages}
    await do(context, "UpdateContact", ContactId="ana", DisplayName="Ana B.")
    found = await do(context, "GetContact", ContactId="ana")
    assert (found["DisplayName"], found["Plan"]) == ("Ana B.", {"Stages": stages}), "what is not given stays"
    assert (await do(context, "ListTagsForResource", ResourceARN=arn))["Tags"] == [{"Key": "team", "Value": "shop"}]


async def test_an_escalation_plan_and_a_schedule_come_back_with_theirs(context: Context) -> None:
    for alias in ("ana", "ben"):
        await person(context, alias)
    stage = {"DurationInMinutes": 10, "Targets": [{"ContactTargetInfo": {"ContactId": "ana", "IsEssential": True}}]}
    await do(context, "CreateContact", Alias="night", Type="ESCALATION", Plan={"Stages": [stage]})
    stage["Targets"] = [{"ContactTargetInfo": {"ContactId": context.names.contact("ana"), "IsEssential": True}}]
    assert (await do(context, "GetContact", ContactId="night"))["Plan"] == {"Stages": [stage]}
    recurrence = {"DailySettings": [{"HourOfDay": 8, "MinuteOfHour": 0}], "NumberOfOnCalls": 1}
    turns = [
        (
            await do(
                context,
                "CreateRotation",
                Name=name,
                ContactIds=["ana", "ben"],
                TimeZoneId="UTC",
                Recurrence={**recurrence, "RecurrenceMultiplier": 1},
            )
        )["RotationArn"]
        for name in ("one", "two")
    ]
    await do(context, "CreateContact", Alias="primary", Type="ONCALL_SCHEDULE", Plan={"RotationIds": turns[:1]})
    assert (await do(context, "GetContact", ContactId="primary"))["Plan"] == {"RotationIds": turns[:1]}
    await do(context, "UpdateContact", ContactId="primary", Plan={"RotationIds": [turns[1], turns[0]]})
    assert (await do(context, "GetContact", ContactId="primary"))["Plan"] == {"RotationIds": [turns[1], turns[0]]}
    with pytest.raises(ValidationFailed, match="once"):
        await do(context, "UpdateContact", ContactId="primary", Plan={"RotationIds": [turns[1], turns[1]]})
    with pytest.raises(ValidationFailed, match="only an on-call schedule"):
        await do(context, "UpdateContact", ContactId="night", Plan={"RotationIds": turns})
    await do(context, "DeleteContact", ContactId="primary")
    assert await do(context, "GetRotation", RotationId=turns[0]), "a rotation is a thing of its own"


async def test_what_is_in_use_is_not_deleted_and_its_users_are_named(context: Context) -> None:
    made = await organise(context)
    users = {made.ana: ("escalation plan night", made.night), made.night: ("response plan web", made.web)}
    for used, (user, arn) in users.items():
        with pytest.raises(Conflict) as told:
            await do(context, "DeleteContact", ContactId=used)
        assert (told.value.dependents, told.value.dependent_arns) == ((user,), (arn,))
        assert (told.value.resource_id, told.value.resource_type) == (used, "CONTACT")
    await services.response_plans.delete(context, "web")
    for contact in (made.night, made.ana):
        await do(context, "DeleteContact", ContactId=contact)
    with pytest.raises(NotFound) as gone:
        await do(context, "GetContact", ContactId=made.ana)
    assert (gone.value.resource_id, gone.value.resource_type) == (made.ana, "CONTACT")


@pytest.mark.parametrize(
    ("ref", "error"),
    [
        ("zoe", NotFound),
        ("arn:aws:ssm-contacts:zz-local-1:999999999999:contact/ana", NotFound),
        ("arn:aws:ssm-contacts:zz-local-1:111122223333:rotation/ana", ValidationFailed),
        ("arn:aws:ssm-incidents::111122223333:response-plan/ana", ValidationFailed),
        ("arn:aws:ssm-contacts", ValidationFailed),
        ("ana'; DROP TABLE contacts; --", NotFound),
    ],
)
async def test_a_name_of_something_else_is_not_taken_for_a_contact(
    context: Context, ref: str, error: type[ImtuiError]
) -> None:
    await person(context, "ana")
    for operation in ("GetContact", "DeleteContact", "ListContactChannels", "ListPagesByContact"):
        with pytest.raises(error):
            await do(context, operation, ContactId=ref)


async def test_a_call_with_the_same_token_makes_one_contact_and_another_one_with_it_is_refused(
    context: Context,
) -> None:
    first = await person(context, "ana", IdempotencyToken="token", DisplayName="Ana")
    assert await person(context, "ana", IdempotencyToken="token", DisplayName="Ana") == first
    with pytest.raises(Conflict, match="token"):
        await person(context, "ana", IdempotencyToken="token", DisplayName="Somebody else")
    with pytest.raises(Conflict, match="taken"):
        await person(context, "ana")
    assert len((await do(context, "ListContacts"))["Contacts"]) == 1


async def test_a_value_that_equals_the_token_is_still_a_parameter(context: Context) -> None:
    await person(context, "ana", IdempotencyToken="same", DisplayName="same")
    with pytest.raises(Conflict, match="token"):
        await person(context, "ana", IdempotencyToken="same", DisplayName="other")


async def test_pages_of_contacts_lose_and_repeat_nobody_while_others_are_made_and_deleted(context: Context) -> None:
    for alias in ("a1", "a3", "a5", "a7", "b1"):
        await person(context, alias)
    first = await do(context, "ListContacts", AliasPrefix="a", MaxResults=2)
    assert [each["Alias"] for each in first["Contacts"]] == ["a1", "a3"]
    await person(context, "a0")
    await person(context, "a4")
    await do(context, "DeleteContact", ContactId="a3")
    rest = await do(context, "ListContacts", AliasPrefix="a", MaxResults=9, NextToken=first["NextToken"])
    assert [each["Alias"] for each in rest["Contacts"]] == ["a4", "a5", "a7"]
    assert "NextToken" not in rest
    token = first["NextToken"]
    for wrong in (token[:-4] + "AAAA", "nonsense", token[1:]):
        with pytest.raises(ValidationFailed, match="token"):
            await do(context, "ListContacts", AliasPrefix="a", NextToken=wrong)
    with pytest.raises(ValidationFailed, match="token"):
        await do(context, "ListContacts", AliasPrefix="b", NextToken=token)


async def test_a_list_of_one_type_has_no_other(context: Context) -> None:
    await organise(context)
    people = await do(context, "ListContacts", Type="PERSONAL")
    assert [each["Alias"] for each in people["Contacts"]] == ["ana", "ben"]
    plans = await do(context, "ListContacts", Type="ESCALATION")
    assert [(each["Alias"], each["DisplayName"]) for each in plans["Contacts"]] == [("night", "Night shift")]
    assert (await do(context, "ListContacts", Type="ONCALL_SCHEDULE"))["Contacts"] == []


async def test_hostile_names_are_kept_as_text(context: Context) -> None:
    name = "漢字\u2028DROP TABLE contacts -- \U0001d4d0"
    await person(context, "ana", DisplayName=name)
    assert (await do(context, "GetContact", ContactId="ana"))["DisplayName"] == name
    assert (await do(context, "ListContacts"))["Contacts"][0]["DisplayName"] == name
    for refused in ("\x1b[2J", "a\x00b", "\u202e", "<script>"):
        with pytest.raises(Invalid, match="DisplayName"):
            await do(context, "UpdateContact", ContactId="ana", DisplayName=refused)


async def test_tags_are_added_and_taken_off_and_only_what_exists_has_them(context: Context) -> None:
    arn = await person(context, "ana")
    await do(context, "TagResource", ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    await do(context, "TagResource", ResourceARN=arn, Tags=[{"Key": "b", "Value": "3"}])
    await do(context, "UntagResource", ResourceARN=arn, TagKeys=["a", "absent"])
    assert (await do(context, "ListTagsForResource", ResourceARN=arn))["Tags"] == [{"Key": "b", "Value": "3"}]
    fifty = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    with pytest.raises(QuotaExceeded):
        await do(context, "TagResource", ResourceARN=arn, Tags=fifty)
    for missing in (context.names.contact("zoe"), context.names.rotation("no")):
        with pytest.raises(NotFound):
            await do(context, "TagResource", ResourceARN=missing, Tags=fifty)
    with pytest.raises(ValidationFailed, match="only contacts"):
        await do(context, "ListTagsForResource", ResourceARN=context.names.channel("ana", "x"))
    assert (await do(context, "ListTagsForResource", ResourceARN=arn))["Tags"] == [{"Key": "b", "Value": "3"}]
