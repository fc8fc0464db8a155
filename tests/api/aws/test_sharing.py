"""A user of another account must get all that is shared with the account, nothing else, and not a moment longer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.incident import IncidentTemplate, parse_impact
from imtui.operations.aws import model
from imtui.operations.aws.registry import HANDLERS
from imtui.services.context import Context
from storage import tables as t
from tests.api.aws.client import Answer, Client
from tests.api.aws.shapes import cases
from tests.organisation import Organisation, organise

Signing = Callable[..., Awaitable[Client]]
CONSUMER = "999988887777"
NOT_SHARED = f"(because it is not shared with account {CONSUMER})"
NOT_INCLUDED = f"(because what is shared with account {CONSUMER} does not include this)"
OWNERS = "(because only users of its own account may do this: what is shared with others is theirs to view and to use)"
LISTS = ("ListContacts", "ListEngagements", "ListResponsePlans", "ListIncidentRecords")
REFUSALS = ("AccessDeniedException", "ValidationException", "SerializationException", "InvalidNextTokenException")
WITH_PLAN = [
    *("ssm-incidents:GetResponsePlan", "ssm-incidents:StartIncident", "ssm-incidents:UpdateIncidentRecord"),
    *("ssm-incidents:GetIncidentRecord", "ssm-incidents:CreateTimelineEvent", "ssm-incidents:UpdateTimelineEvent"),
    *("ssm-incidents:GetTimelineEvent", "ssm-incidents:ListTimelineEvents", "ssm-incidents:UpdateRelatedItems"),
    "ssm-incidents:ListRelatedItems",
]
WITH_CONTACT = [
    *("ssm-contacts:GetContact", "ssm-contacts:StartEngagement"),
    *("ssm-contacts:DescribeEngagement", "ssm-contacts:ListPagesByContact"),
]
"""What the guide's examples share."""


def document(actions: Any, principal: Any = CONSUMER, **more: Any) -> str:
    """A resource policy of one statement."""
    principal = principal if principal == "*" else {"AWS": principal}
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Both:
    """An owner and a consumer: `ana`, `ben`, `night` are contacts, `web` and `db` response plans of the owner."""

    def __init__(self, owner: Client, consumer: Client, made: Organisation, db: str) -> None:
        self.owner, self.consumer, self.made, self.db = owner, consumer, made, db

    async def share_contact(self, arn: str, actions: Any = "*", **more: Any) -> None:
        policy = document(actions, **more)
        await done(self.owner, "ssm-contacts", "PutContactPolicy", ContactArn=arn, Policy=policy)

    async def share_plan(self, arn: str, actions: Any = "*", **more: Any) -> str:
        given = {"resourceArn": arn, "policy": document(actions, **more)}
        return str((await done(self.owner, "ssm-incidents", "PutResourcePolicy", **given))["policyId"])

    async def begin(self, plan: str, title: str) -> str:
        """An incident that the owner begins."""
        given = {"responsePlanArn": plan, "title": title, "clientToken": title}
        return str((await done(self.owner, "ssm-incidents", "StartIncident", **given))["incidentRecordArn"])

    async def engage(self, contact: str, **more: Any) -> str:
        """An engagement that the owner begins."""
        words = {"Sender": "root", "Subject": "s", "Content": "c"}
        return str(
            (await done(self.owner, "ssm-contacts", "StartEngagement", ContactId=contact, **words, **more))[
                "EngagementArn"
            ]
        )

    async def seen(self, service: str, operation: str, **given: Any) -> list[str]:
        """The ARNs in a list, as the consumer sees it."""
        (listed,) = (
            value
            for value in (await done(self.consumer, service, operation, **given)).values()
            if isinstance(value, list)
        )
        return [next(value for key, value in item.items() if key.lower().endswith("arn")) for item in listed]


async def done(client: Client, service: str, operation: str, **given: Any) -> dict[str, Any]:
    """What an operation that succeeds answers."""
    found = await client.call(service, operation, given)
    assert found.status in (200, 201, 204), (operation, found.body)
    return dict(found.document)


async def refused(client: Client, service: str, operation: str, **given: Any) -> str:
    """What one who has no right is told."""
    found: Answer = await client.call(service, operation, given)
    assert found.error == "AccessDeniedException", (operation, found.body)
    return str(found.document.get("Message") or found.document.get("message"))


@pytest.fixture
async def both(signing: Signing, server_context: Context) -> Both:
    made = await organise(server_context)
    template = IncidentTemplate(title="Database", impact=parse_impact(2), tags={"secret": "yes"})
    db = await services.response_plans.create(server_context, "db", template=template)
    return Both(await signing(), await signing("eve", account=CONSUMER), made, db.arn)


async def test_where_nothing_is_shared_an_administrator_of_another_account_sees_nothing(both: Both) -> None:
    incident = await both.begin(both.made.web, "Checkout fails")
    await both.engage(both.made.ana)
    for service, operation in (
        *(("ssm-contacts", "ListContacts"), ("ssm-contacts", "ListEngagements")),
        *(("ssm-incidents", "ListResponsePlans"), ("ssm-incidents", "ListIncidentRecords")),
    ):
        assert await both.seen(service, operation) == [], operation
    for service, operation, given in (
        ("ssm-contacts", "GetContact", {"ContactId": both.made.ana}),
        ("ssm-incidents", "GetResponsePlan", {"arn": both.made.web}),
        ("ssm-incidents", "GetIncidentRecord", {"arn": incident}),
        ("ssm-incidents", "StartIncident", {"responsePlanArn": both.made.web}),
    ):
        assert (await refused(both.consumer, service, operation, **given)).endswith(NOT_SHARED)


@pytest.mark.parametrize("service", HANDLERS)
async def test_no_operation_forgets_whose_things_these_are(both: Both, service: str) -> None:
    """Asked for anything, made up or there, each is refused; a list has nothing."""
    incident = await both.begin(both.made.web, "Checkout fails")
    engagement = await both.engage(both.made.ana)
    there = (both.made.ana, both.made.ana_email, both.made.web, incident, engagement)
    for operation in HANDLERS[service]:
        described = model.operation(service, operation)
        assert described is not None
        asked = [case.document for case in cases(described.input_shape) if case.label in ("nothing", "whole", "least")]
        names = [name for name, _ in model.members(described.input_shape) if name.lower().endswith(("id", "arn"))]
        asked += [given | dict.fromkeys(names, arn) for given in asked for arn in there]
        for given in asked:
            found = await both.consumer.call(service, operation, given)
            if found.status < 400:
                assert operation in LISTS, given
                assert not any(found.document.values()), (given, found.body)
            else:
                assert found.error in REFUSALS, (given, found.body)


async def test_a_missing_thing_and_one_that_is_not_shared_are_told_alike(both: Both) -> None:
    for arn in (both.made.web, both.made.web + "-2"):
        told = await refused(both.consumer, "ssm-incidents", "GetResponsePlan", arn=arn)
        assert told == (
            f"User: arn:aws:iam::{CONSUMER}:user/eve is not authorized to perform: ssm-incidents:GetResponsePlan on "
            f"resource: {arn} {NOT_SHARED}"
        )


async def test_a_number_or_id_tells_another_account_nothing(both: Both) -> None:
    incident, engagement = await both.begin(both.db, "Database"), await both.engage(both.made.ana)
    for number in ("1", "2", incident.rpartition("/")[2]):
        found = await both.consumer.call("ssm-incidents", "GetIncidentRecord", {"arn": number})
        assert (found.error, "/db" in str(found.body)) == ("ValidationException", False)
    for id_ in (engagement.rpartition("/")[2], "6f2a1f6e-0000-4000-8000-000000000000"):
        found = await both.consumer.call("ssm-contacts", "DescribeEngagement", {"EngagementId": id_})
        assert (found.error, "ana" in str(found.body)) == ("ValidationException", False)


async def test_a_shared_contact_is_seen_and_engaged_and_no_other(both: Both) -> None:
    await both.share_contact(both.made.ana, WITH_CONTACT, principal=f"arn:aws:iam::{CONSUMER}:root")
    before = await both.engage(both.made.ana)
    await both.engage(both.made.ben)
    assert await both.seen("ssm-contacts", "ListContacts") == [both.made.ana]
    assert (await done(both.consumer, "ssm-contacts", "GetContact", ContactId=both.made.ana))["Alias"] == "ana"
    words = {"Sender": "eve", "Subject": "Payments", "Content": "fail"}
    begun = await done(both.consumer, "ssm-contacts", "StartEngagement", ContactId=both.made.ana, **words)
    for engagement in (before, begun["EngagementArn"]):
        await done(both.consumer, "ssm-contacts", "DescribeEngagement", EngagementId=engagement)
    assert set(await both.seen("ssm-contacts", "ListEngagements")) == {before, begun["EngagementArn"]}
    await done(both.consumer, "ssm-contacts", "ListPagesByContact", ContactId=both.made.ana)
    stop = {"EngagementId": before}
    assert (await refused(both.consumer, "ssm-contacts", "StopEngagement", **stop)).endswith(NOT_INCLUDED)
    told = await refused(both.consumer, "ssm-contacts", "StartEngagement", ContactId=both.made.ben, **words)
    assert told.endswith(NOT_SHARED)


async def test_a_shared_plan_is_shared_with_its_incidents_past_and_to_come_and_no_others(both: Both) -> None:
    past, other = await both.begin(both.made.web, "past"), await both.begin(both.db, "other")
    await both.share_plan(both.made.web, WITH_PLAN)
    begun = await done(both.consumer, "ssm-incidents", "StartIncident", responsePlanArn=both.made.web, title="own")
    come = await both.begin(both.made.web, "to come")
    own = begun["incidentRecordArn"]
    assert await both.seen("ssm-incidents", "ListIncidentRecords") == [come, own, past]
    assert await both.seen("ssm-incidents", "ListResponsePlans") == [both.made.web]
    for arn in (past, own, come):
        await done(both.consumer, "ssm-incidents", "UpdateIncidentRecord", arn=arn, summary="seen by eve")
        found = await done(both.consumer, "ssm-incidents", "GetIncidentRecord", arn=arn)
        assert found["incidentRecord"]["summary"] == "seen by eve"
        await done(both.consumer, "ssm-incidents", "ListTimelineEvents", incidentRecordArn=arn)
        await done(both.consumer, "ssm-incidents", "ListRelatedItems", incidentRecordArn=arn)
    assert (await refused(both.consumer, "ssm-incidents", "GetIncidentRecord", arn=other)).endswith(NOT_SHARED)
    forged = other.replace("/db/", "/web/")
    answer = await both.consumer.call("ssm-incidents", "GetIncidentRecord", {"arn": forged})
    assert answer.status == 404, "an ARN that lies about its plan leads nowhere"


async def test_pages_of_a_list_hold_what_is_shared_only(both: Both) -> None:
    expected = []
    for number in range(3):
        await both.begin(both.db, f"db {number}")
        expected.append(await both.begin(both.made.web, f"web {number}"))
    await both.share_plan(both.made.web)
    await both.share_contact(both.made.ana)
    await both.share_contact(both.made.night)
    found, token = [], None
    for _ in expected:
        given = {"maxResults": 1, **({"nextToken": token} if token else {})}
        page = await done(both.consumer, "ssm-incidents", "ListIncidentRecords", **given)
        found += [each["arn"] for each in page["incidentRecordSummaries"]]
        token = page.get("nextToken")
    assert (found, token) == (expected[::-1], None)
    first = await done(both.consumer, "ssm-contacts", "ListContacts", MaxResults=1)
    second = await done(both.consumer, "ssm-contacts", "ListContacts", MaxResults=1, NextToken=first["NextToken"])
    assert [each["Alias"] for page in (first, second) for each in page["Contacts"]] == ["ana", "night"]
    assert not second.get("NextToken")


async def test_a_single_incident_can_be_shared(both: Both) -> None:
    one, _ = await both.begin(both.made.web, "one"), await both.begin(both.made.web, "two")
    await both.share_plan(both.made.web, "ssm-incidents:*", Resource=[one])
    assert await both.seen("ssm-incidents", "ListIncidentRecords") == [one]
    assert await both.seen("ssm-incidents", "ListResponsePlans") == []


async def test_whatever_a_policy_says_the_owner_alone_changes_deletes_tags_and_shares_on(both: Both) -> None:
    incident = await both.begin(both.made.web, "Checkout fails")
    await both.share_plan(both.made.web, "*", principal="*")
    await both.share_contact(both.made.ana, "*", principal="*")
    event = {"incidentRecordArn": incident, "eventTime": 1_700_000_000, "eventType": "Custom Event"}
    note = await done(both.consumer, "ssm-incidents", "CreateTimelineEvent", eventData='"n"', **event, clientToken="n")
    about = {"incidentRecordArn": incident, "eventId": note["eventId"]}
    await done(both.consumer, "ssm-incidents", "UpdateTimelineEvent", eventData='"m"', **about)
    ana, web, policy = both.made.ana, both.made.web, document("*", principal="222222222222")
    plan = {
        "Stages": [
            {"DurationInMinutes": 1, "Targets": [{"ContactTargetInfo": {"ContactId": ana, "IsEssential": True}}]}
        ]
    }
    template = {"title": "Own", "impact": 3}
    for operation, given in (
        ("DeleteTimelineEvent", about),
        ("DeleteIncidentRecord", {"arn": incident}),
        ("UpdateResponsePlan", {"arn": web, "displayName": "Hers", "clientToken": "u"}),
        ("DeleteResponsePlan", {"arn": web}),
        ("CreateResponsePlan", {"name": "own", "incidentTemplate": template, "engagements": [ana], "clientToken": "c"}),
        ("TagResource", {"resourceArn": web, "tags": {"a": "b"}}),
        ("ListTagsForResource", {"resourceArn": web}),
        ("ListTagsForResource", {"resourceArn": incident}),
        ("PutResourcePolicy", {"resourceArn": web, "policy": policy}),
        ("GetResourcePolicies", {"resourceArn": web}),
    ):
        assert (await refused(both.consumer, "ssm-incidents", operation, **given)).endswith(OWNERS), operation
    for operation, given in (
        ("UpdateContact", {"ContactId": ana, "DisplayName": "Hers"}),
        ("DeleteContact", {"ContactId": ana}),
        ("CreateContact", {"Alias": "own", "Type": "ESCALATION", "Plan": plan}),
        ("TagResource", {"ResourceARN": ana, "Tags": [{"Key": "a", "Value": "b"}]}),
        ("ListTagsForResource", {"ResourceARN": ana}),
        ("PutContactPolicy", {"ContactArn": ana, "Policy": policy}),
        ("GetContactPolicy", {"ContactArn": ana}),
    ):
        assert (await refused(both.consumer, "ssm-contacts", operation, **given)).endswith(OWNERS), operation
    assert await both.seen("ssm-contacts", "ListContacts") == [ana]


async def test_tags_stay_with_the_owner(both: Both) -> None:
    await both.share_plan(both.db)
    theirs = await done(both.consumer, "ssm-incidents", "GetResponsePlan", arn=both.db)
    own = await done(both.owner, "ssm-incidents", "GetResponsePlan", arn=both.db)
    assert own["incidentTemplate"]["incidentTags"] == {"secret": "yes"}
    assert "incidentTags" not in theirs["incidentTemplate"]


async def test_sharing_that_ends_has_ended_at_once(both: Both) -> None:
    incident = await both.begin(both.made.web, "Checkout fails")
    for _ in range(2):
        policy = await both.share_plan(both.made.web)
        await both.share_contact(both.made.ana)
        assert await both.seen("ssm-incidents", "ListIncidentRecords") == [incident]
        assert await both.seen("ssm-contacts", "ListContacts") == [both.made.ana]
        await done(both.consumer, "ssm-incidents", "GetIncidentRecord", arn=incident)
        await done(both.owner, "ssm-incidents", "DeleteResourcePolicy", resourceArn=both.made.web, policyId=policy)
        await both.share_contact(both.made.ana, principal="222222222222")
        assert await both.seen("ssm-incidents", "ListIncidentRecords") == []
        assert await both.seen("ssm-contacts", "ListContacts") == []
        told = await refused(both.consumer, "ssm-incidents", "GetIncidentRecord", arn=incident)
        assert told.endswith(NOT_SHARED)
        told = await refused(both.consumer, "ssm-contacts", "GetContact", ContactId=both.made.ana)
        assert told.endswith(NOT_SHARED)


async def test_a_repeated_call_is_answered_only_while_its_plan_is_shared(both: Both) -> None:
    policy = await both.share_plan(both.made.web)
    begin = {"responsePlanArn": both.made.web, "clientToken": "t"}
    first = await done(both.consumer, "ssm-incidents", "StartIncident", **begin)
    note = {**first, "clientToken": "n", "eventTime": 1_700_000_000, "eventType": "Custom Event", "eventData": '"n"'}
    made = await done(both.consumer, "ssm-incidents", "CreateTimelineEvent", **note)
    assert await done(both.consumer, "ssm-incidents", "StartIncident", **begin) == first
    assert await done(both.consumer, "ssm-incidents", "CreateTimelineEvent", **note) == made
    await done(both.owner, "ssm-incidents", "DeleteResourcePolicy", resourceArn=both.made.web, policyId=policy)
    assert (await refused(both.consumer, "ssm-incidents", "StartIncident", **begin)).endswith(NOT_SHARED)
    assert (await refused(both.consumer, "ssm-incidents", "CreateTimelineEvent", **note)).endswith(NOT_SHARED)


async def test_both_must_allow_it_the_resource_and_the_users_own_policies(both: Both, signing: Signing) -> None:
    viewer = await signing("vera", "viewer", account=CONSUMER)
    await both.share_plan(both.made.web)
    await done(viewer, "ssm-incidents", "GetResponsePlan", arn=both.made.web)
    told = await refused(viewer, "ssm-incidents", "StartIncident", responsePlanArn=both.made.web)
    assert told.endswith("(because no statement of its policies allows it)")
    third = await signing("zoe", account="222222222222")
    assert (await refused(third, "ssm-incidents", "GetResponsePlan", arn=both.made.web)).endswith(
        "(because it is not shared with account 222222222222)"
    )


async def test_a_policy_takes_nothing_from_the_owners_users(both: Both, signing: Signing) -> None:
    await both.share_plan(both.made.web, "ssm-incidents:GetResponsePlan")
    begun = await done(both.owner, "ssm-incidents", "StartIncident", responsePlanArn=both.made.web)
    viewer = await signing("vera", "viewer")
    await done(viewer, "ssm-incidents", "GetIncidentRecord", arn=begun["incidentRecordArn"])
    listed = await done(viewer, "ssm-contacts", "ListContacts")
    assert [each["Alias"] for each in listed["Contacts"]] == ["ana", "ben", "night"]


async def test_nobody_is_engaged_in_an_incident_that_is_not_shared(both: Both, server_context: Context) -> None:
    incident = await both.begin(both.db, "Database")
    await both.share_contact(both.made.ana)
    words = {"ContactId": both.made.ana, "Sender": "eve", "Subject": "s", "Content": "c", "IncidentId": incident}
    told = await refused(both.consumer, "ssm-contacts", "StartEngagement", **words)
    assert told.endswith(f"(because the incident that it is for, {incident}, is not shared)")
    assert await both.seen("ssm-contacts", "ListEngagements") == []
    await both.share_plan(both.db, WITH_PLAN)
    await done(both.consumer, "ssm-contacts", "StartEngagement", **words)
    assert len(await both.seen("ssm-contacts", "ListEngagements", IncidentId=incident)) == 1


async def test_what_another_account_was_refused_is_in_the_owners_audit_log(both: Both, server_context: Context) -> None:
    await refused(both.consumer, "ssm-contacts", "GetContact", ContactId="ana")
    a = t.audit.c
    row = await server_context.database.row(
        sa.select(a.caller, a.resource, a.error).where(a.action == "ssm-contacts:GetContact")
    )
    assert row is not None
    assert tuple(row) == ("eve", both.made.ana, "AccessDeniedException")


async def test_who_asks_what_a_user_can_do_is_told_of_sharing(both: Both, server_context: Context) -> None:
    can = services.users.can
    decision = await can(server_context, "eve", "ssm-contacts:GetContact", "ana")
    assert (decision.allowed, decision.reason) == (False, f"it is not shared with account {CONSUMER}")
    await both.share_contact(both.made.ana)
    assert (await can(server_context, "eve", "ssm-contacts:GetContact", "ana")).allowed
    assert (await can(server_context, "eve", "ssm-contacts:ListContacts", "*")).allowed
    assert not (await can(server_context, "eve", "ssm-contacts:DeleteContact", "ana")).allowed
