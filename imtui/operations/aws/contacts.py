"""Contacts, escalation plans and on-call schedules as `ssm-contacts` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imtui import services
from imtui.operations.aws.perform import Handler
from imtui.services.context import Context


async def _delete_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    await services.contacts.delete(context, given["ContactId"])
    return {}


HANDLERS: Mapping[str, Handler] = {"DeleteContact": _delete_contact}
