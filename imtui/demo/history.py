"""A week that has passed: incidents that were paged, acknowledged, talked about and resolved.

It is written while somebody waits: the engine looks only at the instants at which it has something to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from imtui import services
from imtui.clock import ManualClock
from imtui.demo.cast import Cast, code_in
from imtui.demo.team import template
from imtui.demo.week import Past
from imtui.engine.engine import Engine
from imtui.services.context import Context

_AWAY = timedelta(hours=30)
"""For so long the watcher has not looked."""


class _Remembered(ManualClock):
    """Days pass in it, but no second of the machine: what the engine does every few of those it does once."""

    def monotonic(self) -> float:
        return 0.0


async def write_history(context: Context, now: datetime, week: Sequence[Past]) -> None:
    """Write the team and its week into an empty database."""
    clock = _Remembered(now - timedelta(days=7, hours=2))
    past = replace(context, clock=clock)
    await services.configuration.apply(past, [("team", template())])
    engine = Engine(context.database, clock, context.config)
    try:
        await engine.tick()
        await _activate(past)
        cast = Cast(past)
        await services.looks.looked(past, [services.looks.PROGRAM], now - _AWAY)
        for each in week:
            clock.set(now - timedelta(hours=each.hours))
            await _relive(cast, clock, engine, each)
    finally:
        await engine.close()


async def _activate(context: Context) -> None:
    codes = {message.address: code_in(message) for message in await services.messages.recent(context)}
    for contact in await services.contacts.list_contacts(context):
        for channel in await services.channels.for_contact(context, contact.arn):
            await services.channels.activate(context, channel.arn, codes[channel.address] or "")


async def _relive(cast: Cast, clock: ManualClock, engine: Engine, past: Past) -> None:
    began = clock.now()
    if past.drill:
        context = cast.acting(past.drill)
        started = await services.incidents.start(context, past.alarms[0], title=past.title, impact=5, drill=True)
        incident = started.incident.id
    else:
        incident = (await cast.alarm(past.alarms))[0]
    if past.paged:
        await engine.tick()
    verbs: Mapping[str, Callable[[str, str, str], Awaitable[None]]] = {
        "note": cast.note,
        "event": cast.event,
        "link": cast.link,
        "summary": cast.summary,
        "impact": cast.impact,
        "engage": cast.engage,
    }
    for minute, who, verb, *words in past.steps:
        clock.set(began + timedelta(minutes=minute))
        match verb:
            case "tick":
                await engine.tick()
            case "answer":
                await cast.answer(who, incident)
            case "take":
                await cast.take(who, incident)
            case "tags":
                await cast.tags(who, incident, dict(word.split("=", 1) for word in words))
            case "again":
                await cast.alarm(past.alarms * int(words[0]))
            case "over":
                await cast.alarm(past.alarms, over=True)
            case "resolve":
                await cast.resolve(who, incident)
            case _:
                await verbs[verb](who, incident, *words)
