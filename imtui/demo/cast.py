"""The people of the demonstration, and what they do: through the services, as everybody does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from imtui import services
from imtui.demo.alarms import document
from imtui.demo.team import PEOPLE
from imtui.domain.access import Caller
from imtui.domain.engagement import Engagement
from imtui.services.context import Context
from imtui.services.events import Intake
from imtui.services.messages import Message
from imtui.sources.documents import signals

_CODE = re.compile(r"\b(?:\d ?){5}\d\b")


class Cast:
    """Acts on one database. `incident` is an incident's id, `who` the alias of one of the team."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def acting(self, who: str) -> Context:
        """The same surroundings for one of the team."""
        names = self.context.names
        return self.context.acting_as(Caller(who, who, "terminal", names.user(who)))

    async def alarm(self, names: Sequence[str], *, over: bool = False) -> list[str]:
        """Alarms begin, or are over; the ids of the incidents that they concern, in their order."""
        now = self.context.now()
        arrivals = [Intake(signal) for name in names for signal in signals(document(name, now, over=over))]
        results = await services.events.take_in(self.context, arrivals)
        arns = [result.incident_arn for each in results for result in each if result.incident_arn]
        return list(dict.fromkeys(arn.rpartition("/")[2] for arn in arns))

    async def code(self, who: str, incident: str) -> str | None:
        """The code of the newest message to a person about an incident."""
        for message in await services.messages.recent(self.context, incident=incident):
            if message.person == PEOPLE[who] and message.sent_at is not None:
                return code_in(message)
        return None

    async def answer(self, who: str, incident: str) -> None:
        """Acknowledge by the code of a message, or, where none has come, as oneself."""
        code = await self.code(who, incident)
        if code is None:
            await services.engagements.take(self.acting(who), incident)
        else:
            await services.engagements.acknowledge(self.acting(who), code)

    async def take(self, who: str, incident: str) -> None:
        """'I'm taking it.'"""
        await services.engagements.take(self.acting(who), incident)

    async def note(self, who: str, incident: str, text: str) -> None:
        """Write a note."""
        await services.timeline.add_note(self.acting(who), incident, text)

    async def event(self, who: str, incident: str, text: str) -> None:
        """Add a custom event to the timeline."""
        await services.timeline.add_event(self.acting(who), incident, text)

    async def link(self, who: str, incident: str, text: str) -> None:
        """Add a related item: a title, a bar, and an ARN or a link."""
        title, _, value = text.partition(" | ")
        await services.related.add(self.acting(who), incident, title, value)

    async def summary(self, who: str, incident: str, text: str) -> None:
        """Rewrite the summary."""
        await services.incidents.update(self.acting(who), incident, summary=text)

    async def impact(self, who: str, incident: str, text: str) -> None:
        """Judge the impact anew."""
        await services.incidents.update(self.acting(who), incident, impact=text)

    async def engage(self, who: str, incident: str, text: str) -> None:
        """Page somebody by hand."""
        await services.engagements.engage(self.acting(who), incident, text)

    async def tags(self, who: str, incident: str, tags: Mapping[str, str]) -> None:
        """Add tags to those that the plan gives."""
        arn = (await services.incidents.get(self.context, incident)).arn
        await services.tags.set_tags(self.acting(who), arn, await services.tags.get(self.context, arn) | dict(tags))

    async def resolve(self, who: str, incident: str) -> None:
        """End an incident."""
        await services.incidents.resolve(self.acting(who), incident)

    async def engaged(self, incident: str) -> dict[str, Engagement]:
        """Who is engaged in an incident or will be, by alias; of several times the first."""
        found: dict[str, Engagement] = {}
        for line in await services.engagements.for_incident(self.context, incident):
            found.setdefault(line.contact_arn.rpartition("/")[2], line)
        return found


def code_in(message: Message) -> str | None:
    """The six digits of a message, which may stand apart."""
    found = _CODE.search(message.body)
    return found.group().replace(" ", "") if found else None
