"""Escalation plans: who is engaged after whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from imtui import services
from imtui.domain.contact import Contact, ContactType
from imtui.domain.filter import Facts, Fields, Kind
from imtui.domain.filter import Field as Named
from imtui.domain.plan import ContactTarget
from imtui.domain.plan_text import ESCALATION_HELP, escalation_plan, escalation_text
from imtui.domain.text import shown
from screens.arranging import whole
from screens.forms import Field, Form, Theirs
from screens.listing import ListScreen, Values
from screens.live import LiveScreen
from widgets.virtual_table import Cell, Column

SCHEDULE = ContactType.ONCALL_SCHEDULE


class PlansScreen(ListScreen[Contact]):
    """All escalation plans."""

    ACTS: ClassVar[frozenset[str]] = ListScreen.ACTS | {"new", "tags", "edit", "delete", "rehearse"}
    TOPICS: ClassVar[frozenset[str]] = frozenset({"plan", "tag"})
    HEADING: ClassVar[str] = "Escalation plans"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Alias", 16, narrow=12),
        Column("Name", 24, narrow=13),
        Column("Repeats", 9),
        Column("Minutes: who (* stops the plan)", 0),
    )
    FIELDS: ClassVar[Fields] = Fields(
        Named("alias", Kind.TEXT, "the short name"),
        Named("name", Kind.TEXT, "the plan's name"),
        Named("uses", Kind.TEXT, "alias of a contact that it engages"),
        Named("is", Kind.CHOICE, "repeating: it begins again until somebody acknowledges", ("repeating",)),
        Named("tag", Kind.TAGS, "key or key=value"),
    )
    NOUNS: ClassVar[tuple[str, str]] = ("escalation plan", "escalation plans")
    EMPTY: ClassVar[str] = "No escalation plans yet. {new} makes one; it needs contacts ({go-contacts})."

    async def load(self) -> list[Contact]:
        return await services.plans.list_plans(self.context)

    def key(self, item: Contact) -> str:
        return item.arn

    def draw(self, item: Contact, now: datetime) -> Sequence[Cell]:
        return (
            (item.alias, "strong"),
            (shown(item.display_name), ""),
            ("yes" if item.repeat else "no", "dim"),
            (shown(_stages(item)), ""),
        )

    def facts(self, item: Contact) -> Facts:
        targets = [target for stage in item.stages for target in stage.targets]
        uses = (target.contact.rpartition("/")[2] for target in targets if isinstance(target, ContactTarget))
        facts = {
            "alias": item.alias,
            "name": item.display_name,
            "uses": tuple(dict.fromkeys(uses)),
            "is": ("repeating",) if item.repeat else (),
            "tag": item.tags,
        }
        return whole(facts, _stages(item))

    def ranks(self, item: Contact) -> Sequence[Any]:
        return (item.alias, item.display_name, not item.repeat, _stages(item))

    def name_of(self, item: Contact) -> str:
        return item.alias

    def copied_of(self, item: Contact) -> str:
        return item.arn

    def opened(self, item: Contact) -> None:
        self.act_edit()

    def act_new(self) -> None:
        self.perform(lambda: plan_form(self, None))

    def act_edit(self) -> None:
        plan = self.chosen()
        if plan is not None:
            self.perform(lambda: plan_form(self, plan))

    def act_rehearse(self) -> None:
        """The plan as a time line, with people and channels."""
        from screens.rehearsal import RehearsalScreen

        plan = self.chosen()
        if plan is not None:
            self.app.push_screen(RehearsalScreen(plan.arn))

    def act_tags(self) -> None:
        from screens.tagging import edit_tags

        item = self.chosen()
        if item is not None:
            self.perform(lambda: edit_tags(self, item.arn, item.alias, f"contact/{item.alias}"))

    def act_delete(self) -> None:
        async def delete(plan: Contact) -> None:
            await services.plans.delete(self.context, plan.arn)

        self.perform(lambda: self.delete_meant(delete, lambda plan: plan.label))


async def plan_form(screen: LiveScreen, plan: Contact | None) -> Contact | None:
    """Make an escalation plan, or edit this one; what was saved."""
    context = screen.context
    people = {contact.alias: contact.arn for contact in await services.contacts.list_contacts(context)}
    turns = {contact.alias: contact.arn for contact in await services.contacts.list_contacts(context, SCHEDULE)}

    async def submit(values: Values) -> Any:
        stages = escalation_plan(values["stages"], people | turns)
        given = {"display_name": values["display_name"], "stages": stages, "repeat": values["repeat"]}
        if plan is None:
            return await services.plans.create(context, values["alias"], **given)
        return await services.plans.update(context, plan.arn, **given, revision=plan.revision)

    async def theirs() -> Theirs:
        nonlocal plan
        if plan is None:
            return Theirs({})
        plan = await services.plans.get(context, plan.arn)
        return Theirs(_version(plan))

    now = _version(plan)
    fields = [
        Field("display_name", "Name", now["display_name"]),
        Field("stages", "Stages", now["stages"], "area", help=ESCALATION_HELP),
        Field("repeat", "Begin again until somebody acknowledges", now["repeat"], "switch"),
    ]
    if plan is None:
        fields.insert(0, Field("alias", "Alias", help="lower-case letters, digits, - and _"))
    none = screen.keyed("none yet, {go-contacts} makes them")
    note = f"Contacts: {', '.join(people) or none}" + (f"\nSchedules: {', '.join(turns)}" if turns else "")
    title = f"Escalation plan {plan.alias}" if plan else "New escalation plan"
    saved: Contact | None = await screen.ask(Form(title, fields, submit, note=note, theirs=theirs))
    if saved is not None:
        screen.host.said(f"the plan {saved.alias} is saved")
    return saved


def _stages(plan: Contact) -> str:
    """The stages in one line."""
    return "  →  ".join(escalation_text(plan.stages).splitlines())


def _version(plan: Contact | None) -> Values:
    """The values of the form's fields."""
    if plan is None:
        return {"display_name": "", "stages": "", "repeat": False}
    return {"display_name": plan.display_name, "stages": escalation_text(plan.stages), "repeat": plan.repeat}
