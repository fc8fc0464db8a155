"""A small team in the database: enough to start an incident and page two people one after the other."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from imtui.domain.contact import ChannelType
from imtui.domain.plan import ChannelTarget, ContactTarget, Stage, stages_to_wire
from imtui.services.context import Context
from storage import tables as t


@dataclass(frozen=True)
class Organisation:
    """The ARNs of what was made."""

    ana: str
    ben: str
    ana_email: str
    ana_sms: str
    ben_email: str
    night: str
    web: str


async def organise(context: Context, *, essential: bool = True, dedupe_string: str = "") -> Organisation:
    """Ana (e-mail at once, SMS after 5 minutes) and Ben (e-mail); plan 'night' engages Ana, 10 minutes later Ben;
    response plan 'web' engages 'night'. All channels are activated."""
    names = context.names
    made = Organisation(
        ana=names.contact("ana"),
        ben=names.contact("ben"),
        ana_email=names.channel("ana", "11111111-1111-4111-8111-111111111111"),
        ana_sms=names.channel("ana", "22222222-2222-4222-8222-222222222222"),
        ben_email=names.channel("ben", "33333333-3333-4333-8333-333333333333"),
        night=names.contact("night"),
        web=names.response_plan("web"),
    )
    plans = {
        made.ana: (
            "PERSONAL",
            "Ana",
            (Stage(5, (ChannelTarget(made.ana_email),)), Stage(5, (ChannelTarget(made.ana_sms),))),
        ),
        made.ben: ("PERSONAL", "Ben", (Stage(5, (ChannelTarget(made.ben_email),)),)),
        made.night: (
            "ESCALATION",
            "Night shift",
            (Stage(10, (ContactTarget(made.ana, essential),)), Stage(10, (ContactTarget(made.ben, essential),))),
        ),
    }
    async with context.database.write(context.now()) as unit:
        for arn, (type_, name, stages) in plans.items():
            unit.insert(
                t.contacts,
                {
                    "arn": arn,
                    "account": names.account,
                    "alias": arn.rpartition("/")[2],
                    "type": type_,
                    "display_name": name,
                    "plan": stages_to_wire(stages),
                },
            )
        for arn, owner, type_, address in (
            (made.ana_email, made.ana, ChannelType.EMAIL, "ana@example.com"),
            (made.ana_sms, made.ana, ChannelType.SMS, "+4915100000001"),
            (made.ben_email, made.ben, ChannelType.EMAIL, "ben@example.com"),
        ):
            unit.insert(
                t.channels,
                {
                    "arn": arn,
                    "contact_arn": owner,
                    "name": type_.label,
                    "type": type_.value,
                    "address": address,
                    "activated": True,
                },
            )
        unit.insert(
            t.response_plans,
            {
                "arn": made.web,
                "account": names.account,
                "name": "web",
                "title": "Web shop is down",
                "impact": 2,
                "dedupe_string": dedupe_string,
                "incident_tags": {"team": "shop"},
                "notification_targets": [],
                "chat_channel": [],
                "engagements": [made.night],
                "actions": [],
                "integrations": [],
            },
        )
    return made


async def hand_out(
    context: Context, incident_id: str, contact: str, channel: str, code: str, way: str = "EMAIL"
) -> str:
    """A page that has been sent with this code, as the engine leaves it: the person's engagement, message and page.
    Returns the id of the message."""
    engagement, message = str(uuid.uuid4()), str(uuid.uuid4())
    async with context.database.write(context.now()) as unit:
        unit.insert(
            t.engagements,
            {
                "id": engagement,
                "incident_id": incident_id,
                "parent_id": None,
                "target_arn": contact,
                "target_type": "PERSONAL",
                "via_arn": None,
                "stage": 0,
                "stages": stages_to_wire((Stage(5, (ChannelTarget(channel),)), Stage(5, (ChannelTarget(channel),)))),
                "next_stage": 1,
                "due_at": unit.now,
                "status": "RUNNING",
                "reached": [],
                "content": {},
                "started_by": context.caller.arn,
                "started_at": unit.now,
            },
        )
        unit.insert(
            t.timers,
            {
                "id": str(uuid.uuid4()),
                "kind": "engagement",
                "due_at": unit.now,
                "engagement_id": engagement,
                "incident_id": incident_id,
                "payload": {},
            },
        )
        unit.insert(
            t.messages,
            {
                "id": message,
                "kind": "page",
                "state": "SENT",
                "due_at": unit.now,
                "sent_at": unit.now,
                "created_at": unit.now,
                "contact_arn": contact,
                "channel_arn": channel,
                "channel_type": way,
                "code": code,
                "payload": {},
            },
        )
        unit.insert(
            t.pages,
            {
                "id": str(uuid.uuid4()),
                "message_id": message,
                "engagement_id": engagement,
                "incident_id": incident_id,
                "contact_arn": contact,
                "channel_arn": channel,
                "created_at": unit.now,
                "reason": "stage-due",
                "sent_at": unit.now,
            },
        )
    return message
