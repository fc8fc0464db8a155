"""Contacts, escalation plans and on-call schedules as `ssm-contacts` has them, with their tags and policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.domain.contact import Contact, ContactType
from imtui.domain.plan import Stage, stages_from_wire, stages_to_wire
from imtui.operations.aws.pages import answer, place
from imtui.operations.aws.perform import Handler
from imtui.services.any_contact import Listed
from imtui.services.context import Context
from imtui.services.naming import contact_arn

SERVICE = "ssm-contacts"


async def _create_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    stages, rotations = _plan(given["Plan"])
    made = await services.any_contact.create(
        context,
        given["Alias"],
        ContactType(given["Type"]),
        display_name=given.get("DisplayName") or "",
        stages=stages or (),
        rotations=rotations or (),
        tags=tags_from(given.get("Tags")),
    )
    return {"ContactArn": made.arn}


async def _get_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    found = await services.contacts.get(context, contact_arn(context.names, given["ContactId"]))
    return {
        "ContactArn": found.arn,
        "Alias": found.alias,
        "DisplayName": found.display_name or None,
        "Type": found.type.value,
        "Plan": _plan_of(found),
    }


async def _list_contacts(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListContacts", given)
    type_ = ContactType(given["Type"]) if given.get("Type") else None
    prefix = given.get("AliasPrefix") or ""
    found = await services.any_contact.page(context, prefix, type_, after=where.after, limit=where.limit + 1)
    page, token = answer(found, where, lambda item: item.alias)
    return {"Contacts": [_listed(item) for item in page], "NextToken": token}


async def _update_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    stages, rotations = _plan(given.get("Plan") or {})
    await services.any_contact.update(
        context, given["ContactId"], display_name=given.get("DisplayName"), stages=stages, rotations=rotations
    )
    return {}


async def _delete_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.any_contact.delete(context, given["ContactId"])
    return {}


async def _put_contact_policy(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.contact_policies.put(context, given["ContactArn"], given["Policy"])
    return {}


async def _get_contact_policy(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    arn, policy = await services.contact_policies.get(context, given["ContactArn"])
    return {"ContactArn": arn, "Policy": policy}


async def _list_tags_for_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    tags = await services.contact_tags.of(context, given["ResourceARN"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


async def _tag_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.contact_tags.add(context, given["ResourceARN"], tags_from(given["Tags"]))
    return {}


async def _untag_resource(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.contact_tags.remove(context, given["ResourceARN"], given["TagKeys"])
    return {}


def tags_from(given: Any) -> dict[str, str]:
    """The service's list of tags; of two with one key the last counts, one without a key is refused further down."""
    return {tag.get("Key") or "": tag.get("Value") or "" for tag in given or ()}


def _plan(given: Mapping[str, Any]) -> tuple[tuple[Stage, ...] | None, tuple[str, ...] | None]:
    """Stages and rotations of a plan; None for what it does not have."""
    stages = stages_from_wire({"Stages": given["Stages"]}) if given.get("Stages") is not None else None
    rotations = given.get("RotationIds")
    return stages, None if rotations is None else tuple(rotations)


def _plan_of(contact: Contact) -> dict[str, Any]:
    if contact.type is ContactType.ONCALL_SCHEDULE:
        return {"RotationIds": list(contact.rotations)}
    return stages_to_wire(contact.stages)


def _listed(item: Listed) -> dict[str, Any]:
    name = item.display_name or None
    return {"ContactArn": item.arn, "Alias": item.alias, "DisplayName": name, "Type": item.type.value}


HANDLERS: Mapping[str, Handler] = {
    "CreateContact": _create_contact,
    "DeleteContact": _delete_contact,
    "GetContact": _get_contact,
    "GetContactPolicy": _get_contact_policy,
    "ListContacts": _list_contacts,
    "ListTagsForResource": _list_tags_for_resource,
    "PutContactPolicy": _put_contact_policy,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "UpdateContact": _update_contact,
}
