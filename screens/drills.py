"""Drills from the screen: to begin one of a response plan, and to read what one measured."""

from __future__ import annotations

from datetime import datetime

from imtui import services
from imtui.domain.drill_text import whole
from imtui.domain.incident import ResponsePlan
from screens.dialogs import Reader
from screens.live import LiveScreen


async def begin(screen: LiveScreen, plan: ResponsePlan) -> None:
    """Begin a drill, after asking; says first whom that pages."""
    context = screen.context
    await context.may("ssm-incidents:StartIncident", plan.arn)
    question = await services.drills.ask(context, plan.arn)
    if await screen.sure(question.title, question.text, question.verb):
        begun = await services.drills.begin(context, plan.arn)
        screen.host.said(screen.keyed(f"DRILL #{begun.incident.number} has begun: {{drill}} shows who answers"))
        screen.host.open_incident(begun.incident.id)


async def answers(screen: LiveScreen, incident: str) -> None:
    """What a drill has measured so far."""
    found = await services.drills.of(screen.context, incident)
    utc = screen.host.utc

    def clock(instant: datetime) -> str:
        return (instant if utc else instant.astimezone()).strftime("%H:%M:%S")

    title, *rest = whole(found.incident, found.report, found.until, clock)
    screen.app.push_screen(Reader(title, "\n".join(rest)))
