"""The policies that are known by name, as documents. Light: the commands offer their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADMINISTRATOR, RESOLVER, VIEWER = "administrator", "resolver", "viewer"
NAMES = (ADMINISTRATOR, RESOLVER, VIEWER)
ARN = "arn:aws:iam::aws:policy/"
_SERVICES = ("ssm-incidents", "ssm-contacts", "ssm", "events", "cloudtrail", "iam", "imtui")
_LOOKING = ("Get*", "List*", "Describe*", "Lookup*")
OTHER_NAMES = {
    "AdministratorAccess": ADMINISTRATOR,
    "AWSIncidentManagerResolverAccess": RESOLVER,
    "ReadOnlyAccess": VIEWER,
    "ViewOnlyAccess": VIEWER,
}

MANAGED: Mapping[str, Mapping[str, Any]] = {
    ADMINISTRATOR: {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
    },
    RESOLVER: {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "StartIncidentPermissions",
                "Effect": "Allow",
                "Action": ["ssm-incidents:StartIncident"],
                "Resource": "*",
            },
            {
                "Sid": "ResponsePlanReadOnlyPermissions",
                "Effect": "Allow",
                "Action": ["ssm-incidents:ListResponsePlans", "ssm-incidents:GetResponsePlan"],
                "Resource": "*",
            },
            {
                "Sid": "IncidentRecordResolverPermissions",
                "Effect": "Allow",
                "Action": [
                    "ssm-incidents:ListIncidentRecords",
                    "ssm-incidents:GetIncidentRecord",
                    "ssm-incidents:UpdateIncidentRecord",
                    "ssm-incidents:ListTimelineEvents",
                    "ssm-incidents:CreateTimelineEvent",
                    "ssm-incidents:GetTimelineEvent",
                    "ssm-incidents:UpdateTimelineEvent",
                    "ssm-incidents:DeleteTimelineEvent",
                    "ssm-incidents:ListRelatedItems",
                    "ssm-incidents:UpdateRelatedItems",
                ],
                "Resource": "*",
            },
        ],
    },
    VIEWER: {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LookAtEverything",
                "Effect": "Allow",
                "Action": [f"{service}:{verb}" for service in _SERVICES for verb in _LOOKING],
                "Resource": "*",
            }
        ],
    },
}
"""`resolver` is the guide's AWSIncidentManagerResolverAccess, statement by statement."""


def managed_name(named: str) -> str | None:
    """The name of the managed policy that a name, AWS's name for it, or its ARN means; None for any other."""
    name = named.removeprefix(ARN).rpartition("/")[2]
    return name if name in NAMES else OTHER_NAMES.get(name)
