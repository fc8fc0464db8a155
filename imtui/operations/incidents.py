"""The everyday acts on incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imtui import services
from imtui.domain.asking import Question, pages_now
from imtui.domain.duration import duration
from imtui.domain.errors import ValidationFailed
from imtui.domain.tags import parse_tag_words, tags_text
from imtui.domain.text import shown
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, instant, iso

if TYPE_CHECKING:
    from datetime import datetime

    from imtui.domain.engagement import Acknowledgement, Engagement
    from imtui.domain.incident import Incident, IncidentRow
    from imtui.domain.timeline import TimelineEvent
    from imtui.services.context import Context
    from imtui.services.starting import Started

INCIDENT = Parameter("incident", "its number, id or ARN", names="incident")
OPEN = INCIDENT._replace(names="open incident")
RESOLVED = INCIDENT._replace(names="resolved incident")


class _Listed(NamedTuple):
    rows: list[IncidentRow]
    now: datetime


class _Shown(NamedTuple):
    incident: Incident
    tags: dict[str, str]
    engagements: list[Engagement]
    events: list[TimelineEvent]
    now: datetime


async def start(context: Context, plan: str, title: str | None, impact: str | None, token: str | None) -> Started:
    return await services.incidents.start(context, plan, title=title, impact=impact, client_token=token)


async def list_(context: Context, status: str, text: str, sort: str, limit: int) -> _Listed:
    wanted = None if status == "all" else status.upper()
    page = await services.incident_list.page(context, status=wanted, text=text, sort=sort, limit=limit)
    return _Listed(page.rows, context.now())


async def show(context: Context, incident: str) -> _Shown:
    found = await services.incidents.get(context, incident)
    return _Shown(
        found,
        {} if context.foreign else await services.tags.get(context, found.arn),
        await services.engagements.for_incident(context, found.id),
        await services.timeline.events(context, found.id),
        context.now(),
    )


async def note(context: Context, incident: str, text: list[str]) -> TimelineEvent:
    return await services.timeline.add_note(context, incident, " ".join(text))


async def resolve(context: Context, incident: str) -> Incident:
    return await services.incidents.resolve(context, incident)


async def reopen(context: Context, incident: str) -> Incident:
    return await services.incidents.reopen(context, incident)


async def update(
    context: Context, incident: str, title: str | None, impact: str | None, summary: str | None
) -> Incident:
    return await services.incidents.update(context, incident, title=title, impact=impact, summary=summary)


async def engage(context: Context, incident: str, contact: str) -> str:
    return await services.engagements.engage(context, incident, contact)


async def take(context: Context, incident: str) -> Acknowledgement:
    return await services.engagements.take(context, incident)


async def ask_start(context: Context, plan: str, title: str | None, **_: Any) -> Question:
    found = await services.response_plans.get(context, plan)
    reached = await services.engagements.people(context, found.engagements)
    return Question(f"Start an incident: {title or found.template.title}?", pages_now(reached), "Start")


async def ask_engage(context: Context, incident: str, contact: str) -> Question:
    found = await services.incidents.get(context, incident)
    reached = await services.engagements.people(context, [contact])
    if not reached:
        raise ValidationFailed("nobody can be reached by this: no channel is activated")
    return Question(f"Engage for #{found.number} {found.title}?", pages_now(reached), "Engage")


async def ask_page_again(context: Context, incident: str, contact: str) -> Question:
    found = await services.incidents.get(context, incident)
    reached = await services.engagements.people(context, [contact])
    text = f"{pages_now(reached)}\nTheir engagement plan begins anew."
    return Question(f"Page again for #{found.number} {found.title}?", text, "Page")


async def ask_hand_over(context: Context, incident: str, contact: str, **_: Any) -> Question:
    found = await services.incidents.get(context, incident)
    reached = await services.engagements.people(context, [contact])
    text = f"{pages_now(reached)}\nYour own part ends: you are not paged any more."
    return Question(f"Hand #{found.number} {found.title} over?", text, "Hand over")


async def ask_resolve(context: Context, incident: str) -> Question:
    found = await services.incidents.get(context, incident)
    running = sum(1 for x in await services.engagements.for_incident(context, incident) if x.running or x.due_at)
    stops = f"{running} engagements stop; nobody is paged any more." if running else "Nobody is being paged."
    return Question("Resolve this incident?", f"#{found.number} {found.title}\n{stops}", "Resolve")


async def ask_reopen(context: Context, incident: str) -> Question:
    found = await services.incidents.get(context, incident)
    text = f"#{found.number} {found.title}\nNobody is paged by that."
    return Question("Open this incident again?", text, "Open")


async def page_again(context: Context, incident: str, contact: str) -> str:
    return await services.handover.page_again(context, incident, contact)


async def hand_over(context: Context, incident: str, contact: str, note: str) -> str:
    return await services.handover.hand_over(context, incident, contact, note)


async def tag(context: Context, incident: str, tags: list[str]) -> dict[str, str]:
    kept, gone = parse_tag_words(tags)
    arn = (await services.incidents.get(context, incident)).arn
    return await services.tags.change(context, arn, kept, gone)


def _started(done: Started) -> list[str]:
    verb = "started" if done.created else "is open already"
    return [f"#{done.incident.number} {verb}: {shown(done.incident.title)}", done.incident.arn]


def _started_document(done: Started) -> dict[str, Any]:
    return {**_document(done.incident), "created": done.created}


def _document(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "id": incident.id,
        "arn": incident.arn,
        "title": incident.title,
        "impact": int(incident.impact),
        "status": incident.status.value,
        "summary": incident.summary,
        "responsePlan": incident.plan_arn,
        "source": incident.source,
        "resourceArn": incident.resource_arn,
        "dedupeKey": incident.dedupe_key,
        "creationTime": iso(incident.created_at),
        "resolvedTime": iso(incident.resolved_at),
        "lastModifiedTime": iso(incident.modified_at),
        "lastModifiedBy": incident.modified_by,
        "nobodyLeftToPageSince": iso(incident.exhausted_at),
    }


def _rows(listed: _Listed) -> list[str]:
    if not listed.rows:
        return ["no incidents"]
    return columns(
        (
            f"#{row.number}",
            row.status.value,
            f"{int(row.impact)} {row.impact.label}",
            duration(((row.resolved_at or listed.now) - row.created_at).total_seconds()),
            _reached(row),
            row.title,
        )
        for row in listed.rows
    )


def _reached(row: IncidentRow) -> str:
    if row.exhausted:
        return "NOBODY LEFT TO PAGE"
    return f"{row.acknowledged}/{row.engaged} acknowledged" if row.status.value == "OPEN" else "–"


def _rows_document(listed: _Listed) -> list[dict[str, Any]]:
    return [
        {
            "number": row.number,
            "id": row.id,
            "title": row.title,
            "impact": int(row.impact),
            "status": row.status.value,
            "creationTime": iso(row.created_at),
            "resolvedTime": iso(row.resolved_at),
            "engaged": row.engaged,
            "acknowledged": row.acknowledged,
            "nextEscalation": iso(row.next_escalation),
            "nobodyLeftToPage": row.exhausted,
        }
        for row in listed.rows
    ]


def _whole(found: _Shown) -> list[str]:
    i = found.incident
    lines = [
        f"#{i.number} {shown(i.title)}",
        f"{i.status.value}, impact {int(i.impact)} ({i.impact.label}), {instant(i.created_at)}"
        + (f", resolved {instant(i.resolved_at)}" if i.resolved_at else ""),
        i.arn,
    ]
    if found.tags:
        lines.append(shown(", ".join(tags_text(found.tags).splitlines())))
    if i.exhausted_at:
        lines.append("NOBODY IS LEFT TO PAGE, and nobody has acknowledged")
    if i.summary:
        lines += ["", *shown(i.summary, lines=True).splitlines()]
    if found.engagements:
        lines += ["", "Engagements", *columns(_engagement(line) for line in found.engagements)]
    lines += ["", "Timeline", *columns((instant(event.event_time), event.type, event.text) for event in found.events)]
    return lines


def _engagement(line: Engagement) -> tuple[str, ...]:
    when = f"due {instant(line.due_at)}" if line.due_at else f"engaged {instant(line.engaged_at)}"
    when += ", not paged" if line.running and line.engaged_at and not line.paged_at else ""
    when += ", CANNOT BE PAGED: no channel is activated" if line.unreachable else ""
    answered = f"acknowledged {instant(line.acknowledged_at)}" if line.acknowledged_at else ""
    return (line.label, line.status, when, line.plan_label or "–", answered)


def _whole_document(found: _Shown) -> dict[str, Any]:
    return {
        **_document(found.incident),
        "tags": found.tags,
        "engagements": [
            {
                "contact": line.contact_arn,
                "status": line.status,
                "plan": line.plan_arn,
                "engagedTime": iso(line.engaged_at),
                "pagedTime": iso(line.paged_at),
                "dueTime": iso(line.due_at),
                "acknowledgedTime": iso(line.acknowledged_at),
                "unreachable": line.unreachable,
            }
            for line in found.engagements
        ],
        "timeline": [_event_document(event) for event in found.events],
    }


def _event_document(event: TimelineEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "time": iso(event.event_time),
        "text": event.text,
        "data": dict(event.data),
    }


def _line(verb: str) -> Any:
    return lambda incident: [f"#{incident.number} {verb}: {shown(incident.title)}"]


def _taken(done: Acknowledgement) -> list[str]:
    number, title = done.incidents[0]
    verb = "has taken it already" if done.already else "takes it"
    return [f"{shown(done.label)} {verb}: #{number} {shown(title)}"]


IMPACT = Parameter("impact", "1–5, or its name", option=True, names="impact")

OPERATIONS = (
    Operation(
        ("incident", "start"),
        "start an incident from a response plan",
        (
            Parameter("plan", "the response plan's name or ARN", names="response plan"),
            Parameter("title", "instead of the plan's title", option=True),
            IMPACT,
            Parameter("token", "a client token: the same one never starts a second incident", option=True),
        ),
        start,
        _started,
        _started_document,
        pages=True,
        question=ask_start,
    ),
    Operation(
        ("incident", "list"),
        "list incidents, what needs somebody first",
        (
            Parameter("status", "which", option=True, default="all", choices=("open", "resolved", "all")),
            Parameter("text", "a filter, such as: payments impact:<=2 tag:team=shop", option=True, default=""),
            Parameter("sort", "the order", option=True, default="need", choices=("need", "newest", "oldest", "impact")),
            Parameter("limit", "at most so many", "number", option=True, default=200),
        ),
        list_,
        _rows,
        _rows_document,
    ),
    Operation(
        ("incident", "show"),
        "everything about one incident: engagements and timeline",
        (INCIDENT,),
        show,
        _whole,
        _whole_document,
    ),
    Operation(
        ("incident", "note"),
        "write an incident note",
        (INCIDENT, Parameter("text", "the note", "texts")),
        note,
        lambda event: [f"noted: {shown(event.text)}"],
        _event_document,
    ),
    Operation(
        ("incident", "update"),
        "change an incident's title, impact or summary",
        (
            INCIDENT,
            Parameter("title", "the new title", option=True),
            IMPACT,
            Parameter("summary", "the new summary (Markdown)", option=True),
        ),
        update,
        _line("is changed"),
        _document,
    ),
    Operation(
        ("incident", "engage"),
        "page somebody now: a contact or an escalation plan",
        (OPEN, Parameter("contact", "alias or ARN", names="contact or plan")),
        engage,
        lambda engagement: [f"engaged ({engagement})"],
        lambda engagement: {"engagement": engagement},
        pages=True,
        question=ask_engage,
    ),
    Operation(
        ("incident", "take"),
        "acknowledge as yourself: I'm taking it",
        (OPEN,),
        take,
        _taken,
        lambda done: {"contact": done.person, "already": done.already},
    ),
    Operation(
        ("incident", "page-again"),
        "page somebody again who was engaged before",
        (OPEN, Parameter("contact", "alias or ARN", names="contact")),
        page_again,
        lambda engagement: [f"paged again ({engagement})"],
        lambda engagement: {"engagement": engagement},
        pages=True,
        question=ask_page_again,
    ),
    Operation(
        ("incident", "hand-over"),
        "hand over to somebody: they are paged now, and your own part ends",
        (
            OPEN,
            Parameter("contact", "alias or ARN of who goes on", names="contact"),
            Parameter("note", "what they should know", option=True, default=""),
        ),
        hand_over,
        lambda engagement: [f"handed over ({engagement})"],
        lambda engagement: {"engagement": engagement},
        pages=True,
        question=ask_hand_over,
    ),
    Operation(
        ("incident", "tag"),
        "add, change or remove tags of an incident",
        (INCIDENT, Parameter("tags", "key=value sets a tag, key- removes it", "texts")),
        tag,
        lambda tags: [shown(line) for line in tags_text(tags).splitlines()] or ["no tags"],
        lambda tags: tags,
    ),
    Operation(
        ("incident", "resolve"),
        "resolve an incident; nobody is paged for it any more",
        (OPEN,),
        resolve,
        _line("is resolved"),
        _document,
        question=ask_resolve,
    ),
    Operation(
        ("incident", "reopen"),
        "open a resolved incident again; nobody is paged by that",
        (RESOLVED,),
        reopen,
        _line("is open again"),
        _document,
        question=ask_reopen,
    ),
)
