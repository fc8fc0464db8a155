"""The acts on incidents that several screens offer, with the dialogs they ask by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from imtui import services
from imtui.domain.asking import pages_now
from imtui.domain.contact import ContactType
from imtui.domain.errors import ValidationFailed
from imtui.domain.incident import Impact
from imtui.domain.text import shown
from imtui.domain.timeline import TimelineEvent
from screens.drafts import Draft
from screens.forms import Field, Form, Theirs
from screens.live import LiveScreen
from screens.tagging import edit_tags

IMPACTS = tuple((f"{int(impact)} {impact.label}", int(impact)) for impact in Impact)


async def start(screen: LiveScreen) -> None:
    """Start an incident from a response plan; says first whom that pages."""
    context = screen.context
    plans = await services.response_plans.list_plans(context)
    if not plans:
        text = "there is no response plan yet: {go-response-plans} and {new} makes one, or `imtui apply FILE`"
        screen.host.said(screen.keyed(text), wrong=True)
        return
    choices = tuple((f"{plan.label}: {plan.template.title}", plan.name) for plan in plans)
    impacts = (("as the plan says", 0), *IMPACTS)

    async def submit(values: dict[str, Any]) -> Any:
        if not values["plan"]:
            raise ValidationFailed("choose the response plan", "plan")
        plan = next(plan for plan in plans if plan.name == values["plan"])
        reached = await services.engagements.people(context, plan.engagements)
        if not await screen.sure(f"Start an incident of {plan.label}?", pages_now(reached), "Start"):
            raise ValidationFailed("not started")
        return await services.incidents.start(
            context, plan.name, title=values["title"].strip() or None, impact=values["impact"] or None
        )

    fields = [
        Field("plan", "Response plan", plans[0].name if len(plans) == 1 else "", "choice", choices=choices),
        Field("title", "Title", "", help="empty: the plan's title"),
        Field("impact", "Impact", 0, "choice", choices=impacts),
    ]
    started = await screen.ask(Form("Start an incident", fields, submit, verb="Start …"))
    if started is not None:
        verb = "started" if started.created else "is open for this already"
        screen.host.said(f"#{started.incident.number} {verb}: {started.incident.title}")
        screen.host.open_incident(started.incident.id)


async def acknowledge(screen: LiveScreen) -> None:
    """Acknowledge by the code of a message."""
    context = screen.context

    async def submit(values: dict[str, Any]) -> Any:
        return await services.engagements.acknowledge(context, values["code"])

    text = screen.keyed("the six digits of the message; without one: {take} takes the incident")
    field = Field("code", "Code", "", help=text)
    done = await screen.ask(Form("Acknowledge a page", [field], submit, verb="Acknowledge"))
    if done is not None:
        verb = "had acknowledged already" if done.already else "acknowledged"
        about = ", ".join([*(f"#{number} {title}" for number, title in done.incidents), *done.subjects])
        screen.host.said(f"{done.label} {verb}: {about}")


async def take(screen: LiveScreen, incident: str) -> None:
    """I'm taking it."""
    done = await services.engagements.take(screen.context, incident)
    verb = "has taken it already" if done.already else "takes it"
    screen.host.said(f"{done.label} {verb}: #{done.incidents[0][0]} {done.incidents[0][1]}")


async def note(screen: LiveScreen, incident: str, event_id: str | None = None) -> None:
    """Write a note, or change one. What is half typed is kept, also when the line drops."""
    context = screen.context
    number = (await services.incidents.get(context, incident)).number
    known = await services.timeline.get(context, incident, event_id) if event_id else None

    async def submit(values: dict[str, Any]) -> Any:
        if known is None:
            return await services.timeline.add_note(context, incident, values["text"])
        changed: dict[str, Any] = {"text": values["text"], "revision": known.revision}
        return await services.timeline.edit(context, incident, known.id, **changed)

    async def theirs() -> Theirs:
        nonlocal known
        known = await services.timeline.get(context, incident, event_id or "")
        return Theirs({"text": known.text}, _writer(known))

    draft = Draft(context, f"incident/{incident}/note/{event_id or 'new'}")
    fields = [Field("text", "Note", known.text if known else "", "area")]
    form = Form(
        f"Note to #{number}",
        fields,
        submit,
        verb="Write",
        theirs=theirs if known else None,
        draft=draft,
        kept=await draft.load(),
    )
    if await screen.ask(form) is not None:
        screen.host.said(f"note written to #{number}")


async def event(screen: LiveScreen, incident: str, event_id: str | None = None) -> None:
    """Add a custom timeline event, or change one."""
    context = screen.context
    utc = screen.host.utc
    known = await services.timeline.get(context, incident, event_id) if event_id else None

    async def submit(values: dict[str, Any]) -> Any:
        when = _instant(values["at"], utc=utc)
        if known is None:
            return await services.timeline.add_event(context, incident, values["text"], when)
        changed: dict[str, Any] = {"text": values["text"], "revision": known.revision}
        if values["at"] != written(known.event_time):
            changed["at"] = when
        return await services.timeline.edit(context, incident, known.id, **changed)

    async def theirs() -> Theirs:
        nonlocal known
        known = await services.timeline.get(context, incident, event_id or "")
        return Theirs({"text": known.text, "at": written(known.event_time)}, _writer(known))

    def written(at: datetime) -> str:
        return (at if utc else at.astimezone()).strftime("%Y-%m-%d %H:%M:%S")

    fields = [
        Field("text", "What happened", known.text if known else "", "area"),
        Field("at", "When", written(known.event_time if known else context.now()), help="UTC" if utc else "local time"),
    ]
    draft = Draft(context, f"incident/{incident}/event/{event_id or 'new'}")
    form = Form(
        "Timeline event", fields, submit, theirs=theirs if known else None, draft=draft, kept=await draft.load()
    )
    if await screen.ask(form) is not None:
        screen.host.said("the timeline has it")


async def edit(screen: LiveScreen, incident: str) -> None:
    """Change title, impact and summary; somebody else's change meanwhile is shown, and nothing is overwritten."""
    context = screen.context
    found = await services.incidents.get(context, incident)

    async def submit(values: dict[str, Any]) -> Any:
        return await services.incidents.update(
            context,
            incident,
            title=values["title"] if values["title"] != found.title else None,
            impact=values["impact"] if values["impact"] != int(found.impact) else None,
            summary=values["summary"] if values["summary"] != found.summary else None,
            chat_channel=_words(values["chat_channel"]),
            revision=found.revision,
        )

    def version() -> dict[str, Any]:
        return {
            "title": found.title,
            "impact": int(found.impact),
            "summary": found.summary,
            "chat_channel": " ".join(found.chat_channel),
        }

    async def theirs() -> Theirs:
        nonlocal found
        found = await services.incidents.get(context, incident)
        return Theirs(version(), found.modified_by.rpartition("/")[2])

    now = version()
    fields = [
        Field("title", "Title", now["title"]),
        Field("impact", "Impact", now["impact"], "choice", choices=IMPACTS),
        Field("summary", "Summary", now["summary"], "area", help="Markdown"),
        Field("chat_channel", "Chat channel", now["chat_channel"], help="the topic's ARN, or empty"),
    ]
    draft = Draft(context, f"incident/{incident}/edit")
    form = Form(f"Edit #{found.number}", fields, submit, theirs=theirs, draft=draft, kept=await draft.load())
    saved = await screen.ask(form)
    if saved is not None:
        screen.host.said(f"#{found.number} is changed")


async def engage(screen: LiveScreen, incident: str) -> None:
    """Page somebody now."""
    context = screen.context
    people = await services.contacts.list_contacts(context)
    turns = await services.contacts.list_contacts(context, ContactType.ONCALL_SCHEDULE)
    plans = await services.plans.list_plans(context)
    if not (people or turns or plans):
        text = "there is nobody to engage yet: {go-contacts} and {new} makes a contact"
        screen.host.said(screen.keyed(text), wrong=True)
        return
    choices = tuple(
        [(f"{contact.label} ({contact.alias})", contact.arn) for contact in people]
        + [(f"{schedule.label} (on call {schedule.alias})", schedule.arn) for schedule in turns]
        + [(f"{plan.label} (plan {plan.alias})", plan.arn) for plan in plans]
    )

    async def submit(values: dict[str, Any]) -> Any:
        if not values["contact"]:
            raise ValidationFailed("choose whom to engage", "contact")
        reached = await services.engagements.people(context, [values["contact"]])
        if not reached:
            text = "nobody can be reached by this: nobody is on call, or no channel is activated"
            raise ValidationFailed(text, "contact")
        if not await screen.sure("Engage?", pages_now(reached), "Engage"):
            raise ValidationFailed("nobody was engaged")
        await services.engagements.engage(context, incident, values["contact"])
        return reached

    field = Field("contact", "Whom", "", "choice", choices=choices)
    reached = await screen.ask(Form("Engage somebody", [field], submit, verb="Engage …"))
    if reached:
        screen.host.said(f"engaged: {', '.join(reached)}")


async def resolve(screen: LiveScreen, incident: str) -> None:
    """Resolve, after asking."""
    context = screen.context
    found = await services.incidents.get(context, incident)
    if not found.is_open:
        screen.host.said(f"#{found.number} is resolved already")
        return
    lines = await services.engagements.for_incident(context, incident)
    running = sum(1 for line in lines if line.running or line.status == "Due")
    text = f"#{found.number} {shown(found.title)}\n"
    text += f"{running} engagements stop; nobody is paged any more." if running else "Nobody is being paged."
    if await screen.sure("Resolve this incident?", text, "Resolve"):
        await services.incidents.resolve(context, incident)
        screen.host.said(f"#{found.number} is resolved")


async def reopen(screen: LiveScreen, incident: str) -> None:
    """Open a resolved incident again."""
    context = screen.context
    found = await services.incidents.get(context, incident)
    if found.is_open:
        screen.host.said(f"#{found.number} is open")
    elif await screen.sure(
        "Open this incident again?", f"#{found.number} {found.title}\nNobody is paged by that.", "Open"
    ):
        await services.incidents.reopen(context, incident)
        screen.host.said(f"#{found.number} is open again")


async def remove_event(screen: LiveScreen, incident: str, event_id: str) -> None:
    """Delete a note or custom event, after asking."""
    if await screen.sure("Delete this entry?", "The audit log keeps what was done.", "Delete"):
        await services.timeline.delete(screen.context, incident, event_id)
        screen.host.said("the entry is deleted")


async def related(screen: LiveScreen, incident: str) -> None:
    """Add a related item."""
    context = screen.context
    types = tuple(
        (name.replace("_", " ").capitalize(), name) for name in services.related.TYPES if name != "ATTACHMENT"
    )

    async def submit(values: dict[str, Any]) -> Any:
        return await services.related.add(context, incident, values["title"], values["value"], values["type"])

    fields = [
        Field("value", "ARN or link", ""),
        Field("title", "Title", ""),
        Field("type", "Type", "OTHER", "choice", choices=types),
    ]
    if await screen.ask(Form("Related item", fields, submit, verb="Add")) is not None:
        screen.host.said("the related item is added")


async def tags(screen: LiveScreen, incident: str) -> None:
    """Edit the tags of an incident."""
    found = await services.incidents.get(screen.context, incident)
    await edit_tags(screen, found.arn, f"#{found.number}", f"incident/{incident}")


def _writer(event: TimelineEvent) -> str:
    return str(event.data.get("editedBy") or event.data.get("by") or "")


def _instant(text: str, *, utc: bool) -> datetime:
    try:
        when = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValidationFailed("when: such as 2026-03-01 03:10", "at") from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC) if utc else when.astimezone()
    return when.astimezone(UTC)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
