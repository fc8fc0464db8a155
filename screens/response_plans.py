"""Response plans: what begins with an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from imtui import services
from imtui.domain.contact import ContactType
from imtui.domain.errors import ValidationFailed
from imtui.domain.filter import Facts, Fields, Kind
from imtui.domain.filter import Field as Named
from imtui.domain.incident import Impact, IncidentTemplate, ResponsePlan, parse_impact
from imtui.domain.text import shown
from screens.arranging import whole
from screens.forms import Field, Form, Theirs
from screens.incident_acts import IMPACTS
from screens.listing import ListScreen, Values
from screens.live import LiveScreen
from widgets.virtual_table import Cell, Column


class Weighed(NamedTuple):
    """A plan with what weakens it."""

    plan: ResponsePlan
    warnings: list[str]


class ResponsePlansScreen(ListScreen[Weighed]):
    """All response plans."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {"new", "tags", "edit", "delete", "rehearse", "drill"}
    TOPICS: ClassVar[frozenset[str]] = frozenset({"plan", "contact", "tag"})
    HEADING: ClassVar[str] = "Response plans"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Name", 16, narrow=13),
        Column("Impact", 11),
        Column("Engages", 20, narrow=14),
        Column("Warnings", 10, right=True),
        Column("Incident title", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Named("name", Kind.TEXT, "the plan's name"),
        Named("title", Kind.TEXT, "title of its incidents"),
        Named("impact", Kind.NUMBER, "1 (critical) to 5 (no impact)", tuple(i.label.lower() for i in Impact)),
        Named("uses", Kind.TEXT, "alias of a contact or escalation plan that it engages"),
        Named("is", Kind.CHOICE, "weak: it has warnings; silent: it engages nobody", ("weak", "silent")),
        Named("chat", Kind.TEXT, "chat channel"),
        Named("tag", Kind.TAGS, "key or key=value, of the plan or its incidents"),
    )
    NOUNS: ClassVar[tuple[str, str]] = ("response plan", "response plans")
    EMPTY: ClassVar[str] = "No response plans yet. {new} makes one; incidents are started from it."

    async def load(self) -> list[Weighed]:
        context = self.context
        plans = await services.response_plans.list_plans(context)
        return [Weighed(plan, await services.response_plans.warnings(context, plan.arn)) for plan in plans]

    def key(self, item: Weighed) -> str:
        return item.plan.arn

    def draw(self, item: Weighed, now: datetime) -> Sequence[Cell]:
        template = item.plan.template
        engaged = ", ".join(_engaged(item.plan))
        count = len(item.warnings)
        return (
            (item.plan.name, "strong"),
            (f"{int(template.impact)} {template.impact.label}", ""),
            (engaged or "nobody", "" if engaged else "loud"),
            (f"{count} !" if count else "–", "warn" if count else "dim"),
            (shown(template.title), ""),
        )

    def facts(self, item: Weighed) -> Facts:
        plan, template = item.plan, item.plan.template
        facts = {
            "name": (plan.name, plan.display_name),
            "title": template.title,
            "impact": int(template.impact),
            "uses": _engaged(plan),
            "is": ("weak",) * bool(item.warnings) + ("silent",) * (not plan.engagements),
            "chat": plan.chat_channel,
            "tag": {**template.tags, **plan.tags},
        }
        return whole(facts, template.impact.label)

    def ranks(self, item: Weighed) -> Sequence[Any]:
        plan, template = item.plan, item.plan.template
        return (plan.name, int(template.impact), ", ".join(_engaged(plan)), len(item.warnings), template.title)

    def name_of(self, item: Weighed) -> str:
        return item.plan.name

    def copied_of(self, item: Weighed) -> str:
        return item.plan.arn

    def opened(self, item: Weighed) -> None:
        plan, warnings = item
        facts = [
            f"ARN: {plan.arn}",
            f"Engages: {', '.join(plan.engagements) or 'nobody'}",
            f"Deduplication string: {plan.template.dedupe_string or '–'}",
            f"Chat channel: {', '.join(plan.chat_channel) or '–'}",
            f"Notification topics: {', '.join(plan.template.notification_targets) or '–'}",
            f"Incident tags: {', '.join(f'{k}={v}' for k, v in plan.template.tags.items()) or '–'}",
            "",
            *(f"! {warning}" for warning in warnings),
        ]
        self.read(plan.label, "\n".join(facts) + f"\n\n{plan.template.summary}")

    def act_new(self) -> None:
        self.perform(lambda: response_plan_form(self, None))

    def act_edit(self) -> None:
        item = self.chosen()
        if item is not None:
            self.perform(lambda: response_plan_form(self, item.plan))

    def act_rehearse(self) -> None:
        from screens.rehearsal import RehearsalScreen

        item = self.chosen()
        if item is not None:
            self.app.push_screen(RehearsalScreen(item.plan.arn))

    def act_drill(self) -> None:
        from screens.drills import begin

        item = self.chosen()
        if item is not None:
            self.perform(lambda: begin(self, item.plan))

    def act_tags(self) -> None:
        from screens.tagging import edit_tags

        item = self.chosen()
        if item is not None:
            self.perform(lambda: edit_tags(self, item.plan.arn, item.plan.name, f"response-plan/{item.plan.name}"))

    def act_delete(self) -> None:
        async def delete(item: Weighed) -> None:
            await services.response_plans.delete(self.context, item.plan.arn)

        one = "{}. Its incidents stay."
        self.perform(
            lambda: self.delete_meant(delete, lambda item: one.format(item.plan.label), "Their incidents stay.")
        )


async def response_plan_form(screen: LiveScreen, plan: ResponsePlan | None) -> ResponsePlan | None:
    """Make a response plan, or edit this one; what was saved."""
    context = screen.context
    known = [c.alias for c in await services.plans.list_plans(context)]
    known += [c.alias for c in await services.contacts.list_contacts(context, ContactType.ONCALL_SCHEDULE)]
    known += [c.alias for c in await services.contacts.list_contacts(context)]

    async def submit(values: Values) -> Any:
        template = IncidentTemplate(
            title=values["title"],
            impact=parse_impact(values["impact"]),
            summary=values["summary"],
            dedupe_string=values["dedupe_string"],
            tags=_tags(values["tags"]),
            notification_targets=tuple(_words(values["notification_targets"])),
        )
        given: dict[str, Any] = {
            "display_name": values["display_name"],
            "engagements": tuple(_words(values["engagements"])),
            "chat_channel": tuple(_words(values["chat_channel"])),
        }
        if plan is None:
            return await services.response_plans.create(context, values["name"], template=template, **given)
        edited = replace(plan, template=template, **given)
        return await services.response_plans.update(context, edited, revision=plan.revision)

    async def theirs() -> Theirs:
        nonlocal plan
        if plan is None:
            return Theirs({})
        plan = await services.response_plans.get(context, plan.arn)
        return Theirs({field.name: field.value for field in _fields(plan)})

    saved: ResponsePlan | None = await screen.ask(
        Form(
            f"Response plan {plan.name}" if plan else "New response plan",
            _fields(plan),
            submit,
            note=f"Plans and contacts: {', '.join(known) or 'none yet'}",
            theirs=theirs,
        )
    )
    if saved is not None:
        found = await services.response_plans.warnings(context, saved.arn)
        screen.host.said(f"{saved.name} is saved" + (f", with {len(found)} warnings: {found[0]}" if found else ""))
    return saved


def _engaged(plan: ResponsePlan) -> tuple[str, ...]:
    """The aliases of those it engages."""
    return tuple(arn.rpartition("/")[2] for arn in plan.engagements)


def _fields(plan: ResponsePlan | None) -> list[Field]:
    template = plan.template if plan else IncidentTemplate("", Impact.MEDIUM)
    engaged = ", ".join(arn.rpartition("/")[2] for arn in plan.engagements) if plan else ""
    fields = [
        Field("title", "Incident title", template.title),
        Field("impact", "Impact", int(template.impact), "choice", choices=IMPACTS),
        Field("engagements", "Engages", engaged, help="aliases of escalation plans and contacts"),
        Field("display_name", "Display name", plan.display_name if plan else ""),
        Field("summary", "Summary", template.summary, "area", help="Markdown; every incident begins with it"),
        Field("dedupe_string", "Deduplication string", template.dedupe_string, help="one open incident for each"),
        Field("tags", "Incident tags", ", ".join(f"{k}={v}" for k, v in template.tags.items()), help="key=value, …"),
        Field("chat_channel", "Chat channel", " ".join(plan.chat_channel) if plan else "", help="the topic's ARN"),
        Field("notification_targets", "Notification topics", " ".join(template.notification_targets)),
    ]
    if plan is None:
        fields.insert(0, Field("name", "Name", help="letters, digits, - and _; it cannot change afterwards"))
    return fields


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _tags(text: str) -> dict[str, str]:
    tags = {}
    for part in (part.strip() for part in text.split(",")):
        if part:
            key, equals, value = part.partition("=")
            if not equals:
                raise ValidationFailed(f"tags: {part[:40]!r} is not of the form key=value", "tags")
            tags[key.strip()] = value.strip()
    return tags
