"""A week that has passed: incidents that were paged, acknowledged, talked about and resolved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from imtui import services
from imtui.clock import ManualClock
from imtui.demo.alarms import alarm, alert_group
from imtui.demo.team import PEOPLE, template
from imtui.domain.access import Caller
from imtui.engine.engine import Engine
from imtui.services.context import Context
from imtui.services.events import Intake
from imtui.sources.documents import signals


class Past(NamedTuple):
    """An incident of the past: `hours` before now, what came in, after how many minutes who acknowledged, what they
    wrote, and after how many minutes it was over."""

    hours: float
    document: Any
    who: str
    after: int
    notes: tuple[str, ...]
    resolved_after: int


_PAST = (
    (161.0, "search-latency", "ana", 2, ("One shard was rebuilding its index.", "Routed around it."), 34),
    (139.5, "checkout-errors", "ben", 8, ("Payment provider answers 503.", "Switched to the second provider."), 51),
    (110.0, "warehouse", "dana", 4, ("The nightly load waits for a lock.",), 22),
    (86.2, "search-errors", "ana", 1, ("Certificate of the gateway expired.", "New one is in place."), 18),
    (62.7, "checkout-latency", "ana", 3, ("Cache was cold after the deployment.",), 27),
    (38.1, "warehouse", "chidi", 13, ("Dana is travelling; I take it.", "Disk of the loader was full."), 46),
    (15.4, "search-latency", "ben", 7, ("Reindexing at the wrong hour again.", "Moved the job to 05:00."), 40),
)


async def write_history(context: Context, now: datetime) -> None:
    """Write the team and its week into an empty database."""
    clock = ManualClock(now - timedelta(days=7, hours=2))
    past = replace(context, clock=clock)
    await services.configuration.apply(past, [("team", template())])
    engine = Engine(context.database, clock, context.config)
    try:
        await engine.tick()
        await _activate(past)
        for hours, name, who, after, notes, resolved_after in _PAST:
            clock.set(now - timedelta(hours=hours))
            await _relive(past, clock, engine, name, Past(hours, None, who, after, notes, resolved_after))
    finally:
        await engine.close()


async def take_in(context: Context, documents: Sequence[Any]) -> str | None:
    """Take in documents as a hook does; the id of the last incident that they concern."""
    arrivals = [Intake(signal) for document in documents for signal in signals(document)]
    results = await services.events.take_in(context, arrivals)
    arns = [result.incident_arn for each in results for result in each if result.incident_arn]
    return arns[-1].rpartition("/")[2] if arns else None


async def code_for(context: Context, incident_id: str, person: str) -> str | None:
    """The code of the newest message to a person about an incident."""
    for message in await services.messages.recent(context, incident=incident_id):
        if message.person == PEOPLE[person] and message.sent_at is not None:
            found = re.search(r"\b\d{6}\b", message.body)
            return found.group() if found else None
    return None


def acting(context: Context, alias: str) -> Context:
    """The same surroundings for one of the team."""
    return context.acting_as(Caller(alias, alias, "terminal", context.names.user(alias)))


async def _activate(context: Context) -> None:
    codes = {}
    for message in await services.messages.recent(context):
        found = re.search(r"\b(?:\d ?){6}\b", message.body)
        if found:
            codes[message.address] = found.group()
    for contact in await services.contacts.list_contacts(context):
        for channel in await services.channels.for_contact(context, contact.arn):
            await services.channels.activate(context, channel.arn, codes[channel.address])


async def _relive(context: Context, clock: ManualClock, engine: Engine, name: str, past: Past) -> None:
    started = clock.now()
    document = (
        alert_group("LoadIsLate", "the nightly load has not finished", started)
        if name == "warehouse"
        else alarm(name, started)
    )
    incident = await take_in(context, [document])
    assert incident is not None
    await engine.tick()
    for minute in range(1, past.resolved_after + 1):
        clock.advance(60)
        if minute <= past.after + 1:
            await engine.tick()
        if minute == past.after:
            code = await code_for(context, incident, past.who)
            assert code is not None, (name, past.who)
            await services.engagements.acknowledge(acting(context, past.who), code)
        place = (minute - past.after) // 5 - 1
        if minute > past.after and (minute - past.after) % 5 == 0 and 0 <= place < len(past.notes):
            await services.timeline.add_note(acting(context, past.who), incident, past.notes[place])
    if name == "warehouse":
        over = alert_group("LoadIsLate", "the nightly load has not finished", clock.now(), "resolved")
        await take_in(context, [over])
    else:
        await take_in(context, [alarm(name, clock.now(), "OK")])
        await services.incidents.resolve(acting(context, past.who), incident)
    await engine.tick()
