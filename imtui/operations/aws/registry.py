"""Which of our functions does which operation."""

from __future__ import annotations

from collections.abc import Mapping

from imtui.operations.aws import (
    audit,
    channels,
    contacts,
    engagements,
    findings,
    incidents,
    related,
    replication,
    response_plans,
    rotations,
    sharing,
    tagging,
    timeline,
)
from imtui.operations.aws.perform import Handler

HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    "ssm-contacts": {**contacts.HANDLERS, **channels.HANDLERS, **rotations.HANDLERS, **engagements.HANDLERS},
    "cloudtrail": {**audit.HANDLERS},
    "ssm-incidents": {
        **incidents.HANDLERS,
        **timeline.HANDLERS,
        **related.HANDLERS,
        **response_plans.HANDLERS,
        **replication.HANDLERS,
        **sharing.HANDLERS,
        **findings.HANDLERS,
        **tagging.HANDLERS,
    },
}
