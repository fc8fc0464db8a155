"""What is configured, as a template that `apply` takes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from imtui.domain.contact import ContactType
from imtui.domain.template import logical_id
from imtui.services.context import Context
from imtui.services.tags import tags_of
from imtui.services.template_rotations import ROTATION
from imtui.services.template_schema import CHANNEL, CONTACT, PLAN, RESPONSE_PLAN, RULE
from storage import tables as t
from storage.database import Reader
from storage.tables_oncall import rotations


async def export(context: Context) -> dict[str, Any]:
    """All contacts, channels, plans, response plans and rules. Channels do not send activation codes when the
    template is applied elsewhere; their owners ask for one."""
    made: dict[str, Any] = {}
    ids: dict[str, str] = {}

    def add(type_: str, name: str, arn: str, properties: dict[str, Any], own: dict[str, Any] | None = None) -> None:
        id_ = ids[arn] = logical_id(name, made)
        filled = {key: value for key, value in properties.items() if value not in (None, "", [], {})}
        made[id_] = {"Type": type_, **({"Metadata": {"imtui": own}} if own else {}), "Properties": filled}

    await context.may("ssm-contacts:ListContactChannels", "*")
    async with context.look("ssm-incidents:ListResponsePlans", "*") as reader:
        c = t.contacts.c
        people = await reader.all(sa.select(t.contacts).order_by(c.type != ContactType.PERSONAL.value, c.alias))
        turns = await reader.all(sa.select(rotations).order_by(rotations.c.name, rotations.c.arn))
        for row in people:
            own = {"Repeat": True} if row.repeat else None
            properties = {"Alias": row.alias, "DisplayName": row.display_name, "Type": row.type}
            properties |= {"Tags": await _tags(reader, row.arn)}
            add(CONTACT, row.alias, row.arn, properties, own)
        for row in await reader.all(
            sa.select(t.channels, c.alias).join(t.contacts).order_by(c.alias, t.channels.c.name, t.channels.c.arn)
        ):
            properties = {
                "ContactId": {"Ref": ids[row.contact_arn]},
                "ChannelName": row.name,
                "ChannelType": row.type,
                "ChannelAddress": row.address,
                "DeferActivation": True,
            }
            add(CHANNEL, f"{row.alias}-{row.name}", row.arn, properties)
        for row in turns:
            add(ROTATION, row.name, row.arn, _rotation(row, ids) | {"Tags": await _tags(reader, row.arn)})
        for row in people:
            if row.plan.get("RotationIds"):
                named = [_reference(arn, ids) for arn in row.plan["RotationIds"]]
                properties = {"ContactId": {"Ref": ids[row.arn]}, "RotationIds": named}
                made[logical_id(f"{row.alias}-plan", made)] = {"Type": PLAN, "Properties": properties}
            if row.plan.get("Stages"):
                stages = _referring(row.plan["Stages"], ids)
                properties = {"ContactId": {"Ref": ids[row.arn]}, "Stages": stages}
                own = {"Repeat": True} if row.repeat else None
                made[logical_id(f"{row.alias}-plan", made)] = {
                    "Type": PLAN,
                    **({"Metadata": {"imtui": own}} if own else {}),
                    "Properties": properties,
                }
                made[ids[row.arn]].pop("Metadata", None)
        for row in await reader.all(sa.select(t.response_plans).order_by(t.response_plans.c.name)):
            own = {"RepageMinutes": row.repage_minutes} if row.repage_minutes else None
            add(RESPONSE_PLAN, row.name, row.arn, _response_plan(row, ids, await _tags(reader, row.arn)), own)
        for row in await reader.all(sa.select(t.rules).order_by(t.rules.c.name)):
            properties = {
                "Name": row.name,
                "Description": row.description,
                "State": "ENABLED" if row.enabled else "DISABLED",
                "EventPattern": row.pattern,
                "Targets": [{"Id": x["Id"], "Arn": _reference(x["Arn"], ids)} for x in row.targets],
            }
            own = {"Resolve": True} if any(x.get("resolve") for x in row.targets) else None
            add(RULE, row.name, row.arn, properties, own)
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made}


def _response_plan(row: sa.Row[Any], ids: dict[str, str], tags: list[dict[str, str]]) -> dict[str, Any]:
    template = {
        "Title": row.title,
        "Impact": row.impact,
        "Summary": row.summary,
        "DedupeString": row.dedupe_string,
        "IncidentTags": [{"Key": key, "Value": value} for key, value in row.incident_tags.items()],
        "NotificationTargets": [{"SnsTopicArn": topic} for topic in row.notification_targets],
    }
    return {
        "Name": row.name,
        "DisplayName": row.display_name,
        "IncidentTemplate": {key: value for key, value in template.items() if value not in ("", [])},
        "ChatChannel": {"ChatbotSns": row.chat_channel} if row.chat_channel else None,
        "Engagements": [_reference(arn, ids) for arn in row.engagements],
        "Actions": row.actions,
        "Integrations": row.integrations,
        "Tags": tags,
    }


def _rotation(row: sa.Row[Any], ids: dict[str, str]) -> dict[str, Any]:
    """A rotation as it is now; what it was is no configuration."""
    version = row.versions[-1]
    recurrence = _with_clock_times(version["recurrence"])
    if coverages := recurrence.pop("ShiftCoverages", None):
        recurrence["ShiftCoverages"] = [
            {
                "DayOfWeek": day,
                "CoverageTimes": [{"StartTime": x["Start"], "EndTime": x["End"]} for x in times],
            }
            for day, times in coverages.items()
        ]
    return {
        "Name": row.name,
        "ContactIds": [_reference(arn, ids) for arn in version["contacts"]],
        "StartTime": datetime.fromtimestamp(version["start"], UTC).isoformat(),
        "TimeZoneId": version["zone"],
        "Recurrence": recurrence,
    }


def _with_clock_times(value: Any) -> Any:
    """The service's times of day as templates write them: HH:MM."""
    if isinstance(value, dict):
        if value.keys() == {"HourOfDay", "MinuteOfHour"}:
            return f"{value['HourOfDay']:02}:{value['MinuteOfHour']:02}"
        return {name: _with_clock_times(each) for name, each in value.items()}
    return [_with_clock_times(each) for each in value] if isinstance(value, list) else value


def _reference(arn: str, ids: dict[str, str]) -> Any:
    return {"Fn::GetAtt": [ids[arn], "Arn"]} if arn in ids else arn


def _referring(stages: list[dict[str, Any]], ids: dict[str, str]) -> list[dict[str, Any]]:
    """Stages with references instead of ARNs."""
    out = []
    for stage in stages:
        targets = []
        for target in stage.get("Targets", []):
            if channel := target.get("ChannelTargetInfo"):
                info = {"ChannelId": _reference(channel["ContactChannelId"], ids)}
                info["RetryIntervalInMinutes"] = channel.get("RetryIntervalInMinutes", 0)
                targets.append({"ChannelTargetInfo": info})
            else:
                contact = target["ContactTargetInfo"]
                info = {"ContactId": _reference(contact["ContactId"], ids), "IsEssential": contact["IsEssential"]}
                targets.append({"ContactTargetInfo": info})
        out.append({"DurationInMinutes": stage["DurationInMinutes"], "Targets": targets})
    return out


async def _tags(reader: Reader, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (await tags_of(reader, arn)).items()]
