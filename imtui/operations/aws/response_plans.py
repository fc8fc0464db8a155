"""Response plans: what is in place when an incident begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from imtui import services
from imtui.domain import shortening
from imtui.domain.errors import NotFound
from imtui.domain.incident import IncidentTemplate, ResponsePlan, parse_impact
from imtui.operations.aws import incident_shapes as shapes
from imtui.operations.aws import pages
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context
from imtui.services.lookup import response_plan_arn

_MOST_SUMMARY = 8000


async def _create_response_plan(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    plan = await services.response_plans.create(
        context,
        given["name"],
        template=_template(given["incidentTemplate"]),
        display_name=given.get("displayName", ""),
        chat_channel=shapes.topics_of_rooms(given.get("chatChannel")) or (),
        engagements=given.get("engagements", ()),
        tags=given.get("tags"),
        actions=given.get("actions", ()),
        integrations=given.get("integrations", ()),
    )
    return {"arn": plan.arn}


async def _get_response_plan(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    plan = await services.response_plans.get(context, _arn(context, given))
    return {
        "arn": plan.arn,
        "name": plan.name,
        "displayName": plan.display_name or None,
        "incidentTemplate": _as_template(plan.template),
        "chatChannel": shapes.rooms(plan.chat_channel),
        "engagements": list(plan.engagements),
        "actions": [dict(action) for action in plan.actions],
        "integrations": [dict(integration) for integration in plan.integrations],
    }


async def _update_response_plan(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given replaces what was; what is left out stays."""
    await services.response_plans.edit(context, _arn(context, given), lambda plan: _changed(plan, given))
    return {}


async def _delete_response_plan(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """One that is gone already needs no deletion: the service says nothing about it either."""
    try:
        await services.response_plans.delete(context, _arn(context, given))
    except NotFound:
        pass
    return {}


async def _list_response_plans(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await pages.place(context, "ssm-incidents", "ListResponsePlans", given, 100)
    read = await services.response_plans.behind(context, where.after or "", where.limit + 1)
    found, token = pages.answer(read, where, lambda plan: plan[1])
    summaries = [{"arn": arn, "name": name, "displayName": label or None} for arn, name, label in found]
    return {"responsePlanSummaries": summaries, "nextToken": token}


def _arn(context: Context, given: Mapping[str, Any]) -> str:
    shapes.expect(given["arn"], "response-plan", "arn")
    return response_plan_arn(context.names, given["arn"])


def _template(given: Mapping[str, Any]) -> IncidentTemplate:
    return IncidentTemplate(
        title=given["title"],
        impact=parse_impact(given["impact"]),
        summary=given.get("summary", ""),
        dedupe_string=given.get("dedupeString", ""),
        tags=given.get("incidentTags", {}),
        notification_targets=tuple(shapes.topics_of_targets(given.get("notificationTargets")) or ()),
    )


def _as_template(template: IncidentTemplate) -> dict[str, Any]:
    return {
        "title": shapes.title(template.title),
        "impact": int(template.impact),
        "summary": shortening.text(template.summary, _MOST_SUMMARY) or None,
        "dedupeString": template.dedupe_string or None,
        "incidentTags": dict(template.tags) or None,
        "notificationTargets": shapes.targets(template.notification_targets),
    }


_TEMPLATE = {
    "incidentTemplateTitle": "title",
    "incidentTemplateSummary": "summary",
    "incidentTemplateDedupeString": "dedupe_string",
    "incidentTemplateTags": "tags",
}
_LISTS = ("engagements", "actions", "integrations")


def _changed(plan: ResponsePlan, given: Mapping[str, Any]) -> ResponsePlan:
    """The plan with what the flattened members of UpdateResponsePlan say."""
    template: dict[str, Any] = {ours: given[name] for name, ours in _TEMPLATE.items() if name in given}
    if "incidentTemplateImpact" in given:
        template["impact"] = parse_impact(given["incidentTemplateImpact"])
    topics = shapes.topics_of_targets(given.get("incidentTemplateNotificationTargets"))
    if topics is not None:
        template["notification_targets"] = tuple(topics)
    values: dict[str, Any] = {name: tuple(given[name]) for name in _LISTS if name in given}
    if "displayName" in given:
        values["display_name"] = given["displayName"]
    rooms = shapes.topics_of_rooms(given.get("chatChannel"))
    if rooms is not None:
        values["chat_channel"] = tuple(rooms)
    return replace(plan, template=replace(plan.template, **template), **values)


HANDLERS: Mapping[str, Handler] = {
    "CreateResponsePlan": _create_response_plan,
    "GetResponsePlan": _get_response_plan,
    "UpdateResponsePlan": _update_response_plan,
    "DeleteResponsePlan": _delete_response_plan,
    "ListResponsePlans": _list_response_plans,
}
