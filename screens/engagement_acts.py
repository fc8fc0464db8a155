"""The acts on who is paged for an incident: stop, escalate, page again, hand over. Each says first what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imtui import services
from imtui.domain.engagement import Engagement
from imtui.domain.errors import ValidationFailed
from screens.drafts import Draft
from screens.forms import Field, Form
from screens.live import LiveScreen


async def escalate(screen: LiveScreen, chosen: Engagement | None, lines: Sequence[Engagement]) -> None:
    """Begin the next stage of a plan now: of the line that was chosen, or of the first that has one."""
    line = chosen if chosen is not None and chosen.after_stage is not None else None
    line = line or next((one for one in lines if one.after_stage is not None), None)
    if line is None or line.after_stage is None:
        screen.host.said("no plan has a next stage to begin", wrong=True)
        return
    names = [one.label for one in lines if one.id == line.id and one.stage == line.stage and one.due_at]
    text = f"The next stage of {line.plan_label} begins now and engages {', '.join(names)}."
    if await screen.sure("Escalate now?", text, "Escalate"):
        await services.engagements.escalate_now(screen.context, line.id, line.after_stage)
        screen.host.said(f"{line.plan_label} goes on to {', '.join(names)}")


async def stop(screen: LiveScreen, line: Engagement) -> None:
    """Stop an engagement."""
    if not line.running:
        screen.host.said(f"the engagement of {line.label} is over already", wrong=True)
        return
    what = f"the plan {line.plan_label}" if line.due_at else line.label
    if await screen.sure("Stop this engagement?", f"Nobody is paged any more for {what}.", "Stop"):
        await services.engagements.stop(screen.context, line.id)
        screen.host.said(f"stopped: {what}")


async def page_again(screen: LiveScreen, incident: str, line: Engagement) -> None:
    """Page somebody again, whether they have acknowledged or not."""
    if line.due_at is not None:
        key = screen.host.key("escalate")
        screen.host.said(f"{line.label} has not been paged yet: {key} begins the next stage now", wrong=True)
        return
    messages = await services.handover.messages(screen.context, [line.contact_arn])
    if not messages:
        screen.host.said(f"{line.label} cannot be paged at once: no activated channel comes first", wrong=True)
        return
    text = f"{_this_sends(messages)} Their engagement plan begins anew."
    if await screen.sure(f"Page {line.label} again?", text, "Page"):
        await services.handover.page_again(screen.context, incident, line.contact_arn)
        screen.host.said(f"{line.label} is paged again")


async def hand_over(screen: LiveScreen, incident: str) -> None:
    """Engage somebody in one's own place."""
    context = screen.context
    number = (await services.incidents.get(context, incident)).number
    people = await services.contacts.list_contacts(context)
    others = [contact for contact in people if contact.arn != context.names.contact(context.caller.name)]
    if not others:
        text = "there is nobody to hand over to yet: {go-contacts} and {new} makes a contact"
        screen.host.said(screen.keyed(text), wrong=True)
        return

    async def submit(values: dict[str, Any]) -> Any:
        if not values["contact"]:
            raise ValidationFailed("choose who goes on", "contact")
        contact = next(contact for contact in others if contact.arn == values["contact"])
        messages = await services.handover.messages(context, [contact.arn])
        text = f"{_this_sends(messages)} Your own part ends: you are not paged any more."
        if not await screen.sure(f"Hand #{number} over to {contact.label}?", text, "Hand over"):
            raise ValidationFailed("nothing was handed over")
        await services.handover.hand_over(context, incident, contact.arn, values["note"])
        return contact.label

    choices = tuple((f"{contact.label} ({contact.alias})", contact.arn) for contact in others)
    fields = [
        Field("contact", "To whom", "", "choice", choices=choices),
        Field("note", "Note", "", help="what they should know; it stands in the timeline"),
    ]
    draft = Draft(context, f"incident/{incident}/hand-over")
    form = Form(f"Hand over #{number}", fields, submit, verb="Hand over …", draft=draft, kept=await draft.load())
    label = await screen.ask(form)
    if label:
        screen.host.said(f"#{number} is handed over to {label}")


def _this_sends(messages: Sequence[tuple[str, str]]) -> str:
    how = ", ".join(f"{person} by {channel}" for person, channel in messages)
    count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
    return f"This sends {count} now: {how}." if messages else "This sends no message."
