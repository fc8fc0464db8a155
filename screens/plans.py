"""Escalation plans: who is engaged after whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from imtui import services
from imtui.domain.contact import Contact
from imtui.domain.plan_text import ESCALATION_HELP, escalation_plan, escalation_text
from imtui.domain.text import shown
from screens.forms import Field, Form, Theirs
from screens.listing import ListScreen, Values
from widgets.virtual_table import Cell, Column


class PlansScreen(ListScreen[Contact]):
    """All escalation plans."""

    ACTS: ClassVar[frozenset[str]] = frozenset({"open", "new", "edit", "delete", "back", "copy"})
    TOPICS: ClassVar[frozenset[str]] = frozenset({"plan"})
    HEADING: ClassVar[str] = "Escalation plans"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("Alias", 16, narrow=12),
        Column("Name", 24, narrow=14),
        Column("Repeats", 7),
        Column("Minutes: who (* stops the plan)", 0),
    )
    EMPTY: ClassVar[str] = "No escalation plans yet. {new} makes one; it needs contacts ({go-contacts})."

    async def load(self) -> list[Contact]:
        return await services.plans.list_plans(self.context)

    def key(self, item: Contact) -> str:
        return item.arn

    def draw(self, item: Contact, now: datetime) -> Sequence[Cell]:
        stages = "  →  ".join(escalation_text(item.stages).splitlines())
        return (
            (item.alias, "strong"),
            (shown(item.display_name), ""),
            ("yes" if item.repeat else "no", "dim"),
            (shown(stages), ""),
        )

    def opened(self, item: Contact) -> None:
        self.act_edit()

    def act_copy(self) -> None:
        if plan := self.chosen():
            self.host.copied(plan.arn)

    def act_new(self) -> None:
        self.perform(lambda: self._form(None))

    def act_edit(self) -> None:
        plan = self.chosen()
        if plan is not None:
            self.perform(lambda: self._form(plan))

    def act_delete(self) -> None:
        plan = self.chosen()
        if plan is None:
            return

        async def remove() -> None:
            if await self.sure("Delete this escalation plan?", plan.label, "Delete"):
                await services.plans.delete(self.context, plan.arn)
                self.host.said(f"{plan.alias} is deleted")

        self.perform(remove)

    async def _form(self, plan: Contact | None) -> None:
        context = self.context
        people = {contact.alias: contact.arn for contact in await services.contacts.list_contacts(context)}

        async def submit(values: Values) -> Any:
            stages = escalation_plan(values["stages"], people)
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
        none = self.keyed("none yet, {go-contacts} makes them")
        note = f"Contacts: {', '.join(people) or none}"
        title = f"Escalation plan {plan.alias}" if plan else "New escalation plan"
        saved = await self.ask(Form(title, fields, submit, note=note, theirs=theirs))
        if saved is not None:
            self.host.said(f"the plan {saved.alias} is saved")


def _version(plan: Contact | None) -> Values:
    """The values of the form's fields."""
    if plan is None:
        return {"display_name": "", "stages": "", "repeat": False}
    return {"display_name": plan.display_name, "stages": escalation_text(plan.stages), "repeat": plan.repeat}
