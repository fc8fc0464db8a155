"""Events that many senders bring at once cost as few transactions as there are senders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from imtui.api.batcher import Batcher
from imtui.services import events
from imtui.services.context import Context
from imtui.services.events import EventResult, Intake
from imtui.sources.eventbridge import signal


async def test_two_senders_in_a_storm_are_two_transactions(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, int]] = []

    async def take_in(context: Context, arrivals: Sequence[Intake]) -> list[list[EventResult]]:
        taken.append((context.caller.address, len(arrivals)))
        return [[EventResult("recorded", arrival.signal.id)] for arrival in arrivals]

    monkeypatch.setattr(events, "take_in", take_in)
    batcher = Batcher()
    answers = []
    for number in range(6):
        sender = context.acting_as(replace(context.caller, address=f"192.0.2.{number % 2}"))
        event = {"id": f"e{number}", "source": "x", "detail-type": "y", "detail": {}}
        answers.append(asyncio.ensure_future(batcher.take_in(sender, [Intake(signal(event))])))
    await asyncio.sleep(0)  # noqa: TID251 - each has handed in its event
    batcher.start()
    found = await asyncio.gather(*answers)
    await batcher.stop()
    assert taken == [("192.0.2.0", 3), ("192.0.2.1", 3)]
    assert [results[0][0].event_id for results in found] == [f"e{number}" for number in range(6)]
