"""Nobody may do more than the policies of their user say, in any program, from the moment on that they say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.domain.errors import AccessDenied, Conflict, NotFound, ValidationFailed
from imtui.domain.incident import IncidentTemplate, parse_impact
from imtui.services.context import Context
from imtui.services.here import acting_here, login_alias
from imtui.services.users import PolicyText
from storage import tables as t
from storage.tables_access import users
from tests.organisation import organise


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


async def bound(context: Context, alias: str, *policies: PolicyText) -> Context:
    """A new user with these policies, and the context they act in."""
    user = await services.users.create(context, alias, policies=policies)
    caller = replace(context.caller, name=alias, arn=user.arn, bound=True)
    return context.acting_as(caller)


async def audited(context: Context, action: str) -> list[tuple[str, str, str | None]]:
    a = t.audit.c
    async with context.database.read() as reader:
        rows = await reader.all(sa.select(a.caller, a.resource, a.error).where(a.action == action).order_by(a.id))
    return [(row.caller, row.resource, row.error) for row in rows]


async def test_a_user_is_made_shown_changed_and_deleted(context: Context) -> None:
    made = await services.users.create(context, "ben", display_name=" Ben ", policies=[PolicyText("viewer")])
    assert made == await services.users.get(context, "ben")
    assert (made.arn, made.display_name) == ("arn:aws:iam::111122223333:user/ben", "Ben")
    own = PolicyText("own", text(allow("ssm-incidents:StartIncident")))
    assert list((await services.users.attach(context, "ben", own)).policies) == ["own", "viewer"]
    await services.users.create(context, "ana")
    assert [user.alias for user in await services.users.list_users(context)] == ["ana", "ben"]
    assert list((await services.users.detach(context, "ben", "viewer")).policies) == ["own"]
    with pytest.raises(NotFound, match="user ben has no policy viewer: it has own"):
        await services.users.detach(context, "ben", "viewer")
    await services.users.delete(context, "ben")
    with pytest.raises(NotFound, match="there is no user ben"):
        await services.users.get(context, "ben")
    with pytest.raises(NotFound):
        await services.users.delete(context, "ben")
    again = await services.users.create(context, "ben")
    assert again.policies == {}, "who is made anew begins without the rights of before"


async def test_a_user_of_another_account_has_that_accounts_arn(context: Context) -> None:
    made = await services.users.create(context, "eve", account="444455556666")
    assert made.arn == "arn:aws:iam::444455556666:user/eve"
    with pytest.raises(ValidationFailed, match="account"):
        await services.users.create(context, "eva", account="4444")


@pytest.mark.parametrize(
    "policy",
    [
        PolicyText("resolvers"),
        PolicyText("own", "{"),
        PolicyText("own", ""),
        PolicyText("own", text(allow("GetContact"))),
        PolicyText("a/b", text(allow("*"))),
        PolicyText("viewer", text(allow("*"))),
    ],
)
async def test_a_wrong_policy_changes_nothing(context: Context, policy: PolicyText) -> None:
    with pytest.raises(ValidationFailed, match="policy"):
        await services.users.create(context, "ben", policies=[PolicyText("viewer"), policy])
    assert await services.users.list_users(context) == []
    before = await services.users.create(context, "ben", policies=[PolicyText("viewer")])
    with pytest.raises(ValidationFailed):
        await services.users.attach(context, "ben", policy)
    assert await services.users.get(context, "ben") == before


async def test_an_alias_is_taken_once(context: Context) -> None:
    await services.users.create(context, "ben")
    with pytest.raises(Conflict, match="a user ben already"):
        await services.users.create(context, "ben", policies=[PolicyText("administrator")])
    assert (await services.users.get(context, "ben")).policies == {}


async def test_a_viewer_looks_and_is_told_why_not_more(context: Context) -> None:
    await organise(context)
    arn = (await services.incidents.start(context, "web")).incident.arn
    viewer = await bound(context, "val", PolicyText("viewer"))
    assert (await services.incidents.get(viewer, "1")).arn == arn
    with pytest.raises(AccessDenied) as told:
        await services.incidents.resolve(viewer, "1")
    assert str(told.value) == (
        "User: arn:aws:iam::111122223333:user/val is not authorized to perform: ssm-incidents:UpdateIncidentRecord "
        f"on resource: {arn} (because no statement of its policies allows it)"
    )
    assert (await audited(context, "ssm-incidents:UpdateIncidentRecord"))[-1] == ("val", arn, "AccessDeniedException")
    assert (await services.incidents.get(context, 1)).status.value == "OPEN"


async def test_the_statement_that_denies_is_named(context: Context) -> None:
    await organise(context)
    own = PolicyText("careful", text(deny("ssm-incidents:StartIncident", Sid="NotAtNight")))
    caller = await bound(context, "ben", PolicyText("administrator"), own)
    with pytest.raises(AccessDenied, match=r'because statement "NotAtNight" of policy careful denies it\)$'):
        await services.incidents.start(caller, "web")


async def test_a_change_of_policies_counts_at_once(context: Context) -> None:
    await organise(context)
    ben = await bound(context, "ben")
    with pytest.raises(AccessDenied):
        await services.incidents.start(ben, "web")
    await services.users.attach(context, "ben", PolicyText("resolver"))
    await services.incidents.start(ben, "web")
    await services.users.detach(context, "ben", "AWSIncidentManagerResolverAccess")
    with pytest.raises(AccessDenied):
        await services.incidents.get(ben, "1")
    await services.users.attach(context, "ben", PolicyText("viewer"))
    await services.incidents.get(ben, "1")
    await services.users.delete(context, "ben")
    with pytest.raises(AccessDenied, match="no user ben any more"):
        await services.incidents.get(ben, "1")
    await services.users.create(context, "ben")
    with pytest.raises(AccessDenied, match="no statement"):
        await services.incidents.get(ben, "1")


async def test_a_number_an_alias_and_an_id_are_judged_by_the_arn_they_stand_for(context: Context) -> None:
    await organise(context)
    plan = context.names.response_plan("web")
    incident = (await services.incidents.start(context, "web")).incident
    own = PolicyText("own", text(allow("ssm-incidents:*", plan), allow("ssm-contacts:*", context.names.contact("ana"))))
    ben = await bound(context, "ben", own)
    for ref in ("1", "#1", incident.id, incident.arn):
        await services.timeline.add_note(ben, ref, "seen")
    assert [row[1] for row in await audited(context, "ssm-incidents:CreateTimelineEvent")] == [incident.arn] * 4
    assert (await services.contacts.get(ben, "ana")).alias == "ana"
    with pytest.raises(AccessDenied, match="contact/ben"):
        await services.contacts.get(ben, "ben")
    channel = (await services.channels.for_contact(context, "ben"))[0]
    for ref in (channel.arn, channel.arn.rpartition("/")[2]):
        with pytest.raises(AccessDenied, match=channel.arn):
            await services.channels.deactivate(ben, ref)


async def test_an_arn_that_lies_about_its_plan_leads_nowhere(context: Context) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    ben = await bound(context, "ben", PolicyText("own", text(allow("*", context.names.incident("other", "*")))))
    with pytest.raises(NotFound):
        await services.incidents.resolve(ben, context.names.incident("other", incident.id))
    assert (await services.incidents.get(context, incident.number)).is_open


async def test_tags_of_the_resource_and_of_the_request_decide(context: Context) -> None:
    await organise(context)
    arn = (await services.incidents.start(context, "web")).incident.arn
    mine = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["site", "team"]}}
    own = text(
        allow("ssm-incidents:GetIncidentRecord", Condition=mine), allow("ssm-incidents:TagResource", Condition=only)
    )
    ben = await bound(context, "ben", PolicyText("own", own))
    await services.incidents.get(ben, "1")
    await services.tags.change(ben, arn, {"site": "b"})
    with pytest.raises(AccessDenied):
        await services.tags.change(ben, arn, {"other": "b"})
    await services.tags.set_tags(context, arn, {"team": "search"})
    with pytest.raises(AccessDenied):
        await services.incidents.get(ben, "1")


async def test_a_role_is_passed_only_by_whoever_may(context: Context) -> None:
    role = "arn:aws:iam::111122223333:role/runbooks"
    actions = [{"SsmAutomation": {"RoleArn": role, "DocumentName": "d"}}]
    template = IncidentTemplate("down", parse_impact(2))
    ben = await bound(context, "ben", PolicyText("own", text(allow("ssm-incidents:*"))))
    with pytest.raises(AccessDenied, match=f"iam:PassRole on resource: {role}"):
        await services.response_plans.create(ben, "web", template=template, actions=actions)
    assert await services.response_plans.list_plans(context) == []
    plan = await services.response_plans.create(context, "web", template=template, actions=actions)
    await services.response_plans.update(ben, replace(plan, display_name="Web"))
    other = [{"ssmAutomation": {"roleArn": f"{role}-2", "documentName": "d"}}]
    with pytest.raises(AccessDenied, match="PassRole"):
        await services.response_plans.update(ben, replace(plan, actions=tuple(other)))
    await services.users.attach(context, "ben", PolicyText("pass", text(allow("iam:PassRole", f"{role}*"))))
    await services.response_plans.update(ben, replace(plan, display_name="Web", actions=tuple(other)))


async def test_a_template_is_not_exported_to_whoever_may_not_see_the_addresses(context: Context) -> None:
    await organise(context)
    ben = await bound(context, "ben", PolicyText("resolver"))
    with pytest.raises(AccessDenied, match="ssm-contacts:ListContactChannels"):
        await services.exporting.export(ben)


async def test_the_simulator_says_what_would_happen_and_why(context: Context) -> None:
    await organise(context)
    incident = (await services.incidents.start(context, "web")).incident
    own = PolicyText("own", text(deny("ssm-incidents:*", context.names.response_plan("web"), Sid="NotWeb")))
    await services.users.create(context, "ben", policies=[PolicyText("resolver"), own])
    can = services.users.can
    start = await can(context, "ben", "ssm-incidents:StartIncident", context.names.response_plan("database"))
    assert (start.allowed, start.reason) == (
        True,
        'statement "StartIncidentPermissions" of policy resolver allows it',
    )
    denied = await can(context, "ben", "ssm-incidents:getincidentrecord", "1")
    assert (denied.allowed, denied.explicit, denied.policy) == (False, True, "own")
    assert incident.arn
    nothing = await can(context, "ben", "ssm-contacts:AcceptPage", "*")
    assert (nothing.allowed, nothing.explicit) == (False, False)
    with pytest.raises(NotFound):
        await can(context, "nobody", "ssm-incidents:StartIncident", "*")
    with pytest.raises(ValidationFailed, match="SERVICE:ACTION"):
        await can(context, "ben", "StartIncident", "*")


async def test_the_first_login_becomes_an_administrator_by_itself(make_context: Callable[..., Context]) -> None:
    first = await acting_here(make_context("ana"))
    assert first.caller.bound
    [user] = await services.users.list_users(first)
    assert (user.alias, list(user.policies)) == ("ana", ["administrator"])
    ben = await acting_here(make_context("ben"))
    assert not ben.caller.bound, "whoever can open the database is trusted with it"
    assert len(await services.users.list_users(ben)) == 1


async def test_who_only_looks_makes_no_user(make_context: Callable[..., Context]) -> None:
    assert not (await acting_here(make_context("ana", read_only=True))).caller.bound
    assert await services.users.list_users(make_context("ana")) == []


async def test_a_known_user_is_bound_here_too_and_deleted_ones_stay_so(make_context: Callable[..., Context]) -> None:
    ana = await acting_here(make_context("ana"))
    await organise(ana)
    await services.users.create(ana, "ben", policies=[PolicyText("viewer")], account="444455556666")
    ben = await acting_here(make_context("ben"))
    assert ben.caller.arn == "arn:aws:iam::444455556666:user/ben"
    shared = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ssm-contacts:GetContact"}
    await services.contact_policies.put(ana, "ana", text(shared))
    await services.contacts.get(ben, "ana")
    with pytest.raises(AccessDenied):
        await services.incidents.start(ben, "web")
    await services.users.delete(ana, "ben")
    for context in (ben, await acting_here(make_context("ben"))):
        with pytest.raises(AccessDenied, match="no user ben any more"):
            await services.contacts.get(context, "ana")


async def test_reading_only_is_kept_whatever_the_policies(make_context: Callable[..., Context]) -> None:
    await organise(make_context("ana"))
    await services.users.create(make_context("ana"), "ana", policies=[PolicyText("administrator")])
    looking = await acting_here(make_context("ana", read_only=True))
    assert (looking.caller.bound, looking.caller.read_only) == (True, True)
    with pytest.raises(AccessDenied, match="this program is read-only"):
        await services.incidents.start(looking, "web")
    assert await services.contacts.list_contacts(looking)


@pytest.mark.parametrize(
    ("login", "alias"), [("ana", "ana"), ("ana smith", "ana-smith"), ("a/b:c", "a-b-c"), ("", "administrator")]
)
def test_any_login_has_an_alias(login: str, alias: str) -> None:
    assert login_alias(login) == alias


async def test_a_user_who_was_deleted_keeps_nothing_in_the_tables(context: Context) -> None:
    await services.users.create(context, "ben", policies=[PolicyText("viewer")])
    await services.users.delete(context, "ben")
    async with context.database.read() as reader:
        [row] = await reader.all(sa.select(users))
    assert row.deleted_at == context.now()


async def test_nobody_who_was_woken_is_turned_away_but_the_api_asks_the_policies(context: Context) -> None:
    ben = await bound(context, "ben")
    with pytest.raises(ValidationFailed, match="no unanswered page has this code"):
        await services.engagements.acknowledge(ben, "123456")
    api = ben.acting_as(replace(ben.caller, origin="api"))
    with pytest.raises(AccessDenied, match="ssm-contacts:AcceptPage"):
        await services.engagements.acknowledge(api, "123456")


async def test_a_resolver_sees_who_is_engaged(context: Context) -> None:
    await organise(context)
    await services.incidents.start(context, "web")
    rob = await bound(context, "rob", PolicyText("resolver"))
    assert await services.engagements.for_incident(rob, 1)
    with pytest.raises(AccessDenied):
        await services.contacts.list_contacts(rob)
