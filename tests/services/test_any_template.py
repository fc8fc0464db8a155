"""A real template with any node wrong: applied as a whole, or refused with file and line, and nothing is half done."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imtui import services
from imtui.domain.errors import ImtuiError
from tests.domain.nasty import WRONG, json_values, places, replaced
from tests.services.fresh import fresh

_TARGET = {"ChannelTargetInfo": {"ChannelId": {"Ref": "AnaMail"}, "RetryIntervalInMinutes": 1}}
TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {"Team": {"Type": "String", "Default": "shop"}},
    "Resources": {
        "Ana": {
            "Type": "AWS::SSMContacts::Contact",
            "Properties": {
                "Alias": "ana",
                "DisplayName": "Ana",
                "Type": "PERSONAL",
                "Plan": [{"DurationInMinutes": 5, "Targets": [_TARGET]}],
            },
        },
        "AnaMail": {
            "Type": "AWS::SSMContacts::ContactChannel",
            "Properties": {
                "ContactId": {"Fn::GetAtt": "Ana.Arn"},
                "ChannelName": "work",
                "ChannelType": "EMAIL",
                "ChannelAddress": "ana@example.com",
                "DeferActivation": True,
            },
        },
        "Night": {
            "Type": "AWS::SSMContacts::Contact",
            "Properties": {"Alias": "night", "DisplayName": {"Fn::Sub": "Night of ${Team}"}, "Type": "ESCALATION"},
        },
        "NightPlan": {
            "Type": "AWS::SSMContacts::Plan",
            "Metadata": {"imtui": {"Repeat": True}},
            "Properties": {
                "ContactId": {"Ref": "Night"},
                "Stages": [
                    {
                        "DurationInMinutes": 10,
                        "Targets": [{"ContactTargetInfo": {"ContactId": {"Ref": "Ana"}, "IsEssential": True}}],
                    }
                ],
            },
        },
        "Web": {
            "Type": "AWS::SSMIncidents::ResponsePlan",
            "Metadata": {"imtui": {"RepageMinutes": 30}},
            "Properties": {
                "Name": "web",
                "IncidentTemplate": {
                    "Title": "Web is down",
                    "Impact": 2,
                    "Summary": "Look at the *graphs*.",
                    "DedupeString": "web",
                    "IncidentTags": [{"Key": "team", "Value": {"Ref": "Team"}}],
                    "NotificationTargets": [{"SnsTopicArn": "arn:aws:sns:zz-local-1:111122223333:news"}],
                },
                "ChatChannel": {"ChatbotSns": ["arn:aws:sns:zz-local-1:111122223333:ops"]},
                "Engagements": [{"Fn::GetAtt": ["Night", "Arn"]}],
                "Actions": [{"a": 1}],
                "Integrations": [{"b": 2}],
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        },
        "Alarms": {
            "Type": "AWS::Events::Rule",
            "Metadata": {"imtui": {"Resolve": True}},
            "Properties": {
                "Name": "alarms",
                "Description": "every alarm",
                "State": "ENABLED",
                "EventPattern": {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}},
                "Targets": [{"Id": "web", "Arn": {"Fn::GetAtt": "Web.Arn"}}],
            },
        },
    },
}
REFERENCES: tuple[Any, ...] = (
    {"Ref": "Nobody"},
    {"Ref": "Alarms"},
    {"Ref": [1]},
    {"Ref": "AWS::Region"},
    {"Fn::GetAtt": "Web"},
    {"Fn::GetAtt": ["Alarms", "Arn"]},
    {"Fn::GetAtt": [["Web"], {}]},
    {"Fn::Sub": "${Alarms} ${"},
    {"Fn::Sub": ["${a}", {"a": {"Ref": "Ana"}}]},
    {"Fn::Sub": ["${a}", 5]},
    {"Fn::Join": ["", []]},
)


async def apply_all(templates: Iterable[Any]) -> list[str | None]:
    """What each is refused with, or None, on one database where nothing of them stays."""
    found: list[str | None] = []
    async with fresh() as context:
        for template in templates:
            try:
                await services.configuration.apply(context, [("t.json", json.dumps(template, indent=1))], dry_run=True)
                found.append(None)
            except ImtuiError as error:
                found.append(str(error))
        assert await services.contacts.list_contacts(context) == []
    return found


def check(templates: list[Any]) -> None:
    for template, refusal in zip(templates, asyncio.run(apply_all(templates)), strict=True):
        if refusal is not None:
            line = re.match(r"t\.json:(\d+): ", refusal)
            assert line, refusal
            assert 1 <= int(line[1]) <= json.dumps(template, indent=1).count("\n") + 1, refusal
            assert "\n" not in refusal
            assert "\x1b" not in refusal
            assert len(refusal) < 1000


def test_the_template_itself_is_right() -> None:
    assert asyncio.run(apply_all([TEMPLATE])) == [None]


def test_every_node_with_one_wrong_value_is_applied_or_refused_with_its_line() -> None:
    """A different value for each node; all of them for all nodes take a minute, see the next test."""
    values = (*WRONG, *REFERENCES)
    check([replaced(TEMPLATE, at, values[n * 7 % len(values)]) for n, at in enumerate(places(TEMPLATE))])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_node_with_every_wrong_value_is_applied_or_refused_with_its_line() -> None:
    check([replaced(TEMPLATE, at, value) for at in places(TEMPLATE) for value in (*WRONG, *REFERENCES)])


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(places(TEMPLATE))), json_values), min_size=15, max_size=15))
def test_anything_anywhere_is_applied_or_refused_with_its_line(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    check([replaced(TEMPLATE, at, value) for at, value in changes])


async def test_half_a_template_is_refused_wherever_it_was_cut() -> None:
    text = json.dumps(TEMPLATE)
    async with fresh() as context:
        for end in range(1, len(text) - 1, 60):
            with pytest.raises(ImtuiError, match=r"^t\.json:\d+: "):
                await services.configuration.apply(context, [("t.json", text[:end])])
