"""An export of any organisation, applied here, changes nothing; applied elsewhere, it makes the same organisation."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from imtui import services
from imtui.domain.errors import ImtuiError
from imtui.operations.configuration import _yaml
from tests.domain.nasty import texts
from tests.services.fresh import fresh

names = st.text(st.characters(codec="utf-8"), max_size=20) | texts.filter(lambda text: len(text) <= 200)
aliases = st.lists(st.from_regex(r"[a-z0-9_\-]{1,8}", fullmatch=True), min_size=1, max_size=3, unique=True)
addresses = st.sampled_from([("EMAIL", "ana@example.com"), ("SMS", "+4915112345678"), ("VOICE", "+4915112345678")])
tags = st.dictionaries(names.filter(lambda text: text.strip("\x00")), names, max_size=2).map(
    lambda found: [{"Key": key, "Value": value} for key, value in found.items()]
)
values: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | names
pattern = st.dictionaries(
    names, st.lists(values, min_size=1, max_size=2) | st.dictionaries(names, st.lists(values, min_size=1), min_size=1)
).filter(bool)


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Any]:
    """A template: people with channels and plans, an escalation plan, a response plan, a rule."""
    made: dict[str, Any] = {}
    people = draw(aliases)
    for index, alias in enumerate(people):
        properties = {"Alias": alias, "DisplayName": draw(names), "Type": "PERSONAL", "Tags": draw(tags)}
        targets = []
        for number, (kind, address) in enumerate(draw(st.lists(addresses, max_size=3))):
            name = f"{draw(names)}{number}"
            made[f"C{index}N{number}"] = {
                "Type": "AWS::SSMContacts::ContactChannel",
                "Properties": {
                    "ContactId": {"Ref": f"P{index}"},
                    "ChannelName": name,
                    "ChannelType": kind,
                    "ChannelAddress": address,
                    "DeferActivation": True,
                },
            }
            info = {"ChannelId": {"Ref": f"C{index}N{number}"}, "RetryIntervalInMinutes": draw(st.integers(0, 60))}
            targets.append({"ChannelTargetInfo": info})
        properties["Plan"] = [{"DurationInMinutes": draw(st.integers(0, 30)), "Targets": [x]} for x in targets]
        made[f"P{index}"] = {"Type": "AWS::SSMContacts::Contact", "Properties": properties}
    plan = [
        {
            "DurationInMinutes": draw(st.integers(1, 30)),
            "Targets": [{"ContactTargetInfo": {"ContactId": {"Ref": "P0"}, "IsEssential": draw(st.booleans())}}],
        }
    ]
    made["Night"] = {
        "Type": "AWS::SSMContacts::Contact",
        "Metadata": {"imtui": {"Repeat": draw(st.booleans())}},
        "Properties": {"Alias": "the-night-shift", "Type": "ESCALATION", "Plan": plan},
    }
    made["Web"] = {
        "Type": "AWS::SSMIncidents::ResponsePlan",
        "Metadata": {"imtui": {"RepageMinutes": draw(st.integers(0, 1440))}},
        "Properties": {
            "Name": "web",
            "DisplayName": draw(names),
            "IncidentTemplate": {
                "Title": draw(names.filter(lambda text: text.replace("\x00", "").strip())),
                "Impact": draw(st.integers(1, 5)),
                "Summary": draw(names),
                "DedupeString": draw(names),
                "IncidentTags": draw(tags),
            },
            "Engagements": [{"Fn::GetAtt": "Night.Arn"}],
            "Tags": draw(tags),
        },
    }
    made["Rule"] = {
        "Type": "AWS::Events::Rule",
        "Metadata": {"imtui": {"Resolve": draw(st.booleans())}},
        "Properties": {
            "Name": "rule",
            "Description": draw(names),
            "State": draw(st.sampled_from(["ENABLED", "DISABLED"])),
            "EventPattern": draw(pattern),
            "Targets": [{"Id": "web", "Arn": {"Fn::GetAtt": "Web.Arn"}}],
        },
    }
    return {"Resources": made}


async def round_trip(template: dict[str, Any]) -> None:
    async with fresh() as here:
        try:
            await services.configuration.apply(here, [("made.json", json.dumps(template))])
        except ImtuiError:  # such as a tag that is too long; that is for other tests
            return
        exported = await services.exporting.export(here)
        for name, text in (("x.yaml", "\n".join(_yaml(exported))), ("x.json", json.dumps(exported))):
            again = await services.configuration.apply(here, [(name, text)])
            changed = [difference for difference in again if difference.action != "keep"]
            assert changed == [], text
    async with fresh() as elsewhere:
        await services.configuration.apply(elsewhere, [("x.yaml", "\n".join(_yaml(exported)))])
        assert await services.exporting.export(elsewhere) == exported


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(organisations())
def test_an_export_of_any_organisation_makes_the_same_organisation(template: dict[str, Any]) -> None:
    asyncio.run(round_trip(template))
