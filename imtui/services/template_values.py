"""What the properties of a template mean: values of any shape become what the services take, or a TemplateError."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any

from imtui.domain.incident import IncidentTemplate, parse_impact
from imtui.domain.template import Resource, yes_or_no


def wire_stage(stage: Any) -> Any:
    """A template's stage as the service shapes it: CloudFormation says ChannelId, the service ContactChannelId."""
    if not isinstance(stage, dict) or not isinstance(stage.get("Targets"), (list, NoneType)):
        return stage
    return stage | {"Targets": [_wire_target(x) for x in stage.get("Targets") or []]}


def _wire_target(target: Any) -> Any:
    if not isinstance(target, dict):
        return target
    channel, contact = target.get("ChannelTargetInfo"), target.get("ContactTargetInfo")
    made = dict(target)
    if isinstance(channel, dict) and "ContactChannelId" not in channel:
        made["ChannelTargetInfo"] = {"ContactChannelId" if k == "ChannelId" else k: v for k, v in channel.items()}
    if isinstance(contact, dict) and (essential := yes_or_no(contact.get("IsEssential"))) is not None:
        made["ContactTargetInfo"] = contact | {"IsEssential": essential}
    return made


def incident_template(given: Any, resource: Resource) -> IncidentTemplate:
    """The template of a response plan."""
    if not isinstance(given, dict):
        raise resource.wrong("expected Title and Impact", "IncidentTemplate")
    known = {"Title", "Impact", "Summary", "DedupeString", "IncidentTags", "NotificationTargets"}
    if unknown := set(given) - known:
        first = min(unknown)
        raise resource.wrong(f"unknown name {first}; there are {', '.join(sorted(known))}", f"IncidentTemplate.{first}")
    if "Title" not in given or "Impact" not in given:
        raise resource.wrong("Title and Impact are needed", "IncidentTemplate")

    def text(name: str) -> str:
        value = given.get(name)
        if not isinstance(value, (str, int, float, NoneType)) or isinstance(value, bool):
            raise resource.wrong(f"{name}: expected a text", f"IncidentTemplate.{name}")
        return "" if value is None else str(value)

    targets = given.get("NotificationTargets")
    if not isinstance(targets, (list, NoneType)) or not all(_is_topic(x) for x in targets or ()):
        raise resource.wrong("NotificationTargets: a list of SnsTopicArn", "IncidentTemplate.NotificationTargets")
    return IncidentTemplate(
        title=text("Title"),
        impact=parse_impact(given["Impact"]),
        summary=text("Summary"),
        dedupe_string=text("DedupeString"),
        tags=tags(given.get("IncidentTags"), resource, "IncidentTemplate.IncidentTags"),
        notification_targets=tuple(target["SnsTopicArn"] for target in targets or ()),
    )


def _is_topic(given: Any) -> bool:
    return isinstance(given, dict) and set(given) == {"SnsTopicArn"} and isinstance(given["SnsTopicArn"], str)


def is_target(given: Any) -> bool:
    """Whether this is a target of a rule. The role of an AWS template is taken and not needed."""
    known = isinstance(given, dict) and "Arn" in given and set(given) <= {"Id", "Arn", "RoleArn"}
    return known and isinstance(given["Arn"], str) and isinstance(given.get("Id"), (str, NoneType))


def chat_channel(given: Any, resource: Resource) -> tuple[str, ...]:
    """The topics of a chat channel."""
    if given is None or given == {}:
        return ()
    if not isinstance(given, dict) or set(given) != {"ChatbotSns"}:
        raise resource.wrong("expected ChatbotSns with a list of topics", "ChatChannel")
    return texts(given["ChatbotSns"], resource, "ChatChannel")


def tags(given: Any, resource: Resource, name: str = "Tags") -> dict[str, str]:
    """Tags, each key once."""
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(x, dict) and {"Key", "Value"} == set(x) for x in given):
        raise resource.wrong("tags: a list of Key and Value", name)
    found: dict[str, str] = {}
    for tag in given:
        if not all(isinstance(tag[part], (str, int, float)) for part in ("Key", "Value")):
            raise resource.wrong("tags: Key and Value are texts", name)
        if str(tag["Key"]) in found:
            raise resource.wrong(f"tags: the key {tag['Key']} stands here twice", name)
        found[str(tag["Key"])] = str(tag["Value"])
    return found


def texts(given: Any, resource: Resource, name: str) -> tuple[str, ...]:
    """A list of texts; nothing is an empty one."""
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise resource.wrong("expected a list of texts", name)
    return tuple(given)


def objects(given: Any, resource: Resource, name: str) -> tuple[Mapping[str, Any], ...]:
    """A list of objects; nothing is an empty one."""
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise resource.wrong("expected a list of objects", name)
    return tuple(given)


def flag(resource: Resource, name: str, default: bool) -> bool:
    """A yes or no of ours in a resource's `Metadata: {imtui: …}`."""
    chosen = yes_or_no(resource.metadata.get(name, default))
    if chosen is None:
        raise resource.wrong(f"Metadata.imtui.{name}: true or false")
    return chosen


def minutes(resource: Resource, name: str) -> int:
    """A number of minutes of ours in a resource's `Metadata: {imtui: …}`; 0 when it is not there."""
    value = resource.metadata.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise resource.wrong(f"Metadata.imtui.{name}: a number of minutes")
    return value
