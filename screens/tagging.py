"""Editing the tags of anything that has tags."""

from __future__ import annotations

from typing import Any

from imtui import services
from imtui.domain.tags import parse_tags, tags_text
from screens.drafts import Draft
from screens.forms import Field, Form, Theirs
from screens.live import LiveScreen

TAGS_HELP = "key=value, one a line"


async def edit_tags(screen: LiveScreen, arn: str, name: str, place: str) -> None:
    """Edit the tags, one a line; somebody else's change meanwhile is shown, and nothing is overwritten. `place` is what
    a half-typed text is kept under."""
    context = screen.context
    known = await services.tags.get(context, arn)

    async def submit(values: dict[str, Any]) -> Any:
        await services.tags.set_tags(context, arn, parse_tags(values["tags"]), known=known)
        return True

    async def theirs() -> Theirs:
        nonlocal known
        known = await services.tags.get(context, arn)
        return Theirs({"tags": tags_text(known)})

    field = Field("tags", "Tags", tags_text(known), "area", help=TAGS_HELP)
    draft = Draft(context, f"{place}/tags")
    form = Form(f"Tags of {name}", [field], submit, theirs=theirs, draft=draft, kept=await draft.load())
    if await screen.ask(form) is not None:
        screen.host.said(f"{name} has these tags now")
