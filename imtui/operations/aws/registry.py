"""Which of our functions does which operation."""

from __future__ import annotations

from collections.abc import Mapping

from imtui.operations.aws import audit, channels, contacts, engagements, rotations
from imtui.operations.aws.perform import Handler

HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    "ssm-contacts": {**contacts.HANDLERS, **channels.HANDLERS, **rotations.HANDLERS, **engagements.HANDLERS},
    "ssm-incidents": {},
    "cloudtrail": {**audit.HANDLERS},
}
