"""Configuration as code: apply templates in one transaction, or export what there is as one.

A resource is known by its own name (a contact by its alias, a channel by its contact and name), so that applying the
same template again changes nothing, and so does applying an export.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from imtui.domain.contact import ChannelType, ContactType
from imtui.domain.errors import NotFound, ValidationFailed
from imtui.domain.incident import ResponsePlan
from imtui.domain.plan import stages_from_wire, stages_to_wire
from imtui.domain.template import Node, Resource, parameters, plain, read, resources, yes_or_no
from imtui.services import (
    channels,
    contacts,
    response_plans,
    rooms,
    rotations,
    rules,
    template_rotations,
    template_values,
)
from imtui.services.context import Context
from imtui.services.lookup import contact_row
from imtui.services.rules import Rule
from imtui.services.tags import tags_of
from imtui.services.template_rotations import ROTATION
from imtui.services.template_schema import (
    CHANNEL,
    CONTACT,
    KINDS,
    KNOWN,
    OWN,
    PLAN,
    PROPERTY_OF,
    REQUIRED,
    RESPONSE_PLAN,
    RULE,
)
from storage import tables as t
from storage.database import Unit


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying did (or would do) to one resource: `action` is create, update or keep; `fields` what differs."""

    action: str
    type: str
    name: str
    fields: tuple[str, ...] = ()


class _DryRun(Exception):
    """Leaves the unit of work with everything undone."""


async def apply(
    context: Context, files: Sequence[tuple[str, str]], *, dry_run: bool = False, skip_test: bool = False
) -> list[Difference]:
    """Apply templates (names and texts) as a whole: all of it is done, or nothing. `dry_run` does it and takes it
    back. The rooms and topics of response plans that differ get a test message first, unless `skip_test` says
    otherwise; one that fails refuses everything. Raises TemplateError, which names file, line and property."""
    if not (dry_run or skip_test) and (context.config.section("chat") or context.config.section("topic")):
        tried = await _apply(context, files, dry_run=True)
        for resource, plan in tried.plans:
            try:
                await rooms.test(context, plan)
            except ValidationFailed as error:
                name = "ChatChannel" if error.field == "chat_channel" else "IncidentTemplate"
                raise resource.wrong(str(error), name) from None
    return (await _apply(context, files, dry_run=dry_run)).done


async def _apply(context: Context, files: Sequence[tuple[str, str]], *, dry_run: bool) -> _Work:
    documents = [read(name, text) for name, text in files]
    work = _Work(context, resources(documents), parameters(documents))
    audited = {"files": [name for name, _ in files], "dryRun": dry_run}
    try:
        async with context.change("imtui:ApplyConfiguration", "*", **audited) as unit:
            await work.run(unit)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return work


class _Work:
    """One application of templates: contacts, then channels, then plans, then what refers to them."""

    def __init__(self, context: Context, wanted: Mapping[str, Resource], defaults: Mapping[str, str]) -> None:
        self._context = context
        self._wanted = wanted
        self._defaults = defaults
        self._arns: dict[str, str] = {}
        self._naming: set[str] = set()
        self._planned: set[str] = set()
        self.done: list[Difference] = []
        self.plans: list[tuple[Resource, ResponsePlan]] = []
        """The response plans that are new or differ."""

    async def run(self, unit: Unit) -> None:
        for resource in self._wanted.values():
            self._check(resource)
            self._name(resource)
        self._check_each_once()
        personal = [r for r in self._of(CONTACT) if self._value(r, "Type") == ContactType.PERSONAL.value]
        others = [r for r in self._of(CONTACT) if r not in personal]
        stages = {resource.id: resource for resource in self._of(PLAN)}
        for resource in personal:
            await self._guarded(resource, self._contact, unit)
        for resource in self._of(ROTATION):
            await self._guarded(resource, self._rotation, unit)
        for resource in others:
            await self._guarded(resource, self._contact, unit)
        for resource in self._of(CHANNEL):
            await self._guarded(resource, self._channel, unit)
        for resource in [*personal, *others]:
            if "Plan" in resource.properties:
                await self._guarded(resource, self._own_plan, unit)
        for resource in stages.values():
            await self._guarded(resource, self._plan, unit)
        for resource in self._of(RESPONSE_PLAN):
            await self._guarded(resource, self._response_plan, unit)
        for resource in self._of(RULE):
            await self._guarded(resource, self._rule, unit)

    def _of(self, type_: str) -> list[Resource]:
        return [resource for resource in self._wanted.values() if resource.type == type_]

    def _check(self, resource: Resource) -> None:
        if resource.type not in KNOWN:
            raise resource.wrong(f"{resource.type} is not supported by this version; there are {', '.join(KNOWN)}")
        for name, node in resource.properties.items():
            if name not in KNOWN[resource.type]:
                raise node.wrong(f"unknown property; there are {', '.join(KNOWN[resource.type])}")
        own = OWN.get(resource.type, ())
        if unknown := [name for name in resource.metadata if name not in own]:
            raise resource.wrong(f"Metadata.imtui has no {', '.join(unknown)}: there is {', '.join(own) or 'nothing'}")
        for name in REQUIRED[resource.type]:
            if name not in resource.properties:
                raise resource.wrong(f"the property {name} is missing")

    def _name(self, resource: Resource) -> None:
        """Names that are known before anything is made; a channel's ARN is known when it stands."""
        names = self._context.names
        if resource.type == CONTACT:
            self._arns[resource.id] = names.contact(self._text(resource, "Alias"))
        elif resource.type == RESPONSE_PLAN:
            self._arns[resource.id] = names.response_plan(self._text(resource, "Name"))
        elif resource.type == RULE:
            self._arns[resource.id] = names.rule(self._rule_name(resource, resource.node))

    def _check_each_once(self) -> None:
        """Of two resources that mean the same thing, one would undo the other at every run."""
        first: dict[str, Resource] = {}
        for resource in self._wanted.values():
            arn = self._arns.get(resource.id)
            if arn is not None and (other := first.setdefault(arn, resource)) is not resource:
                name = "Alias" if resource.type == CONTACT else "Name"
                raise resource.wrong(f"this stands here twice, first as {other.id}", name)

    async def _guarded(self, resource: Resource, make: Callable[[Unit, Resource], Any], unit: Unit) -> None:
        """What a rule refuses is said with the place in the file."""
        try:
            await make(unit, resource)
        except ValidationFailed as error:
            if type(error) is not ValidationFailed:
                raise
            name = PROPERTY_OF.get(error.field or "", error.field)
            if resource.type in (RESPONSE_PLAN, RULE, ROTATION) and name == "ChannelName":
                name = "Name"
            if name == "Stages" and resource.type == CONTACT:
                name = "Plan"
            known = name and name.partition(".")[0] in resource.properties
            raise resource.wrong(str(error), name if known else None) from None
        except NotFound as error:
            raise resource.wrong(str(error)) from None

    async def _contact(self, unit: Unit, resource: Resource) -> None:
        alias = self._text(resource, "Alias")
        kind = self._text(resource, "Type")
        if kind not in set(ContactType):
            raise resource.wrong(f"one of {', '.join(ContactType)}", "Type")
        name = self._text(resource, "DisplayName", "")
        tags = template_values.tags(self._value(resource, "Tags"), resource)
        repeat = template_values.flag(resource, "Repeat", False)
        row = await unit.first(sa.select(t.contacts).where(t.contacts.c.arn == self._arns[resource.id]))
        if row is None:
            made = ContactType(kind)
            await contacts.create_in(unit, self._context, alias, made, display_name=name, tags=tags)
            self.done.append(Difference("create", KINDS[kind], alias))
            if repeat and "Plan" not in resource.properties:
                raise resource.wrong("Repeat needs a Plan")
            return
        if row.type != kind:
            raise resource.wrong(f"{alias} exists and is {row.type}: a contact's type cannot change", "Type")
        known = await tags_of(unit, row.arn)
        fields = ["DisplayName"] if row.display_name != name.strip() else []
        fields += ["Tags"] if known != tags else []
        if fields:
            await contacts.update_in(unit, row, display_name=name, tags=tags)
        self._note(fields, KINDS[kind], alias)

    async def _rotation(self, unit: Unit, resource: Resource) -> None:
        given = {name: self._value(resource, name) for name in KNOWN[ROTATION]}
        spec = template_rotations.rotation_spec(given, resource)
        found = await rotations.put_in(unit, self._context, spec, set(self._arns.values()))
        self._arns[resource.id] = found.arn
        if found.new:
            self.done.append(Difference("create", "rotation", spec.name))
        else:
            self._note(found.fields, "rotation", spec.name)

    async def _channel(self, unit: Unit, resource: Resource) -> None:
        owner = await contact_row(unit, self._context.names, self._text(resource, "ContactId"))
        name, kind = self._text(resource, "ChannelName"), self._text(resource, "ChannelType")
        address = self._text(resource, "ChannelAddress")
        if kind not in set(ChannelType):
            raise resource.wrong("one of EMAIL, SMS, VOICE", "ChannelType")
        c = t.channels.c
        same = (c.contact_arn == owner.arn) & (c.name == name.strip()) & (c.type == kind)
        standing = await unit.all(sa.select(t.channels).where(same).order_by(c.arn))
        free = [row for row in standing if row.arn not in self._arns.values()]
        row = next((row for row in free if row.address == address), free[0] if free else None)
        label = f"{owner.alias}/{name}"
        if row is None:
            deferred = self._bool(resource, "DeferActivation")
            made = await channels.create_in(
                unit, self._context, owner, name, ChannelType(kind), address, defer_activation=deferred
            )
            self._arns[resource.id] = made.arn
            self.done.append(Difference("create", "channel", label))
            return
        self._arns[resource.id] = row.arn
        changed = await channels.update_in(unit, row, name=name, address=address)
        self._note(["ChannelAddress"] if changed else [], "channel", label)

    async def _own_plan(self, unit: Unit, resource: Resource) -> None:
        repeat = template_values.flag(resource, "Repeat", False)
        await self._stages(unit, resource, self._arns[resource.id], self._value(resource, "Plan"), repeat)

    async def _plan(self, unit: Unit, resource: Resource) -> None:
        owner = await contact_row(unit, self._context.names, self._text(resource, "ContactId"))
        if owner.arn in self._planned:
            raise resource.wrong(f"the plan of {owner.alias} stands here twice", "ContactId")
        self._arns[resource.id] = owner.arn
        repeat = template_values.flag(resource, "Repeat", owner.repeat)
        name = "RotationIds" if "RotationIds" in resource.properties else "Stages"
        given = self._value(resource, name)
        await self._stages(unit, resource, owner.arn, {name: given} if name == "RotationIds" else given, repeat)

    async def _stages(self, unit: Unit, resource: Resource, arn: str, given: Any, repeat: bool) -> None:
        self._planned.add(arn)
        row = await contact_row(unit, self._context.names, arn)
        if row.type == ContactType.ONCALL_SCHEDULE.value:
            await self._turns(unit, resource, row, given)
            return
        if isinstance(given, Mapping) and set(given) == {"Stages"}:
            given = given["Stages"]
        if not isinstance(given, list):
            raise resource.wrong("expected a list of stages", "Stages" if "Stages" in resource.properties else "Plan")
        stages = stages_from_wire({"Stages": [template_values.wire_stage(stage) for stage in given]})
        if stages_to_wire(stages) == row.plan and repeat == row.repeat:
            return
        await contacts.update_in(unit, row, stages=stages, repeat=repeat)
        self._note_plan(row)

    async def _turns(self, unit: Unit, resource: Resource, row: sa.Row[Any], given: Any) -> None:
        """The rotations of an on-call schedule."""
        ids = template_rotations.rotation_ids(given)
        if not ids:
            name = "Plan" if "Plan" in resource.properties else "RotationIds"
            raise resource.wrong("an on-call schedule needs RotationIds, a list of rotations", name)
        named = [(await rotations.rotation_row(unit, self._context, each)).arn for each in ids]
        if named != list(row.plan.get("RotationIds", ())):
            await contacts.update_in(unit, row, rotations=named)
            self._note_plan(row)

    def _note_plan(self, row: sa.Row[Any]) -> None:
        kind = KINDS[row.type]
        new = next((d for d in self.done if d.type == kind and d.name == row.alias), None)
        if new is None:
            self.done.append(Difference("update", kind, row.alias, ("Plan",)))
        elif new.action != "create":
            self.done[self.done.index(new)] = Difference("update", kind, row.alias, (*new.fields, "Plan"))

    async def _response_plan(self, unit: Unit, resource: Resource) -> None:
        name = response_plans.check_name(self._text(resource, "Name"))
        arn = self._arns[resource.id]
        row = await unit.first(sa.select(t.response_plans).where(t.response_plans.c.arn == arn))
        before = await response_plans.plan_of(unit, row) if row is not None else None
        plan = ResponsePlan(
            arn=arn,
            name=name,
            template=template_values.incident_template(self._value(resource, "IncidentTemplate"), resource),
            display_name=self._text(resource, "DisplayName", ""),
            chat_channel=template_values.chat_channel(self._value(resource, "ChatChannel"), resource),
            engagements=template_values.texts(self._value(resource, "Engagements"), resource, "Engagements"),
            actions=template_values.objects(self._value(resource, "Actions"), resource, "Actions"),
            integrations=template_values.objects(self._value(resource, "Integrations"), resource, "Integrations"),
            repage_minutes=template_values.minutes(resource, "RepageMinutes"),
            tags=template_values.tags(self._value(resource, "Tags"), resource),
        )
        after = await response_plans.save_in(unit, self._context, plan, row)
        if before is None or replace(before, revision=after.revision) != after:
            self.plans.append((resource, after))
        if before is None:
            self.done.append(Difference("create", "response plan", name))
            return
        names = ("template", "display_name", "chat_channel", "engagements", "actions", "integrations", "tags")
        fields = [field for field in (*names, "repage_minutes") if getattr(before, field) != getattr(after, field)]
        self._note(fields, "response plan", name)

    async def _rule(self, unit: Unit, resource: Resource) -> None:
        name = self._text(resource, "Name")
        state = self._text(resource, "State", "ENABLED")
        if state not in ("ENABLED", "DISABLED"):
            raise resource.wrong("ENABLED or DISABLED", "State")
        if self._text(resource, "EventBusName", "default") != "default":
            raise resource.wrong("there is one event bus here: default", "EventBusName")
        given = self._value(resource, "Targets")
        if not isinstance(given, list) or not all(template_values.is_target(target) for target in given):
            raise resource.wrong("expected a list of targets with Id and Arn", "Targets")
        resolve = template_values.flag(resource, "Resolve", False)
        targets = tuple({"Id": x.get("Id"), "Arn": x["Arn"], "resolve": resolve} for x in given)
        standing = await unit.first(sa.select(t.rules.c.name).where(t.rules.c.name == name))
        pattern = self._value(resource, "EventPattern")
        rule = Rule(
            self._arns[resource.id],
            name,
            self._text(resource, "Description", ""),
            pattern,
            targets,
            state == "ENABLED",
        )
        changed = await rules.put_in(unit, self._context, rule)
        if standing is None:
            self.done.append(Difference("create", "rule", name))
        else:
            self._note(["EventPattern or Targets"] if changed else [], "rule", name)

    def _note(self, fields: Sequence[str], type_: str, name: str) -> None:
        self.done.append(Difference("update" if fields else "keep", type_, name, tuple(fields)))

    def _value(self, resource: Resource, name: str) -> Any:
        node = resource.properties.get(name)
        return None if node is None else plain(node, self._lookup)

    def _text(self, resource: Resource, name: str, default: str | None = None) -> str:
        value = self._value(resource, name)
        if value is None and default is not None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise resource.wrong("expected a text", name)
        return value

    def _bool(self, resource: Resource, name: str) -> bool:
        value = self._value(resource, name)
        chosen = False if value is None else yes_or_no(value)
        if chosen is None:
            raise resource.wrong("true or false", name)
        return chosen

    def _rule_name(self, resource: Resource, node: Node) -> str:
        """What `Ref` to a rule gives. A name may itself refer to rules, but not in a circle."""
        if resource.id in self._naming:
            raise node.wrong(f"{resource.id} is named by itself: names refer to each other in a circle")
        self._naming.add(resource.id)
        try:
            return self._text(resource, "Name")
        finally:
            self._naming.discard(resource.id)

    def _lookup(self, name: str, attribute: str | None, node: Node) -> str:
        names = self._context.names
        pseudo = {"AWS::AccountId": names.account, "AWS::Region": names.region, "AWS::Partition": "aws"}
        if name in pseudo:
            return pseudo[name]
        if name in self._defaults:
            return self._defaults[name]
        resource = self._wanted.get(name)
        if resource is None:
            raise node.wrong(f"{name} is no logical id of this template")
        if attribute not in (None, "Arn"):
            raise node.wrong(f"{name} has no attribute {attribute}: there is Arn")
        if resource.type == RULE and attribute is None:
            return self._rule_name(resource, node)
        if name not in self._arns:
            raise node.wrong(f"{name} cannot be referred to here: it is made later")
        return self._arns[name]
