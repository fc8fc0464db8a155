"""Configuration as code: what one file makes, that a second run changes nothing, and where it is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import given
from hypothesis import strategies as st

from imtui import services
from imtui.domain.errors import ImtuiError, ValidationFailed
from imtui.domain.template import TemplateError, read, resources
from imtui.services.context import Context
from storage import tables as t

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Team: {Type: String, Default: shop}
Resources:
  Ana:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: ana
      DisplayName: Ana
      Type: PERSONAL
      Plan:
        - DurationInMinutes: 5
          Targets: [{ChannelTargetInfo: {ChannelId: !Ref AnaMail, RetryIntervalInMinutes: 1}}]
  AnaMail:
    Type: AWS::SSMContacts::ContactChannel
    Properties:
      ContactId: !GetAtt Ana.Arn
      ChannelName: work
      ChannelType: EMAIL
      ChannelAddress: ana@example.com
  Night:
    Type: AWS::SSMContacts::Contact
    Metadata: {imtui: {Repeat: true}}
    Properties:
      Alias: night
      DisplayName: !Sub "Night shift of ${Team}"
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 10
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ana, IsEssential: true}}]
  Web:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: web
      IncidentTemplate:
        Title: Web shop is down
        Impact: 2
        IncidentTags: [{Key: team, Value: !Ref Team}]
      Engagements: [!GetAtt Night.Arn]
  Alarms:
    Type: AWS::Events::Rule
    Properties:
      Name: alarms
      EventPattern: {source: [aws.cloudwatch], detail: {state: {value: [ALARM]}}}
      Targets: [{Id: plan, Arn: !GetAtt Web.Arn}]
"""


async def test_one_file_makes_everything_and_a_second_run_changes_nothing(context: Context) -> None:
    first = await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    assert {d.action for d in first} == {"create"}
    assert [d.name for d in first] == ["ana", "night", "ana/work", "web", "alarms"]
    night = await services.plans.get(context, "night")
    assert night.display_name == "Night shift of shop"
    assert night.repeat
    assert (await services.response_plans.get(context, "web")).template.tags == {"team": "shop"}
    assert [m.kind for m in await services.messages.recent(context)] == ["activation"]
    again = await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    assert {d.action for d in again} == {"keep"}


async def test_an_export_applied_changes_nothing_here_and_makes_the_same_elsewhere(context: Context) -> None:
    await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    exported = await services.exporting.export(context)
    text = yaml.safe_dump(exported, sort_keys=False)
    again = await services.configuration.apply(context, [("export.yaml", text)])
    assert {d.action for d in again} == {"keep"}
    as_json = await services.configuration.apply(context, [("export.json", json.dumps(exported, indent="\t"))])
    assert {d.action for d in as_json} == {"keep"}


async def test_a_dry_run_tells_all_and_changes_nothing(context: Context) -> None:
    told = await services.configuration.apply(context, [("team.yaml", TEMPLATE)], dry_run=True)
    assert {d.action for d in told} == {"create"}
    async with context.database.read() as reader:
        for table in (t.contacts, t.channels, t.messages, t.response_plans, t.rules):
            assert await reader.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("before", "after", "where", "words"),
    [
        ("ana@example.com", "nobody", "ChannelAddress:", "name@host"),
        ("Alias: ana", "Alias: Ana B", "Alias: Ana", "lower-case"),
        ("!GetAtt Night.Arn", "!GetAtt Nobody.Arn", "Engagements:", "no logical id"),
        ("Impact: 2", "Impact: 9", "Impact: 9", "impact"),
        ("DurationInMinutes: 5", "DurationInMinutes: 50", "Plan:", "30"),
        ("DisplayName: Ana", "Displayname: Ana", "Displayname:", "unknown property"),
        ("{value: [ALARM]}", "{value: [{suffix: M}]}", "EventPattern:", "prefix"),
        ("!Ref Team", "!ImportValue Team", "!ImportValue", "not supported"),
        ("Name: web", "Name: web\n      Name: web2", "Name: web2", "twice"),
    ],
)
async def test_a_mistake_is_told_with_file_line_and_property_and_nothing_is_half_done(
    context: Context, before: str, after: str, where: str, words: str
) -> None:
    text = TEMPLATE.replace(before, after)
    line = next(number for number, found in enumerate(text.splitlines(), 1) if where in found)
    with pytest.raises(TemplateError) as error:
        await services.configuration.apply(context, [("t.yaml", text)])
    assert str(error.value).startswith(f"t.yaml:{line}: Resources."), str(error.value)
    assert words in str(error.value)
    assert await services.contacts.list_contacts(context) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "Resources: 5",
        "Resources: {A: {Type: AWS::S3::Bucket}}",
        "a: &x [1]\nb: *x",
        "{" * 200,
        "Resources: {A: {Type: 1}}",
        "Resources: {? [a] : b}",
        "\x00",
        "Resources:\n\tA: b",
        "Resources: {A: {Type: 'AWS::SSMContacts::Contact', Properties: {Alias: {Ref: [1]}, Type: PERSONAL}}}",
    ],
)
async def test_nonsense_is_refused_in_one_line(context: Context, text: str) -> None:
    with pytest.raises(TemplateError) as error:
        await services.configuration.apply(context, [("x.yaml", text)])
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("x.yaml:")


_DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(_DOCUMENTS)
def test_any_document_is_read_or_refused_but_never_breaks(document: Any) -> None:
    with suppress(TemplateError):
        resources([read("any.json", json.dumps({"Resources": document}))])


async def test_what_weakens_a_response_plan_is_told(context: Context) -> None:
    await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    assert await services.response_plans.warnings(context, "web") == [
        "Ana cannot be paged: no channel of the engagement plan is activated",
        "nobody can be reached by this plan now",
    ]
    channel = (await services.channels.for_contact(context, "ana"))[0]
    code = (await services.messages.recent(context))[0].body.split(" is ")[1][:6]
    await services.channels.activate(context, channel.arn, code)
    assert await services.response_plans.warnings(context, "web") == [
        "one person alone is paged: nobody follows when they do not answer"
    ]


async def test_what_is_in_use_is_not_deleted_and_its_users_are_named(context: Context) -> None:
    await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    for delete, ref, user in (
        (services.contacts.delete, "ana", "escalation plan night"),
        (services.plans.delete, "night", "response plan web"),
        (services.response_plans.delete, "web", "rule alarms"),
    ):
        with pytest.raises(ImtuiError, match=user):
            await delete(context, ref)
    await services.rules.delete(context, "alarms")
    await services.response_plans.delete(context, "web")
    await services.plans.delete(context, "night")
    await services.contacts.delete(context, "ana")
    assert await services.contacts.list_contacts(context) == []


async def test_a_wrong_or_expired_activation_code_activates_nothing(context: Context) -> None:
    await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    channel = (await services.channels.for_contact(context, "ana"))[0]
    first = (await services.messages.recent(context))[0].body.split(" is ")[1][:6]
    wrong = "000000" if first != "000000" else "000001"
    with pytest.raises(ValidationFailed):
        await services.channels.activate(context, channel.arn, wrong)
    await services.channels.send_code(context, channel.arn)
    codes = {m.body.split(" is ")[1][:6] for m in await services.messages.recent(context)}
    if len(codes) == 2:
        with pytest.raises(ValidationFailed):
            await services.channels.activate(context, channel.arn, first)
    assert not (await services.channels.get(context, channel.arn)).activated


async def test_a_new_address_is_a_new_way_that_must_be_activated(context: Context) -> None:
    await services.contacts.create(context, "ben")
    made = await services.channels.create(context, "ben", "phone", "SMS", "+49 151 1234 5678")
    assert made.address == "+4915112345678"
    code = (await services.messages.recent(context))[0].body.split(" is ")[1][:6]
    assert (await services.channels.activate(context, made.arn, f" {code[:3]} {code[3:]}")).activated
    assert not (await services.channels.update(context, made.arn, address="+4915112345679")).activated


async def test_related_items_are_known_for_what_they_are(context: Context) -> None:
    await services.configuration.apply(context, [("team.yaml", TEMPLATE)])
    await services.incidents.start(context, "web")
    await services.related.add(context, 1, "Dashboard", "https://example.com/d/1")
    await services.related.add(context, 1, "", "arn:aws:ec2:zz-local-1:111122223333:instance/i-1", "INVOLVED_RESOURCE")
    found = await services.related.items(context, 1)
    assert sorted(next(iter(item.value)) for item in found) == ["arn", "url"]
    with pytest.raises(ImtuiError):
        await services.related.add(context, 1, "again", "https://example.com/d/1")
    with pytest.raises(ValidationFailed):
        await services.related.add(context, 1, "", "javascript:alert(1)")
    await services.related.remove(context, 1, found[0].id)
    assert len(await services.related.items(context, 1)) == 1


async def test_what_was_half_typed_is_there_again(context: Context) -> None:
    await services.drafts.save(context, "incident/1/note", "the disk is f")
    await services.drafts.save(context, "incident/1/note", "the disk is full")
    assert await services.drafts.load(context, "incident/1/note") == "the disk is full"
    await services.drafts.discard(context, "incident/1/note")
    assert await services.drafts.load(context, "incident/1/note") == ""
