"""Response plans: what is in place when an incident begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from imtui.domain.access import Reach
from imtui.domain.contact import ContactType
from imtui.domain.errors import Conflict, NotFound, ValidationFailed
from imtui.domain.incident import IncidentTemplate, ResponsePlan, parse_impact, roles_of
from imtui.domain.plan import ChannelTarget
from imtui.domain.tags import checked_tags
from imtui.domain.text import clean
from imtui.services import consumers, rooms
from imtui.services.context import Context, expect_revision
from imtui.services.lookup import RESPONSE_PLAN, contact_row, response_plan_arn, response_plan_row
from imtui.services.tags import tags_of, write_tags
from storage import tables as t
from storage.database import Reader, Unit
from storage.runs import People, contacts_named, load_people
from storage.tables_sharing import resource_policies

MAX_ENGAGEMENTS = 5
MAX_TOPICS = 10
MAX_TOPIC = 1000
MAX_DEDUPE_BYTES = 2000
"""PostgreSQL's index of open incidents takes no more; a plan whose incidents could not be stored is refused here."""
_LIMITS = {"display_name": 200, "title": 200, "summary": 8000, "dedupe_string": 1000}
_NAME = re.compile(r"[A-Za-z0-9_\-]{1,200}")


async def create(
    context: Context,
    name: str,
    *,
    template: IncidentTemplate,
    display_name: str = "",
    chat_channel: Sequence[str] = (),
    engagements: Sequence[str] = (),
    repage_minutes: int = 0,
    tags: Mapping[str, str] | None = None,
    actions: Sequence[Mapping[str, Any]] = (),
    integrations: Sequence[Mapping[str, Any]] = (),
) -> ResponsePlan:
    """Make a response plan. `engagements` are aliases or ARNs of contacts, schedules and escalation plans. Its rooms
    and topics get a test message first: one that fails refuses the plan."""
    plan = ResponsePlan(
        arn=context.names.response_plan(check_name(name)),
        name=name,
        template=template,
        display_name=display_name,
        chat_channel=tuple(chat_channel),
        engagements=tuple(engagements),
        actions=tuple(actions),
        integrations=tuple(integrations),
        repage_minutes=repage_minutes,
        tags=tags or {},
    )
    await context.may("ssm-incidents:CreateResponsePlan", plan.arn)
    await rooms.test(context, plan)
    audited = {"displayName": display_name, **({"tags": dict(plan.tags)} if plan.tags else {})}
    async with context.change("ssm-incidents:CreateResponsePlan", plan.arn, **audited) as unit:
        if await unit.first(sa.select(t.response_plans.c.arn).where(t.response_plans.c.arn == plan.arn)):
            text = f"there is a response plan {name!r} already: choose another name"
            raise Conflict(text, (), plan.arn, RESPONSE_PLAN)
        return await save_in(unit, context, plan)


async def get(context: Context, ref: str) -> ResponsePlan:
    """A response plan by name or ARN; raises NotFound."""
    async with context.look("ssm-incidents:GetResponsePlan", ref) as reader:
        return _for_caller(context, await plan_of(reader, await response_plan_row(reader, context.names, ref)))


async def list_plans(context: Context) -> list[ResponsePlan]:
    """All response plans, by name."""
    async with context.look("ssm-incidents:ListResponsePlans", "*", Reach.LISTED) as reader:
        which = await consumers.plans(context, reader)
        rows = await reader.all(sa.select(t.response_plans).where(*which).order_by(t.response_plans.c.name))
        return [_for_caller(context, await plan_of(reader, row)) for row in rows]


async def behind(context: Context, name: str, limit: int) -> list[tuple[str, str, str]]:
    """ARN, name and display name of so many response plans behind the one with this name, by name."""
    r = t.response_plans.c
    query = sa.select(r.arn, r.name, r.display_name).where(r.name > name).order_by(r.name).limit(limit)
    async with context.look("ssm-incidents:ListResponsePlans", "*", Reach.LISTED) as reader:
        query = query.where(*await consumers.plans(context, reader))
        return [(row.arn, row.name, row.display_name) for row in await reader.all(query)]


async def edit(context: Context, ref: str, change: Callable[[ResponsePlan], ResponsePlan]) -> ResponsePlan:
    """Change parts of a plan, after a test message to the rooms and topics it has then; what others change meanwhile
    stays. Raises NotFound."""
    arn = response_plan_arn(context.names, ref)
    await context.may("ssm-incidents:UpdateResponsePlan", arn)
    async with context.database.read() as reader:
        row = await reader.first(sa.select(t.response_plans).where(t.response_plans.c.arn == arn))
        plan = change(await plan_of(reader, row)) if row is not None else None
    if plan is not None:
        await rooms.test(context, plan)
    async with context.change("ssm-incidents:UpdateResponsePlan", arn) as unit:
        row = await response_plan_row(unit, context.names, arn)
        return await save_in(unit, context, change(await plan_of(unit, row)), row)


async def update(context: Context, plan: ResponsePlan, *, revision: int | None = None) -> ResponsePlan:
    """Save an edited plan as a whole, after a test message to its rooms and topics. With `revision`, an edit by
    somebody else meanwhile is a Conflict."""
    await context.may("ssm-incidents:UpdateResponsePlan", plan.arn)
    await rooms.test(context, plan)
    async with context.change("ssm-incidents:UpdateResponsePlan", plan.arn, displayName=plan.display_name) as unit:
        row = await expect_revision(unit, t.response_plans, t.response_plans.c.arn == plan.arn, revision)
        if row is None:
            raise NotFound(f"there is no response plan {plan.name} any more: somebody has deleted it")
        return await save_in(unit, context, plan, row)


async def delete(context: Context, ref: str) -> None:
    """Delete a response plan that no event rule uses. Its incidents stay."""
    async with context.change("ssm-incidents:DeleteResponsePlan", ref) as unit:
        row = await response_plan_row(unit, context.names, ref)
        rules = await unit.all(sa.select(t.rules.c.name, t.rules.c.targets))
        users = tuple(f"rule {rule.name}" for rule in rules if any(x["Arn"] == row.arn for x in rule.targets))
        if users:
            text = f"{row.name} is used by {', '.join(users)}: take it out there first"
            raise Conflict(text, users, row.arn, RESPONSE_PLAN)
        await unit.run(sa.delete(t.response_plans).where(t.response_plans.c.arn == row.arn))
        await unit.run(sa.delete(t.tags).where(t.tags.c.arn == row.arn))
        await unit.run(sa.delete(resource_policies).where(resource_policies.c.arn == row.arn))
        unit.changed("plan", row.arn)


async def warnings(context: Context, ref: str) -> list[str]:
    """What makes this plan weaker than it looks: nobody engaged, people who cannot be reached, one person alone,
    topics that are not configured here. One sentence each. It is for the owner's users to see and mend."""
    if context.foreign:
        return []
    async with context.look("ssm-incidents:GetResponsePlan", ref) as reader:
        row = await response_plan_row(reader, context.names, ref)
        people = await load_people(reader, row.engagements, now=context.now())
        plan = await plan_of(reader, row)
    found = _weaknesses(row.engagements, people)
    found += [f"[{to}] is not configured here, so nothing is sent to it" for to in rooms.unknown(context, plan)]
    return found


async def save_in(unit: Unit, context: Context, plan: ResponsePlan, row: sa.Row[Any] | None = None) -> ResponsePlan:
    """Write a plan inside a unit of work: a new one, or over `row`. A role that it did not have yet is one that the
    caller must have the right to pass."""
    values = await _checked(unit, context, plan)
    for role in sorted(roles_of(values["actions"]) - roles_of(row.actions if row is not None else ())):
        await context.demand_also(unit, "iam:PassRole", role)
    tags = checked_tags(plan.tags)
    if row is None:
        await unit.run(
            sa.insert(t.response_plans).values(
                arn=plan.arn, account=context.names.account, name=plan.name, revision=1, **values
            )
        )
        await write_tags(unit, plan.arn, tags)
        unit.changed("plan", plan.arn)
    else:
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        same_tags = await tags_of(unit, plan.arn) == tags
        if changed:
            which = t.response_plans.c.arn == plan.arn
            await unit.run(sa.update(t.response_plans).where(which).values(**changed, revision=row.revision + 1))
        if not same_tags:
            await write_tags(unit, plan.arn, tags)
        if changed or not same_tags:
            unit.changed("plan", plan.arn)
    await unit.flush()
    return await plan_of(unit, await response_plan_row(unit, context.names, plan.arn))


async def plan_of(reader: Reader, row: sa.Row[Any]) -> ResponsePlan:
    """A row of `response_plans`."""
    return ResponsePlan(
        arn=row.arn,
        name=row.name,
        template=IncidentTemplate(
            title=row.title,
            impact=parse_impact(row.impact),
            summary=row.summary,
            dedupe_string=row.dedupe_string,
            tags=row.incident_tags,
            notification_targets=tuple(row.notification_targets),
        ),
        display_name=row.display_name,
        chat_channel=tuple(row.chat_channel),
        engagements=tuple(row.engagements),
        actions=tuple(row.actions),
        integrations=tuple(row.integrations),
        repage_minutes=row.repage_minutes,
        tags=await tags_of(reader, row.arn),
        revision=row.revision,
    )


def check_name(name: str) -> str:
    """The name, or ValidationFailed: it becomes part of ARNs."""
    if not _NAME.fullmatch(name):
        raise ValidationFailed("response plan name: 1–200 letters, digits, '-' and '_'", "name")
    return name


async def _checked(unit: Unit, context: Context, plan: ResponsePlan) -> dict[str, Any]:
    template = plan.template
    values: dict[str, Any] = {
        "display_name": clean(plan.display_name).strip(),
        "title": clean(template.title).strip(),
        "summary": clean(template.summary),
        "dedupe_string": clean(template.dedupe_string).strip(),
    }
    for name, most in _LIMITS.items():
        if len(values[name]) > most:
            raise ValidationFailed(f"{name.replace('_', ' ')}: at most {most} characters", name)
    if len(values["dedupe_string"].encode()) > MAX_DEDUPE_BYTES:
        raise ValidationFailed(f"dedupe string: at most {MAX_DEDUPE_BYTES} bytes in UTF-8", "dedupe_string")
    if not values["title"]:
        raise ValidationFailed("title: every incident of this plan begins with it", "title")
    if len(plan.engagements) > MAX_ENGAGEMENTS:
        raise ValidationFailed(f"engagements: at most {MAX_ENGAGEMENTS}", "engagements")
    if len(template.notification_targets) > MAX_TOPICS:
        raise ValidationFailed(f"notification topics: at most {MAX_TOPICS}", "notification_targets")
    for field, topics in (("notification_targets", template.notification_targets), ("ChatChannel", plan.chat_channel)):
        for topic in topics:
            if not 1 <= len(topic) <= MAX_TOPIC or not topic.isprintable():
                raise ValidationFailed(f"topic: an ARN of 1–{MAX_TOPIC} characters, such as arn:aws:sns:…:NAME", field)
    if not 0 <= plan.repage_minutes <= 24 * 60:
        raise ValidationFailed("re-page: 0 (off) to 1440 minutes", "repage_minutes")
    engaged = []
    for ref in dict.fromkeys(plan.engagements):
        try:
            engaged.append((await contact_row(unit, context.names, ref)).arn)
        except NotFound as error:
            raise ValidationFailed(f"engagements: {error}", "engagements") from None
    return values | {
        "impact": int(template.impact),
        "incident_tags": checked_tags(template.tags),
        "notification_targets": [clean(topic) for topic in template.notification_targets],
        "chat_channel": [clean(topic) for topic in plan.chat_channel],
        "engagements": engaged,
        "actions": [dict(action) for action in plan.actions],
        "integrations": [dict(integration) for integration in plan.integrations],
        "repage_minutes": plan.repage_minutes,
    }


def _persons(arn: str, people: People) -> set[str]:
    """Everybody whom an engagement may reach: in all stages of a plan, in all turns of a schedule."""
    contact = people.contacts.get(arn)
    if contact is None or contact.type is ContactType.PERSONAL:
        return {arn} if contact else set()
    if contact.type is ContactType.ONCALL_SCHEDULE:
        rotations = [people.rotations[each] for each in contact.rotations if each in people.rotations]
        return {person for rotation in rotations for person in rotation.people() if person in people.contacts}
    return {person for name in contacts_named(contact.stages) for person in _persons(name, people)}


def _for_caller(context: Context, plan: ResponsePlan) -> ResponsePlan:
    """Tags, also those that incidents will have, are for the owner's users to see."""
    return replace(plan, tags={}, template=replace(plan.template, tags={})) if context.foreign else plan


def _weaknesses(engagements: Sequence[str], people: People) -> list[str]:
    if not engagements:
        return ["nobody is engaged: incidents of this plan page nobody"]
    persons: dict[str, str] = {}
    for arn in engagements:
        for name in sorted(_persons(arn, people)):
            persons[name] = people.contacts[name].label
    found_weak = []
    reachable = 0
    for arn, label in persons.items():
        targets = [x for stage in people.contacts[arn].stages for x in stage.targets if isinstance(x, ChannelTarget)]
        if not targets:
            found_weak.append(f"{label} cannot be paged: there is no engagement plan")
        elif not any(x.channel in people.channels and people.channels[x.channel].activated for x in targets):
            found_weak.append(f"{label} cannot be paged: no channel of the engagement plan is activated")
        else:
            reachable += 1
    if reachable == 1:
        found_weak.append("one person alone is paged: nobody follows when they do not answer")
    elif not reachable:
        found_weak.append("nobody can be reached by this plan now")
    return found_weak
