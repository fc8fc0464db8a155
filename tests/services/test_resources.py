"""Whatever somebody types for a thing, policies and the audit log know it by its one ARN."""

from __future__ import annotations

import pytest

from imtui import services
from imtui.services.context import Context
from imtui.services.resources import resolved
from storage import tables as t
from tests.organisation import organise

CONTACTS = "arn:aws:ssm-contacts:zz-local-1:111122223333"
INCIDENTS = "arn:aws:ssm-incidents::111122223333"

OTHER_PLAN = f"{INCIDENTS}:incident-record/other/{{id}}"
"""It names nothing: the incident is of another plan."""


@pytest.mark.parametrize(
    ("action", "ref", "arn"),
    [
        ("ssm-incidents:ListIncidentRecords", "*", "*"),
        ("ssm-incidents:GetIncidentRecord", "1", "{incident}"),
        ("ssm-incidents:UpdateRelatedItems", " #1 ", "{incident}"),
        ("ssm-incidents:GetTimelineEvent", "{id}", "{incident}"),
        (
            "ssm-incidents:GetIncidentRecord",
            OTHER_PLAN,
            OTHER_PLAN,
        ),
        (
            "ssm-incidents:TagResource",
            OTHER_PLAN,
            OTHER_PLAN,
        ),
        ("ssm-incidents:GetIncidentRecord", "99", "99"),
        ("ssm-incidents:GetIncidentRecord", "\x1b[31m", "\x1b[31m"),
        ("ssm-incidents:GetResponsePlan", "web", f"{INCIDENTS}:response-plan/web"),
        ("ssm-incidents:StartIncident", "web", f"{INCIDENTS}:response-plan/web"),
        ("ssm-incidents:GetResponsePlan", f"{INCIDENTS}:response-plan/x", f"{INCIDENTS}:response-plan/x"),
        ("ssm-contacts:GetContact", "ana", f"{CONTACTS}:contact/ana"),
        ("ssm-contacts:ListContactChannels", "ana", f"{CONTACTS}:contact/ana"),
        ("ssm-contacts:CreateContactChannel", "ana", f"{CONTACTS}:contact/ana"),
        ("ssm-contacts:DeactivateContactChannel", "{channel}", "{channel_arn}"),
        ("ssm-contacts:SendActivationCode", "{channel_arn}", "{channel_arn}"),
        ("ssm-contacts:GetContactChannel", "nonsense", "nonsense"),
        ("ssm-contacts:GetRotation", "1-2", f"{CONTACTS}:rotation/1-2"),
        ("ssm-contacts:AcceptPage", "1", "{incident}"),
        ("ssm-contacts:StartEngagement", "ana", f"{CONTACTS}:contact/ana"),
        ("ssm-contacts:StartEngagement", "{engagement}", f"{CONTACTS}:contact/night"),
        ("ssm-contacts:StopEngagement", "{engagement}", f"{CONTACTS}:engagement/night/{{engagement}}"),
        ("ssm-contacts:StopEngagement", f"{CONTACTS}:engagement/x/{{engagement}}", "{stopped}"),
        ("events:PutRule", "r", "r"),
        ("imtui:CreateToken", "hook", "hook"),
    ],
)
async def test_a_reference_is_the_arn_of_what_it_names(context: Context, action: str, ref: str, arn: str) -> None:
    made = await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    async with context.database.read() as reader:
        [run] = await reader.all(t.engagements.select().where(t.engagements.c.target_arn == made.night))
        words = {
            "incident": incident.arn,
            "id": incident.id,
            "channel": made.ana_email.rpartition("/")[2],
            "channel_arn": made.ana_email,
            "engagement": run.id,
            "stopped": context.names.engagement("night", run.id),
        }
        assert await resolved(reader, context.names, action, ref.format(**words)) == arn.format(**words)
